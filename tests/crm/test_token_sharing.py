"""One token of the CRM's for all processes on one database: who fetches it, who waits, and what each has without."""

import asyncio
import base64
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crm.token import (
    LEASE_SECONDS,
    POSTPONE_SECONDS,
    DatabaseSharing,
    Grant,
    Lease,
    RenewedToken,
    TokenSharing,
)
from bot.errors import CrmUnauthorized, CrmUnreachable
from bot.playground.fake_crm.server import APP_ID, APP_SECRET
from bot.playground.settings import playground_settings
from bot.privacy.keys import token_key
from bot.store.store import Store
from tests.conftest import Clock, Logs
from tests.crm.test_token import LIFE, RENEWED_AT, TokenApi, renewed
from tests.processes.test_sync_processes import becomes
from tests.support.databases import opened

KEY = bytes(range(32))
OTHER_KEY = bytes(32)
FOR_EVER = 60.0

Process = Callable[..., RenewedToken]


@pytest.fixture
def api() -> TokenApi:
    return TokenApi()


@pytest.fixture
async def process(url: str, clock: Clock, api: TokenApi) -> AsyncIterator[Process]:
    """Starts processes, each with its own connection to the database, on which they follow one another."""
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(opened(url, clock)) for _ in range(3)]

        def start(key: bytes = KEY, max_wait_seconds: float = FOR_EVER) -> RenewedToken:
            sharing = DatabaseSharing(stores.pop(), APP_ID, key, timeout_seconds=10)
            return RenewedToken(APP_ID, APP_SECRET, api, clock, sharing, max_wait_seconds)

        yield start


async def at_once(*processes: RenewedToken) -> set[str]:
    """What those get that ask at once, ten in each process."""
    return set(await asyncio.gather(*(one.current() for one in processes for _ in range(10))))


async def test_what_one_process_has_fetched_the_next_one_has(process: Process, api: TokenApi) -> None:
    """One that was started again, too."""
    assert [await process().current() for _ in range(3)] == ["token-1"] * 3
    assert len(api.asked) == 1


async def test_processes_that_begin_at_once_cost_one_request(process: Process, api: TokenApi) -> None:
    assert await at_once(process(), process(), process()) == {"token-1"}
    assert len(api.asked) == 1


async def test_processes_whose_token_has_expired_cost_one_request(
    process: Process, api: TokenApi, clock: Clock
) -> None:
    processes = process(), process(), process()
    await at_once(*processes)
    clock.advance(LIFE)
    assert await at_once(*processes) == {"token-2"}
    assert len(api.asked) == 2


async def test_while_one_process_renews_early_the_other_goes_on_with_the_old_token(
    process: Process, api: TokenApi, clock: Clock
) -> None:
    """It waits for nobody, and has the new one when it looks again."""
    one, other = process(), process()
    await at_once(one, other)
    clock.advance(RENEWED_AT)
    api.open.clear()
    assert await one.current() == "token-1"
    await becomes(lambda: len(api.asked) == 2)
    assert await renewed(other) == "token-1"
    api.open.set()
    assert await renewed(one) == "token-2"
    clock.advance(POSTPONE_SECONDS)
    assert await renewed(other) == "token-2"
    assert len(api.asked) == 2


async def test_whose_token_is_refused_finds_that_another_process_has_renewed_it(
    process: Process, api: TokenApi
) -> None:
    """A new token may end the old one."""
    one, other = process(), process()
    await at_once(one, other)
    assert await one.replace("token-1") == "token-2"
    assert await other.replace("token-1") == "token-2"
    assert len(api.asked) == 2
    assert await other.replace("token-2") == "token-3"
    assert await one.replace("token-2") == "token-3"
    assert len(api.asked) == 3


async def test_many_in_many_processes_whose_token_is_refused_cost_one_request(process: Process, api: TokenApi) -> None:
    processes = process(), process(), process()
    await at_once(*processes)
    replaced = await asyncio.gather(*(one.replace("token-1") for one in processes for _ in range(10)))
    assert set(replaced) == {"token-2"}
    assert len(api.asked) == 2


async def test_token_that_is_refused_is_not_taken_again(process: Process, api: TokenApi) -> None:
    """Also where the CRM grants the same one again."""
    one, other = process(), process()
    api.answer = {"access_token": "token", "expires_in": LIFE}
    await at_once(one, other)
    await one.replace("token")
    api.answer = {"access_token": "another", "expires_in": LIFE}
    assert await other.replace("token") == "another"


async def test_process_that_died_while_it_fetched_blocks_nobody_for_long(
    process: Process, api: TokenApi, clock: Clock
) -> None:
    """A process that waits fetches a token in the end; once the turn of the dead one has run out, at once."""
    api.open.clear()
    dying = asyncio.create_task(process().current())
    await becomes(lambda: api.asked)
    dying.cancel()
    with suppress(asyncio.CancelledError):
        await dying
    api.open.set()
    assert await process(max_wait_seconds=0.1).current() == "token-2"
    assert await process().current() == "token-2"
    assert len(api.asked) == 2


async def test_turn_of_a_dead_process_runs_out(url: str, clock: Clock) -> None:
    async with opened(url, clock) as store:
        dead, alive = (DatabaseSharing(store, APP_ID, KEY) for _ in range(2))
        assert await dead.acquire() is Lease.OURS
        assert await alive.acquire() is Lease.THEIRS
        assert await dead.acquire() is Lease.OURS
        clock.advance(LEASE_SECONDS)
        assert await alive.acquire() is Lease.OURS
        await dead.release()
        assert await dead.acquire() is Lease.THEIRS


async def test_token_that_has_ended_is_not_taken_while_another_fetches_the_next(url: str, clock: Clock) -> None:
    async with opened(url, clock) as store:
        one, other = (DatabaseSharing(store, APP_ID, KEY) for _ in range(2))
        await one.publish(Grant("token", clock() + RENEWED_AT, clock() + LIFE))
        clock.advance(LIFE)
        assert await one.acquire() is Lease.OURS
        assert await other.acquire() is Lease.THEIRS


async def test_token_that_one_has_put_there_is_no_news(url: str, clock: Clock) -> None:
    """Who looks again, as it was refused, has the turn at once."""
    async with opened(url, clock) as store:
        sharing = DatabaseSharing(store, APP_ID, KEY)
        await sharing.publish(Grant("token", clock() + RENEWED_AT, clock() + LIFE))
        assert await sharing.acquire() is Lease.OURS


async def test_who_got_no_token_lets_the_next_one_try_at_once(process: Process, api: TokenApi) -> None:
    api.answer = CrmUnreachable("down")
    with pytest.raises(CrmUnreachable):
        await process().current()
    api.answer = None
    assert await process().current() == "token-2"


async def test_token_that_is_due_is_not_taken(process: Process, api: TokenApi, clock: Clock) -> None:
    await process().current()
    clock.advance(RENEWED_AT)
    assert await process().current() == "token-2"


async def test_token_that_was_sealed_with_another_secret_is_overwritten(process: Process, api: TokenApi) -> None:
    """The secret was changed: who has the old one is soon refused by TokenApi anyway."""
    theirs, ours, ours_too = process(OTHER_KEY), process(), process()
    assert await theirs.current() == "token-1"
    assert await ours.current() == "token-2"
    assert await ours_too.current() == "token-2"


async def test_database_holds_no_token_that_can_be_read(tmp_path: Path, clock: Clock, api: TokenApi) -> None:
    """It is sealed with a key of the app's secret; when it is to be renewed, and ends, stands beside it."""
    path = tmp_path / "store.db"
    async with opened(f"sqlite:///{path}", clock) as store:
        sharing = DatabaseSharing(store, APP_ID, token_key(playground_settings("http://127.0.0.1:1")))
        await RenewedToken(APP_ID, APP_SECRET, api, clock, sharing).current()
    with closing(sqlite3.connect(path)) as connection:
        [row] = connection.execute("SELECT app_id, sealed, renew_at, expires_at FROM crm_tokens").fetchall()
    assert (row[0], row[2] - clock(), row[3] - clock()) == (APP_ID, RENEWED_AT, LIFE)
    assert row[1].startswith(b"gAAAAA")
    assert b"token-1" not in path.read_bytes()
    assert b"token-1" not in base64.urlsafe_b64decode(row[1])


async def test_without_a_database_each_process_has_its_own_token(clock: Clock, api: TokenApi) -> None:
    store = Store("sqlite:////nowhere/at/all.db", clock)
    one, other = (RenewedToken(APP_ID, APP_SECRET, api, clock, DatabaseSharing(store, APP_ID, KEY)) for _ in range(2))
    assert [await one.current(), await other.current()] == ["token-1", "token-2"]
    assert await one.replace("token-1") == "token-3"


async def test_while_the_store_is_not_open_its_libraries_are_not_loaded(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That takes a second of the event loop. None in sys.modules makes an import fail."""
    monkeypatch.setitem(sys.modules, "bot.store.crm_tokens", None)
    sharing = DatabaseSharing(Store("sqlite:////nowhere/at/all.db", clock), APP_ID, KEY)
    await sharing.publish(Grant("token", clock() + 1, clock() + 2))


async def test_database_that_does_not_answer_costs_no_lookup(
    tmp_path: Path, clock: Clock, api: TokenApi, logs: Logs
) -> None:
    """It is waited for once, and not for the seconds that others wait for it."""
    async with opened(f"sqlite:///{tmp_path}/store.db", clock) as store:
        sharing = DatabaseSharing(store, APP_ID, KEY, timeout_seconds=0.05)
        token = RenewedToken(APP_ID, APP_SECRET, api, clock, sharing)
        with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as hanging:
            hanging.execute("BEGIN IMMEDIATE")
            assert await token.current() == "token-1"
            assert len(logs.lines("token_not_shared")) == 1
            hanging.execute("ROLLBACK")
        sharing._timeout_seconds, sharing._paused_until = 10, 0
        assert await token.replace("token-1") == "token-2"
        assert await DatabaseSharing(store, APP_ID, KEY).acquire() == Grant(
            "token-2", clock() + RENEWED_AT, clock() + LIFE
        )


async def test_token_that_is_older_than_ones_own_is_no_news(process: Process, api: TokenApi, clock: Clock) -> None:
    """It is what stands in a database that was away while this process had a token of its own."""
    one, other = process(), process()
    await one.current()
    clock.advance(1)
    sharing, other._sharing = other._sharing, AWAY
    assert await other.current() == "token-2"
    other._sharing = sharing
    assert await other.replace("token-2") == "token-3"
    assert await one.replace("token-1") == "token-3"


async def test_token_that_is_valid_costs_no_look_at_the_database(api: TokenApi, clock: Clock) -> None:
    sharing = CountingSharing()
    token = RenewedToken(APP_ID, APP_SECRET, api, clock, sharing)
    for _ in range(3):
        await token.current()
        clock.advance(1)
    assert sharing.looks == 1


def test_no_token_is_in_what_a_grant_prints() -> None:
    assert "s3cr3t" not in repr(Grant("s3cr3t", 0, 0))


# --- Any history -----------------------------------------------------------------------------------------------------


AWAY = TokenSharing()
"""As a process that cannot reach the database has it."""


class CountingSharing(TokenSharing):
    looks = 0

    async def acquire(self) -> Grant | Lease:
        self.looks += 1
        return Lease.OURS


class JealousCrm:
    """A CRM where each new token ends the one before."""

    def __init__(self) -> None:
        self.granted = 0

    async def fetch(self, signed: dict[str, str]) -> object:
        self.granted += 1
        return {"access_token": self.valid, "expires_in": LIFE}

    @property
    def valid(self) -> str:
        return f"token-{self.granted}"

    async def ask(self, token: RenewedToken) -> None:
        """As a session asks: with the token, and with another one if it is refused. Raises CrmUnauthorized."""
        mine = await token.current()
        if mine != self.valid and await token.replace(mine) != self.valid:
            raise CrmUnauthorized("access_token")


class Step(NamedTuple):
    what: str
    which: int
    seconds: int


STEPS = st.builds(
    Step,
    st.sampled_from(["ask", "ask", "ask", "restart", "die fetching", "database away", "database back"]),
    st.integers(0, 2),
    st.sampled_from([0, 1, 3, 40, RENEWED_AT, LIFE]),
)


@settings(max_examples=25)
@given(steps=st.lists(STEPS, max_size=25))
def test_whatever_has_happened_every_process_comes_to_a_valid_token(steps: list[Step]) -> None:
    """At once while nobody dies between fetching a token and sharing it; at the second question even then."""

    async def check() -> None:
        clock, crm = Clock(), JealousCrm()
        async with opened("sqlite:///:memory:", clock) as store:

            def started() -> RenewedToken:
                return RenewedToken(APP_ID, APP_SECRET, crm.fetch, clock, DatabaseSharing(store, APP_ID, KEY), 0.01)

            processes = [started() for _ in range(3)]
            sharings: list[TokenSharing] = [one._sharing for one in processes]
            nobody_died = True
            for what, which, seconds in steps:
                clock.advance(seconds)
                if what == "restart":
                    processes[which] = started()
                    sharings[which] = processes[which]._sharing
                elif what == "die fetching":
                    await DatabaseSharing(store, APP_ID, KEY).acquire()
                    crm.granted += 1
                    nobody_died = False
                elif what.startswith("database"):
                    processes[which]._sharing = AWAY if what.endswith("away") else sharings[which]
                elif nobody_died:
                    await crm.ask(processes[which])
                else:
                    with suppress(CrmUnauthorized):
                        await crm.ask(processes[which])
                        continue
                    await crm.ask(processes[which])

    asyncio.run(check())
