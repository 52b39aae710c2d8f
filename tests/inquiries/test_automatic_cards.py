"""Automatic cards: mutes with their undo, the cooldown, and what became of a channel's last message."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from bot.domain.inquiry import Asker
from bot.domain.preferences import CardOutcome, LastMessage, Mute
from bot.domain.results import Denied, Failure, Invalid, NotFound, Refusal, Result, Unavailable
from bot.errors import StoreUnavailable, Trouble
from bot.inquiries.automatic_cards import DAY_SECONDS, AutomaticCards, Explanation, outcome_of
from bot.playground.fake_slack.server import CHANNEL, MANAGER, OTHER_TEAM, SHARED_CHANNEL, TEAM, USER
from bot.runtime.tasks import BackgroundTasks
from bot.slack.deduplication import EventDeduplicator
from bot.store.store import Store
from tests.conftest import Clock, Logs
from tests.support.slack_layer import ASKER, CLOSED_STORE

COOLDOWN = 1_800
CUSTOMER = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
OTHER_CUSTOMER = "05690412-5229-4a64-bbe5-970f90753f7f"
COLLEAGUE = ASKER._replace(user=MANAGER)
ELSEWHERE = ASKER._replace(channel=SHARED_CHANNEL)
STRANGER = Asker(OTHER_TEAM, "U0OTHER", CHANNEL)


@pytest.fixture
async def background() -> AsyncIterator[BackgroundTasks]:
    background = BackgroundTasks()
    yield background
    assert await background.drain(2) == 0


@pytest.fixture
def automatic_cards(store: Store, background: BackgroundTasks, clock: Clock) -> AutomaticCards:
    return AutomaticCards(store, EventDeduplicator(store, background, clock), COOLDOWN, clock)


@pytest.fixture
def lost(background: BackgroundTasks, clock: Clock) -> AutomaticCards:
    """Without a database."""
    store = Store(CLOSED_STORE, clock)
    store.first_attempt.set()
    return AutomaticCards(store, EventDeduplicator(store, background, clock), COOLDOWN, clock)


# --- At the start ----------------------------------------------------------------------------------------------------


async def test_first_messages_wait_until_the_database_is_open(
    database: str, background: BackgroundTasks, clock: Clock
) -> None:
    store = Store(database, clock)
    asking = asyncio.create_task(
        AutomaticCards(store, EventDeduplicator(store, background, clock), COOLDOWN, clock).obstacle(ASKER)
    )
    await asyncio.sleep(0.02)
    assert not asking.done()
    await store.open()
    assert await asking is None
    await store.close()


async def test_first_messages_do_not_wait_for_a_database_that_does_not_open(
    background: BackgroundTasks, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inquiries.automatic_cards.OPENING_SECONDS", 0.02)
    store = Store(CLOSED_STORE, clock)
    automatic_cards = AutomaticCards(store, EventDeduplicator(store, background, clock), COOLDOWN, clock)
    assert await automatic_cards.obstacle(ASKER) is CardOutcome.STORE_SILENT


# --- Mutes -----------------------------------------------------------------------------------------------------------


async def test_nothing_is_muted_at_first(automatic_cards: AutomaticCards) -> None:
    assert await automatic_cards.obstacle(ASKER) is None
    assert await automatic_cards.mutes(ASKER) == ()


async def test_channel_that_is_turned_off_gets_no_cards_for_anybody(
    automatic_cards: AutomaticCards, clock: Clock
) -> None:
    assert await automatic_cards.mute_channel(ASKER) == Mute(CHANNEL, USER, None)
    clock.advance(1_000 * DAY_SECONDS)
    assert await automatic_cards.obstacle(ASKER) is CardOutcome.CHANNEL_MUTED
    assert await automatic_cards.obstacle(COLLEAGUE) is CardOutcome.CHANNEL_MUTED
    assert await automatic_cards.obstacle(ELSEWHERE) is None
    assert await automatic_cards.obstacle(STRANGER) is None


async def test_channel_that_is_paused_speaks_again_after_a_day(automatic_cards: AutomaticCards, clock: Clock) -> None:
    assert await automatic_cards.mute_channel_for_a_day(ASKER) == Mute(CHANNEL, USER, clock() + 86_400)
    clock.advance(86_400 - 1)
    assert await automatic_cards.obstacle(COLLEAGUE) is CardOutcome.CHANNEL_MUTED
    clock.advance(1)
    assert await automatic_cards.obstacle(COLLEAGUE) is None
    assert await automatic_cards.mutes(ASKER) == ()


async def test_person_who_wants_no_cards_gets_none_anywhere(automatic_cards: AutomaticCards) -> None:
    assert await automatic_cards.mute_person(ASKER) == Mute("", USER)
    assert await automatic_cards.obstacle(ASKER) is CardOutcome.PERSON_MUTED
    assert await automatic_cards.obstacle(ELSEWHERE) is CardOutcome.PERSON_MUTED
    assert await automatic_cards.obstacle(COLLEAGUE) is None


async def test_mute_of_a_channel_is_shown_before_a_users(automatic_cards: AutomaticCards) -> None:
    await automatic_cards.mute_person(ASKER)
    await automatic_cards.mute_channel(COLLEAGUE)
    assert await automatic_cards.obstacle(ASKER) is CardOutcome.CHANNEL_MUTED


async def test_muting_again_counts_from_the_last_time(automatic_cards: AutomaticCards, clock: Clock) -> None:
    await automatic_cards.mute_channel(ASKER)
    await automatic_cards.mute_channel_for_a_day(COLLEAGUE)
    clock.advance(DAY_SECONDS)
    assert await automatic_cards.obstacle(ASKER) is None


async def test_mute_of_a_channel_is_undone_by_anybody(automatic_cards: AutomaticCards) -> None:
    await automatic_cards.mute_channel(ASKER)
    assert await automatic_cards.unmute(COLLEAGUE, CHANNEL) == Mute(CHANNEL, MANAGER)
    assert await automatic_cards.obstacle(ASKER) is None


async def test_mute_of_a_channel_is_undone_from_elsewhere(automatic_cards: AutomaticCards) -> None:
    """On Home, say, where there is no channel."""
    await automatic_cards.mute_channel(ASKER)
    await automatic_cards.unmute(ASKER._replace(channel=""), CHANNEL)
    assert await automatic_cards.obstacle(ASKER) is None


async def test_persons_mute_is_undone_by_that_person_alone(automatic_cards: AutomaticCards) -> None:
    await automatic_cards.mute_person(ASKER)
    await automatic_cards.unmute(COLLEAGUE, "")
    assert await automatic_cards.obstacle(ASKER) is CardOutcome.PERSON_MUTED
    assert await automatic_cards.unmute(ELSEWHERE, "") == Mute("", USER)
    assert await automatic_cards.obstacle(ASKER) is None


async def test_undoing_one_mute_leaves_the_other(automatic_cards: AutomaticCards) -> None:
    await automatic_cards.mute_person(ASKER)
    await automatic_cards.mute_channel(ASKER)
    await automatic_cards.unmute(ASKER, CHANNEL)
    assert await automatic_cards.obstacle(ASKER) is CardOutcome.PERSON_MUTED
    await automatic_cards.mute_channel(ASKER)
    await automatic_cards.unmute(ASKER, "")
    assert await automatic_cards.obstacle(COLLEAGUE) is CardOutcome.CHANNEL_MUTED


async def test_undoing_what_is_not_muted_is_nothing(automatic_cards: AutomaticCards) -> None:
    await automatic_cards.unmute(ASKER, CHANNEL)
    await automatic_cards.unmute(ASKER, "")
    assert await automatic_cards.obstacle(ASKER) is None


async def test_person_sees_what_they_have_muted(automatic_cards: AutomaticCards, clock: Clock) -> None:
    await automatic_cards.mute_person(ASKER)
    clock.advance(1)
    await automatic_cards.mute_channel(ELSEWHERE)
    clock.advance(1)
    mute = await automatic_cards.mute_channel_for_a_day(ASKER)
    assert await automatic_cards.mutes(ASKER) == (mute, Mute(SHARED_CHANNEL, USER), Mute("", USER))
    assert await automatic_cards.mutes(COLLEAGUE) == ()


# --- Cooldown --------------------------------------------------------------------------------------------------------


async def test_customer_gets_no_second_card_in_a_channel_for_a_while(
    automatic_cards: AutomaticCards, clock: Clock
) -> None:
    assert await automatic_cards.may_post(CHANNEL, CUSTOMER)
    clock.advance(COOLDOWN - 1)
    assert not await automatic_cards.may_post(CHANNEL, CUSTOMER)
    clock.advance(1)
    assert await automatic_cards.may_post(CHANNEL, CUSTOMER)


async def test_cooldown_is_of_one_customer_in_one_channel(automatic_cards: AutomaticCards) -> None:
    await automatic_cards.may_post(CHANNEL, CUSTOMER)
    assert await automatic_cards.may_post(CHANNEL, OTHER_CUSTOMER)
    assert await automatic_cards.may_post(SHARED_CHANNEL, CUSTOMER)


async def test_one_of_two_messages_at_once_gets_the_card(automatic_cards: AutomaticCards) -> None:
    assert sum(await asyncio.gather(*(automatic_cards.may_post(CHANNEL, CUSTOMER) for _ in range(5)))) == 1


async def test_card_that_did_not_come_about_does_not_count(automatic_cards: AutomaticCards) -> None:
    await automatic_cards.may_post(CHANNEL, CUSTOMER)
    await automatic_cards.not_posted(CHANNEL, CUSTOMER)
    assert await automatic_cards.may_post(CHANNEL, CUSTOMER)


async def test_cooldown_outlives_the_process(
    automatic_cards: AutomaticCards, store: Store, background: BackgroundTasks, clock: Clock
) -> None:
    await automatic_cards.may_post(CHANNEL, CUSTOMER)
    again = AutomaticCards(store, EventDeduplicator(store, background, clock), COOLDOWN, clock)
    assert not await again.may_post(CHANNEL, CUSTOMER)


# --- Why -------------------------------------------------------------------------------------------------------------


async def test_why_is_nothing_where_nothing_was_said(automatic_cards: AutomaticCards) -> None:
    assert await automatic_cards.why(ASKER) == Explanation(None, None)


@pytest.mark.parametrize("outcome", CardOutcome)
async def test_why_is_what_became_of_the_last_message(automatic_cards: AutomaticCards, outcome: CardOutcome) -> None:
    """In this channel, by any author, and as of when it was written."""
    await automatic_cards.record(ASKER, CardOutcome.POSTED, "1700000000.000100")
    await automatic_cards.record(COLLEAGUE, outcome, "1700000001.500000")
    await automatic_cards.record(ELSEWHERE, CardOutcome.BOT, "1700000002.000100")
    assert await automatic_cards.why(ASKER) == Explanation(LastMessage(outcome, 1_700_000_001.5), None)


async def test_message_that_is_delivered_late_is_not_the_last(automatic_cards: AutomaticCards) -> None:
    await automatic_cards.record(ASKER, CardOutcome.POSTED, "1700000001.000100")
    await automatic_cards.record(ASKER, CardOutcome.NO_CUSTOMER, "1700000000.000100")
    last = (await automatic_cards.why(ASKER)).last
    assert last is not None
    assert last.outcome is CardOutcome.POSTED


@pytest.mark.parametrize("ts", ["", "composer-1", "nan", "1e9", "-1", "1700000000.", "١٧", "9" * 400])
async def test_message_without_a_time_was_written_now(automatic_cards: AutomaticCards, clock: Clock, ts: str) -> None:
    await automatic_cards.record(ASKER, CardOutcome.POSTED, ts)
    assert (await automatic_cards.why(ASKER)).last == LastMessage(CardOutcome.POSTED, clock())


async def test_why_tells_of_the_mute_that_holds_now(automatic_cards: AutomaticCards, clock: Clock) -> None:
    await automatic_cards.record(ASKER, CardOutcome.NO_CUSTOMER, "1700000000.000000")
    mute = await automatic_cards.mute_channel_for_a_day(COLLEAGUE)
    assert await automatic_cards.why(ASKER) == Explanation(LastMessage(CardOutcome.NO_CUSTOMER, 1_700_000_000), mute)
    clock.advance(DAY_SECONDS)
    assert (await automatic_cards.why(ASKER)).mute is None
    own = await automatic_cards.mute_person(ASKER)
    assert (await automatic_cards.why(ASKER)).mute == own
    assert (await automatic_cards.why(COLLEAGUE)).mute is None


FAILURE = Failure(Trouble.NO_ANSWER, "E-0000")
NOT_POSTED: dict[str, tuple[Result, CardOutcome]] = {
    "unknown": (NotFound(CUSTOMER, "E-0000"), CardOutcome.UNKNOWN_CUSTOMER),
    "not read": (Invalid("CF"), CardOutcome.UNKNOWN_CUSTOMER),
    "external": (Denied(Refusal.EXTERNAL_CHANNEL, "E-0000"), CardOutcome.EXTERNAL_CHANNEL),
    "unreadable": (Denied(Refusal.UNREADABLE_CHANNEL, "E-0000"), CardOutcome.UNREADABLE_CHANNEL),
    "the CRM": (Unavailable(CUSTOMER, FAILURE), CardOutcome.CRM_SILENT),
    "the CRM refuses": (Unavailable(CUSTOMER, Failure(Trouble.REFUSED, "E-0000")), CardOutcome.CRM_SILENT),
    "the store": (Unavailable(CUSTOMER, Failure(Trouble.STORE, "E-0000")), CardOutcome.STORE_SILENT),
}


@pytest.mark.parametrize(("answer", "outcome"), NOT_POSTED.values(), ids=NOT_POSTED.keys())
def test_answer_that_is_no_customer_says_why(answer: Result, outcome: CardOutcome) -> None:
    assert outcome_of(answer) is outcome


# --- Without a database ----------------------------------------------------------------------------------------------


async def test_without_a_database_no_card_comes_by_itself(lost: AutomaticCards) -> None:
    """Whether cards are wanted is not known."""
    assert await lost.obstacle(ASKER) is CardOutcome.STORE_SILENT


async def test_without_a_database_the_cooldown_holds_in_this_process(lost: AutomaticCards, clock: Clock) -> None:
    assert await lost.may_post(CHANNEL, CUSTOMER)
    assert not await lost.may_post(CHANNEL, CUSTOMER)
    await lost.not_posted(CHANNEL, CUSTOMER)
    assert await lost.may_post(CHANNEL, CUSTOMER)
    clock.advance(COOLDOWN)
    assert await lost.may_post(CHANNEL, CUSTOMER)


async def test_without_a_database_a_note_is_lost_with_a_warning(lost: AutomaticCards, logs: Logs) -> None:
    await lost.record(ASKER, CardOutcome.POSTED, "1700000000.000100")
    assert [line["level"] for line in logs.lines("silence_not_noted")] == ["warning"]


async def test_without_a_database_nobody_knows_what_is_muted(lost: AutomaticCards) -> None:
    assert await lost.mutes(ASKER) is None


NEEDS_A_DATABASE: dict[str, Callable[[AutomaticCards], Awaitable[Any]]] = {
    "why": lambda automatic_cards: automatic_cards.why(ASKER),
    "pause": lambda automatic_cards: automatic_cards.mute_channel_for_a_day(ASKER),
    "turn off": lambda automatic_cards: automatic_cards.mute_channel(ASKER),
    "never for me": lambda automatic_cards: automatic_cards.mute_person(ASKER),
    "undo": lambda automatic_cards: automatic_cards.unmute(ASKER, CHANNEL),
    "undo mine": lambda automatic_cards: automatic_cards.unmute(ASKER, ""),
}


@pytest.mark.parametrize("doing", NEEDS_A_DATABASE.values(), ids=NEEDS_A_DATABASE.keys())
async def test_what_needs_the_database_says_that_it_is_unavailable(
    lost: AutomaticCards, doing: Callable[[AutomaticCards], Any]
) -> None:
    with pytest.raises(StoreUnavailable):
        await doing(lost)


def test_team_is_the_one_of_the_playground() -> None:
    """A mute is kept per workspace, so that the tests above are about one."""
    assert ASKER.team == COLLEAGUE.team == TEAM != STRANGER.team
