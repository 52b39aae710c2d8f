"""Which customer has which number: learnt from the customers that were seen, kept where it outlives the process."""

from collections.abc import AsyncIterator

import pytest

from bot.background import Background
from bot.directory import Directory
from bot.errors import StoreUnavailable
from bot.profile import CustomerKey, CustomerProfile, ShowType, profile_field
from bot.store.store import Store
from tests.conftest import Clock
from tests.slack_layer import CLOSED_STORE

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
OTHER = "05690412-5229-4a64-bbe5-970f90753f7f"
NUMBER = "CF00000179"
OUTLET = ("outlet-7", 2)
HEAD_OFFICE = ("", 1)


@pytest.fixture
async def background() -> AsyncIterator[Background]:
    background = Background()
    yield background
    assert await background.drain(2) == 0


@pytest.fixture
def directory(store: Store, background: Background) -> Directory:
    return Directory(store, background)


def customer(number: str, customer_id: str = ID) -> CustomerProfile:
    return CustomerProfile(customer_id, (profile_field("客户编号", number, ShowType.PLAIN),))


def learn(directory: Directory, number: str, customer_id: str = ID, network: tuple[str, int] = HEAD_OFFICE) -> None:
    directory.learn(CustomerKey(*network, customer_id), customer(number, customer_id))


async def test_number_of_nobody_that_was_seen_is_nobodys(directory: Directory) -> None:
    assert await directory.customer_id(*HEAD_OFFICE, NUMBER) is None


async def test_number_is_known_as_soon_as_the_customer_was_seen(directory: Directory) -> None:
    """And before the database has it."""
    learn(directory, NUMBER)
    assert await directory.customer_id(*HEAD_OFFICE, NUMBER) == ID


@pytest.mark.parametrize("spelling", ["cf00000179", " CF00000179 ", "ＣＦ０００００１７９", "CF00000179\u200b"])
async def test_number_is_kept_as_numbers_are_read(directory: Directory, spelling: str) -> None:
    learn(directory, spelling)
    assert await directory.customer_id(*HEAD_OFFICE, NUMBER) == ID


@pytest.mark.parametrize(
    "number", ["", "无", "13800001001", "CF00000179 CF00000180", OTHER, f"https://crm.example.com/customer/{OTHER}"]
)
async def test_what_is_no_customer_number_is_not_kept(
    directory: Directory, store: Store, background: Background, number: str
) -> None:
    """Nobody could ask for it: read as a phone, as several, as an id."""
    learn(directory, number)
    await background.drain(2)
    assert await directory.customer_id(*HEAD_OFFICE, number) is None
    assert await store.numbers.customer_id(*HEAD_OFFICE, OTHER) is None


async def test_number_is_known_in_its_own_network_alone(directory: Directory, background: Background) -> None:
    learn(directory, NUMBER, ID, HEAD_OFFICE)
    learn(directory, NUMBER, OTHER, OUTLET)
    for _ in ("in memory", "in the database"):
        assert await directory.customer_id(*HEAD_OFFICE, NUMBER) == ID
        assert await directory.customer_id(*OUTLET, NUMBER) == OTHER
        assert await directory.customer_id(OUTLET[0], 1, NUMBER) is None
        await background.drain(2)


async def test_number_that_somebody_else_has_now_is_theirs(
    directory: Directory, store: Store, background: Background
) -> None:
    for customer_id in (ID, OTHER):
        learn(directory, NUMBER, customer_id)
        await background.drain(2)
    assert await directory.customer_id(*HEAD_OFFICE, NUMBER) == OTHER
    assert await Directory(store, background).customer_id(*HEAD_OFFICE, NUMBER) == OTHER


async def test_number_outlives_the_process(
    directory: Directory, database: str, background: Background, clock: Clock
) -> None:
    learn(directory, NUMBER)
    await background.drain(2)
    later = Store(database, clock)
    await later.open()
    assert await Directory(later, background).customer_id(*HEAD_OFFICE, NUMBER) == ID
    await later.close()


async def test_number_that_is_known_is_not_written_again(directory: Directory, background: Background) -> None:
    learn(directory, NUMBER)
    await background.drain(2)
    learn(directory, NUMBER)
    assert len(background) == 0


async def test_forgotten_number_is_nobodys(directory: Directory, store: Store, background: Background) -> None:
    learn(directory, NUMBER)
    learn(directory, NUMBER, ID, OUTLET)
    await background.drain(2)
    await directory.forget(*HEAD_OFFICE, NUMBER)
    assert await directory.customer_id(*HEAD_OFFICE, NUMBER) is None
    assert await Directory(store, background).customer_id(*HEAD_OFFICE, NUMBER) is None
    assert await directory.customer_id(*OUTLET, NUMBER) == ID


async def test_forgotten_number_is_learnt_again(directory: Directory, store: Store, background: Background) -> None:
    learn(directory, NUMBER)
    await background.drain(2)
    await directory.forget(*HEAD_OFFICE, NUMBER)
    learn(directory, NUMBER)
    await background.drain(2)
    assert await Directory(store, background).customer_id(*HEAD_OFFICE, NUMBER) == ID


async def test_without_a_database_nobody_can_tell(background: Background, clock: Clock) -> None:
    """Nobody fails for what cannot be learnt either."""
    lost = Directory(Store(CLOSED_STORE, clock), background)
    learn(lost, NUMBER)
    await background.drain(2)
    with pytest.raises(StoreUnavailable):
        await lost.customer_id(*HEAD_OFFICE, "CF00000180")
    with pytest.raises(StoreUnavailable):
        await lost.forget(*HEAD_OFFICE, NUMBER)


async def test_what_the_database_missed_is_learnt_when_it_is_back(database: str, background: Background) -> None:
    clock = Clock()
    store = Store(database, clock)
    directory = Directory(store, background)
    learn(directory, NUMBER)
    await background.drain(2)
    await store.open()
    learn(directory, NUMBER)
    await background.drain(2)
    assert await Directory(store, background).customer_id(*HEAD_OFFICE, NUMBER) == ID
    await store.close()
