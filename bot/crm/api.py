"""GetCustomer: 易售后's customers by id."""

from bot.crm.envelope import customer_fields
from bot.crm.session import CrmSession
from bot.domain.profile import CustomerKey, CustomerProfile


class EshouhouClient:
    """The operation of the CRM that every lookup ends with."""

    def __init__(self, session: CrmSession) -> None:
        self._session = session

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        """The profile as the service network of ``key`` sees it; None if it has no such customer.

        Raises CrmError.
        """
        network = await self._session.network_params(key.network)
        value = await self._session.ask("/open/v2/Customer/GetCustomer", {**network, "customerId": key.customer_id})
        fields = customer_fields(value)
        return CustomerProfile(key.customer_id, fields) if fields else None
