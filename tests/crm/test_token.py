"""The token: how it is asked for, when it is renewed, and what happens when it cannot be."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.token import DEFAULT_LIFE_SECONDS, POSTPONE_SECONDS, FixedToken, RenewedToken
from bot.errors import CrmUnauthorized, CrmUnreachable, CrmUnreadable
from bot.playground.fake_crm.server import APP_ID, APP_SECRET
from bot.runtime.tasks import BackgroundTasks
from tests.conftest import Clock, Logs

LIFE = 1_000
RENEWED_AT = 800


class TokenApi:
    """Grants token-1, token-2 … unless it is to ``answer`` otherwise; ``open`` holds all answers back when cleared."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answer: object = None
        self.expires_in: object = LIFE
        self.at_once = 0
        self.most_at_once = 0
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, signed: dict[str, str]) -> object:
        self.asked.append(signed)
        number = len(self.asked)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            await self.open.wait()
        finally:
            self.at_once -= 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer or {"access_token": f"token-{number}", "expires_in": self.expires_in}


@pytest.fixture
def api() -> TokenApi:
    return TokenApi()


@pytest.fixture
def token(api: TokenApi, clock: Clock) -> RenewedToken:
    return RenewedToken(APP_ID, APP_SECRET, api, clock)


async def renewed(token: RenewedToken) -> str:
    """The token once the renewal has ended that asking for it began, if it began one."""
    await token.current()
    await asyncio.sleep(0)
    await token.replace("another one")
    return await token.current()


async def many(token: RenewedToken, refused: str | None = None) -> list[str]:
    """What a hundred tasks get that ask at once."""
    asking = (token.current() if refused is None else token.replace(refused) for _ in range(100))
    return await asyncio.gather(*asking)


async def test_signature_is_that_of_the_documented_example(api: TokenApi, token: RenewedToken, clock: Clock) -> None:
    clock.seconds = 1588239113.429
    await token.current()
    assert api.asked == [
        {"appid": "ysh54dd4f8arinfx", "timestamp": "1588239113429", "sign": "70DC53194F29171C3B58C5158E9F6450"}
    ]


async def test_token_is_kept_for_four_fifths_of_its_life(api: TokenApi, token: RenewedToken, clock: Clock) -> None:
    assert await token.current() == "token-1"
    clock.advance(RENEWED_AT - 1)
    assert await token.current() == "token-1"
    clock.advance(1)
    assert await renewed(token) == "token-2"
    clock.advance(RENEWED_AT - 1)
    assert await token.current() == "token-2"
    assert len(api.asked) == 2


async def test_life_of_the_token_is_reported(api: TokenApi, token: RenewedToken, clock: Clock) -> None:
    """Nothing lives before there is one."""
    assert (token.expires_at, token.renews_at) == (0.0, 0.0)
    await token.current()
    assert (token.expires_at, token.renews_at) == (clock() + 1_000, clock() + RENEWED_AT)


async def test_life_begins_with_the_request_not_with_the_answer(
    api: TokenApi, token: RenewedToken, clock: Clock
) -> None:
    api.open.clear()
    asking = asyncio.create_task(token.current())
    await asyncio.sleep(0)
    clock.advance(100)
    api.open.set()
    assert await asking == "token-1"
    api.answer = CrmUnreachable("down")
    clock.advance(RENEWED_AT - 100)
    assert await renewed(token) == "token-1"
    assert len(api.asked) == 2
    clock.advance(LIFE - RENEWED_AT)
    with pytest.raises(CrmUnreachable):
        await token.current()


async def test_many_who_need_the_first_token_cost_one_request(api: TokenApi, token: RenewedToken) -> None:
    assert set(await many(token)) == {"token-1"}
    assert len(api.asked) == 1


async def test_many_who_meet_a_renewal_cost_one_request(api: TokenApi, token: RenewedToken, clock: Clock) -> None:
    """Each gets a token that is valid: the old one or the new."""
    await token.current()
    clock.advance(RENEWED_AT)
    assert set(await many(token)) <= {"token-1", "token-2"}
    assert await renewed(token) == "token-2"
    assert len(api.asked) == 2


async def test_many_whose_token_has_expired_get_the_new_one(api: TokenApi, token: RenewedToken, clock: Clock) -> None:
    await token.current()
    clock.advance(LIFE)
    assert set(await many(token)) == {"token-2"}
    assert len(api.asked) == 2


async def test_renewals_run_one_at_a_time_also_when_all_fail(api: TokenApi, token: RenewedToken) -> None:
    api.answer = CrmUnreachable("down")
    outcomes = await asyncio.gather(*(token.current() for _ in range(5)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [CrmUnreachable] * 5
    assert api.most_at_once == 1


LIVES: list[tuple[object, float]] = [(LIFE, LIFE), (str(LIFE), LIFE), (f" {LIFE} ", LIFE), (1000.5, 1000.5)]
NO_LIVES: list[object] = [None, "", "two hours", "nan", "inf", 0, -1, 10**9, True, [LIFE], {}]


@pytest.mark.parametrize(("expires_in", "life"), [*LIVES, *((odd, DEFAULT_LIFE_SECONDS) for odd in NO_LIVES)], ids=repr)
async def test_life_comes_as_number_or_text_and_else_is_the_documented_one(
    api: TokenApi, token: RenewedToken, clock: Clock, expires_in: object, life: float
) -> None:
    api.expires_in = expires_in
    await token.current()
    clock.advance(life * 0.8 - 1)
    assert await token.current() == "token-1"
    clock.advance(1)
    assert await renewed(token) == "token-2"


async def test_token_without_blanks_around_it_is_sent(api: TokenApi, token: RenewedToken) -> None:
    """Some of the vendor's pages print it after a blank."""
    api.answer = {"access_token": " token-x==\n"}
    assert await token.current() == "token-x=="


NO_GRANTS = {
    "a list": [],
    "text": "token",
    "no token": {"expires_in": 7_200},
    "null": {"access_token": None},
    "an empty one": {"access_token": " "},
    "a number": {"access_token": 7},
    "too long for an address": {"access_token": "A" * 70_000},
}


@pytest.mark.parametrize("answer", NO_GRANTS.values(), ids=NO_GRANTS.keys())
async def test_grant_without_a_token_is_unreadable(api: TokenApi, token: RenewedToken, answer: object) -> None:
    api.answer = answer or [0]
    with pytest.raises(CrmUnreadable, match=r"^TokenApi gave no access_token$"):
        await token.current()


async def test_early_renewal_that_fails_leaves_the_old_token_until_it_expires(
    api: TokenApi, token: RenewedToken, clock: Clock, logs: Logs
) -> None:
    """It is tried again every half minute, with one log line each; the failure is seen only once nothing is left."""
    await token.current()
    api.answer = CrmUnreachable("down")
    clock.advance(RENEWED_AT)
    assert [await renewed(token) for _ in range(3)] == ["token-1"] * 3
    assert len(api.asked) == 2
    clock.advance(POSTPONE_SECONDS)
    assert await renewed(token) == "token-1"
    assert [(line["level"], line["reason"]) for line in logs.lines("token_renewal_postponed")] == [
        ("warning", "down")
    ] * 2
    clock.advance(LIFE - RENEWED_AT - POSTPONE_SECONDS - 1)
    assert await token.current() == "token-1"
    clock.advance(1)
    with pytest.raises(CrmUnreachable):
        await token.current()
    api.answer = None
    assert await token.current() == f"token-{len(api.asked)}"


async def test_postponed_renewal_is_not_put_off_past_the_end_of_the_token(
    api: TokenApi, token: RenewedToken, clock: Clock
) -> None:
    await token.current()
    api.answer = CrmUnreachable("down")
    clock.advance(LIFE - 1)
    assert await renewed(token) == "token-1"
    api.answer = None
    clock.advance(1)
    assert await token.current() == "token-3"


async def test_early_renewal_that_hangs_keeps_nobody_waiting(api: TokenApi, token: RenewedToken, clock: Clock) -> None:
    """Nobody: not the one either who happened to come when it was due."""
    await token.current()
    clock.advance(RENEWED_AT)
    api.open.clear()
    async with asyncio.timeout(5):
        assert [await token.current() for _ in range(3)] == ["token-1"] * 3
    api.open.set()
    assert await renewed(token) == "token-2"
    assert len(api.asked) == 2


async def test_early_renewal_is_drained_with_the_other_background_tasks(api: TokenApi, clock: Clock) -> None:
    background = BackgroundTasks()
    token = RenewedToken(APP_ID, APP_SECRET, api, clock, background=background)
    await token.current()
    clock.advance(RENEWED_AT)
    assert await token.current() == "token-1"
    assert len(background) == 1
    await background.drain(seconds=5)
    assert await token.current() == "token-2"


async def test_first_renewal_that_is_given_up_leaves_the_next_task_its_own(api: TokenApi, token: RenewedToken) -> None:
    api.open.clear()
    first, second = (asyncio.create_task(token.current()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    api.open.set()
    assert await second == "token-2"


async def test_refused_token_is_replaced_once_by_one_of_many(api: TokenApi, token: RenewedToken) -> None:
    assert set(await many(token, refused=await token.current())) == {"token-2"}
    assert len(api.asked) == 2
    assert await token.current() == "token-2"


async def test_token_that_was_replaced_long_ago_is_not_replaced_again(api: TokenApi, token: RenewedToken) -> None:
    refused = await token.current()
    await token.replace(refused)
    assert await token.replace(refused) == "token-2"
    assert len(api.asked) == 2


async def test_replacement_that_fails_raises(api: TokenApi, token: RenewedToken) -> None:
    """A refused token is of no more use, whatever its age."""
    refused = await token.current()
    api.answer = CrmUnauthorized("sign")
    with pytest.raises(CrmUnauthorized):
        await token.replace(refused)


async def test_fixed_token_is_given_always_and_never_replaced() -> None:
    token = FixedToken("token")
    assert [await token.current() for _ in range(2)] == ["token"] * 2
    with pytest.raises(CrmUnauthorized, match="fixed token"):
        await token.replace("token")


@given(
    expires_in=st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers()), st.just("1" * 400)
    )
)
async def test_any_life_makes_a_token_that_is_kept_and_renewed(expires_in: object) -> None:
    """Never for ever, never past ten days, never an error."""
    api, clock = TokenApi(), Clock()
    api.expires_in = expires_in
    token = RenewedToken(APP_ID, APP_SECRET, api, clock)
    assert await token.current() == "token-1"
    clock.advance(10 * 86_400)
    assert await token.current() == "token-2"
