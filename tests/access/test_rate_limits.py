"""How often one person may ask: so many look-ups a minute, and a pause for walks through ids."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.rate_limits import MAX_PEOPLE, SUGGESTIONS_PER_MINUTE, RateLimiter
from bot.domain.inquiry import CLI_ASKER, Asker, Inquiry, Surface
from bot.domain.profile import CustomerProfile
from bot.domain.query import ReadAs
from bot.domain.records import Section
from bot.domain.results import (
    CacheState,
    Denied,
    Expired,
    Failure,
    Found,
    Invalid,
    Limit,
    Limited,
    NotFound,
    RecordsResult,
    Refusal,
    RelatedRecords,
    Several,
    Unavailable,
)
from bot.errors import Trouble
from tests.conftest import Clock, Logs

ASKER = Asker("T1", "U1", "C1")
UNCOUNTED = {Surface.LINK_UNFURL, Surface.CLI}
NO_GUESSES = {Surface.MESSAGE, *UNCOUNTED}
MISS = NotFound("x", "E-1")
FOUND = Found(CustomerProfile("id", ()), 0.0, 0.0, CacheState.HIT)


def asked(user: str = "U1", surface: Surface = Surface.COMMAND, team: str = "T1") -> Inquiry:
    return Inquiry("x", surface, Asker(team, user, "C1"))


def refused(limited: Limited | None) -> tuple[Limit, float] | None:
    return None if limited is None else (limited.limit, limited.seconds)


def miss(rate_limiter: RateLimiter, times: int = 1) -> None:
    for _ in range(times):
        assert rate_limiter.take(asked()) is None
        rate_limiter.note(asked(), MISS)


# --- So many a minute ------------------------------------------------------------------------------------------------


def test_one_too_many_within_a_minute_is_refused_until_the_first_is_a_minute_ago(clock: Clock) -> None:
    rate_limiter = RateLimiter(3, clock)
    for _ in range(3):
        assert rate_limiter.take(asked()) is None
        clock.advance(10)
    assert refused(rate_limiter.take(asked())) == (Limit.LOOKUPS, 30)
    clock.advance(29)
    assert refused(rate_limiter.take(asked())) == (Limit.LOOKUPS, 1)
    clock.advance(1)
    assert rate_limiter.take(asked()) is None
    assert refused(rate_limiter.take(asked())) == (Limit.LOOKUPS, 10)


def test_clock_that_is_put_back_keeps_nobody_waiting(clock: Clock) -> None:
    rate_limiter = RateLimiter(3, clock)
    for _ in range(3):
        assert rate_limiter.take(asked()) is None
    clock.advance(-3_600)
    assert rate_limiter.take(asked()) is None


def test_refusal_has_a_code(clock: Clock) -> None:
    rate_limiter = RateLimiter(1, clock)
    rate_limiter.take(asked())
    limited = rate_limiter.take(asked())
    assert limited is not None
    assert limited.code.startswith("E-")


def test_each_person_has_an_allowance_of_their_own(clock: Clock) -> None:
    """In whichever channel they ask: the same id in another team is another user."""
    rate_limiter = RateLimiter(1, clock)
    assert rate_limiter.take(asked("U1")) is None
    assert rate_limiter.take(asked("U2")) is None
    assert rate_limiter.take(asked("U1", team="T2")) is None
    elsewhere = Inquiry("x", Surface.BUTTON, ASKER._replace(channel="C2"))
    assert refused(rate_limiter.take(elsewhere)) == (Limit.LOOKUPS, 60)


@pytest.mark.parametrize("surface", Surface)
def test_what_is_asked_on_purpose_counts(clock: Clock, surface: Surface) -> None:
    """So do customers that messages name. Links do not, nor does the command line."""
    rate_limiter = RateLimiter(1, clock)
    rate_limiter.take(asked(surface=surface))
    assert (rate_limiter.take(asked()) is None) is (surface in UNCOUNTED)
    for _ in range(5):
        assert (rate_limiter.take(asked(surface=surface)) is None) is (surface in UNCOUNTED)


def test_command_line_has_no_limit(clock: Clock) -> None:
    rate_limiter = RateLimiter(math.inf, clock)
    inquiry = Inquiry("x", Surface.CLI, CLI_ASKER)
    for _ in range(100):
        assert rate_limiter.take(inquiry) is None
        rate_limiter.note(inquiry, MISS)


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.sampled_from(["U1", "U2"]), st.floats(0, 40, allow_nan=False)), max_size=60),
)
def test_nobody_has_more_than_the_allowance_in_any_minute(limit: int, asking: list[tuple[str, float]]) -> None:
    """And who waits as long as was said may go on."""
    clock = Clock()
    rate_limiter = RateLimiter(limit, clock)
    taken: list[tuple[str, float]] = []
    for user, pause in asking:
        clock.advance(pause)
        limited = rate_limiter.take(asked(user))
        if limited is None:
            taken.append((user, clock()))
        else:
            assert 0 < limited.seconds <= 60
    for user, at in taken:
        assert sum(one == user and at - 60 < then <= at for one, then in taken) <= limit


def test_memory_is_bounded(clock: Clock) -> None:
    rate_limiter = RateLimiter(1, clock)
    for number in range(MAX_PEOPLE + 10):
        inquiry = asked(f"U{number}")
        assert rate_limiter.take(inquiry) is None
        rate_limiter.note(inquiry, MISS)
    assert len(rate_limiter._lookups) == len(rate_limiter._misses) == MAX_PEOPLE


# --- A walk through ids ----------------------------------------------------------------------------------------------


def test_ten_in_a_row_whom_nobody_knows_are_followed_by_a_pause_that_grows(clock: Clock) -> None:
    rate_limiter = RateLimiter(1_000, clock)
    for minutes in (1, 2, 4, 8, 15, 15):
        miss(rate_limiter, 10)
        assert refused(rate_limiter.take(asked())) == (Limit.UNKNOWN, 60 * minutes)
        clock.advance(60 * minutes - 1)
        assert refused(rate_limiter.take(asked())) == (Limit.UNKNOWN, 1)
        clock.advance(1)


def test_pause_is_one_persons_own_and_holds_on_every_surface_of_purpose(clock: Clock) -> None:
    rate_limiter = RateLimiter(1_000, clock)
    miss(rate_limiter, 10)
    for surface in set(Surface) - NO_GUESSES:
        assert refused(rate_limiter.take(asked(surface=surface))) == (Limit.UNKNOWN, 60)
    for surface in NO_GUESSES:
        assert rate_limiter.take(asked(surface=surface)) is None
    assert rate_limiter.take(asked("U2")) is None


SEVERAL = Several(ReadAs.NAME, (FOUND,), 0, None, 1, False, "")


@pytest.mark.parametrize(
    "answer", [FOUND, SEVERAL, RelatedRecords("id", Section.CONTACTS, ())], ids=lambda a: type(a).__name__
)
def test_customer_that_is_found_takes_one_miss_and_one_pause_back(
    clock: Clock, answer: Found | Several | RelatedRecords
) -> None:
    """A known customer each ninth time is no way around the pause."""
    rate_limiter = RateLimiter(1_000, clock)
    miss(rate_limiter, 9)
    rate_limiter.note(asked(), answer)
    miss(rate_limiter, 1)
    assert rate_limiter.take(asked()) is None
    miss(rate_limiter, 1)
    assert refused(rate_limiter.take(asked())) == (Limit.UNKNOWN, 60)
    clock.advance(60)
    rate_limiter.note(asked(), answer)
    miss(rate_limiter, 10)
    assert refused(rate_limiter.take(asked())) == (Limit.UNKNOWN, 60)


def test_suggestions_are_limited_and_leave_a_line_a_minute(clock: Clock, logs: Logs) -> None:
    """With counts alone."""
    rate_limiter = RateLimiter(1, clock)
    taken = [rate_limiter.take_suggestion(ASKER) for _ in range(SUGGESTIONS_PER_MINUTE + 5)]
    assert taken == [True] * SUGGESTIONS_PER_MINUTE + [False] * 5
    rate_limiter.note_suggested(ASKER, 20)
    rate_limiter.note_suggested(ASKER, 3)
    assert rate_limiter.take_suggestion(ASKER._replace(user="U2"))
    assert not logs.lines("suggested")
    clock.advance(60)
    assert rate_limiter.take_suggestion(ASKER)
    found = {line["user"]: (line["requests"], line["customers"]) for line in logs.lines("suggested")}
    assert found == {ASKER.user: (SUGGESTIONS_PER_MINUTE, 23), "U2": (1, 0)}
    rate_limiter.log_suggestions()
    assert len(logs.lines("suggested")) == 3


@pytest.mark.parametrize(
    "answer",
    [
        Invalid("x"),
        Expired(),
        Unavailable(None, Failure(Trouble.NO_ANSWER, "E-1")),
        Denied(Refusal.GUEST, "E-1"),
        Limited(Limit.LOOKUPS, 1, "E-1"),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_what_says_nothing_of_customers_neither_counts_nor_ends_the_row(clock: Clock, answer: RecordsResult) -> None:
    rate_limiter = RateLimiter(1_000, clock)
    miss(rate_limiter, 9)
    for _ in range(20):
        rate_limiter.note(asked(), answer)
    assert rate_limiter.take(asked()) is None
    miss(rate_limiter)
    assert rate_limiter.take(asked()) is not None


def test_messages_that_name_nobody_are_no_walk(clock: Clock) -> None:
    rate_limiter = RateLimiter(1_000, clock)
    for _ in range(20):
        rate_limiter.note(asked(surface=Surface.MESSAGE), MISS)
    assert rate_limiter.take(asked()) is None


def test_ten_in_more_than_ten_minutes_are_no_walk(clock: Clock) -> None:
    rate_limiter = RateLimiter(1_000, clock)
    for _ in range(30):
        miss(rate_limiter)
        clock.advance(67)
    assert rate_limiter.take(asked()) is None
