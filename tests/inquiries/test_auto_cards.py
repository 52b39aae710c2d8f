"""When the bot keeps quiet: mutes with their undo, the cooldown, and what became of a channel's last message."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from bot.domain.preferences import LastMessage, Mute, Silence
from bot.domain.results import Answer, Asker, Denied, Failure, Invalid, NotFound, Refusal, Unavailable
from bot.errors import StoreUnavailable, Trouble
from bot.inquiries.auto_cards import DAY_SECONDS, Explanation, Quiet, silence_of
from bot.playground.fake_slack.server import CHANNEL, MANAGER, OTHER_TEAM, SHARED_CHANNEL, TEAM, USER
from bot.runtime.tasks import Background
from bot.slack.deduplication import Once
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
async def background() -> AsyncIterator[Background]:
    background = Background()
    yield background
    assert await background.drain(2) == 0


@pytest.fixture
def quiet(store: Store, background: Background, clock: Clock) -> Quiet:
    return Quiet(store, Once(store, background, clock), COOLDOWN, clock)


@pytest.fixture
def lost(background: Background, clock: Clock) -> Quiet:
    """Without a database."""
    store = Store(CLOSED_STORE, clock)
    store.tried.set()
    return Quiet(store, Once(store, background, clock), COOLDOWN, clock)


# --- At the start ----------------------------------------------------------------------------------------------------


async def test_first_messages_wait_until_the_database_is_open(
    database: str, background: Background, clock: Clock
) -> None:
    store = Store(database, clock)
    asking = asyncio.create_task(Quiet(store, Once(store, background, clock), COOLDOWN, clock).silence(ASKER))
    await asyncio.sleep(0.02)
    assert not asking.done()
    await store.open()
    assert await asking is None
    await store.close()


async def test_first_messages_do_not_wait_for_a_database_that_does_not_open(
    background: Background, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inquiries.auto_cards.OPENING_SECONDS", 0.02)
    store = Store(CLOSED_STORE, clock)
    quiet = Quiet(store, Once(store, background, clock), COOLDOWN, clock)
    assert await quiet.silence(ASKER) is Silence.STORE_SILENT


# --- Mutes -----------------------------------------------------------------------------------------------------------


async def test_nothing_is_muted_at_first(quiet: Quiet) -> None:
    assert await quiet.silence(ASKER) is None
    assert await quiet.mutes(ASKER) == ()


async def test_channel_that_is_turned_off_is_quiet_for_everybody_there(quiet: Quiet, clock: Clock) -> None:
    assert await quiet.mute_channel(ASKER) == Mute(CHANNEL, USER, None)
    clock.advance(1_000 * DAY_SECONDS)
    assert await quiet.silence(ASKER) is Silence.CHANNEL_MUTED
    assert await quiet.silence(COLLEAGUE) is Silence.CHANNEL_MUTED
    assert await quiet.silence(ELSEWHERE) is None
    assert await quiet.silence(STRANGER) is None


async def test_channel_that_is_paused_speaks_again_after_a_day(quiet: Quiet, clock: Clock) -> None:
    assert await quiet.mute_channel_for_a_day(ASKER) == Mute(CHANNEL, USER, clock() + 86_400)
    clock.advance(86_400 - 1)
    assert await quiet.silence(COLLEAGUE) is Silence.CHANNEL_MUTED
    clock.advance(1)
    assert await quiet.silence(COLLEAGUE) is None
    assert await quiet.mutes(ASKER) == ()


async def test_person_who_wants_no_cards_gets_none_anywhere(quiet: Quiet) -> None:
    assert await quiet.mute_person(ASKER) == Mute("", USER)
    assert await quiet.silence(ASKER) is Silence.PERSON_MUTED
    assert await quiet.silence(ELSEWHERE) is Silence.PERSON_MUTED
    assert await quiet.silence(COLLEAGUE) is None


async def test_mute_of_a_channel_is_told_before_a_persons(quiet: Quiet) -> None:
    await quiet.mute_person(ASKER)
    await quiet.mute_channel(COLLEAGUE)
    assert await quiet.silence(ASKER) is Silence.CHANNEL_MUTED


async def test_muting_again_counts_from_the_last_time(quiet: Quiet, clock: Clock) -> None:
    await quiet.mute_channel(ASKER)
    await quiet.mute_channel_for_a_day(COLLEAGUE)
    clock.advance(DAY_SECONDS)
    assert await quiet.silence(ASKER) is None


async def test_mute_of_a_channel_is_undone_by_anybody(quiet: Quiet) -> None:
    await quiet.mute_channel(ASKER)
    assert await quiet.unmute(COLLEAGUE, CHANNEL) == Mute(CHANNEL, MANAGER)
    assert await quiet.silence(ASKER) is None


async def test_mute_of_a_channel_is_undone_from_elsewhere(quiet: Quiet) -> None:
    """On Home, say, where there is no channel."""
    await quiet.mute_channel(ASKER)
    await quiet.unmute(ASKER._replace(channel=""), CHANNEL)
    assert await quiet.silence(ASKER) is None


async def test_persons_mute_is_undone_by_that_person_alone(quiet: Quiet) -> None:
    await quiet.mute_person(ASKER)
    await quiet.unmute(COLLEAGUE, "")
    assert await quiet.silence(ASKER) is Silence.PERSON_MUTED
    assert await quiet.unmute(ELSEWHERE, "") == Mute("", USER)
    assert await quiet.silence(ASKER) is None


async def test_undoing_one_mute_leaves_the_other(quiet: Quiet) -> None:
    await quiet.mute_person(ASKER)
    await quiet.mute_channel(ASKER)
    await quiet.unmute(ASKER, CHANNEL)
    assert await quiet.silence(ASKER) is Silence.PERSON_MUTED
    await quiet.mute_channel(ASKER)
    await quiet.unmute(ASKER, "")
    assert await quiet.silence(COLLEAGUE) is Silence.CHANNEL_MUTED


async def test_undoing_what_is_not_muted_is_nothing(quiet: Quiet) -> None:
    await quiet.unmute(ASKER, CHANNEL)
    await quiet.unmute(ASKER, "")
    assert await quiet.silence(ASKER) is None


async def test_person_sees_what_they_have_muted(quiet: Quiet, clock: Clock) -> None:
    await quiet.mute_person(ASKER)
    clock.advance(1)
    await quiet.mute_channel(ELSEWHERE)
    clock.advance(1)
    mute = await quiet.mute_channel_for_a_day(ASKER)
    assert await quiet.mutes(ASKER) == (mute, Mute(SHARED_CHANNEL, USER), Mute("", USER))
    assert await quiet.mutes(COLLEAGUE) == ()


# --- Cooldown --------------------------------------------------------------------------------------------------------


async def test_customer_gets_no_second_card_in_a_channel_for_a_while(quiet: Quiet, clock: Clock) -> None:
    assert await quiet.may_post(CHANNEL, CUSTOMER)
    clock.advance(COOLDOWN - 1)
    assert not await quiet.may_post(CHANNEL, CUSTOMER)
    clock.advance(1)
    assert await quiet.may_post(CHANNEL, CUSTOMER)


async def test_cooldown_is_of_one_customer_in_one_channel(quiet: Quiet) -> None:
    await quiet.may_post(CHANNEL, CUSTOMER)
    assert await quiet.may_post(CHANNEL, OTHER_CUSTOMER)
    assert await quiet.may_post(SHARED_CHANNEL, CUSTOMER)


async def test_one_of_two_messages_at_once_gets_the_card(quiet: Quiet) -> None:
    assert sum(await asyncio.gather(*(quiet.may_post(CHANNEL, CUSTOMER) for _ in range(5)))) == 1


async def test_card_that_did_not_come_about_does_not_count(quiet: Quiet) -> None:
    await quiet.may_post(CHANNEL, CUSTOMER)
    await quiet.not_posted(CHANNEL, CUSTOMER)
    assert await quiet.may_post(CHANNEL, CUSTOMER)


async def test_cooldown_outlives_the_process(quiet: Quiet, store: Store, background: Background, clock: Clock) -> None:
    await quiet.may_post(CHANNEL, CUSTOMER)
    again = Quiet(store, Once(store, background, clock), COOLDOWN, clock)
    assert not await again.may_post(CHANNEL, CUSTOMER)


# --- Why -------------------------------------------------------------------------------------------------------------


async def test_why_is_nothing_where_nothing_was_said(quiet: Quiet) -> None:
    assert await quiet.why(ASKER) == Explanation(None, None)


@pytest.mark.parametrize("silence", Silence)
async def test_why_is_what_became_of_the_last_message(quiet: Quiet, silence: Silence) -> None:
    """In this channel, whoever wrote it, and as of when it was written."""
    await quiet.note(ASKER, Silence.POSTED, "1700000000.000100")
    await quiet.note(COLLEAGUE, silence, "1700000001.500000")
    await quiet.note(ELSEWHERE, Silence.BOT, "1700000002.000100")
    assert await quiet.why(ASKER) == Explanation(LastMessage(silence, 1_700_000_001.5), None)


async def test_message_that_is_delivered_late_is_not_the_last(quiet: Quiet) -> None:
    await quiet.note(ASKER, Silence.POSTED, "1700000001.000100")
    await quiet.note(ASKER, Silence.NO_CUSTOMER, "1700000000.000100")
    last = (await quiet.why(ASKER)).last
    assert last is not None
    assert last.silence is Silence.POSTED


@pytest.mark.parametrize("ts", ["", "composer-1", "nan", "1e9", "-1", "1700000000.", "١٧", "9" * 400])
async def test_message_without_a_time_was_written_now(quiet: Quiet, clock: Clock, ts: str) -> None:
    await quiet.note(ASKER, Silence.POSTED, ts)
    assert (await quiet.why(ASKER)).last == LastMessage(Silence.POSTED, clock())


async def test_why_tells_of_the_mute_that_holds_now(quiet: Quiet, clock: Clock) -> None:
    await quiet.note(ASKER, Silence.NO_CUSTOMER, "1700000000.000000")
    mute = await quiet.mute_channel_for_a_day(COLLEAGUE)
    assert await quiet.why(ASKER) == Explanation(LastMessage(Silence.NO_CUSTOMER, 1_700_000_000), mute)
    clock.advance(DAY_SECONDS)
    assert (await quiet.why(ASKER)).mute is None
    own = await quiet.mute_person(ASKER)
    assert (await quiet.why(ASKER)).mute == own
    assert (await quiet.why(COLLEAGUE)).mute is None


FAILURE = Failure(Trouble.NO_ANSWER, "E-0000")
SILENCES: dict[str, tuple[Answer, Silence]] = {
    "unknown": (NotFound(CUSTOMER, "E-0000"), Silence.UNKNOWN_CUSTOMER),
    "not read": (Invalid("CF"), Silence.UNKNOWN_CUSTOMER),
    "external": (Denied(Refusal.EXTERNAL_CHANNEL, "E-0000"), Silence.EXTERNAL_CHANNEL),
    "unreadable": (Denied(Refusal.UNREADABLE_CHANNEL, "E-0000"), Silence.UNREADABLE_CHANNEL),
    "the CRM": (Unavailable(CUSTOMER, FAILURE), Silence.CRM_SILENT),
    "the CRM refuses": (Unavailable(CUSTOMER, Failure(Trouble.REFUSED, "E-0000")), Silence.CRM_SILENT),
    "the store": (Unavailable(CUSTOMER, Failure(Trouble.STORE, "E-0000")), Silence.STORE_SILENT),
}


@pytest.mark.parametrize(("answer", "silence"), SILENCES.values(), ids=SILENCES.keys())
def test_answer_that_is_no_customer_says_why(answer: Answer, silence: Silence) -> None:
    assert silence_of(answer) is silence


# --- Without a database ----------------------------------------------------------------------------------------------


async def test_without_a_database_the_bot_keeps_quiet(lost: Quiet) -> None:
    """Whether cards are wanted is not known."""
    assert await lost.silence(ASKER) is Silence.STORE_SILENT


async def test_without_a_database_the_cooldown_holds_in_this_process(lost: Quiet, clock: Clock) -> None:
    assert await lost.may_post(CHANNEL, CUSTOMER)
    assert not await lost.may_post(CHANNEL, CUSTOMER)
    await lost.not_posted(CHANNEL, CUSTOMER)
    assert await lost.may_post(CHANNEL, CUSTOMER)
    clock.advance(COOLDOWN)
    assert await lost.may_post(CHANNEL, CUSTOMER)


async def test_without_a_database_a_note_is_lost_with_a_warning(lost: Quiet, logs: Logs) -> None:
    await lost.note(ASKER, Silence.POSTED, "1700000000.000100")
    assert [line["level"] for line in logs.lines("silence_not_noted")] == ["warning"]


async def test_without_a_database_nobody_knows_what_is_muted(lost: Quiet) -> None:
    assert await lost.mutes(ASKER) is None


NEEDS_A_DATABASE: dict[str, Callable[[Quiet], Awaitable[Any]]] = {
    "why": lambda quiet: quiet.why(ASKER),
    "pause": lambda quiet: quiet.mute_channel_for_a_day(ASKER),
    "turn off": lambda quiet: quiet.mute_channel(ASKER),
    "never for me": lambda quiet: quiet.mute_person(ASKER),
    "undo": lambda quiet: quiet.unmute(ASKER, CHANNEL),
    "undo mine": lambda quiet: quiet.unmute(ASKER, ""),
}


@pytest.mark.parametrize("doing", NEEDS_A_DATABASE.values(), ids=NEEDS_A_DATABASE.keys())
async def test_what_needs_the_database_says_that_it_is_away(lost: Quiet, doing: Callable[[Quiet], Any]) -> None:
    with pytest.raises(StoreUnavailable):
        await doing(lost)


def test_team_is_the_one_of_the_playground() -> None:
    """A mute is kept per workspace, so that the tests above are about one."""
    assert ASKER.team == COLLEAGUE.team == TEAM != STRANGER.team
