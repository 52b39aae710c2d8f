"""A CRM in memory for the tests of the directory's sync, and waits that move the clock."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from bot.crm.customer_lists import ListPage, ListSource
from bot.customers.directory.index import Directory
from bot.customers.directory.sync import LEASE_SECONDS, MAX_PAGES, Crm, DirectorySync
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork, ShowType, profile_field
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store
from tests.conftest import Clock

HEAD_OFFICE = ServiceNetwork("", 1)
KEY = b"a key of the tests"
Pages = dict[ListSource, list[tuple[str, ...]]]
Before = Callable[[int], Awaitable[None]]


def customer_ids(count: int) -> tuple[str, ...]:
    return tuple(f"00000000-0000-4000-8000-{number:012}" for number in range(count))


class CrmInMemory:
    """Lists with a row a customer, and what GetCustomer shows. ``hidden`` customers it does not show.

    Of the pages after ``last_index`` it knows nothing: it gives that one again.
    ``before`` is given the number of each request (the first one's is 1): what it raises, the CRM answers.
    """

    def __init__(self, clock: Clock, pages: Pages) -> None:
        self._clock = clock
        self._pages = pages
        self.hidden: set[str] = set()
        self.last_index = MAX_PAGES + 1
        self.before: Before = failing(AssertionError())
        self.turned: list[tuple[ListSource, int]] = []
        self.shown: Counter[str] = Counter()
        self.asked_at: list[float] = []

    async def page(self, source: ListSource, network: ServiceNetwork, page_index: int) -> ListPage:
        await self._request()
        self.turned.append((source, page_index))
        index, pages = min(page_index, self.last_index), self._pages.get(source, [])
        page = pages[index - 1] if index <= len(pages) else ()
        row_ids = (f"{source} {index} {row}" for row in range(len(page)))
        return ListPage(tuple(row_ids), tuple(dict.fromkeys(page)))

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        await self._request()
        self.shown[key.customer_id] += 1
        return None if key.customer_id in self.hidden else profile_of(key.customer_id)

    async def _request(self) -> None:
        self.asked_at.append(self._clock())
        await asyncio.sleep(0)
        await self.before(len(self.asked_at))


def profile_of(customer_id: str) -> CustomerProfile:
    """An invented customer, with a number and a name."""
    number = profile_field("客户编号", f"CF{int(customer_id[-8:]):08}", ShowType.PLAIN)
    name = profile_field("客户名称", f"样品客户{customer_id[-4:]}", ShowType.PLAIN)
    return CustomerProfile(customer_id, (number, name))


def failing(error: BaseException, *numbers: int) -> Before:
    """These requests fail."""

    async def before(number: int) -> None:
        if number in numbers:
            raise error

    return before


def sync_with(
    crm: CrmInMemory, store: Store, clock: Clock, per_second: float = 5, lease_seconds: float = LEASE_SECONDS
) -> DirectorySync:
    """One that never really waits: the clock is put forward instead."""

    async def sleep(seconds: float) -> None:
        clock.advance(seconds)
        await asyncio.sleep(0)

    asking = Crm(crm, crm, per_second)
    return DirectorySync(asking, directory_in(store), store, HEAD_OFFICE, clock, sleep, lease_seconds)


def directory_in(store: Store) -> Directory:
    return Directory(store, BackgroundTasks(), KEY)


async def known(store: Store, customers: Sequence[str]) -> set[str]:
    """Those of ``customers`` whom the directory knows."""
    return set(customers) - set(await directory_in(store).unknown(HEAD_OFFICE, customers))
