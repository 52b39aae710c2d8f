"""From a phone, a name or a number to customers: who is asked, what counts as a match, and what is said of gaps."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import pytest

from bot.crm.search_routes import Hit, HitSearch
from bot.customers.cache import ProfileCache
from bot.customers.directory.index import Directory
from bot.customers.lookup import CustomerLookup, LookupResult
from bot.customers.search import LIST_SECONDS, NOT_FOUND_SECONDS, CustomerSearch, Matches
from bot.domain.directory import Entry
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork, ShowType, profile_field
from bot.domain.query import Query, ReadAs
from bot.domain.results import MAX_CUSTOMERS, PAGE_SIZE, CacheState, Failure
from bot.errors import CrmError, CrmRejected, CrmStatusError, CrmUnauthorized, Trouble
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store
from tests.conftest import Clock, Logs
from tests.support.slack_layer import CLOSED_STORE

NETWORK = ServiceNetwork("", 1)
PHONE = Query(ReadAs.PHONE, "+8613800001001")
NAME = Query(ReadAs.NAME, "西湖")
NUMBER = Query(ReadAs.NUMBER, "CF00000201")
SERIAL = Query(ReadAs.SERIAL, "SN-42")
DEADLINE_SECONDS = 1.0


def customer_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def profile(number: int, **fields: str) -> CustomerProfile:
    given = {"客户编号": f"CF{number:08d}", **fields}
    return CustomerProfile(
        customer_id(number), tuple(profile_field(key, value, ShowType.PLAIN) for key, value in given.items())
    )


class FakeCrm:
    """Customers by number, and what its lists say: hits, or an error, of each route."""

    def __init__(self) -> None:
        self.customers: dict[int, CustomerProfile | CrmError] = {}
        self.lists: list[Sequence[Hit] | CrmError] = []
        self.last_resort: list[Sequence[Hit] | CrmError] = []
        self.asked: list[str] = []
        self.hangs = False

    def know(self, *profiles: CustomerProfile) -> None:
        self.customers |= {int(profile.customer_id[-12:]): profile for profile in profiles}

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        self.asked.append(key.customer_id)
        answer = self.customers.get(int(key.customer_id[-12:]))
        if isinstance(answer, CrmError):
            raise answer
        return answer

    def first(self, network: ServiceNetwork, query: Query) -> tuple[HitSearch, ...]:
        return tuple(self._route("list", answer) for answer in self.lists)

    def last(self, network: ServiceNetwork, query: Query) -> tuple[HitSearch, ...]:
        return tuple(self._route("last", answer) for answer in self.last_resort)

    async def _route(self, name: str, answer: Sequence[Hit] | CrmError) -> tuple[Hit, ...]:
        self.asked.append(name)
        if self.hangs:
            await asyncio.Event().wait()
        if isinstance(answer, CrmError):
            raise answer
        return tuple(answer)


@pytest.fixture
def crm() -> FakeCrm:
    return FakeCrm()


@pytest.fixture
async def background() -> AsyncIterator[BackgroundTasks]:
    background = BackgroundTasks()
    yield background
    assert await background.drain(2) == 0


@pytest.fixture
def directory(store: Store, background: BackgroundTasks) -> Directory:
    return Directory(store, background, b"key")


class Search(NamedTuple):
    """A search in the head office's network, on a lookup with a cache."""

    search: CustomerSearch
    lookup: CustomerLookup

    async def find(self, query: Query, first: int = 0) -> Matches:
        return (await self.search.find(NETWORK, query, self.lookup.find, first))[1]


def make_search(
    crm: FakeCrm, directory: Directory, background: BackgroundTasks, clock: Clock, seconds: float = DEADLINE_SECONDS
) -> Search:
    cache = ProfileCache(1_000, 300, 86_400, clock)
    lookup = CustomerLookup(crm, cache, background, seconds, clock, directory.learn)
    return Search(CustomerSearch(crm, directory, background, seconds, clock), lookup)


@pytest.fixture
def search(crm: FakeCrm, directory: Directory, background: BackgroundTasks, clock: Clock) -> Search:
    return make_search(crm, directory, background, clock)


def hit(number: int, row_matches: bool = False) -> Hit:
    return Hit(customer_id(number), row_matches)


def numbers_in(matches: Matches) -> list[int]:
    return [int(result.entry.profile.customer_id[-12:]) for result in matches.results]


async def learn(directory: Directory, background: BackgroundTasks, *profiles: CustomerProfile) -> None:
    for one in profiles:
        directory.learn(CustomerKey(*NETWORK, one.customer_id), one)
    await background.drain(2)


async def test_phone_is_confirmed_by_the_profile(crm: FakeCrm, search: Search) -> None:
    """A customer whom the CRM's lists name and whose profile has another phone is left out."""
    crm.know(profile(1, 联系电话="138 0000-1001"), profile(2, 联系电话="13800001002"))
    crm.lists = [[hit(1), hit(2)]]
    assert numbers_in(await search.find(PHONE)) == [1]


async def test_row_that_holds_the_phone_is_confirmation_too(crm: FakeCrm, search: Search) -> None:
    """Second contacts are in no profile."""
    crm.know(profile(2, 联系电话="13800001002"))
    crm.lists = [[hit(2, row_matches=True)]]
    assert numbers_in(await search.find(PHONE)) == [2]


async def test_row_of_a_deleted_customer_is_left_out(crm: FakeCrm, search: Search) -> None:
    crm.lists = [[hit(1, row_matches=True)]]
    assert await search.find(PHONE) == Matches()


async def test_customer_of_several_routes_is_one(crm: FakeCrm, search: Search) -> None:
    crm.know(profile(1, 联系电话="13800001001"), profile(2))
    crm.lists = [[hit(1), hit(2)], [hit(1, row_matches=True), hit(2, row_matches=True)]]
    matches = await search.find(PHONE)
    assert numbers_in(matches) == [1, 2]
    assert matches.total == 2
    assert crm.asked.count(customer_id(1)) == 1


async def test_last_resort_is_asked_only_where_nobody_was_found(crm: FakeCrm, search: Search) -> None:
    crm.know(profile(1, 联系电话="13800001001"))
    crm.lists, crm.last_resort = [[hit(1)]], [[hit(1)]]
    await search.find(PHONE)
    assert "last" not in crm.asked
    crm.lists = [[]]
    assert numbers_in(await search.find(Query(ReadAs.NAME, "CF00000001"))) == [1]
    assert "last" in crm.asked


async def test_last_resort_is_asked_where_all_found_are_other_customers(crm: FakeCrm, search: Search) -> None:
    crm.know(profile(1, 联系电话="13800001001"), profile(2))
    crm.lists, crm.last_resort = [[hit(2)]], [[hit(1)]]
    assert numbers_in(await search.find(PHONE)) == [1]


async def test_number_that_is_known_costs_no_list(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks
) -> None:
    crm.know(profile(201))
    crm.lists = [[hit(201)]]
    await learn(directory, background, profile(201))
    assert numbers_in(await search.find(NUMBER)) == [201]
    assert "list" not in crm.asked


async def test_number_that_is_not_known_is_looked_for_in_the_lists(crm: FakeCrm, search: Search) -> None:
    """Whether the CRM's key words cover numbers is not documented: each hit is read, and must have the number."""
    crm.know(profile(201), profile(202))
    crm.lists = [[hit(202), hit(201)]]
    assert numbers_in(await search.find(NUMBER)) == [201]


async def test_number_that_another_customer_has_now_is_corrected(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks
) -> None:
    await learn(directory, background, profile(201))
    crm.know(
        CustomerProfile(customer_id(201), profile(202).fields), CustomerProfile(customer_id(9), profile(201).fields)
    )
    crm.lists = [[hit(9)]]
    assert numbers_in(await search.find(NUMBER)) == [9]
    await background.drain(2)
    assert await directory.candidates(NETWORK, NUMBER) == (customer_id(9),)
    assert await directory.candidates(NETWORK, Query(ReadAs.NUMBER, "CF00000202")) == (customer_id(201),)


async def test_customer_that_is_gone_is_forgotten(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks
) -> None:
    await learn(directory, background, profile(201))
    assert await search.find(NUMBER) == Matches()
    assert await directory.candidates(NETWORK, NUMBER) == ()


async def test_phone_of_the_directory_and_of_the_lists_are_joined(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks
) -> None:
    """The directory may know one of two who share a phone."""
    crm.know(profile(1, 联系电话="13800001001"), profile(2, 联系电话="+86 138 0000 1001"))
    await learn(directory, background, profile(1, 联系电话="13800001001"))
    crm.lists = [[hit(2)]]
    assert numbers_in(await search.find(PHONE)) == [1, 2]


async def test_name_is_found_by_parts_of_name_and_contact_and_by_initials(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks
) -> None:
    both = profile(1, 客户名称="杭州西湖精密机械"), profile(2, 联系人="西湖")
    crm.know(*both)
    await learn(directory, background, *both)
    assert sorted(numbers_in(await search.find(NAME))) == [1, 2]
    assert numbers_in(await search.find(Query(ReadAs.NAME, "hzxh"))) == [1]


async def test_serial_number_is_confirmed_by_the_device_alone(crm: FakeCrm, search: Search) -> None:
    """No profile has one."""
    crm.know(profile(1), profile(2))
    crm.lists = [[hit(1, row_matches=True), hit(2)]]
    assert numbers_in(await search.find(SERIAL)) == [1]


async def test_pages_follow_one_another(crm: FakeCrm, search: Search) -> None:
    """Customers beyond the page are not asked for yet."""
    crm.know(*(profile(number, 客户名称="西湖分店") for number in range(12)))
    crm.lists = [[hit(number) for number in range(12)]]
    first = await search.find(NAME)
    assert (numbers_in(first), first.following, first.total) == ([0, 1, 2, 3, 4], 5, 12)
    assert len(crm.asked) == 1 + PAGE_SIZE
    second = await search.find(NAME, 5)
    assert (numbers_in(second), second.following) == ([5, 6, 7, 8, 9], 10)
    last = await search.find(NAME, 10)
    assert (numbers_in(last), last.following, last.is_cut) == ([10, 11], None, False)
    assert crm.asked.count("list") == 1, "the lists are asked once"


async def test_page_is_filled_past_other_customers(crm: FakeCrm, search: Search) -> None:
    crm.know(*(profile(number, 客户名称="西湖" if number % 2 else "别人") for number in range(14)))
    crm.lists = [[hit(number) for number in range(14)]]
    matches = await search.find(NAME)
    assert numbers_in(matches) == [1, 3, 5, 7, 9]


async def test_never_more_than_fifty(crm: FakeCrm, search: Search) -> None:
    crm.know(*(profile(number, 客户名称="西湖分店") for number in range(60)))
    crm.lists = [[hit(number) for number in range(60)]]
    matches = await search.find(NAME)
    assert (matches.total, matches.is_cut) == (MAX_CUSTOMERS, True)
    last = await search.find(NAME, MAX_CUSTOMERS - PAGE_SIZE)
    assert (len(last.results), last.following) == (PAGE_SIZE, None)


async def test_no_more_than_fifty_candidates_are_looked_at(crm: FakeCrm, search: Search) -> None:
    """A CRM that pays no heed to the question names anybody."""
    crm.know(*(profile(number, 客户名称="别人") for number in range(120)))
    crm.lists = [[hit(number) for number in range(60)], [hit(number) for number in range(60, 120)]]
    assert (await search.find(NAME)).results == ()
    assert len(set(crm.asked) - {"list", "last"}) == MAX_CUSTOMERS


async def test_page_beyond_the_end_is_the_last_one(crm: FakeCrm, search: Search) -> None:
    crm.know(*(profile(number, 客户名称="西湖分店") for number in range(7)))
    crm.lists = [[hit(number) for number in range(7)]]
    matches = await search.find(NAME, 500)
    assert (numbers_in(matches), matches.first, matches.following) == ([5, 6], 5, None)


async def all_pages(search: Search, background: BackgroundTasks) -> list[list[int]]:
    """The pages, turned one after the other; what each teaches is learnt meanwhile."""
    pages: list[list[int]] = []
    following: int | None = 0
    while following is not None:
        matches = await search.find(NAME, following)
        await background.drain(2)
        pages.append(numbers_in(matches))
        following = matches.following
    return pages


async def test_nobody_is_lost_between_pages_when_the_directory_is_corrected(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks
) -> None:
    """Who has another name by now is forgotten while the first page is made: all who follow move up."""
    await learn(directory, background, *(profile(number, 客户名称=f"西湖{number:02d}") for number in range(12)))
    crm.know(profile(0, 客户名称="东湖"), *(profile(number, 客户名称=f"西湖{number:02d}") for number in range(1, 12)))
    assert await all_pages(search, background) == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11]]


async def test_nobody_is_shown_twice_when_the_directory_learns_between_pages(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks
) -> None:
    """The directory has another order than the CRM, and what it has comes first."""
    crm.know(*(profile(number, 客户名称=f"西湖{number:02d}") for number in range(12)))
    crm.lists = [[hit(number) for number in reversed(range(12))]]
    first = await search.find(NAME)
    await learn(directory, background, *(profile(number, 客户名称=f"西湖{number:02d}") for number in range(2)))
    second = await search.find(NAME, 5)
    assert numbers_in(first) + numbers_in(second) == list(reversed(range(2, 12)))
    assert numbers_in(await search.find(NAME, 0)) == [0, 1, 7, 8, 9], "whoever asks anew gets the likeliest first"


async def test_page_of_which_nobody_is_left_is_the_one_before(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks
) -> None:
    await learn(directory, background, *(profile(number, 客户名称=f"西湖{number:02d}") for number in range(7)))
    crm.know(*(profile(number, 客户名称="西湖" if number < 5 else "东湖") for number in range(7)))
    assert (await search.find(NAME)).following == 5
    matches = await search.find(NAME, 5)
    assert (numbers_in(matches), matches.first, matches.following, matches.total) == ([0, 1, 2, 3, 4], 0, None, 5)


async def test_list_is_made_anew_after_a_while(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks, clock: Clock
) -> None:
    """Its buttons still work, and nobody is lost."""
    crm.know(*(profile(number, 客户名称=f"西湖{number:02d}") for number in range(7)))
    crm.lists = [[hit(number) for number in range(7)]]
    assert numbers_in(await search.find(NAME)) == [0, 1, 2, 3, 4]
    clock.advance(LIST_SECONDS + 1)
    assert numbers_in(await search.find(NAME, 5)) == [5, 6]


SILENT: list[CrmError] = [CrmStatusError(503), CrmUnauthorized("token")]


@pytest.mark.parametrize("error", SILENT, ids=str)
async def test_nobody_found_while_a_route_is_silent_is_no_answer(crm: FakeCrm, search: Search, error: CrmError) -> None:
    crm.lists, crm.last_resort = [[], error], [[]]
    failure = (await search.find(PHONE)).failure
    assert failure is not None
    assert failure.trouble is error.trouble


async def test_customer_found_while_a_route_is_silent_is_shown_with_that(
    crm: FakeCrm, search: Search, logs: Logs
) -> None:
    crm.know(profile(1, 联系电话="13800001001"))
    crm.lists = [[hit(1)], CrmStatusError(503)]
    matches = await search.find(PHONE)
    assert numbers_in(matches) == [1]
    assert matches.failure is not None
    [line] = logs.lines("crm_failed")
    assert (line["code"], line["read_as"]) == (matches.failure.code, "phone")
    assert "1001" not in logs.text.replace(customer_id(1), "")


async def test_route_that_rejects_the_question_knows_nobody(crm: FakeCrm, search: Search) -> None:
    """How the CRM says "nobody" is not documented for all of its operations."""
    crm.lists, crm.last_resort = [[], CrmRejected("404", "无此账号")], [CrmRejected("404", "无")]
    assert await search.find(PHONE) == Matches()


async def test_question_that_all_routes_reject_is_rejected(crm: FakeCrm, search: Search) -> None:
    crm.lists, crm.last_resort = [CrmRejected("500", "参数错误")], [CrmRejected("500", "参数错误")]
    failure = (await search.find(SERIAL)).failure
    assert failure is not None
    assert failure.trouble is Trouble.REJECTED


async def test_candidate_whose_profile_cannot_be_read_is_reported(crm: FakeCrm, search: Search) -> None:
    crm.know(profile(1, 客户名称="西湖"))
    crm.customers[2] = CrmStatusError(500)
    crm.lists = [[hit(1), hit(2)]]
    matches = await search.find(NAME)
    assert numbers_in(matches) == [1]
    assert matches.failure is not None


async def test_search_ends_before_its_deadline(crm: FakeCrm, search: Search) -> None:
    """Lists that hang are given up while there is time to confirm what others gave."""
    crm.lists, crm.last_resort, crm.hangs = [[], []], [[]], True
    async with asyncio.timeout(2 * DEADLINE_SECONDS):
        failure = (await search.find(PHONE)).failure
    assert failure is not None
    assert failure.trouble is Trouble.NO_ANSWER


async def test_source_that_is_asked_late_has_only_the_time_that_is_left(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that another customer has now was confirmed slowly, and then the lists hang."""

    async def slow(key: CustomerKey) -> CustomerProfile:
        await asyncio.sleep(0.8 * DEADLINE_SECONDS)
        return profile(1, 客户编号="CF00000202")

    await learn(directory, background, profile(1, 客户编号="CF00000201"))
    monkeypatch.setattr(crm, "get_customer", slow)
    crm.lists, crm.last_resort, crm.hangs = [[]], [[]], True
    async with asyncio.timeout(1.4 * DEADLINE_SECONDS):
        failure = (await search.find(NUMBER)).failure
    assert failure is not None
    assert failure.trouble is Trouble.NO_ANSWER


async def test_nobody_is_remembered_for_a_short_while(crm: FakeCrm, search: Search, clock: Clock) -> None:
    crm.lists = [[]]
    for _ in range(3):
        await search.find(SERIAL)
    assert crm.asked.count("list") == 1
    clock.advance(NOT_FOUND_SECONDS + 1)
    await search.find(SERIAL)
    assert crm.asked.count("list") == 2


async def test_failed_route_is_not_cached(crm: FakeCrm, search: Search) -> None:
    crm.lists = [CrmStatusError(503)]
    await search.find(SERIAL)
    crm.lists = [[hit(1, row_matches=True)]]
    crm.know(profile(1))
    assert numbers_in(await search.find(SERIAL)) == [1]


async def test_hundred_who_ask_at_once_cost_one(
    crm: FakeCrm, directory: Directory, background: BackgroundTasks, clock: Clock
) -> None:
    """However long a busy machine takes for a hundred looks into the directory."""
    search = make_search(crm, directory, background, clock, seconds=20)
    crm.know(profile(1, 联系电话="13800001001"))
    crm.lists = [[hit(1)]]
    await asyncio.gather(*(search.find(PHONE) for _ in range(100)))
    assert sorted(crm.asked) == sorted(["list", customer_id(1)])


async def test_without_a_database_the_lists_are_asked(crm: FakeCrm, background: BackgroundTasks, clock: Clock) -> None:
    search = make_search(crm, Directory(Store(CLOSED_STORE, clock), background, b"key"), background, clock)
    crm.know(profile(1, 联系电话="13800001001"))
    crm.lists = [[hit(1)]]
    matches = await search.find(PHONE)
    assert numbers_in(matches) == [1]
    crm.lists = [[]]
    failure = (await search.find(NUMBER)).failure
    assert failure is not None
    assert failure.trouble is Trouble.STORE


@pytest.mark.parametrize("query", [PHONE, NUMBER])
async def test_database_that_hangs_leaves_time_for_the_lists(
    crm: FakeCrm, search: Search, monkeypatch: pytest.MonkeyPatch, query: Query
) -> None:
    async def hanging(*_: object) -> tuple[str, ...]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(Directory, "candidates", hanging)
    crm.know(profile(1, 客户编号="CF00000201", 联系电话="13800001001"))
    crm.lists = [[hit(1)]]
    assert numbers_in(await search.find(query)) == [1]


async def test_results_are_those_of_a_lookup(crm: FakeCrm, search: Search) -> None:
    crm.know(profile(1, 联系电话="13800001001"))
    crm.lists = [[hit(1)]]
    [result] = (await search.find(PHONE)).results
    assert isinstance(result, LookupResult)
    assert not isinstance(result, Failure)


async def test_old_copy_disproves_nothing(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks, clock: Clock
) -> None:
    """A phone that was imported after the copy was made stays known while the CRM is down."""
    crm.know(profile(1, 联系电话="13800001009"))
    await search.lookup.find(CustomerKey(*NETWORK, customer_id(1)))
    await background.drain(2)
    await directory.keep(NETWORK, [Entry(customer_id(1), "CF00000001", phones=(PHONE.identifier,))])
    clock.advance(3_600)
    crm.customers[1] = CrmStatusError(503)
    matches = await search.find(PHONE)
    assert matches.results == ()
    assert matches.failure is not None
    assert await directory.candidates(NETWORK, PHONE) == (customer_id(1),)


async def test_copy_that_may_be_older_than_the_directory_corrects_nothing(
    crm: FakeCrm, search: Search, directory: Directory, background: BackgroundTasks
) -> None:
    crm.know(profile(1, 联系电话="13800001009"))
    result = await search.lookup.find(CustomerKey(*NETWORK, customer_id(1)))
    assert isinstance(result, LookupResult)
    assert result.cache is CacheState.MISS
    await background.drain(2)
    await directory.keep(NETWORK, [Entry(customer_id(1), "CF00000001", phones=(PHONE.identifier,))])
    assert (await search.find(PHONE)).results == ()
    assert await directory.candidates(NETWORK, PHONE) == (customer_id(1),)


async def test_rejection_is_remembered_as_an_answer(crm: FakeCrm, search: Search) -> None:
    """A CRM that does not know a parameter is not asked again for every page."""
    crm.lists = [CrmRejected("500", "参数错误"), []]
    for _ in range(3):
        await search.find(SERIAL)
    assert crm.asked.count("list") == 2
