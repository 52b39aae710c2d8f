"""Which customer has which number: GetCustomer takes ids alone, so the bot learns from the customers that it sees."""

from cachetools import LRUCache

from bot.background import Background
from bot.errors import StoreUnavailable
from bot.identifiers import ReadAs, read
from bot.profile import CustomerKey, CustomerProfile
from bot.store.store import Store

REMEMBERED_NUMBERS = 50_000


class Directory:
    """In memory, and in the database, where it outlives the process. Numbers are kept as they are read: in capitals."""

    def __init__(self, store: Store, background: Background) -> None:
        self._store = store
        self._background = background
        self._ids: LRUCache[tuple[str, int, str], str] = LRUCache(REMEMBERED_NUMBERS)

    async def customer_id(self, network_id: str, network_type: int, number: str) -> str | None:
        """The id behind ``number``; None if no such customer was seen. Raises StoreUnavailable."""
        known = self._ids.get((network_id, network_type, number))
        return known or await self._store.numbers.customer_id(network_id, network_type, number)

    def learn(self, key: CustomerKey, profile: CustomerProfile) -> None:
        """Remember the number of a customer that the CRM has shown."""
        reading = read(profile.number)
        if reading is None or reading.read_as is not ReadAs.NUMBER:
            return
        entry = (key.network_id, key.network_type, reading.identifier)
        if self._ids.get(entry) != key.customer_id:
            self._ids[entry] = key.customer_id
            self._background.start(self._keep(entry, key.customer_id))

    async def forget(self, network_id: str, network_type: int, number: str) -> None:
        """The number belongs to somebody else now. Raises StoreUnavailable."""
        self._ids.pop((network_id, network_type, number), None)
        await self._store.numbers.forget(network_id, network_type, number)

    async def _keep(self, entry: tuple[str, int, str], customer_id: str) -> None:
        try:
            await self._store.numbers.learn(*entry, customer_id)
        except StoreUnavailable:
            self._ids.pop(entry, None)  # to be learnt again when the customer is seen next
