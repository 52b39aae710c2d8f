"""What belongs to a customer: kept for a minute, asked once for all, each part failing alone."""

import asyncio
from collections import Counter
from typing import Never

import pytest

from bot.customers.records import (
    FRESH_SECONDS,
    MAX_ENTRIES,
    SUMMARY_AGE_SECONDS,
    SUMMARY_SECONDS,
    ServiceRecords,
)
from bot.domain.profile import CustomerKey
from bot.domain.records import (
    Contact,
    Device,
    RecordRows,
    Section,
    ServiceSummary,
    State,
    Warranty,
    WorkOrder,
    WorkStep,
)
from bot.domain.results import Failure
from bot.errors import CrmError, CrmRejected, CrmStatusError, CrmUnauthorized, CrmUnreachable, CrmUnreadable, Trouble
from bot.runtime.tasks import BackgroundTasks
from tests.conftest import Clock, Logs

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
KEY = CustomerKey("", 1, ID)
OTHER = CustomerKey("outlet", 2, ID)
NAME = "胡效鑫1"
ORDER = "4cda4c70-9d53-47c6-8641-c9e50d078c09"
CONTACT = Contact(ID, "方经理", "13800001001")
NUMBER = "GD00000930"
STEP = WorkStep("派工")
SECTIONS = (Section.CONTACTS, Section.DEVICES, Section.WORK_ORDERS)


def device(warranty: Warranty = Warranty.IN) -> Device:
    return Device("device", ID, warranty=warranty)


def order(state: State = State.IN_SERVICE) -> WorkOrder:
    return WorkOrder(ORDER, ID, NUMBER, state=state)


def unclear(devices: RecordRows[Device]) -> RecordRows[Device]:
    """The same, of a list that tells no warranty."""
    return devices._replace(rows=tuple(row._replace(warranty=Warranty.UNKNOWN) for row in devices.rows))


NOTHING: RecordRows[Never] = RecordRows((), False)
LISTED = "listed"
"""Beside the sections: the devices as the list alone has them."""


class Crm:
    """A CRM in memory: fails with ``errors``, and answers only while it is ``open``.

    ``devices_of`` are as their own pages have them; the list tells their warranty if it ``tells_warranties``.
    """

    def __init__(self) -> None:
        self.devices_of = {KEY: RecordRows((device(), device(Warranty.OUT)), False)}
        self.orders_of = {KEY: RecordRows((order(), order(State.CLOSED)), False)}
        self.tells_warranties = True
        self.errors: dict[str, Exception] = {}
        self.asked: Counter[str] = Counter()
        self.open = asyncio.Event()
        self.open.set()

    async def contacts(self, key: CustomerKey, customer_name: str) -> RecordRows[Contact]:
        await self._asked(Section.CONTACTS)
        return RecordRows((CONTACT,), False) if (key, customer_name) == (KEY, NAME) else NOTHING

    async def devices(self, key: CustomerKey) -> RecordRows[Device]:
        await self._asked(LISTED)
        devices = self.devices_of.get(key, NOTHING)
        return devices if self.tells_warranties else unclear(devices)

    async def devices_with_warranty(self, key: CustomerKey) -> RecordRows[Device]:
        await self._asked(Section.DEVICES)
        return self.devices_of.get(key, NOTHING)

    async def work_orders(self, key: CustomerKey) -> RecordRows[WorkOrder]:
        await self._asked(Section.WORK_ORDERS)
        return self.orders_of.get(key, NOTHING)

    async def steps(self, order_id: str) -> RecordRows[WorkStep]:
        await self._asked(Section.STEPS)
        return RecordRows((STEP,), False)

    async def _asked(self, what: str) -> None:
        self.asked[what] += 1
        await self.open.wait()
        if what in self.errors:
            raise self.errors[what]


async def everything_asked() -> None:
    """Every task has had turns enough to send its request."""
    for _ in range(6):
        await asyncio.sleep(0)


@pytest.fixture
def crm_in_memory() -> Crm:
    return Crm()


@pytest.fixture
def records(crm_in_memory: Crm, clock: Clock) -> ServiceRecords:
    return ServiceRecords(crm_in_memory, BackgroundTasks(), 0.1, clock)


async def test_each_section_comes_from_the_crm(records: ServiceRecords, crm_in_memory: Crm) -> None:
    found = [await records.section(KEY, NAME, section) for section in SECTIONS]
    assert found == [
        RecordRows((CONTACT,), False),
        crm_in_memory.devices_of[KEY],
        crm_in_memory.orders_of[KEY],
    ]


async def test_steps_are_those_of_the_customers_own_work_order_and_say_of_which(
    records: ServiceRecords, crm_in_memory: Crm
) -> None:
    """The operation itself knows no service network: it would show any order."""
    assert await records.section(KEY, NAME, Section.STEPS, ORDER) == RecordRows((STEP,), False, NUMBER)
    assert crm_in_memory.asked == {Section.WORK_ORDERS: 1, Section.STEPS: 1}


@pytest.mark.parametrize(("key", "order_id"), [(KEY, "another"), (KEY, ""), (OTHER, ORDER)])
async def test_steps_of_an_order_that_is_not_listed_are_not_known_and_not_asked_for(
    records: ServiceRecords, crm_in_memory: Crm, key: CustomerKey, order_id: str
) -> None:
    """Not even while the customer whose they are has just been shown them."""
    await records.section(KEY, NAME, Section.STEPS, ORDER)
    assert await records.section(key, NAME, Section.STEPS, order_id) == RecordRows((), True)
    assert crm_in_memory.asked[Section.STEPS] == 1


async def test_steps_fail_where_the_work_orders_do(records: ServiceRecords, crm_in_memory: Crm) -> None:
    crm_in_memory.errors[Section.WORK_ORDERS] = CrmStatusError(503)
    assert isinstance(await records.section(KEY, NAME, Section.STEPS, ORDER), Failure)
    assert Section.STEPS not in crm_in_memory.asked


async def test_rows_are_kept_for_a_minute(records: ServiceRecords, crm_in_memory: Crm, clock: Clock) -> None:
    before = await records.section(KEY, NAME, Section.DEVICES)
    crm_in_memory.devices_of[KEY] = NOTHING
    clock.advance(FRESH_SECONDS - 1)
    assert await records.section(KEY, NAME, Section.DEVICES) == before
    clock.advance(1)
    assert await records.section(KEY, NAME, Section.DEVICES) == RecordRows((), False)
    assert FRESH_SECONDS == 60


@pytest.mark.parametrize("section", [*SECTIONS, Section.STEPS])
async def test_hundred_who_ask_at_once_cost_one_request(
    records: ServiceRecords, crm_in_memory: Crm, section: Section
) -> None:
    asking = (records.section(KEY, NAME, section, ORDER) for _ in range(100))
    assert len(set(await asyncio.gather(*asking))) == 1
    assert crm_in_memory.asked[section] == 1


async def test_networks_share_nothing(records: ServiceRecords, crm_in_memory: Crm) -> None:
    """What the head office sees, an outlet may not."""
    found = await asyncio.gather(*(records.section(key, NAME, Section.DEVICES) for key in (KEY, OTHER)))
    assert found == [crm_in_memory.devices_of[KEY], NOTHING]
    assert records.summary(OTHER) == ServiceSummary(None, 0, 0)


async def test_memory_has_an_end(records: ServiceRecords, crm_in_memory: Crm) -> None:
    for number in range(MAX_ENTRIES + 1):
        await records.section(CustomerKey("", 1, str(number)), NAME, Section.DEVICES)
    assert records.summary(CustomerKey("", 1, "0")) is None
    assert records.summary(CustomerKey("", 1, "1")) is not None


FAILURES = {
    "unreachable": (CrmUnreachable("ConnectError"), Trouble.NO_ANSWER),
    "a bad status": (CrmStatusError(503), Trouble.NO_ANSWER),
    "unreadable": (CrmUnreadable("no ResultCode"), Trouble.UNREADABLE),
    "refused": (CrmUnauthorized("HTTP 401"), Trouble.REFUSED),
    "rejected": (CrmRejected("7", "系统忙"), Trouble.REJECTED),
}


@pytest.mark.parametrize(("error", "trouble"), FAILURES.values(), ids=FAILURES.keys())
async def test_failure_has_its_trouble_and_the_code_of_its_one_log_line(
    records: ServiceRecords, crm_in_memory: Crm, logs: Logs, error: CrmError, trouble: Trouble
) -> None:
    """However many wait for it. The line says of which customer's what, by ids."""
    crm_in_memory.errors[Section.CONTACTS] = error
    failures = await asyncio.gather(*(records.section(KEY, NAME, Section.CONTACTS) for _ in range(10)))
    [line] = logs.lines("crm_failed")
    [failure] = set(failures)
    assert isinstance(failure, Failure)
    assert (failure.trouble, failure.code, failure.reason) == (trouble, line["code"], line["reason"])
    assert (line["section"], line["customer_id"]) == ("contacts", ID)
    assert NAME not in logs.text


async def test_failure_of_steps_is_logged_with_the_work_order(
    records: ServiceRecords, crm_in_memory: Crm, logs: Logs
) -> None:
    crm_in_memory.errors[Section.STEPS] = CrmStatusError(500)
    assert isinstance(await records.section(KEY, NAME, Section.STEPS, ORDER), Failure)
    [line] = logs.lines("crm_failed")
    assert (line["section"], line["order_id"]) == ("steps", ORDER)


async def test_one_section_that_fails_takes_nothing_from_the_others_and_is_asked_again(
    records: ServiceRecords, crm_in_memory: Crm
) -> None:
    crm_in_memory.errors[Section.DEVICES] = CrmUnreachable("down")
    assert isinstance(await records.section(KEY, NAME, Section.DEVICES), Failure)
    assert isinstance(await records.section(KEY, NAME, Section.WORK_ORDERS), RecordRows)
    del crm_in_memory.errors[Section.DEVICES]
    assert isinstance(await records.section(KEY, NAME, Section.DEVICES), RecordRows)


async def test_answer_ends_at_its_deadline_however_long_the_crm_takes(
    records: ServiceRecords, crm_in_memory: Crm
) -> None:
    crm_in_memory.open.clear()
    async with asyncio.timeout(1):
        failure = await records.section(KEY, NAME, Section.DEVICES)
    assert isinstance(failure, Failure)
    assert (failure.trouble, failure.reason) == (Trouble.NO_ANSWER, "no answer before the deadline")


async def test_bug_in_the_crm_client_reaches_everyone_and_the_next_one_asks_again(
    records: ServiceRecords, crm_in_memory: Crm
) -> None:
    """What is not a CrmError is not for these records to explain."""
    crm_in_memory.errors[Section.DEVICES] = KeyError("bug")
    asking = (records.section(KEY, NAME, Section.DEVICES) for _ in range(3))
    assert [type(outcome) for outcome in await asyncio.gather(*asking, return_exceptions=True)] == [KeyError] * 3
    crm_in_memory.errors.clear()
    assert isinstance(await records.section(KEY, NAME, Section.DEVICES), RecordRows)


# --- The summary -----------------------------------------------------------------------------------------------------


async def test_nothing_is_known_of_a_customer_of_whom_nobody_asked(records: ServiceRecords, crm_in_memory: Crm) -> None:
    assert records.summary(KEY) is None
    assert not crm_in_memory.asked


async def test_summary_counts_what_is_open_and_what_is_out_of_warranty(
    records: ServiceRecords, crm_in_memory: Crm
) -> None:
    crm_in_memory.orders_of[KEY] = RecordRows(tuple(order(state) for state in State), False)
    warranties = (Warranty.OUT, Warranty.IN, Warranty.UNKNOWN, Warranty.UNKNOWN)
    crm_in_memory.devices_of[KEY] = RecordRows(tuple(map(device, warranties)), False)
    assert await records.fetch_summary(KEY) == ServiceSummary(9, 4, 1, are_warranties_clear=False)
    assert records.summary(KEY) == ServiceSummary(9, 4, 1, are_warranties_clear=False)


async def test_summary_costs_two_requests(records: ServiceRecords, crm_in_memory: Crm) -> None:
    """No page of a device is asked for: of a warranty that the list does not tell nothing is known."""
    crm_in_memory.tells_warranties = False
    assert await records.fetch_summary(KEY) == ServiceSummary(1, 2, 0, are_warranties_clear=False)
    assert crm_in_memory.asked == {Section.WORK_ORDERS: 1, LISTED: 1}


async def test_summary_knows_what_the_tab_of_the_devices_has_learnt_since(
    records: ServiceRecords, crm_in_memory: Crm, clock: Clock
) -> None:
    crm_in_memory.tells_warranties = False
    await records.fetch_summary(KEY)
    clock.advance(1)
    await records.section(KEY, NAME, Section.DEVICES)
    assert records.summary(KEY) == ServiceSummary(1, 2, 1)


async def test_summary_is_not_of_an_older_copy_of_the_tab(
    records: ServiceRecords, crm_in_memory: Crm, clock: Clock
) -> None:
    await records.section(KEY, NAME, Section.DEVICES)
    crm_in_memory.devices_of[KEY] = NOTHING
    clock.advance(1)
    assert await records.fetch_summary(KEY) == ServiceSummary(1, 0, 0)


async def test_summary_is_of_nothing_older_than_its_age_and_of_nobody_forgotten(
    records: ServiceRecords, crm_in_memory: Crm, clock: Clock
) -> None:
    """However often it is looked at meanwhile."""
    await records.fetch_summary(KEY)
    clock.advance(SUMMARY_AGE_SECONDS - 1)
    assert records.summary(KEY) is not None
    clock.advance(1)
    assert records.summary(KEY) is None
    assert await records.fetch_summary(KEY) is not None
    records.drop(KEY.customer_id)
    assert records.summary(KEY) is None


async def test_copy_is_as_old_as_its_question(records: ServiceRecords, crm_in_memory: Crm, clock: Clock) -> None:
    """A tab that waits for warranties has read its list before."""
    crm_in_memory.open.clear()
    tab = asyncio.create_task(records.section(KEY, NAME, Section.DEVICES))
    await everything_asked()
    clock.advance(1)
    summary = asyncio.create_task(records.fetch_summary(KEY))
    await everything_asked()
    crm_in_memory.tells_warranties = False
    crm_in_memory.open.set()
    await asyncio.gather(tab, summary)
    assert records.summary(KEY) == ServiceSummary(1, 2, 0, are_warranties_clear=False)


async def test_summary_is_of_what_the_tabs_have_loaded(records: ServiceRecords, crm_in_memory: Crm) -> None:
    """And the tab of the work orders shows what was loaded for the summary."""
    await records.section(KEY, NAME, Section.DEVICES)
    assert records.summary(KEY) == ServiceSummary(None, 2, 1)
    await records.fetch_summary(KEY)
    await records.section(KEY, NAME, Section.WORK_ORDERS)
    assert crm_in_memory.asked == {Section.DEVICES: 1, LISTED: 1, Section.WORK_ORDERS: 1}


async def test_both_parts_are_asked_side_by_side(records: ServiceRecords, crm_in_memory: Crm) -> None:
    crm_in_memory.open.clear()
    asking = asyncio.create_task(records.fetch_summary(KEY))
    await everything_asked()
    assert crm_in_memory.asked == {Section.WORK_ORDERS: 1, LISTED: 1}
    crm_in_memory.open.set()
    assert await asking == ServiceSummary(1, 2, 1)


async def test_summary_is_known_for_five_minutes(records: ServiceRecords, clock: Clock) -> None:
    summary = await records.fetch_summary(KEY)
    clock.advance(SUMMARY_AGE_SECONDS - 1)
    assert records.summary(KEY) == summary
    clock.advance(1)
    assert records.summary(KEY) is None
    assert SUMMARY_AGE_SECONDS == 300


@pytest.mark.parametrize(
    ("failing", "summary"),
    [
        pytest.param((Section.WORK_ORDERS,), ServiceSummary(None, 2, 1), id="work orders"),
        pytest.param((LISTED,), ServiceSummary(1, None, None), id="devices"),
        pytest.param((Section.WORK_ORDERS, LISTED), None, id="both"),
    ],
)
async def test_part_that_fails_is_not_known_and_nobody_is_alarmed(
    records: ServiceRecords,
    crm_in_memory: Crm,
    logs: Logs,
    failing: tuple[str, ...],
    summary: ServiceSummary | None,
) -> None:
    """It is one line of a card that nobody asked for."""
    crm_in_memory.errors = {what: CrmStatusError(503) for what in failing}
    assert await records.fetch_summary(KEY) == summary
    assert [line["level"] for line in logs.lines()] == ["debug"] * len(failing)


async def test_part_that_fails_and_was_known_stays_known(records: ServiceRecords, crm_in_memory: Crm) -> None:
    await records.fetch_summary(KEY)
    crm_in_memory.errors = {what: CrmStatusError(503) for what in (*SECTIONS, LISTED)}
    assert await records.fetch_summary(KEY) == ServiceSummary(1, 2, 1)


async def test_tab_opened_during_the_summary_shares_its_request_and_its_failure(
    records: ServiceRecords, crm_in_memory: Crm, logs: Logs
) -> None:
    crm_in_memory.open.clear()
    crm_in_memory.errors[Section.WORK_ORDERS] = CrmStatusError(503)
    summary = asyncio.create_task(records.fetch_summary(KEY))
    tab = asyncio.create_task(records.section(KEY, NAME, Section.WORK_ORDERS))
    await asyncio.sleep(0)
    crm_in_memory.open.set()
    failure = await tab
    await summary
    assert isinstance(failure, Failure)
    assert [line["code"] for line in logs.lines("crm_failed")] == [failure.code]
    assert crm_in_memory.asked[Section.WORK_ORDERS] == 1


async def test_part_that_may_have_more_rows_is_not_counted(records: ServiceRecords, crm_in_memory: Crm) -> None:
    """Half a count is a wrong one: nothing is known of a customer whose rows a full page of others hides."""
    crm_in_memory.orders_of[KEY] = RecordRows((order(State.CLOSED),), True)
    assert await records.fetch_summary(KEY) == ServiceSummary(None, 2, 1)
    crm_in_memory.devices_of[KEY] = RecordRows((), True)
    assert await records.fetch_summary(KEY) is None


async def test_summary_that_nobody_waits_for_any_more_is_kept(records: ServiceRecords, crm_in_memory: Crm) -> None:
    """The card that could not wait has no such line; the next one has."""
    crm_in_memory.open.clear()
    asking = asyncio.create_task(records.fetch_summary(KEY))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait({asking})
    crm_in_memory.open.set()
    assert isinstance(await records.section(KEY, NAME, Section.WORK_ORDERS), RecordRows)
    assert records.summary(KEY) is not None
    assert 0 < SUMMARY_SECONDS < 1
