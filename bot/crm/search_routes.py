"""From what people type to the customers whom the CRM's lists name for it: which operations are asked.

No list finds a customer by its number or mail address (documented): there the CRM's keyword search is asked, of which
it is not known what it covers.
"""

import re
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, NamedTuple

from bot.crm.customer_lists import CustomerLists, ListSource
from bot.crm.envelope import rows_of
from bot.crm.rows import Row, customer_id_in, text_in
from bot.crm.session import CrmSession, SearchTerms
from bot.domain.normalise import e164, folded, listed, mail_address
from bot.domain.profile import ServiceNetwork
from bot.domain.query import Query, ReadAs

MAX_HITS: Final = 60
"""Of one route: a few more than are ever listed."""
MAX_ROWS_READ: Final = 200
"""Four times what is asked for: a CRM that pays no heed to the page's size sends the whole list."""
_KEYWORD: Final = "searchKey"
_DIALLED_WITHOUT_0: Final = re.compile(r"1[0-9]{10}|[48]00[0-9]{7}")
"""Mobiles and service numbers, of all that +86 may stand before."""

Asking = Coroutine[Any, Any, "tuple[Hit, ...]"]


class Hit(NamedTuple):
    """A customer whom a row of the CRM's names. ``holds_it``: the row itself holds what was asked for."""

    customer_id: str
    holds_it: bool


class _List(NamedTuple):
    """A list that is asked by a key of its condition, or by keyword."""

    source: ListSource
    asked_by: str

    def wanted(self, text: str) -> SearchTerms:
        asked = {self.asked_by: text}
        return SearchTerms(params=asked) if self.asked_by == _KEYWORD else SearchTerms(condition=asked)


class _Record(NamedTuple):
    """An operation that gives the one record that has the given thing, and no list."""

    path: str
    asked_by: str
    customer_column: str


_KEYWORD_LISTS: Final = (_List(ListSource.CONTACTS, _KEYWORD), _List(ListSource.DEVICES, _KEYWORD))
_FIRST: Final[dict[ReadAs, tuple[_List | _Record, ...]]] = {
    ReadAs.PHONE: (
        _List(ListSource.CONTACTS, "sys_telephone"),
        _Record("/open/v2/Client/GetCustomerByUserName", "phoneNum", customer_column="ID"),
        _List(ListSource.DEVICES, "sys_telephone"),
    ),
    ReadAs.NAME: (
        _List(ListSource.CONTACTS, "sys_customername"),
        _List(ListSource.CONTACTS, "sys_name"),
        _List(ListSource.DEVICES, "sys_contact"),
    ),
    ReadAs.NUMBER: _KEYWORD_LISTS,
    ReadAs.EMAIL: _KEYWORD_LISTS,
    ReadAs.SERIAL: (
        _Record("/api/CustomerService/GetCustomerProductBySN", "serialNumber", customer_column="CustomerID"),
        _List(ListSource.DEVICES, "sys_serialnumber1"),
    ),
    ReadAs.DEVICE: (_List(ListSource.DEVICES, "sys_number"),),
}
_LAST: Final[dict[ReadAs, tuple[_List | _Record, ...]]] = {
    ReadAs.PHONE: (_List(ListSource.WORK_ORDERS, "contactnumber"),),
    ReadAs.NAME: (_List(ListSource.WORK_ORDERS, "customername"),),
    ReadAs.NUMBER: (_List(ListSource.WORK_ORDERS, _KEYWORD),),
    ReadAs.EMAIL: (_List(ListSource.WORK_ORDERS, _KEYWORD),),
}
_SHOWN_IN: Final[dict[ReadAs, tuple[str, ...]]] = {
    ReadAs.PHONE: ("Telephone", "Mobile", "UserName", "CustomerTelephone", "CustomerPhone", "ContactNumber"),
    ReadAs.EMAIL: ("Mail", "CustomerMail"),
    ReadAs.NAME: ("CustomerName", "CompanyName", "Name", "CustomerContact", "Contact"),
    ReadAs.SERIAL: ("SerialNumber", "SerialNumber1"),
    ReadAs.DEVICE: ("Number",),
}
"""The columns in which rows show what was asked for. No page documents one for a customer's number."""
_COMPARE: Final[dict[ReadAs, Callable[[str, str], bool]]] = {
    ReadAs.PHONE: lambda shown, phone: phone in map(e164, listed(shown)),
    ReadAs.EMAIL: lambda shown, address: address in map(mail_address, listed(shown)),
    ReadAs.NAME: lambda shown, name: bool(folded(name)) and folded(name) in folded(shown),
    ReadAs.SERIAL: lambda shown, serial: folded(serial) == folded(shown),
    ReadAs.DEVICE: lambda shown, number: folded(number) == folded(shown),
}


class CrmRoutes:
    """Makes the requests for one reading; what each comes to are hits, or a CrmError."""

    def __init__(self, session: CrmSession) -> None:
        self._session = session
        self._lists = CustomerLists(session)

    def first(self, network: ServiceNetwork, query: Query) -> tuple[Asking, ...]:
        """Those to be asked side by side; none for an id, which needs no search."""
        return self._askings(_FIRST, network, query)

    def last(self, network: ServiceNetwork, query: Query) -> tuple[Asking, ...]:
        """Those to be asked if the first ones find nobody: a work order may name whom no other list has."""
        return self._askings(_LAST, network, query)

    def _askings(
        self, routes: dict[ReadAs, tuple[_List | _Record, ...]], network: ServiceNetwork, query: Query
    ) -> tuple[Asking, ...]:
        return tuple(
            self._hits(route, network, query, spelling)
            for route in routes.get(query.read_as, ())
            for spelling in _as_the_crm_spells(query)
        )

    async def _hits(self, route: _List | _Record, network: ServiceNetwork, query: Query, text: str) -> tuple[Hit, ...]:
        if isinstance(route, _List):
            rows = await self._lists.rows(route.source, network, route.wanted(text))
            return _hits_in(rows, query, "CustomerID")
        value = await self._session.ask(route.path, {}, SearchTerms(params={route.asked_by: text}))
        return _hits_in(rows_of(value), query, route.customer_column)


def _as_the_crm_spells(query: Query) -> tuple[str, ...]:
    """How it may stand in the CRM. Serial numbers are read off in any capitals, which the CRM may heed."""
    match query.read_as:
        case ReadAs.SERIAL:
            return tuple(dict.fromkeys((query.identifier, query.identifier.upper())))
        case ReadAs.PHONE:
            return (_as_dialled(query.identifier),)
        case _:
            return (query.identifier,)


def _as_dialled(phone: str) -> str:
    """The CRM's own examples have Chinese phones as they are dialled in China, and nothing between their digits."""
    at_home = phone.removeprefix("+86")
    if at_home == phone or _DIALLED_WITHOUT_0.fullmatch(at_home):
        return at_home
    return f"0{at_home}"


def _hits_in(rows: Iterable[Row], query: Query, customer_column: str) -> tuple[Hit, ...]:
    """Each customer once, those first whose row shows what was asked for.

    A row that shows something else is none: a CRM may answer a condition that it does not heed with any rows.
    """
    holds_it: dict[str, bool] = {}
    for row in tuple(rows)[:MAX_ROWS_READ]:
        customer_id = customer_id_in(row, customer_column)
        shown = [text for column in _SHOWN_IN.get(query.read_as, ()) if (text := text_in(row, column))]
        holds = any(_COMPARE[query.read_as](text, query.identifier) for text in shown)
        if customer_id and (holds or not shown):
            holds_it[customer_id] = holds or holds_it.get(customer_id, False)
    hits = sorted(holds_it.items(), key=lambda hit: not hit[1])
    return tuple(Hit(*hit) for hit in hits[:MAX_HITS])
