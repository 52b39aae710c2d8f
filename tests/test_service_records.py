"""What belongs to a customer: kept for a minute, asked once for all, each part failing alone."""

import asyncio
from collections import Counter

import pytest

from bot.answers import Failure
from bot.background import Background
from bot.errors import CrmError, CrmFailed, CrmRefused, CrmRejected, CrmUnreachable, CrmUnreadable, Trouble
from bot.profile import CustomerKey
from bot.related import MAX_ROWS, Contact, Device, Section, ServiceSummary, State, Warranty, WorkOrder, WorkStep
from bot.service_records import (
    FRESH_SECONDS,
    MAX_ENTRIES,
    SUMMARY_AGE_SECONDS,
    SUMMARY_SECONDS,
    Records,
    ServiceRecords,
)
from tests.conftest import Clock, Logs

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
KEY = CustomerKey("", 1, ID)
OTHER = CustomerKey("outlet", 2, ID)
NAME = "胡效鑫1"
ORDER = "4cda4c70-9d53-47c6-8641-c9e50d078c09"
CONTACT = Contact(ID, NAME, "方经理", "13800001001")
SECTIONS = (Section.CONTACTS, Section.DEVICES, Section.WORK_ORDERS)


def device(warranty: Warranty = Warranty.IN) -> Device:
    return Device("device", ID, NAME, warranty=warranty)


def order(state: State = State.IN_SERVICE) -> WorkOrder:
    return WorkOrder(ORDER, ID, NAME, state=state)


class Crm:
    """A CRM in memory: fails with ``errors``, and answers only while it is ``open``."""

    def __init__(self) -> None:
        self.devices_of: dict[CustomerKey, tuple[Device, ...]] = {KEY: (device(), device(Warranty.OUT))}
        self.orders_of: dict[CustomerKey, tuple[WorkOrder, ...]] = {KEY: (order(), order(State.CLOSED))}
        self.errors: dict[Section, Exception] = {}
        self.asked: Counter[Section] = Counter()
        self.open = asyncio.Event()
        self.open.set()

    async def contacts(self, key: CustomerKey, customer_name: str) -> tuple[Contact, ...]:
        await self._asked(Section.CONTACTS)
        return (CONTACT,) if (key, customer_name) == (KEY, NAME) else ()

    async def devices(self, key: CustomerKey) -> tuple[Device, ...]:
        await self._asked(Section.DEVICES)
        return self.devices_of.get(key, ())

    async def work_orders(self, key: CustomerKey) -> tuple[WorkOrder, ...]:
        await self._asked(Section.WORK_ORDERS)
        return self.orders_of.get(key, ())

    async def steps(self, order_id: str) -> tuple[WorkStep, ...]:
        await self._asked(Section.STEPS)
        return (WorkStep("派工"),) if order_id == ORDER else ()

    async def _asked(self, section: Section) -> None:
        self.asked[section] += 1
        await self.open.wait()
        if section in self.errors:
            raise self.errors[section]


@pytest.fixture
def crm_in_memory() -> Crm:
    return Crm()


@pytest.fixture
def records(crm_in_memory: Crm, clock: Clock) -> ServiceRecords:
    return ServiceRecords(crm_in_memory, Background(), 0.1, clock)


async def test_each_section_and_the_steps_come_from_the_crm(records: ServiceRecords, crm_in_memory: Crm) -> None:
    found = [await records.section(KEY, NAME, section) for section in SECTIONS]
    assert found == [
        Records((CONTACT,), False),
        Records(crm_in_memory.devices_of[KEY], False),
        Records(crm_in_memory.orders_of[KEY], False),
    ]
    assert await records.steps(ORDER) == Records((WorkStep("派工"),), False)
    assert await records.steps("another") == Records((), False)


async def test_rows_are_kept_for_a_minute(records: ServiceRecords, crm_in_memory: Crm, clock: Clock) -> None:
    before = await records.section(KEY, NAME, Section.DEVICES)
    crm_in_memory.devices_of[KEY] = ()
    clock.advance(FRESH_SECONDS - 1)
    assert await records.section(KEY, NAME, Section.DEVICES) == before
    clock.advance(1)
    assert await records.section(KEY, NAME, Section.DEVICES) == Records((), False)
    assert FRESH_SECONDS == 60


async def test_more_rows_than_are_shown_are_cut(records: ServiceRecords, crm_in_memory: Crm) -> None:
    for count, is_cut in ((MAX_ROWS, False), (MAX_ROWS + 1, True)):
        key = CustomerKey("", 1, str(count))
        crm_in_memory.devices_of[key] = (device(),) * count
        assert await records.section(key, NAME, Section.DEVICES) == Records((device(),) * MAX_ROWS, is_cut)


@pytest.mark.parametrize("section", [*SECTIONS, Section.STEPS])
async def test_hundred_who_ask_at_once_cost_one_request(
    records: ServiceRecords, crm_in_memory: Crm, section: Section
) -> None:
    def ask() -> asyncio.Future[Records | Failure]:
        asking = records.steps(ORDER) if section is Section.STEPS else records.section(KEY, NAME, section)
        return asyncio.ensure_future(asking)

    assert len(set(await asyncio.gather(*(ask() for _ in range(100))))) == 1
    assert crm_in_memory.asked == {section: 1}


async def test_networks_share_nothing(records: ServiceRecords, crm_in_memory: Crm) -> None:
    """What the head office sees, an outlet may not."""
    found = await asyncio.gather(*(records.section(key, NAME, Section.DEVICES) for key in (KEY, OTHER)))
    assert found == [Records(crm_in_memory.devices_of[KEY], False), Records((), False)]
    assert records.summary(OTHER) == ServiceSummary(None, 0, 0)


async def test_memory_has_an_end(records: ServiceRecords, crm_in_memory: Crm) -> None:
    for number in range(MAX_ENTRIES + 1):
        await records.section(CustomerKey("", 1, str(number)), NAME, Section.DEVICES)
    assert records.summary(CustomerKey("", 1, "0")) is None
    assert records.summary(CustomerKey("", 1, "1")) is not None


FAILURES = {
    "unreachable": (CrmUnreachable("ConnectError"), Trouble.NO_ANSWER),
    "a bad status": (CrmFailed(503), Trouble.NO_ANSWER),
    "unreadable": (CrmUnreadable("no ResultCode"), Trouble.UNREADABLE),
    "refused": (CrmRefused("HTTP 401"), Trouble.REFUSED),
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
    crm_in_memory.errors[Section.STEPS] = CrmFailed(500)
    assert isinstance(await records.steps(ORDER), Failure)
    [line] = logs.lines("crm_failed")
    assert (line["section"], line["order_id"]) == ("steps", ORDER)


async def test_one_section_that_fails_takes_nothing_from_the_others_and_is_asked_again(
    records: ServiceRecords, crm_in_memory: Crm
) -> None:
    crm_in_memory.errors[Section.DEVICES] = CrmUnreachable("down")
    assert isinstance(await records.section(KEY, NAME, Section.DEVICES), Failure)
    assert isinstance(await records.section(KEY, NAME, Section.WORK_ORDERS), Records)
    del crm_in_memory.errors[Section.DEVICES]
    assert isinstance(await records.section(KEY, NAME, Section.DEVICES), Records)


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
    assert isinstance(await records.section(KEY, NAME, Section.DEVICES), Records)


# --- The summary -----------------------------------------------------------------------------------------------------


async def test_nothing_is_known_of_a_customer_of_whom_nobody_asked(records: ServiceRecords, crm_in_memory: Crm) -> None:
    assert records.summary(KEY) is None
    assert not crm_in_memory.asked


async def test_summary_counts_what_is_open_and_what_is_out_of_warranty(
    records: ServiceRecords, crm_in_memory: Crm
) -> None:
    crm_in_memory.orders_of[KEY] = tuple(order(state) for state in State)
    crm_in_memory.devices_of[KEY] = tuple(map(device, (Warranty.OUT, Warranty.IN, Warranty.UNKNOWN, Warranty.UNKNOWN)))
    assert await records.fetch_summary(KEY) == ServiceSummary(9, 4, 1, 2)
    assert records.summary(KEY) == ServiceSummary(9, 4, 1, 2)
    assert crm_in_memory.asked == {Section.WORK_ORDERS: 1, Section.DEVICES: 1}


async def test_summary_is_of_what_the_tabs_have_loaded(records: ServiceRecords, crm_in_memory: Crm) -> None:
    """And the tabs show what was loaded for the summary."""
    await records.section(KEY, NAME, Section.WORK_ORDERS)
    assert records.summary(KEY) == ServiceSummary(1, None, None)
    await records.fetch_summary(KEY)
    await records.section(KEY, NAME, Section.DEVICES)
    assert crm_in_memory.asked == {Section.WORK_ORDERS: 2, Section.DEVICES: 1}


async def test_both_parts_are_asked_side_by_side(records: ServiceRecords, crm_in_memory: Crm) -> None:
    crm_in_memory.open.clear()
    asking = asyncio.create_task(records.fetch_summary(KEY))
    for _ in range(6):
        await asyncio.sleep(0)
    assert crm_in_memory.asked == {Section.WORK_ORDERS: 1, Section.DEVICES: 1}
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
        pytest.param((Section.DEVICES,), ServiceSummary(1, None, None), id="devices"),
        pytest.param((Section.WORK_ORDERS, Section.DEVICES), None, id="both"),
    ],
)
async def test_part_that_fails_is_not_known_and_nobody_is_alarmed(
    records: ServiceRecords,
    crm_in_memory: Crm,
    logs: Logs,
    failing: tuple[Section, ...],
    summary: ServiceSummary | None,
) -> None:
    """It is one line of a card that nobody asked for."""
    crm_in_memory.errors = {section: CrmFailed(503) for section in failing}
    assert await records.fetch_summary(KEY) == summary
    assert [line["level"] for line in logs.lines()] == ["debug"] * len(failing)


async def test_part_that_fails_and_was_known_stays_known(records: ServiceRecords, crm_in_memory: Crm) -> None:
    await records.fetch_summary(KEY)
    crm_in_memory.errors = {section: CrmFailed(503) for section in SECTIONS}
    assert await records.fetch_summary(KEY) == ServiceSummary(1, 2, 1)


async def test_who_opens_a_tab_while_the_summary_is_under_way_shares_its_request_and_is_told_of_its_failure(
    records: ServiceRecords, crm_in_memory: Crm, logs: Logs
) -> None:
    crm_in_memory.open.clear()
    crm_in_memory.errors[Section.DEVICES] = CrmFailed(503)
    summary = asyncio.create_task(records.fetch_summary(KEY))
    tab = asyncio.create_task(records.section(KEY, NAME, Section.DEVICES))
    await asyncio.sleep(0)
    crm_in_memory.open.set()
    failure = await tab
    await summary
    assert isinstance(failure, Failure)
    assert [line["code"] for line in logs.lines("crm_failed")] == [failure.code]
    assert crm_in_memory.asked[Section.DEVICES] == 1


async def test_part_that_may_have_more_rows_is_not_counted(records: ServiceRecords, crm_in_memory: Crm) -> None:
    """Half a count is a wrong one."""
    crm_in_memory.orders_of[KEY] = (order(State.CLOSED),) * (MAX_ROWS + 1)
    assert await records.fetch_summary(KEY) == ServiceSummary(None, 2, 1)
    crm_in_memory.devices_of[KEY] = (device(),) * (MAX_ROWS + 1)
    assert await records.fetch_summary(KEY) is None


async def test_summary_that_nobody_waits_for_any_more_is_kept(records: ServiceRecords, crm_in_memory: Crm) -> None:
    """The card that could not wait has no such line; the next one has."""
    crm_in_memory.open.clear()
    asking = asyncio.create_task(records.fetch_summary(KEY))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait({asking})
    crm_in_memory.open.set()
    assert isinstance(await records.section(KEY, NAME, Section.WORK_ORDERS), Records)
    assert records.summary(KEY) is not None
    assert 0 < SUMMARY_SECONDS < 1
