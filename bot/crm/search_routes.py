"""From a query to the customers that the CRM's lists name for it: which operations are called, and which rows count.

No list finds a customer by its number or mail address (documented): for these the CRM's keyword search is called, of
which it is not known what it covers.
"""

import re
from collections.abc import Callable, Coroutine
from typing import Any, Final, NamedTuple

from bot.crm.customer_lists import CustomerLists, ListSource
from bot.crm.envelope import rows_of
from bot.crm.rows import customer_id_in, text_in
from bot.crm.session import CrmSession, SearchTerms
from bot.domain.normalise import folded, mails_of
from bot.domain.phones import phones_of
from bot.domain.profile import ServiceNetwork
from bot.domain.query import Query, ReadAs

MAX_HITS: Final = 60
"""Of one route: a few more than are ever listed."""
MAX_ROWS_READ: Final = 200
"""Above the page's size, as a CRM that ignores it sends the whole list."""
_KEYWORD: Final = "searchKey"
_DIALLED_WITHOUT_0: Final = re.compile(r"1[0-9]{10}|[48]00[0-9]{7}")
"""Mobiles and service numbers, of all that +86 may stand before."""

HitSearch = Coroutine[Any, Any, "tuple[Hit, ...]"]


class Hit(NamedTuple):
    """A customer that a row of the CRM names. ``row_matches``: the row itself shows what was searched for."""

    customer_id: str
    row_matches: bool


class _Route(NamedTuple):
    """Searches a list by ``key``, of its condition or the keyword, or calls an operation that gives a single record."""

    operation: ListSource | str
    key: str
    customer_column: str = "CustomerID"


_KEYWORD_LISTS: Final = (_Route(ListSource.CONTACTS, _KEYWORD), _Route(ListSource.DEVICES, _KEYWORD))
_FIRST: Final[dict[ReadAs, tuple[_Route, ...]]] = {
    ReadAs.PHONE: (
        _Route(ListSource.CONTACTS, "sys_telephone"),
        _Route("/open/v2/Client/GetCustomerByUserName", "phoneNum", "ID"),
        _Route(ListSource.DEVICES, "sys_telephone"),
    ),
    ReadAs.NAME: (
        _Route(ListSource.CONTACTS, "sys_customername"),
        _Route(ListSource.CONTACTS, "sys_name"),
        _Route(ListSource.DEVICES, "sys_contact"),
    ),
    ReadAs.NUMBER: _KEYWORD_LISTS,
    ReadAs.EMAIL: _KEYWORD_LISTS,
    ReadAs.SERIAL: (
        _Route("/api/CustomerService/GetCustomerProductBySN", "serialNumber"),
        _Route(ListSource.DEVICES, "sys_serialnumber1"),
    ),
    ReadAs.DEVICE: (_Route(ListSource.DEVICES, "sys_number"),),
    ReadAs.ORDER: (_Route(ListSource.WORK_ORDERS, _KEYWORD),),
}
_LAST: Final[dict[ReadAs, tuple[_Route, ...]]] = {
    ReadAs.PHONE: (_Route(ListSource.WORK_ORDERS, "contactnumber"),),
    ReadAs.NAME: (_Route(ListSource.WORK_ORDERS, "customername"),),
    ReadAs.NUMBER: (_Route(ListSource.WORK_ORDERS, _KEYWORD),),
    ReadAs.EMAIL: (_Route(ListSource.WORK_ORDERS, _KEYWORD),),
}
_COLUMNS: Final[dict[ReadAs, tuple[str, ...]]] = {
    ReadAs.PHONE: ("Telephone", "Mobile", "UserName", "CustomerTelephone", "CustomerPhone", "ContactNumber"),
    ReadAs.EMAIL: ("Mail", "CustomerMail"),
    ReadAs.NAME: ("CustomerName", "CompanyName", "Name", "CustomerContact", "Contact"),
    ReadAs.SERIAL: ("SerialNumber", "SerialNumber1"),
    ReadAs.DEVICE: ("Number",),
    ReadAs.ORDER: ("Number",),
}
"""The columns of a row that show what was searched for. No page documents one for a customer's number."""
_MATCHES: Final[dict[ReadAs, Callable[[str, str], bool]]] = {
    ReadAs.PHONE: lambda shown, phone: phone in phones_of(shown),
    ReadAs.EMAIL: lambda shown, address: address in mails_of(shown),
    ReadAs.NAME: lambda shown, name: bool(folded(name)) and folded(name) in folded(shown),
    ReadAs.SERIAL: lambda shown, serial: folded(serial) == folded(shown),
    ReadAs.DEVICE: lambda shown, number: folded(number) == folded(shown),
    ReadAs.ORDER: lambda shown, number: folded(number) == folded(shown),
}


class CrmRoutes:
    """Searches the CRM for one query. Each search gives its hits or raises CrmError."""

    def __init__(self, session: CrmSession) -> None:
        self._session = session
        self._lists = CustomerLists(session)

    def first(self, network: ServiceNetwork, query: Query) -> tuple[HitSearch, ...]:
        """The searches to make side by side; none for an id."""
        return self._searches(_FIRST, network, query)

    def last(self, network: ServiceNetwork, query: Query) -> tuple[HitSearch, ...]:
        """The searches to make if the first ones find no customer: a work order may name one that no other list has."""
        return self._searches(_LAST, network, query)

    def _searches(
        self, routes: dict[ReadAs, tuple[_Route, ...]], network: ServiceNetwork, query: Query
    ) -> tuple[HitSearch, ...]:
        return tuple(
            self._hits(route, network, query, spelling)
            for route in routes.get(query.read_as, ())
            for spelling in _spellings(query)
        )

    async def _hits(self, route: _Route, network: ServiceNetwork, query: Query, text: str) -> tuple[Hit, ...]:
        """Each customer once, those first whose row matches.

        A row that shows something else is no hit: a CRM that ignores the condition may respond with any rows.
        """
        terms = {route.key: text}
        if isinstance(route.operation, ListSource):
            found = SearchTerms(params=terms) if route.key == _KEYWORD else SearchTerms(condition=terms)
            rows = await self._lists.rows(route.operation, network, found)
        else:
            rows = rows_of(await self._session.ask(route.operation, {}, SearchTerms(params=terms)))
        matches: dict[str, bool] = {}
        for row in rows[:MAX_ROWS_READ]:
            customer_id = customer_id_in(row, route.customer_column)
            shown = [text for column in _COLUMNS.get(query.read_as, ()) if (text := text_in(row, column))]
            is_match = any(_MATCHES[query.read_as](text, query.identifier) for text in shown)
            if customer_id and (is_match or not shown):
                matches[customer_id] = is_match or matches.get(customer_id, False)
        hits = sorted(matches.items(), key=lambda hit: not hit[1])
        return tuple(Hit(*hit) for hit in hits[:MAX_HITS])


def _spellings(query: Query) -> tuple[str, ...]:
    """How the CRM may spell the query.

    Serial numbers are read off in any capitals, which the CRM may heed. The CRM's own examples have Chinese phones as
    they are dialled in China, without anything between the digits.
    """
    text = query.identifier
    if query.read_as is ReadAs.SERIAL:
        return tuple(dict.fromkeys((text, text.upper())))
    if query.read_as is ReadAs.PHONE and text.startswith("+86"):
        national = text.removeprefix("+86")
        return (national if _DIALLED_WITHOUT_0.fullmatch(national) else f"0{national}",)
    return (text,)
