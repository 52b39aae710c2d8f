"""What the CRM and the way to it may do: each request is answered once, by the last copy or an error with its code."""

from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from bot.playground.fake_crm.faults import FAULTS, Fault
from bot.playground.network_faults import Broken
from tests.support.fault_harness import Bot, House, assert_each_answered_once, house_fixture  # noqa: F401  # a fixture

pytestmark = pytest.mark.faults

SAID: Final = {
    "hangs": Fault(hang=True),
    "500": Fault(status=500, body=b"Internal Server Error"),
    "429": FAULTS["busy"],
    "HTML": FAULTS["html"],
    "truncated": FAULTS["cut"],
    "token refused for ever": FAULTS["refused"],
}
BROKEN: Final = {
    "slow drip": Broken.DRIP,
    "reset": Broken.RESET,
    "ends in the middle": Broken.CUT,
}


async def broken_and_mended(
    house: House, breaks: Callable[[], Awaitable[None]], mends: Callable[[], Awaitable[None]]
) -> None:
    """Everybody asks while it is broken: old copies and errors are shown; then it is mended, and found by itself."""
    bot = await house.serve()
    await house.warm_up()
    await breaks()
    await house.mix()
    await mends()
    await house.finds_again()
    end = await bot.stop()
    assert end.outcomes()["found", "stale"]
    assert end.outcomes()["unavailable", ""]
    assert_each_answered_once(house, end)


@pytest.mark.parametrize("fault", SAID.values(), ids=SAID)
async def test_crm_says_what_is_no_answer(house: House, fault: Fault) -> None:
    async def breaks() -> None:
        house.crm.fault = fault

    async def mends() -> None:
        house.crm.fault = None
        house.crm.release()

    await broken_and_mended(house, breaks, mends)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
async def test_line_to_the_crm_is_broken(house: House, broken: Broken) -> None:
    async def breaks() -> None:
        house.crm_line.broken = broken

    await broken_and_mended(house, breaks, house.crm_line.mend)


async def test_crm_refuses_connections(house: House) -> None:
    await broken_and_mended(house, house.crm_line.cut_off, house.crm_line.mend)


async def test_token_that_was_revoked_is_renewed(house: House) -> None:
    """Nobody notices: all who are refused at once wait for one renewal."""
    bot = await house.serve()
    await house.warm_up()
    house.crm.tokens.clear()
    before = house.crm.asked["TokenApi"]
    await house.mix()
    end = await bot.stop()
    assert house.crm.asked["TokenApi"] == before + 1
    assert [line for line in end.lines if line.get("trouble") == "refused"] == []
    assert_each_answered_once(house, end)


async def test_crm_has_no_address(house: House) -> None:
    """DNS knows no such host: there is no copy yet, and each gets an error with a code."""
    bot = await house.serve(ESHOUHOU_BASE_URL="http://crm.invalid")
    await house.mix()
    end = await bot.stop()
    assert set(end.outcomes()) == {("unavailable", "")}
    assert_each_answered_once(house, end)


async def test_crm_hangs_while_the_process_is_stopped(house: House) -> None:
    """What was acknowledged is answered before the end."""
    bot = await house.serve()
    await house.warm_up()
    house.crm.fault = Fault(hang=True)
    await house.begin()
    assert_each_answered_once(house, await bot.stop())


async def test_over_socket_mode_too(house: House) -> None:
    """The CRM hangs; the answers come over the connection that the bot has opened."""
    bot: Bot = await house.socket()
    await house.warm_up()
    house.crm.fault = Fault(hang=True)
    await house.mix()
    end = await bot.stop()
    assert end.outcomes()["found", "stale"]
    assert_each_answered_once(house, end)
