"""Too much for the CRM, or a CRM that is long gone: users get an answer at once, and nobody is forgotten."""

import pytest

from bot.errors import Trouble
from bot.locales import texts_in
from bot.playground.fake_crm.faults import Fault
from tests.support.fault_harness import House, assert_each_answered_once, house_fixture  # noqa: F401  # a fixture
from tests.support.user_scenarios import all_at_once, command_with_id

pytestmark = pytest.mark.faults


async def test_circuit_opens_and_closes_again(house: House) -> None:
    """While the circuit is open it is not asked: old copies and errors come from here alone. One request probes it."""
    bot = await house.serve()
    await house.warm_up()
    house.crm.fault = Fault(hang=True)
    await house.mix()
    before = house.crm.asked["GetCustomer"]
    await all_at_once(house.visits, [command_with_id] * len(house.visits))
    tried = house.crm.asked["GetCustomer"] - before
    house.crm.fault = None
    house.crm.release()
    await house.finds_again()
    end = await bot.stop()
    assert tried < len(house.visits) / 2
    assert end.events()["crm_rests"]
    assert end.events()["crm_back"]
    assert end.outcomes()["found", "stale"]
    assert_each_answered_once(house, end)


async def test_more_is_asked_than_may_wait(house: House) -> None:
    """The CRM answers, one at a time: a request without a turn fails as busy."""
    bot = await house.serve(CRM_CONCURRENCY="1")
    await house.warm_up()
    house.crm.fault = Fault(delay=0.15)
    await house.mix()
    answers = [answer for request in house.auditor.requests for answer in house.auditor.answers(request)]
    end = await bot.stop()
    assert any(texts_in("zh").trouble[Trouble.BUSY] in answer for answer in answers)
    assert_each_answered_once(house, end)
