"""Pins and recents against a model of a few lines: whatever people do, in whatever order."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.preferences import Remembered, SavedCustomers
from bot.store.store import Store
from tests.conftest import Clock
from tests.support.databases import opened

CUSTOMERS = st.builds(Remembered, st.sampled_from([f"id-{number}" for number in range(24)]), st.sampled_from("xyz"))
STEPS = st.one_of(
    st.tuples(st.just("remember"), CUSTOMERS),
    st.tuples(st.just("toggle_pin"), CUSTOMERS),
    st.tuples(st.just("clear_recents"), st.none()),
)


class Model:
    """Lists, the latest first."""

    def __init__(self) -> None:
        self.pinned: list[Remembered] = []
        self.recent: list[Remembered] = []

    def remember(self, customer: Remembered) -> None:
        self.recent = [customer, *_without(self.recent, customer)][:20]
        self.pinned = [customer if pin.customer_id == customer.customer_id else pin for pin in self.pinned]

    def toggle_pin(self, customer: Remembered) -> bool:
        others = _without(self.pinned, customer)
        pins = len(others) == len(self.pinned)
        self.pinned = [customer, *others] if pins else others
        for unpinned in self.pinned[20:]:
            self.recent = [unpinned, *_without(self.recent, unpinned)][:20]
        self.pinned = self.pinned[:20]
        return pins

    def clear_recents(self) -> None:
        self.recent = []


def _without(customers: list[Remembered], customer: Remembered) -> list[Remembered]:
    return [other for other in customers if other.customer_id != customer.customer_id]


async def _do(store: Store, model: Model, step: str, customer: Remembered | None) -> None:
    if customer is None:
        await store.saved_customers.clear_recents("T1", "U1")
        model.clear_recents()
    elif step == "remember":
        await store.saved_customers.remember("T1", "U1", customer)
        model.remember(customer)
    else:
        assert await store.saved_customers.toggle_pin("T1", "U1", customer) == model.toggle_pin(customer)


@settings(max_examples=15)
@given(st.lists(STEPS, max_size=40), st.lists(CUSTOMERS, max_size=30))
def test_shelves_do_what_their_model_does(steps: list[tuple[str, Remembered | None]], pins: list[Remembered]) -> None:
    async def run() -> None:
        model = Model()
        async with opened("sqlite:///:memory:", Clock()) as store:
            for step, customer in [*(("toggle_pin", pin) for pin in pins), *steps]:
                await _do(store, model, step, customer)
            assert await store.saved_customers.of("T1", "U1") == SavedCustomers(
                tuple(model.pinned), tuple(model.recent)
            )

    asyncio.run(run())
