"""Who may be meant: learnt from the customers that were seen and from imports, kept where it outlives the process."""

import asyncio
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.crm.api import EshouhouClient
from bot.crm.session import CrmSession
from bot.crm.transport import CrmTransport
from bot.customers.directory.index import MAX_CANDIDATES, Directory
from bot.domain.directory import DirectoryStats, Entry, Kept, Suggestion
from bot.domain.normalise import MAIL as MAIL_PATTERN
from bot.domain.normalise import plain_characters
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork, ShowType, profile_field
from bot.domain.query import Query, ReadAs
from bot.errors import StoreUnavailable
from bot.playground.fake_crm.server import SampleCrm, sample_customers
from bot.playground.settings import playground_settings
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store
from tests.conftest import Clock, Logs
from tests.support.databases import SQLITE_AND_POSTGRES, empty_database, opened, store_of_each  # noqa: F401
from tests.support.slack_layer import CLOSED_STORE
from tests.support.surfaces import digits_in, long_numbers

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
OTHER = "05690412-5229-4a64-bbe5-970f90753f7f"
NUMBER = Query(ReadAs.NUMBER, "CF00000179")
NEW_NUMBER = Query(ReadAs.NUMBER, "CF00000180")
PHONE = Query(ReadAs.PHONE, "+8613800001001")
NEW_PHONE = Query(ReadAs.PHONE, "+8613800001002")
MAIL = Query(ReadAs.EMAIL, "li@example.com")
OUTLET = ServiceNetwork("outlet-7", 2)
HEAD_OFFICE = ServiceNetwork("", 1)
KEY = b"a key of the tests"


@pytest.fixture
async def background() -> AsyncIterator[BackgroundTasks]:
    background = BackgroundTasks()
    yield background
    assert await background.drain(2) == 0


@pytest.fixture(params=SQLITE_AND_POSTGRES)
async def url(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(migrated, tmp_path / 'customer-bot.db')}"
        return
    async with empty_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def directory(store: Store, background: BackgroundTasks) -> Directory:
    return Directory(store, background, KEY)


@pytest.fixture
def elsewhere(store: Store, background: BackgroundTasks) -> Directory:
    """The directory of another process, which remembers nothing by itself."""
    return Directory(store, background, KEY)


@asynccontextmanager
async def later(url: str, background: BackgroundTasks, key: bytes | None) -> AsyncIterator[Directory]:
    """The directory of a process that starts later."""
    async with opened(url, Clock()) as store:
        yield Directory(store, background, key)


def customer(
    number: str = "", name: str = "", phone: str = "", mail: str = "", customer_id: str = ID
) -> CustomerProfile:
    rows = {"客户编号": number, "客户名称": name, "联系电话": phone, "邮箱": mail}
    return CustomerProfile(customer_id, tuple(profile_field(key, rows[key], ShowType.PLAIN) for key in rows))


def see(directory: Directory, profile: CustomerProfile, network: ServiceNetwork = HEAD_OFFICE) -> None:
    directory.learn(CustomerKey(*network, profile.customer_id), profile)


async def learn(
    directory: Directory, background: BackgroundTasks, profile: CustomerProfile, network: ServiceNetwork = HEAD_OFFICE
) -> None:
    see(directory, profile, network)
    await background.drain(2)


async def test_nobody_is_known_who_was_not_seen(directory: Directory) -> None:
    for query in (NUMBER, PHONE, MAIL, Query(ReadAs.NAME, "胡效鑫")):
        assert await directory.candidates(HEAD_OFFICE, query) == ()
    assert await directory.suggest(HEAD_OFFICE, "hxx") == ()
    assert await directory.unknown(HEAD_OFFICE, [ID, OTHER]) == (ID, OTHER)
    assert await directory.stats(HEAD_OFFICE) == DirectoryStats(0, 0, 0, 0)


async def test_number_is_known_as_soon_as_the_customer_was_seen(directory: Directory) -> None:
    """And before the database has it."""
    see(directory, customer("cf00000179"))
    assert await directory.candidates(HEAD_OFFICE, NUMBER) == (ID,)


async def test_a_customer_that_was_seen_is_found_by_all_that_its_profile_says(
    directory: Directory, elsewhere: Directory, background: BackgroundTasks
) -> None:
    await learn(directory, background, customer("CF00000179", "胡效鑫", "138-0000-1001", "LI@example.com"))
    for known in (directory, elsewhere):
        for query in (NUMBER, PHONE, MAIL, Query(ReadAs.NAME, "效鑫"), Query(ReadAs.NAME, "hxx")):
            assert await known.candidates(HEAD_OFFICE, query) == (ID,)
        assert await known.suggest(HEAD_OFFICE, "huxiao") == (Suggestion(ID, "胡效鑫", "CF00000179"),)
        assert await known.unknown(HEAD_OFFICE, [ID, OTHER]) == (OTHER,)


async def test_nobody_waits_behind_all_that_is_learnt(
    directory: Directory, elsewhere: Directory, background: BackgroundTasks
) -> None:
    """What people ask of the database comes in between when many customers are seen at once."""
    for number in range(60):
        see(directory, customer(f"CF{number:08}", "屿麦便利店", customer_id=f"{number:08}{ID[8:]}"))
    for _ in range(3):
        await elsewhere.suggest(HEAD_OFFICE, "屿麦")
    assert (await elsewhere.stats(HEAD_OFFICE)).customers < 40
    assert await background.drain(20) == 0
    assert (await elsewhere.stats(HEAD_OFFICE)).customers == 60


@pytest.mark.parametrize("read_as", [ReadAs.ID, ReadAs.LINK, ReadAs.DEVICE, ReadAs.ORDER])
async def test_the_directory_knows_customers_by_nothing_else(
    directory: Directory, background: BackgroundTasks, read_as: ReadAs
) -> None:
    await learn(directory, background, customer("SN-1", "SN-1"))
    assert await directory.candidates(HEAD_OFFICE, Query(read_as, "SN-1")) == ()


async def test_serial_number_may_be_a_tenants_number_but_no_phone(
    directory: Directory, background: BackgroundTasks
) -> None:
    """A phone is not stored as a number, and must not mean all customers without one."""
    await learn(directory, background, customer("2023-03-0012", "胡效鑫"))
    await learn(directory, background, customer("", "屿麦便利店", customer_id=OTHER))
    assert await directory.candidates(HEAD_OFFICE, Query(ReadAs.SERIAL, "2023-03-0012")) == (ID,)
    assert await directory.candidates(HEAD_OFFICE, Query(ReadAs.SERIAL, "13800001001")) == ()


async def test_customers_are_known_in_their_own_network_alone(
    directory: Directory, background: BackgroundTasks
) -> None:
    see(directory, customer("CF00000179", "胡效鑫", PHONE.identifier), HEAD_OFFICE)
    see(directory, customer("CF00000179", "胡效鑫", PHONE.identifier, customer_id=OTHER), OUTLET)
    for _ in ("in memory", "in the database"):
        assert await directory.candidates(HEAD_OFFICE, NUMBER) == (ID,)
        assert await directory.candidates(OUTLET, NUMBER) == (OTHER,)
        assert await directory.candidates(ServiceNetwork(OUTLET.network_id, 1), NUMBER) == ()
        await background.drain(2)
    assert await directory.candidates(OUTLET, PHONE) == (OTHER,)
    assert [found.customer_id for found in await directory.suggest(OUTLET, "hxx")] == [OTHER]


async def test_a_profile_replaces_what_was_known(
    directory: Directory, elsewhere: Directory, background: BackgroundTasks
) -> None:
    """A phone or a name that is gone is not found any more."""
    await learn(directory, background, customer("CF00000179", "胡效鑫", PHONE.identifier, MAIL.identifier))
    await learn(directory, background, customer("CF00000180", "方岚", NEW_PHONE.identifier))
    for known in (directory, elsewhere):
        for query in (NUMBER, PHONE, MAIL, Query(ReadAs.NAME, "胡效鑫")):
            assert await known.candidates(HEAD_OFFICE, query) == ()
        for query in (NEW_NUMBER, NEW_PHONE, Query(ReadAs.NAME, "fl")):
            assert await known.candidates(HEAD_OFFICE, query) == (ID,)


async def test_a_number_that_moved_is_both_customers_until_the_first_is_seen(
    directory: Directory, elsewhere: Directory, background: BackgroundTasks
) -> None:
    await learn(directory, background, customer("CF00000179"))
    await learn(directory, background, customer("CF00000179", customer_id=OTHER))
    for known in (directory, elsewhere):
        assert set(await known.candidates(HEAD_OFFICE, NUMBER)) == {ID, OTHER}
    await learn(directory, background, customer("CF00000180"))
    for known in (directory, Directory(directory._store, background, KEY)):
        assert await known.candidates(HEAD_OFFICE, NUMBER) == (OTHER,)


async def test_a_number_that_another_process_corrected_is_looked_up_anew_once_the_customer_was_seen(
    directory: Directory, elsewhere: Directory, background: BackgroundTasks
) -> None:
    await learn(directory, background, customer("CF00000179"))
    await learn(elsewhere, background, customer("CF00000180"))
    await learn(elsewhere, background, customer("CF00000179", customer_id=OTHER))
    assert await directory.candidates(HEAD_OFFICE, NUMBER) == (ID,)
    see(directory, customer("CF00000180"))
    assert await directory.candidates(HEAD_OFFICE, NUMBER) == (OTHER,)


async def test_what_is_known_is_not_written_again(
    directory: Directory, elsewhere: Directory, background: BackgroundTasks, store: Store
) -> None:
    """Nor read by the process that learnt it; other processes read it, and write nothing."""
    await learn(directory, background, customer("CF00000179", "胡效鑫", PHONE.identifier))
    see(directory, customer("CF00000179", "胡效鑫", PHONE.identifier))
    assert len(background) == 0
    await store.database.write(lambda connection: connection.execute(text("UPDATE customers SET search = 'as it was'")))
    await learn(elsewhere, background, customer("CF00000179", "胡效鑫", PHONE.identifier))
    assert await store.directory.search(HEAD_OFFICE, ["as it was"], 1) == (Suggestion(ID, "胡效鑫", "CF00000179"),)


async def test_a_customer_who_is_gone_is_found_by_nothing(
    directory: Directory, elsewhere: Directory, background: BackgroundTasks
) -> None:
    for network in (HEAD_OFFICE, OUTLET):
        await learn(directory, background, customer("CF00000179", "胡效鑫", PHONE.identifier), network)
    await directory.forget(CustomerKey(*HEAD_OFFICE, ID))
    for known in (directory, elsewhere):
        for query in (NUMBER, PHONE, Query(ReadAs.NAME, "胡效鑫")):
            assert await known.candidates(HEAD_OFFICE, query) == ()
            assert await known.candidates(OUTLET, query) == (ID,)


async def test_a_customer_who_was_forgotten_is_learnt_again(
    directory: Directory, elsewhere: Directory, background: BackgroundTasks
) -> None:
    await learn(directory, background, customer("CF00000179"))
    await directory.forget(CustomerKey(*HEAD_OFFICE, ID))
    await learn(directory, background, customer("CF00000179"))
    for known in (directory, elsewhere):
        assert await known.candidates(HEAD_OFFICE, NUMBER) == (ID,)


async def test_a_customer_whom_another_process_forgot_under_another_number_is_gone_once_forgotten_here(
    directory: Directory, elsewhere: Directory, background: BackgroundTasks
) -> None:
    """Whatever number this process remembers of it."""
    await learn(directory, background, customer("CF00000179"))
    await learn(elsewhere, background, customer("CF00000180"))
    await directory.forget(CustomerKey(*HEAD_OFFICE, ID))
    assert await directory.candidates(HEAD_OFFICE, NUMBER) == ()


async def test_names_find_the_closest_first_and_so_many(directory: Directory) -> None:
    entries = [Entry(f"id-{place:03}", name=f"杭州第{place}机械厂") for place in range(100)]
    await directory.keep(HEAD_OFFICE, [*entries, Entry(ID, name="机械厂")])
    found = await directory.candidates(HEAD_OFFICE, Query(ReadAs.NAME, "机械厂"))
    assert len(found) == MAX_CANDIDATES
    assert found[0] == ID
    assert len(await directory.suggest(HEAD_OFFICE, "机械厂")) == 20
    assert len(await directory.suggest(HEAD_OFFICE, "机械厂", 7)) == 7


@pytest.mark.parametrize("typed", ["", "  ", "\u200b", "-", "\n\t"])
async def test_nobody_is_suggested_where_nothing_was_typed(directory: Directory, typed: str) -> None:
    await directory.keep(HEAD_OFFICE, [Entry(ID, name="胡效鑫")])
    assert await directory.suggest(HEAD_OFFICE, typed) == ()


@pytest.mark.parametrize("typed", ["胡" * 10_000, "x" * 10_000, "%" * 10_000, "_" * 10_000, "'\"\\;--" * 2_000])
async def test_whatever_is_typed_is_answered(directory: Directory, typed: str) -> None:
    await directory.keep(HEAD_OFFICE, [Entry(ID, name="胡效鑫"), Entry(OTHER, name="胡" * 255)])
    assert {found.customer_id for found in await directory.suggest(HEAD_OFFICE, typed)} <= {OTHER}


async def test_an_import_adds_and_changes_and_a_rerun_changes_nothing(directory: Directory) -> None:
    entries = [
        Entry(ID, "CF00000179", "胡效鑫", "李工", (PHONE.identifier,), (MAIL.identifier,)),
        Entry(OTHER, "cf00000180"),
    ]
    assert await directory.keep(HEAD_OFFICE, entries) == Kept(added=2, changed=0, unchanged=0)
    assert await directory.keep(HEAD_OFFICE, entries) == Kept(added=0, changed=0, unchanged=2)
    entries[1] = Entry(OTHER, "CF00000180", "方岚")
    assert await directory.keep(HEAD_OFFICE, entries) == Kept(added=0, changed=1, unchanged=1)
    assert await directory.candidates(HEAD_OFFICE, NEW_NUMBER) == (OTHER,)
    assert await directory.candidates(HEAD_OFFICE, Query(ReadAs.NAME, "fanglan")) == (OTHER,)
    assert await directory.stats(HEAD_OFFICE) == DirectoryStats(customers=2, with_number=2, with_contacts=1, hashes=2)


async def test_what_an_import_leaves_out_stays(directory: Directory) -> None:
    full = Entry(ID, "CF00000179", "胡效鑫", "李工", (PHONE.identifier,), (MAIL.identifier,))
    await directory.keep(HEAD_OFFICE, [full])
    assert await directory.keep(HEAD_OFFICE, [Entry(ID, "CF00000179")]) == Kept(0, 0, 1)
    assert await directory.keep(HEAD_OFFICE, [Entry(ID, "CF00000179", phones=(NEW_PHONE.identifier,))]) == Kept(0, 1, 0)
    for query in (NUMBER, PHONE, NEW_PHONE, MAIL, Query(ReadAs.NAME, "hxx"), Query(ReadAs.NAME, "李工")):
        assert await directory.candidates(HEAD_OFFICE, query) == (ID,)


async def test_a_customer_who_is_imported_twice_at_once_is_kept_once(directory: Directory) -> None:
    entries = [Entry(ID, "CF00000179", "胡效鑫"), Entry(ID, "CF00000179", contact="李工"), Entry(ID, "CF00000179")]
    assert await directory.keep(HEAD_OFFICE, entries) == Kept(added=1, changed=1, unchanged=1)
    assert await directory.suggest(HEAD_OFFICE, "李工") == (Suggestion(ID, "胡效鑫", "CF00000179"),)
    assert await directory.keep(HEAD_OFFICE, []) == Kept(0, 0, 0)


async def test_an_import_is_found_by_numbers_that_were_asked_for_before(
    directory: Directory, background: BackgroundTasks
) -> None:
    await learn(directory, background, customer("CF00000179"))
    assert await directory.candidates(HEAD_OFFICE, NUMBER) == (ID,)
    await directory.keep(HEAD_OFFICE, [Entry(OTHER, "CF00000179")])
    assert set(await directory.candidates(HEAD_OFFICE, NUMBER)) == {ID, OTHER}


async def test_a_profile_counts_again_after_an_import_said_something_else(
    directory: Directory, background: BackgroundTasks
) -> None:
    await learn(directory, background, customer("CF00000179", "胡效鑫"))
    await directory.keep(HEAD_OFFICE, [Entry(ID, "CF00000179", "方岚")])
    await learn(directory, background, customer("CF00000179", "胡效鑫"))
    assert await directory.suggest(HEAD_OFFICE, "CF00000179") == (Suggestion(ID, "胡效鑫", "CF00000179"),)


async def test_everything_outlives_the_process(directory: Directory, url: str, background: BackgroundTasks) -> None:
    await learn(directory, background, customer("CF00000179", "胡效鑫", PHONE.identifier))
    async with later(url, background, KEY) as reopened:
        for query in (NUMBER, PHONE, Query(ReadAs.NAME, "hxx")):
            assert await reopened.candidates(HEAD_OFFICE, query) == (ID,)


@pytest.mark.parametrize("key", [b"another key", None])
async def test_a_changed_key_drops_the_hashes_of_the_old_one(
    directory: Directory, url: str, background: BackgroundTasks, key: bytes | None
) -> None:
    """For good. Customers whose phones cannot be found any more are unknown to a sync."""
    await learn(directory, background, customer("CF00000179", "胡效鑫", PHONE.identifier))
    assert (await directory.stats(HEAD_OFFICE)).hashes == 1
    async with later(url, background, key) as changed:
        assert await changed.candidates(HEAD_OFFICE, PHONE) == ()
        assert await changed.stats(HEAD_OFFICE) == DirectoryStats(1, 1, 0, 0)
        assert await changed.candidates(HEAD_OFFICE, NUMBER) == (ID,)
        assert await changed.unknown(HEAD_OFFICE, [ID]) == (ID,)
    async with later(url, background, KEY) as back:
        assert await back.candidates(HEAD_OFFICE, PHONE) == ()
        assert await back.unknown(HEAD_OFFICE, [ID]) == (ID,)
        await learn(back, background, customer("CF00000179", "胡效鑫", PHONE.identifier))
        assert await back.candidates(HEAD_OFFICE, PHONE) == (ID,)
        assert await back.unknown(HEAD_OFFICE, [ID]) == ()


@pytest.mark.parametrize("key", [b"another key", None])
async def test_counting_drops_nothing(
    directory: Directory, url: str, background: BackgroundTasks, key: bytes | None
) -> None:
    """Counting with a wrong key in the environment reports that no customer is found by a phone with it."""
    await learn(directory, background, customer("CF00000179", "胡效鑫", PHONE.identifier))
    async with later(url, background, key) as wrong:
        assert await wrong.stats(HEAD_OFFICE) == DirectoryStats(1, 1, 0, 0)
    async with later(url, background, KEY) as right:
        assert await right.stats(HEAD_OFFICE) == DirectoryStats(1, 1, 1, 1)
        assert await right.candidates(HEAD_OFFICE, PHONE) == (ID,)


async def test_without_a_key_no_hash_is_kept_and_none_is_found(store: Store, background: BackgroundTasks) -> None:
    directory = Directory(store, background, None)
    await learn(directory, background, customer("CF00000179", "胡效鑫", PHONE.identifier, MAIL.identifier))
    await directory.keep(HEAD_OFFICE, [Entry(OTHER, "CF00000180", phones=(PHONE.identifier,))])
    assert await directory.stats(HEAD_OFFICE) == DirectoryStats(2, 2, 0, 0)
    assert await directory.candidates(HEAD_OFFICE, PHONE) == ()
    assert await directory.candidates(HEAD_OFFICE, NUMBER) == (ID,)
    assert await directory.unknown(HEAD_OFFICE, [ID, OTHER]) == ()


async def test_the_loop_goes_on_while_many_are_kept(directory: Directory) -> None:
    """Hashing and spelling are done in a thread."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)

    counting = asyncio.create_task(count())
    await directory.keep(HEAD_OFFICE, [Entry(f"id-{place}", f"CF{place:08}", "重庆峡岚") for place in range(1_000)])
    counting.cancel()
    assert turns > 3


async def test_without_a_database_nobody_can_tell(background: BackgroundTasks, clock: Clock) -> None:
    """Nobody fails for what cannot be learnt either, and the numbers of whom this process saw are known."""
    lost = Directory(Store(CLOSED_STORE, clock), background, KEY)
    await learn(lost, background, customer("CF00000179", "胡效鑫", PHONE.identifier))
    assert await lost.candidates(HEAD_OFFICE, NUMBER) == (ID,)
    for query in (NEW_NUMBER, PHONE, Query(ReadAs.NAME, "胡效鑫")):
        with pytest.raises(StoreUnavailable):
            await lost.candidates(HEAD_OFFICE, query)
    for asking in (
        lost.suggest(HEAD_OFFICE, "hxx"),
        lost.keep(HEAD_OFFICE, [Entry(ID)]),
        lost.unknown(HEAD_OFFICE, [ID]),
        lost.stats(HEAD_OFFICE),
        lost.forget(CustomerKey(*HEAD_OFFICE, ID)),
    ):
        with pytest.raises(StoreUnavailable):
            await asking


async def test_what_the_database_missed_is_learnt_when_it_is_back(url: str, background: BackgroundTasks) -> None:
    store = Store(url, Clock())
    directory = Directory(store, background, KEY)
    await learn(directory, background, customer("CF00000179", phone=PHONE.identifier))
    await store.open()
    await learn(directory, background, customer("CF00000179", phone=PHONE.identifier))
    assert await Directory(store, background, KEY).candidates(HEAD_OFFICE, PHONE) == (ID,)
    await store.close()


async def test_no_phone_and_no_address_of_mail_is_in_the_database(
    crm: SampleCrm, clock: Clock, database: str, background: BackgroundTasks
) -> None:
    """Of all customers of the sample CRM, who have them in any field and spelling; nor in what SQLite writes ahead."""
    settings = playground_settings(crm.address)
    transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds)
    client = EshouhouClient(CrmSession(transport, settings, clock))
    async with opened(database, clock) as store:
        directory = Directory(store, background, KEY)
        profiles = [await client.get_customer(CustomerKey(*HEAD_OFFICE, customer_id)) for customer_id in crm.customers]
        for profile in profiles:
            if profile is not None:
                see(directory, profile)
        await background.drain(10)
        stats = await directory.stats(HEAD_OFFICE)
        path = Path(database.removeprefix("sqlite:///"))
        files = [path, path.with_name(f"{path.name}-wal")]
        stored = b"".join(file.read_bytes() for file in files).decode("utf-8", "replace")
        cells = _every_text(path)
    await transport.close()
    assert stats.customers > 20
    assert stats.hashes > 20
    assert not [number for number in long_numbers() if number in stored]
    assert not [number for number in long_numbers() for cell in cells if number in digits_in(cell)]
    assert len(_mails()) > 10
    assert not [mail for mail in _mails() if mail in stored.lower()]


def _every_text(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    texts = [str(value) for row in connection.execute("SELECT * FROM customers") for value in row]
    connection.close()
    return texts


def _mails() -> set[str]:
    rows = [row for entry in sample_customers() for row in entry["rows"] if isinstance(row, dict)]
    return {mail.lower() for row in rows for mail in re.findall(MAIL_PATTERN, plain_characters(str(row.get("Value"))))}


async def test_who_was_imported_without_phones_is_asked_for_by_the_next_sync(
    directory: Directory, background: BackgroundTasks
) -> None:
    """Else the phone would never be known; whose profile was seen is not asked for again."""
    await directory.keep(HEAD_OFFICE, [Entry(ID, "CF00000179"), Entry(OTHER, "CF00000180", phones=("+8613800001001",))])
    assert await directory.unknown(HEAD_OFFICE, [ID, OTHER]) == (ID,)
    await directory.keep(HEAD_OFFICE, [Entry(ID, is_whole=True)])
    assert await directory.unknown(HEAD_OFFICE, [ID, OTHER]) == ()
    await directory.keep(HEAD_OFFICE, [Entry(ID, "CF00000181")])
    assert await directory.unknown(HEAD_OFFICE, [ID, OTHER]) == ()


async def test_bug_while_search_texts_are_renewed_is_logged(
    directory: Directory, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("bot.store.directory.DirectoryRepository.respell", broken)
    await directory.renew_search_texts()
    [line] = logs.lines("search_texts_not_renewed")
    assert "ZeroDivisionError" in line["exception"]


async def test_search_texts_are_renewed_when_the_database_is_back(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes: list[Exception | str | None] = [StoreUnavailable("gone"), "an id", None]
    waits: list[float] = []

    async def respell(*_: object) -> str | None:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("bot.store.directory.DirectoryRepository.respell", respell)
    await directory.renew_search_texts(sleep)
    assert (outcomes, len(waits)) == ([], 1)
