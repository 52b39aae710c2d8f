"""The access log's rows in the database: written once, read by customer, and deleted when they are too old."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.audit import AuditEntry, AuditLine, Placed
from bot.domain.profile import ServiceNetwork
from bot.store.audit_log import SWEEP_BATCH
from bot.store.store import Store
from tests.conftest import Clock
from tests.support.databases import SQLITE_AND_POSTGRES, empty_database, opened

CUSTOMER = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
OTHER = "0473f7ce-9158-4609-9b02-b92437bdff35"
OUTLET = ServiceNetwork("outlet-1", 2)


@pytest.fixture(name="each", params=SQLITE_AND_POSTGRES)
async def each_fixture(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    """An open store on each kind of database."""
    async with empty_database(request.param, tmp_path) as url, opened(url, clock) as store:
        yield store


def entry(at: float, network: ServiceNetwork | None = OUTLET, **facts: Any) -> AuditEntry:
    line = AuditLine("T1", "U1", "C1", "command", "id", CUSTOMER, "found", "hit", "private", 1.5, None)
    return AuditEntry(at, network, line._replace(**facts))


async def test_what_was_kept_is_read_as_it_was(each: Store) -> None:
    """Empty words, None and half a character too, which no database holds."""
    kept = [
        entry(1.25),
        entry(2.5, None, user="", channel="", read_as=None, cache=None, outcome="denied", code="E-0A1B"),
        entry(3.0, team="\ud83d\0"),
    ]
    await each.audit_log.keep("writer", [Placed(place, one) for place, one in enumerate(kept)])
    total, newest = await each.audit_log.of(CUSTOMER, 0.0, 20)
    assert total == 3
    assert newest[1:] == (kept[1], kept[0])
    assert newest[0].line.team == "?\N{REPLACEMENT CHARACTER}"


async def test_a_batch_that_is_written_twice_is_there_once(each: Store) -> None:
    """After a time-out nobody knows whether it was written. Another writer's places are its own."""
    batch = [Placed(place, entry(float(place))) for place in range(5)]
    await each.audit_log.keep("one", batch[:3])
    await each.audit_log.keep("one", batch)
    await each.audit_log.keep("other", batch)
    assert (await each.audit_log.of(CUSTOMER, -1.0, 0))[0] == 10


async def test_the_newest_of_one_customer_within_the_kept_time(each: Store) -> None:
    """Those of one moment come in the order in which they were written."""
    times = [1.0, 2.0, 3.0, 3.0]
    batch = [Placed(place, entry(at, code=str(place))) for place, at in enumerate(times)]
    await each.audit_log.keep("writer", [*batch, Placed(8, entry(9.0, customer_id=OTHER))])
    await each.audit_log.keep("writer", [Placed(9, entry(9.0, customer_id=None))])
    total, newest = await each.audit_log.of(CUSTOMER, 1.0, 2)
    assert (total, [one.line.code for one in newest]) == (3, ["3", "2"])


async def test_old_rows_go_a_part_at_a_time(each: Store) -> None:
    """So that nobody waits long for it. What is as old as the limit goes too, and nothing that is newer."""
    batch = [Placed(place, entry(float(place))) for place in range(SWEEP_BATCH + 10)]
    await each.audit_log.keep("writer", batch)
    assert not await each.audit_log.sweep(float(SWEEP_BATCH + 4))
    assert (await each.audit_log.of(CUSTOMER, -1.0, 0))[0] == 10
    assert await each.audit_log.sweep(float(SWEEP_BATCH + 4))
    total, newest = await each.audit_log.of(CUSTOMER, -1.0, 20)
    assert (total, newest[-1].at) == (5, SWEEP_BATCH + 5.0)
    assert await each.audit_log.sweep(float(SWEEP_BATCH + 4))
