"""Invalidating a customer: in the database at once, and soon in every process, whatever is under way there."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import insert

from bot.crm.search_routes import Hit
from bot.customers.cache import CacheEntry, ProfileCache
from bot.customers.directory.entries import entry_of, key_id
from bot.customers.directory.index import Directory
from bot.customers.lookup import CustomerLookup, LookupResult, Outcome
from bot.customers.records import ServiceRecords
from bot.customers.search import CustomerSearch
from bot.domain.preferences import Remembered, SavedCustomers
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork, ShowType, profile_field
from bot.domain.query import Query, ReadAs
from bot.domain.records import Contact, Device, RecordRows, Section, WorkOrder, WorkStep
from bot.domain.results import CacheState, Failure
from bot.playground.fake_crm.server import Fault, SampleCrm
from bot.playground.fake_slack.server import Exchange, StandInSlack
from bot.runtime.tasks import BackgroundTasks
from bot.server.http import WebProcess
from bot.store.erasures import ERASURE_HOLD_SECONDS, ErasedRows
from bot.store.invalidations import PendingInvalidations
from bot.store.store import Store
from bot.store.tables import numbers
from tests.conftest import Clock, Logs, StartBot
from tests.processes.test_sync_processes import becomes
from tests.support.databases import empty_database, opened, store_of_each  # noqa: F401
from tests.support.surfaces import CLINIC, DOCUMENTED, FACTORY, idle

HEAD_OFFICE: Final = ServiceNetwork("", 1)
OUTLET: Final = ServiceNetwork("11111111-2222-4333-8444-555555555555", 2)
ID: Final = DOCUMENTED
OTHER: Final = FACTORY
KEY: Final = CustomerKey(*HEAD_OFFICE, ID)
NUMBER: Final = Query(ReadAs.NUMBER, "CF00000179")
PHONE: Final = Query(ReadAs.PHONE, "+8613800001001")


def profile(customer_id: str = ID, number: str = "CF00000179") -> CustomerProfile:
    rows = {"客户编号": number, "客户名称": "胡效鑫", "联系电话": "13800001001", "邮箱": "li@example.com"}
    return CustomerProfile(customer_id, tuple(profile_field(key, rows[key], ShowType.PLAIN) for key in rows))


@pytest.fixture
async def background() -> AsyncIterator[BackgroundTasks]:
    background = BackgroundTasks()
    yield background
    await background.drain(2)


async def learn(
    store: Store,
    background: BackgroundTasks,
    customer_id: str = ID,
    network: ServiceNetwork = HEAD_OFFICE,
    number: str = "CF1",
) -> Directory:
    """A directory that has seen the customer."""
    directory = Directory(store, background, b"key")
    directory.learn(CustomerKey(*network, customer_id), profile(customer_id, number))
    await background.drain(2)
    return directory


# --- In the database -------------------------------------------------------------------------------------------------


async def test_everything_that_is_kept_of_the_customer_goes(store: Store, background: BackgroundTasks) -> None:
    """In all service networks and of all people; what is kept of others stays."""
    for network in (HEAD_OFFICE, OUTLET):
        await learn(store, background, ID, network)
        await learn(store, background, OTHER, network)
    for user in ("U1", "U2"):
        for customer_id in (ID, OTHER):
            await store.saved_customers.remember("T1", user, Remembered(customer_id, "name"))
    for customer_id in (ID, OTHER):
        await store.saved_customers.toggle_pin("T1", "U1", Remembered(customer_id, "name"))
    assert await store.erasures.erase(ID) == ErasedRows(directory=2, hashes=4, recents=2, pins=1)
    kept = Remembered(OTHER, "name")
    assert await store.saved_customers.of("T1", "U1") == SavedCustomers((kept,), (kept,))
    assert await store.saved_customers.of("T1", "U2") == SavedCustomers((), (kept,))
    for network in (HEAD_OFFICE, OUTLET):
        assert await store.directory.ids_by_number(network, "CF1") == (OTHER,)
        assert (await store.directory.stats(network, key_id(b"key"))).hashes == 2
    assert await store.erasures.erase(ID) == ErasedRows(0, 0, 0, 0)


async def test_number_that_an_older_version_has_kept_goes_too(store: Store) -> None:
    """It may still run beside this one."""
    row = {"network_id": "", "network_type": 1, "number": "CF1", "customer_id": ID}
    await store.database.write(lambda connection: connection.execute(insert(numbers).values(row)))
    assert (await store.erasures.erase(ID)).directory == 1


async def test_for_a_minute_nothing_is_kept_again_by_whichever_process(
    store: Store, url: str, clock: Clock, background: BackgroundTasks
) -> None:
    """What is written then may have been fetched before."""
    pinned = Remembered(ID, "name")
    await store.erasures.erase(ID)
    clock.advance(ERASURE_HOLD_SECONDS - 1)
    async with opened(url, clock) as other_process:
        for process in (store, other_process):
            directory = await learn(process, background)
            await process.saved_customers.remember("T1", "U1", pinned)
            assert await process.saved_customers.toggle_pin("T1", "U1", pinned) is False
            await directory.keep(HEAD_OFFICE, [])
        assert await store.erasures.erase(ID) == ErasedRows(0, 0, 0, 0)


async def test_import_and_sync_leave_the_customer_out_for_a_minute(store: Store, background: BackgroundTasks) -> None:
    await store.erasures.erase(ID)
    directory = Directory(store, background, b"key")
    await directory.keep(HEAD_OFFICE, [entry_of(profile(ID, "CF1")), entry_of(profile(OTHER, "CF2"))])
    assert await directory.unknown(HEAD_OFFICE, [ID, OTHER]) == (ID,)


async def test_next_lookup_of_the_customer_learns_it_again(
    store: Store, clock: Clock, background: BackgroundTasks
) -> None:
    """Also the process that has seen it in that minute, and has not changed since."""
    customer = Remembered(ID, "name")
    await store.erasures.erase(ID)
    directory = await learn(store, background)
    await store.saved_customers.remember("T1", "U1", customer)
    clock.advance(ERASURE_HOLD_SECONDS)
    directory.learn(KEY, profile(ID, "CF1"))
    await background.drain(2)
    await store.saved_customers.remember("T1", "U1", customer)
    assert await store.directory.ids_by_number(HEAD_OFFICE, "CF1") == (ID,)
    assert await store.saved_customers.toggle_pin("T1", "U1", customer) is True
    assert await store.saved_customers.of("T1", "U1") == SavedCustomers((customer,), (customer,))


async def test_erasure_waits_for_another_writer(tmp_path: Path, clock: Clock) -> None:
    """Their rows are not overlooked. On SQLite there is one writer at a time anyway."""
    async with empty_database("postgresql", tmp_path) as url, opened(url, clock) as store:
        writer = await asyncpg.connect(url)
        writing = writer.transaction()
        await writing.start()
        assert await writer.fetch("SELECT customer_id FROM forgets") == []
        await writer.execute("INSERT INTO pins VALUES ('T1', 'U1', $1, 'name', 1)", ID)
        invalidation = asyncio.create_task(store.erasures.erase(ID))
        await asyncio.sleep(0.1)
        assert not invalidation.done()
        await writing.commit()
        await writer.close()
        assert (await invalidation).pins == 1


# --- In memory -------------------------------------------------------------------------------------------------------


class Crm:
    """A CRM that answers once it is ``open``."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.asked = 0
        self.gone = False

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        return None if await self._is_gone() else profile(key.customer_id)

    async def contacts(self, key: CustomerKey, customer_name: str) -> RecordRows[Contact]:
        return RecordRows((), is_cut=False)

    async def devices(self, key: CustomerKey) -> RecordRows[Device]:
        await self._is_gone()
        return RecordRows((Device("device", key.customer_id),), is_cut=False)

    async def devices_with_warranty(self, key: CustomerKey) -> RecordRows[Device]:
        return await self.devices(key)

    async def work_orders(self, key: CustomerKey) -> RecordRows[WorkOrder]:
        return RecordRows((WorkOrder("order", key.customer_id),), is_cut=False)

    async def steps(self, order_id: str) -> RecordRows[WorkStep]:
        await self._is_gone()
        return RecordRows((WorkStep("派工"),), is_cut=False)

    def first(self, network: ServiceNetwork, query: Query) -> tuple[Any, ...]:
        return (self._hits(),)

    def last(self, network: ServiceNetwork, query: Query) -> tuple[Any, ...]:
        return ()

    async def _hits(self) -> tuple[Hit, ...]:
        await self._is_gone()
        return (Hit(ID, row_matches=True),)

    async def _is_gone(self) -> bool:
        self.asked += 1
        gone = self.gone
        await self.open.wait()
        return gone


class Holder(NamedTuple):
    """Something that keeps customers in memory: how it is asked, and how one is invalidated."""

    ask: Callable[[], Any]
    drop: Callable[[str], None]


@pytest.fixture
def crm_in_memory() -> Crm:
    return Crm()


@pytest.fixture
def learnt() -> list[CustomerKey]:
    return []


@pytest.fixture
def lookup(crm_in_memory: Crm, background: BackgroundTasks, clock: Clock, learnt: list[CustomerKey]) -> CustomerLookup:
    cache = ProfileCache(10, 300, 86_400, clock)
    return CustomerLookup(crm_in_memory, cache, background, 1.0, clock, lambda key, _: learnt.append(key))


@pytest.fixture(params=["profile", "unknown", "devices", "steps", "search"])
def holder(
    request: pytest.FixtureRequest,
    crm_in_memory: Crm,
    lookup: CustomerLookup,
    background: BackgroundTasks,
    clock: Clock,
) -> Holder:
    records = ServiceRecords(crm_in_memory, background, 1.0, clock)
    directory = Directory(Store("sqlite:///:memory:", clock), background, None)
    search = CustomerSearch(crm_in_memory, directory, background, 1.0, clock)

    async def known(_: CustomerKey) -> Outcome:
        return LookupResult(CacheEntry(profile(), clock()), CacheState.HIT)

    crm_in_memory.gone = request.param == "unknown"
    return {
        "profile": Holder(lambda: lookup.find(KEY), lookup.drop),
        "unknown": Holder(lambda: lookup.find(KEY), lookup.drop),
        "devices": Holder(lambda: records.section(KEY, "", Section.DEVICES), records.drop),
        "steps": Holder(lambda: records.section(KEY, "", Section.STEPS, "order"), records.drop),
        "search": Holder(lambda: search.find(HEAD_OFFICE, PHONE, known), search.drop),
    }[request.param]


async def test_the_crm_is_asked_again_for_a_forgotten_customer(holder: Holder, crm_in_memory: Crm) -> None:
    for _ in range(2):
        await holder.ask()
    assert crm_in_memory.asked == 1
    holder.drop(ID)
    await holder.ask()
    assert crm_in_memory.asked == 2


async def test_what_is_under_way_is_answered_and_not_kept(holder: Holder, crm_in_memory: Crm) -> None:
    """It was fetched before; what is asked for afterwards is kept as ever."""
    crm_in_memory.open.clear()
    asking = asyncio.ensure_future(holder.ask())
    await asyncio.sleep(0.01)
    holder.drop(ID)
    crm_in_memory.open.set()
    answer = await asking
    assert crm_in_memory.asked == 1
    again = await holder.ask()
    assert crm_in_memory.asked == 2
    await holder.ask()
    assert crm_in_memory.asked == 2
    assert type(answer) is type(again)


async def test_what_is_under_way_is_not_learnt(
    lookup: CustomerLookup, crm_in_memory: Crm, learnt: list[CustomerKey]
) -> None:
    crm_in_memory.open.clear()
    asking = asyncio.ensure_future(lookup.find(KEY))
    await asyncio.sleep(0.01)
    lookup.drop(ID)
    crm_in_memory.open.set()
    assert isinstance(await asking, LookupResult)
    assert learnt == []


async def test_customer_is_forgotten_in_every_network_and_others_are_not(
    lookup: CustomerLookup, crm_in_memory: Crm
) -> None:
    keys = [CustomerKey(*network, customer_id) for network in (HEAD_OFFICE, OUTLET) for customer_id in (ID, OTHER)]
    for key in keys:
        await lookup.find(key)
    lookup.drop(ID)
    for key in keys:
        await lookup.find(key)
    assert crm_in_memory.asked == len(keys) + 2


async def test_old_copy_is_not_shown_in_need_either(lookup: CustomerLookup, crm_in_memory: Crm, clock: Clock) -> None:
    await lookup.find(KEY)
    lookup.drop(ID)
    crm_in_memory.open.clear()
    outcome: Outcome = await lookup.refresh(KEY)
    assert isinstance(outcome, Failure)


async def test_directory_finds_nobody_by_a_number_that_it_had_in_memory(
    store: Store, clock: Clock, background: BackgroundTasks
) -> None:
    directory = await learn(store, background, number="CF00000179")
    assert await directory.candidates(HEAD_OFFICE, NUMBER) == (ID,)
    await store.erasures.erase(ID)
    directory.drop(ID)
    assert await directory.candidates(HEAD_OFFICE, NUMBER) == ()
    assert await directory.candidates(HEAD_OFFICE, PHONE) == ()


async def test_what_waits_to_be_learnt_is_not_learnt_any_more(store: Store, background: BackgroundTasks) -> None:
    """A customer that is seen later is found, with the same profile too."""
    directory = Directory(store, background, b"key")
    directory.learn(KEY, profile())
    directory.drop(ID)
    await background.drain(2)
    assert await directory.candidates(HEAD_OFFICE, NUMBER) == ()
    directory.learn(KEY, profile())
    await background.drain(2)
    assert await directory.candidates(HEAD_OFFICE, NUMBER) == (ID,)


# --- Two bots on one database ----------------------------------------------------------------------------------------

HELD: Final = ("customers", "contact_hashes", "numbers", "pins", "recents")


class Bots:
    """Two bots, a third party that forgets, and what people ask each of them."""

    def __init__(self, slack: StandInSlack, crm: SampleCrm, logs: Logs, database: str, store: Store) -> None:
        self.slack = slack
        self.crm = crm
        self.logs = logs
        self.database = database
        self.store = store
        self.all: list[WebProcess] = []
        self.addresses: list[str] = []

    async def ask(self, bot: int, customer_id: str = ID) -> Exchange:
        self.slack.bot_address = self.addresses[bot]
        return await self.slack.command(customer_id)

    async def asks_the_crm(self, bot: int, customer_id: str = ID) -> bool:
        """Whether this bot has to, to show the customer."""
        before = self.crm.asked["GetCustomer"]
        await self.ask(bot, customer_id)
        await self.idle()
        return self.crm.asked["GetCustomer"] > before

    async def forget(self, customer_id: str = ID) -> ErasedRows:
        return await self.store.erasures.erase(customer_id)

    async def both_notified(self, times: int = 1) -> None:
        """Once both bots know of so many."""
        await becomes(lambda: len(self.logs.lines("customer_forgotten")) == 2 * times)

    async def idle(self) -> None:
        for bot in self.all:
            await idle(bot)

    def rows(self, customer_id: str = ID) -> dict[str, int]:
        """How many of them are in the database, where there are any."""
        with closing(sqlite3.connect(self.database.removeprefix("sqlite:///"))) as connection:
            counted = {
                table: connection.execute(
                    f"SELECT count(*) FROM {table} WHERE customer_id = ?", (customer_id,)
                ).fetchone()[0]
                for table in HELD
            }
        return {table: count for table, count in counted.items() if count}


@pytest.fixture
async def bots(
    start_bot: StartBot,
    slack: StandInSlack,
    crm: SampleCrm,
    logs: Logs,
    database: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Bots]:
    """They look every hundredth of a second, so that no test has to wait for long."""
    monkeypatch.setattr("bot.app.POLL_SECONDS", 0.01)
    async with opened(database, clock) as store:
        bots = Bots(slack, crm, logs, database, store)
        for _ in range(2):
            bots.all.append(await start_bot(ack_budget_seconds=0.05))
            bots.addresses.append(slack.bot_address)
        yield bots


async def test_two_bots_forget_a_customer_and_nobody_else(bots: Bots) -> None:
    """In both caches, in the directory, among recents and pins; its neighbour still is there."""
    for bot in range(2):
        for customer_id in (CLINIC, ID):
            await bots.ask(bot, customer_id)
    await bots.idle()
    await bots.slack.choose("customer_menu", f"pin {ID}")
    await bots.idle()
    assert bots.rows() == {"customers": 1, "contact_hashes": 3, "pins": 1, "recents": 1}
    neighbour = bots.rows(CLINIC)
    assert await bots.forget() == ErasedRows(directory=1, hashes=3, recents=1, pins=1)
    assert bots.rows() == {}
    await bots.both_notified()
    assert bots.rows(CLINIC) == neighbour
    for bot in range(2):
        assert not await bots.asks_the_crm(bot, CLINIC)
        assert await bots.asks_the_crm(bot)


async def test_customer_that_the_crm_does_not_have_any_more_stays_forgotten(bots: Bots, clock: Clock) -> None:
    """By its number too, which both bots had in memory."""
    for bot in range(2):
        await bots.ask(bot)
    await bots.idle()
    del bots.crm.customers[ID]
    bots.crm.contacts, bots.crm.devices, bots.crm.work_orders = [], [], []
    await bots.forget()
    await bots.both_notified()
    clock.advance(ERASURE_HOLD_SECONDS)
    for bot in range(2):
        for asked in (ID, "CF00000179"):
            [message] = (await bots.ask(bot, asked)).shown
            assert "胡效鑫1" not in json.dumps([message.text, message.blocks], ensure_ascii=False)
    await bots.idle()
    assert bots.rows() == {}


async def test_customer_that_is_looked_up_again_is_learnt_again(bots: Bots, clock: Clock) -> None:
    await bots.ask(0)
    await bots.idle()
    await bots.forget()
    await bots.both_notified()
    clock.advance(ERASURE_HOLD_SECONDS)
    await bots.ask(0)
    await bots.idle()
    assert bots.rows() == {"customers": 1, "contact_hashes": 3, "recents": 1}
    assert not await bots.asks_the_crm(0)


@pytest.mark.parametrize("notified_first", [True, False], ids=["told before the answer", "told after the answer"])
async def test_lookup_that_is_under_way_puts_nothing_back(
    bots: Bots, monkeypatch: pytest.MonkeyPatch, notified_first: bool
) -> None:
    """The person gets the answer, and nothing of it is kept: neither in the cache nor in the database."""
    bots.crm.faults = {"GetCustomer": Fault(hang=True)}
    exchange = await bots.ask(0)
    await becomes(lambda: bots.crm.asked["GetCustomer"] == 1)
    release = asyncio.Event()
    if not notified_first:
        after = type(bots.store.invalidations).after

        async def late(*arguments: Any) -> PendingInvalidations:
            await release.wait()
            return await after(*arguments)

        monkeypatch.setattr("bot.store.invalidations.InvalidationRepository.after", late)
    await bots.forget()
    if notified_first:
        await bots.both_notified()
    bots.crm.faults = {}
    bots.crm.release()
    await exchange.answers(2)
    await bots.idle()
    release.set()
    await bots.both_notified()
    assert exchange.shown[-1].text.startswith("胡效鑫1")
    assert bots.rows() == {}
    assert await bots.asks_the_crm(0)


async def test_bots_remember_the_ids_alone_of_whom_they_forgot(bots: Bots) -> None:
    """Neither the log nor the database says more."""
    await bots.ask(0)
    await bots.idle()
    await bots.forget()
    await bots.both_notified()
    assert {line["customer_id"] for line in bots.logs.lines("customer_forgotten")} == {ID}
    assert "胡效鑫" not in bots.logs.text
    with closing(sqlite3.connect(bots.database.removeprefix("sqlite:///"))) as connection:
        assert "胡效鑫" not in "".join(connection.iterdump())
