"""The access log: a line for each inquiry at once, and a row that says the same, whatever happens to the database."""

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.audit_log import AuditLog
from bot.access.audit_writer import BATCH, DAY_SECONDS, AuditWriter
from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_REVEAL,
    CUSTOMER_SHARE,
    FIND_CUSTOMER,
    LOOKUP_IN_MESSAGE,
)
from bot.domain.audit import AuditEntry, AuditLine
from bot.domain.inquiry import Asker, Audience, Inquiry, Surface
from bot.domain.profile import ServiceNetwork
from bot.domain.query import QueryReader, ReadAs
from bot.domain.results import AnyResult, Expired, Failure, Invalid, NotFound, OtherReading, Several, Unavailable
from bot.errors import StoreUnavailable, Trouble
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.server import CHANNEL, GUEST, PRIVATE_CHANNEL, USER, Ephemeral, StandInSlack
from bot.runtime.metrics import Metrics
from bot.server.http import WebProcess
from bot.store.audit_log import SWEEP_BATCH, AuditLogRepository
from bot.store.store import Store, WhenOpen
from tests.conftest import Clock, Logs, StartBot
from tests.processes.test_processes import customer_bot, ended, environment, free_port, listening
from tests.support.modals import chosen, modal_of, typed
from tests.support.surfaces import DOCUMENTED, FACTORY, TEMPLATE, UNKNOWN, idle, link

CUSTOMER: Final = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
FACTS: Final = (
    "team", "user", "channel", "surface", "read_as", "customer_id", "outcome", "cache", "audience", "ms", "code",
)  # fmt: skip
"""Of a line, in its order."""
THERE: Final = Ephemeral(PRIVATE_CHANNEL)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.access.audit_writer.WAIT_SECONDS", 0.01)


def lines_in(logs: Logs) -> list[dict[str, Any]]:
    return [{name: line[name] for name in FACTS} for line in logs.lines("customer_lookup")]


def rows_in(database: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(database.removeprefix("sqlite:///"))
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute("SELECT * FROM accesses ORDER BY at, writer, place")]
    finally:
        connection.close()


def facts_of(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row["person" if name == "user" else name] for name in FACTS}


async def rows(database: str, count: int) -> list[dict[str, Any]]:
    """Those in the database, once there are so many."""
    async with asyncio.timeout(5):
        while len(rows_in(database)) < count:  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(0.01)
    return rows_in(database)


# --- Through the whole bot -------------------------------------------------------------------------------------------


async def test_every_surface_leaves_one_row_that_says_what_its_line_says(
    start_bot: StartBot, slack: StandInSlack, logs: Logs, database: str, clock: Clock
) -> None:
    bot = await start_bot(customer_url_template=TEMPLATE)
    await slack.command(DOCUMENTED)
    await slack.click(CUSTOMER_DETAILS, DOCUMENTED)
    await slack.close((await modal_of(bot, slack)).view_id)
    await slack.post_message(link(DOCUMENTED))
    await slack.post_message(FACTORY)
    await slack.open_flexpane(link(DOCUMENTED), {"id": DOCUMENTED})
    await slack.message_shortcut(LOOKUP_IN_MESSAGE, {"text": DOCUMENTED, "ts": slack.ts()})
    await idle(bot)
    await slack.close((await modal_of(bot, slack)).view_id)
    await slack.global_shortcut(FIND_CUSTOMER)
    await slack.submit((await modal_of(bot, slack)).view_id, typed("CF00000179"))
    await slack.command(DOCUMENTED, user=GUEST)
    await slack.open_home(user=GUEST)
    await idle(bot)

    lines = lines_in(logs)
    kept = await rows(database, len(lines))
    assert [facts_of(row) for row in kept] == lines
    assert {line["surface"] for line in lines} == set(Surface) - {Surface.CLI}
    assert {row["at"] for row in kept} == {clock.seconds}
    assert {(row["network_id"], row["network_type"]) for row in kept} == {("", 1), (None, None)}


async def test_row_says_who_has_seen_it_revealed_or_shared_and_where(
    bot: WebProcess, slack: StandInSlack, logs: Logs, database: str
) -> None:
    """A preview is seen by the one who shares alone; what is shared has the channel in which it is shown."""
    await slack.click(CUSTOMER_DETAILS, DOCUMENTED, at=THERE)
    await slack.close((await modal_of(bot, slack)).view_id)
    await slack.click(CUSTOMER_REVEAL, DOCUMENTED, at=THERE)
    await slack.close((await modal_of(bot, slack)).view_id)
    await slack.click(CUSTOMER_SHARE, DOCUMENTED, at=THERE)
    preview = await modal_of(bot, slack)
    await slack.submit(preview.view_id, chosen(CHANNEL))
    await idle(bot)
    kept = await rows(database, 4)
    assert [(row["audience"], row["channel"], row["outcome"]) for row in kept] == [
        ("private", PRIVATE_CHANNEL, "found"),
        ("revealed", PRIVATE_CHANNEL, "found"),
        ("private", PRIVATE_CHANNEL, "found"),
        ("channel", CHANNEL, "found"),
    ]
    assert [facts_of(row) for row in kept] == lines_in(logs)


async def test_refusals_and_what_was_not_found_have_rows_too(
    start_bot: StartBot, slack: StandInSlack, logs: Logs, database: str
) -> None:
    """With the codes that stand on the cards."""
    bot = await start_bot(lookups_per_minute=2)
    for text in (UNKNOWN, "胡", DOCUMENTED):
        await slack.command(text)
    await slack.command(DOCUMENTED, user=GUEST)
    await idle(bot)
    kept = await rows(database, 4)
    assert [facts_of(row) for row in kept] == lines_in(logs)
    assert [(row["outcome"], row["customer_id"]) for row in kept] == [
        ("not_found", UNKNOWN),
        ("invalid", None),
        ("limited", DOCUMENTED),
        ("denied", DOCUMENTED),
    ]
    assert [bool(row["code"]) for row in kept] == [True, False, True, True]


async def test_row_has_the_network_of_the_channel_in_which_it_was_asked(
    start_bot: StartBot, slack: StandInSlack, database: str
) -> None:
    outlet = "12345678-0000-4000-8000-000000000002"
    bot = await start_bot(channel_networks=f"{CHANNEL}={outlet}:2")
    await slack.command(DOCUMENTED)
    await slack.command(DOCUMENTED, channel=PRIVATE_CHANNEL)
    await idle(bot)
    there, elsewhere = await rows(database, 2)
    assert (there["network_id"], there["network_type"]) == (outlet, 2)
    assert (elsewhere["network_id"], elsewhere["network_type"]) == ("", 1)


async def test_nothing_that_was_typed_is_in_the_rows(
    bot: WebProcess, slack: StandInSlack, database: str, logs: Logs
) -> None:
    """Nor any name, for any customer."""
    all_typed = [
        "13800001001",
        "+86 138 0000 1001",
        "fang@example.com",
        "杭州岚峤精密机械有限公司",
        "胡效鑫",
        "SN-没有",
    ]
    for text in all_typed:
        await slack.command(text)
    await idle(bot)
    kept = json.dumps(await rows(database, len(all_typed)), ensure_ascii=False)
    lines = json.dumps(lines_in(logs), ensure_ascii=False)
    assert not [text for text in (*all_typed, "13800001001", "岚峤", "胡效鑫") if text in kept or text in lines]


async def test_serve_that_is_stopped_loses_no_row(
    slack: StandInSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a batch, and stopped at once: each line has its row."""
    monkeypatch.setattr("bot.playground.fake_slack.server.ACK_SECONDS", 15.0)  # it ends before it is given up
    database = f"sqlite:///{tmp_path}/rows.db"
    port = free_port()
    slack.bot_address = f"http://127.0.0.1:{port}"
    async with SampleCrm().open() as crm:
        env = environment(crm, slack, PORT=str(port), HOST="127.0.0.1", DATABASE_URL=database)
        async with customer_bot("serve", env=env) as process:
            await listening(port)
            await slack.wait_for_bot()
            ending = asyncio.create_task(ended(process))  # it is read meanwhile: a full pipe holds every answer up
            await asyncio.gather(*(slack.command(DOCUMENTED) for _ in range(BATCH + 30)))
            process.send_signal(signal.SIGTERM)
            status, out, _ = await ending
    lines = [json.loads(line) for line in out.splitlines()]
    written = [line["ms"] for line in lines if line["event"] == "customer_lookup"]
    assert (status, len(written)) == (0, BATCH + 30)
    assert [row["ms"] for row in rows_in(database)] == written


# --- The rows, whatever happens to the database ----------------------------------------------------------------------


class WhenNotAway(WhenOpen[AuditLogRepository]):
    def __get__(self, store: Any, owner: object) -> AuditLogRepository:
        if store.is_away:
            raise StoreUnavailable("the database is away")
        if store.bug is not None:
            bug, store.bug = store.bug, None
            raise bug
        return super().__get__(store, owner)


class Flickering(Store):
    """A store whose database can be taken away, and given back; ``bug`` is raised at the next use."""

    is_away = False
    bug: Exception | None = None
    audit_log = WhenNotAway(lambda repositories: repositories.audit_log)


@pytest.fixture(name="flickering")
async def flickering_fixture(database: str, clock: Clock) -> AsyncIterator[Flickering]:
    store = Flickering(database, clock)
    await store.open()
    yield store
    await store.close()


def entry(number: int, at: float = 1_700_000_000.0) -> AuditEntry:
    line = AuditLine("T1", "U1", "C1", "command", "id", CUSTOMER, "found", "hit", "private", float(number), None)
    return AuditEntry(at, ServiceNetwork("", 1), line)


@asynccontextmanager
async def writing(store: Store, clock: Clock, days: float = 180) -> AsyncIterator[AuditWriter]:
    rows = AuditWriter(store, days, clock)
    async with rows.running():
        yield rows


async def test_rows_wait_while_the_database_is_unavailable_and_are_written_afterwards(
    flickering: Flickering, clock: Clock, database: str, logs: Logs
) -> None:
    """In the order in which they came, each once."""
    flickering.is_away = True
    async with writing(flickering, clock) as waiting:
        for number in range(2 * BATCH + 5):
            waiting.add(entry(number))
        await asyncio.sleep(0.05)
        assert rows_in(database) == []
        flickering.is_away = False
        kept = await rows(database, 2 * BATCH + 5)
    assert [row["ms"] for row in kept] == list(range(2 * BATCH + 5))
    assert not logs.lines("access_rows_dropped") + logs.lines("access_rows_lost")


async def test_rows_wait_for_a_database_that_is_not_open_yet(tmp_path: Path, clock: Clock) -> None:
    """The process may serve before it, and be stopped before it."""
    path = tmp_path / "later" / "rows.db"
    store = Store(f"sqlite:///{path}", clock, first_wait_seconds=0.01)
    opening = asyncio.create_task(store.open())
    async with writing(store, clock) as waiting:
        waiting.add(entry(1))
        await store.first_attempt.wait()
        path.parent.mkdir()
        await opening
        assert len(await rows(f"sqlite:///{path}", 1)) == 1
    await store.close()

    at_once = Store(f"sqlite:///{path}", clock)
    opening = asyncio.create_task(at_once.open())
    async with writing(at_once, clock) as waiting:
        waiting.add(entry(2))
    assert len(rows_in(f"sqlite:///{path}")) == 2
    await opening
    await at_once.close()


async def test_a_full_batch_is_written_at_once_and_a_part_of_one_in_the_end(
    store: Store, clock: Clock, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.access.audit_writer.WAIT_SECONDS", 60.0)
    async with writing(store, clock) as waiting:
        await asyncio.sleep(0)
        for number in range(BATCH - 1):
            waiting.add(entry(number))
        await asyncio.sleep(0.03)
        assert rows_in(database) == []
        waiting.add(entry(BATCH))
        assert len(await rows(database, BATCH)) == BATCH
        waiting.add(entry(BATCH + 1))
    assert len(rows_in(database)) == BATCH + 1


async def test_the_oldest_of_too_many_are_dropped_with_one_warning_that_counts_them(
    flickering: Flickering, clock: Clock, database: str, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.access.audit_writer.MAX_WAITING", 150)
    flickering.is_away = True
    async with writing(flickering, clock) as waiting:
        for number in range(170):
            waiting.add(entry(number))
        await asyncio.sleep(0.03)
        assert not logs.lines("access_rows_dropped")
        flickering.is_away = False
        kept = await rows(database, 150)
    assert [row["ms"] for row in kept] == list(range(20, 170))
    assert [(line["level"], line["rows"]) for line in logs.lines("access_rows_dropped")] == [("warning", 20)]


async def test_rows_that_cannot_be_written_in_the_end_are_counted(
    flickering: Flickering, clock: Clock, logs: Logs
) -> None:
    """Their lines are on standard output all the same."""
    flickering.is_away = True
    async with writing(flickering, clock) as waiting:
        for number in range(3):
            waiting.add(entry(number))
    assert [(line["level"], line["rows"]) for line in logs.lines("access_rows_lost")] == [("warning", 3)]


async def test_a_bug_costs_one_batch_and_no_more(
    flickering: Flickering, clock: Clock, database: str, logs: Logs
) -> None:
    """It is logged with a code, and what comes after it is written."""
    flickering.bug = ValueError("some bug")
    async with writing(flickering, clock) as waiting:
        waiting.add(entry(1))
        async with asyncio.timeout(5):
            while not logs.lines("access_rows_lost"):  # noqa: ASYNC110  # there is no event to wait for
                await asyncio.sleep(0.01)
        waiting.add(entry(2))
        kept = await rows(database, 1)
    assert [row["ms"] for row in kept] == [2]
    [line] = logs.lines("access_rows_lost")
    assert (line["level"], line["rows"], line["code"][:2]) == ("error", 1, "E-")


async def test_two_processes_write_into_one_database(store: Store, clock: Clock, database: str) -> None:
    async with writing(store, clock) as one, writing(store, clock) as other:
        for number in range(50):
            one.add(entry(number))
            other.add(entry(number))
    assert len(rows_in(database)) == 100


async def test_history_has_what_is_not_written_yet(store: Store, clock: Clock) -> None:
    waiting = AuditWriter(store, 180, clock)
    waiting.add(entry(1, clock.seconds))
    waiting.add(entry(2, clock.seconds))
    assert await waiting.of(CUSTOMER) == (2, (entry(2, clock.seconds), entry(1, clock.seconds)))


async def test_rows_older_than_the_kept_days_are_deleted_at_the_start_and_daily(
    store: Store, clock: Clock, database: str
) -> None:
    """However many there are, and only those; until then nobody reads them any more."""
    old = AuditWriter(store, 180, clock)
    for number in range(SWEEP_BATCH + BATCH):
        old.add(entry(number, clock.seconds))
    old.add(entry(-1, clock.seconds + DAY_SECONDS / 2))
    await old.flush()
    clock.advance(180 * DAY_SECONDS)
    assert (await old.of(CUSTOMER))[0] == 1
    async with writing(store, clock):
        await until_there_are(1, database)
        clock.advance(DAY_SECONDS)
        await until_there_are(0, database)


async def until_there_are(count: int, database: str) -> None:
    async with asyncio.timeout(5):
        while len(rows_in(database)) != count:  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(0.01)


# --- Never what was typed --------------------------------------------------------------------------------------------

_NAMES = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=4, max_size=20)
_PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
_MAILS = st.from_regex(r"[a-z]{4,12}@[a-z]{4,12}\.(com|cn)", fullmatch=True)
_SERIALS = st.from_regex(r"[A-Z]{3}[0-9]{6,12}", fullmatch=True)


def _answers(text: str) -> list[AnyResult]:
    """Answers without a customer, with what was typed in whatever place there is for it."""
    failure = Failure(Trouble.NO_ANSWER, "E-0000", error_msg=text, reason=text)
    return [
        NotFound(text, "E-0000", ReadAs.NAME, (OtherReading(ReadAs.SERIAL, text),)),
        Several(ReadAs.NAME, (), 0, None, 9, False, text, failure),
        Unavailable(text, failure, text),
        Invalid(text),
        Expired(),
    ]


@given(text=_NAMES | _PHONES | _MAILS | _SERIALS, audience=st.sampled_from(Audience))
def test_no_line_and_no_row_ever_holds_what_was_typed(text: str, audience: Audience) -> None:
    added: list[AuditEntry] = []

    class Noting(AuditWriter):
        def add(self, entry: AuditEntry) -> None:
            added.append(entry)

    clock = Clock()
    audit_log = AuditLog(Noting(Store("sqlite:///:memory:", clock), 180, clock), Metrics(), clock)
    for answer in _answers(text):
        inquiry = Inquiry(text, Surface.COMMAND, Asker("T1", USER, CHANNEL))
        audit_log.note(inquiry, QueryReader().parse(text).query, answer, audience, 0.1, ServiceNetwork("", 1))
    assert len(added) == len(_answers(text))
    assert not [entry for entry in added if text in repr(entry)]
