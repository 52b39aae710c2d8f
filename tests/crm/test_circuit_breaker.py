"""The circuit breaker: opens when the CRM does not answer, and probes with one request at a time."""

import asyncio
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.circuit_breaker import FAILURES, FIRST_OPEN_SECONDS, LONGEST_OPEN_SECONDS, CircuitBreaker, CircuitState
from bot.errors import (
    CircuitOpen,
    CrmError,
    CrmRejected,
    CrmStatusError,
    CrmUnauthorized,
    CrmUnreachable,
    CrmUnreadable,
)
from tests.conftest import Clock, Logs

SLOW_SECONDS: Final = 2.5
NO_ANSWER: Final = [CrmUnreachable("hangs"), CrmStatusError(500), CrmStatusError(503), CrmStatusError(429)]
AN_ANSWER: Final = [CrmUnauthorized("token"), CrmRejected("1", ""), CrmUnreadable("HTML"), CrmStatusError(404)]


@pytest.fixture
def circuit_breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker("GetCustomer", SLOW_SECONDS, clock)


def fail(circuit_breaker: CircuitBreaker, error: BaseException, about: str = "") -> None:
    with pytest.raises(type(error)), circuit_breaker.attempt(about):
        raise error


def succeed(circuit_breaker: CircuitBreaker) -> None:
    with circuit_breaker.attempt(""):
        pass


def open_it(circuit_breaker: CircuitBreaker) -> None:
    for _ in range(FAILURES):
        fail(circuit_breaker, CrmUnreachable("hangs"))
    assert circuit_breaker.state is CircuitState.OPEN


def is_let_through(circuit_breaker: CircuitBreaker) -> bool:
    try:
        circuit_breaker.check()
    except CircuitOpen:
        return False
    return True


@pytest.mark.parametrize("error", NO_ANSWER, ids=str)
def test_failures_in_a_row_open_it_and_not_one_fewer(circuit_breaker: CircuitBreaker, error: CrmError) -> None:
    for _ in range(FAILURES - 1):
        fail(circuit_breaker, error)
    assert is_let_through(circuit_breaker)
    fail(circuit_breaker, error)
    assert not is_let_through(circuit_breaker)


def test_answer_between_failures_begins_the_count_anew(circuit_breaker: CircuitBreaker) -> None:
    for _ in range(3):
        for _ in range(FAILURES - 1):
            fail(circuit_breaker, CrmUnreachable("hangs"))
        succeed(circuit_breaker)
    assert is_let_through(circuit_breaker)


@pytest.mark.parametrize("error", AN_ANSWER, ids=str)
def test_whatever_the_crm_says_is_an_answer(circuit_breaker: CircuitBreaker, error: CrmError) -> None:
    for _ in range(2 * FAILURES):
        fail(circuit_breaker, error)
    assert circuit_breaker.state is CircuitState.CLOSED


def test_one_customer_whom_the_crm_cannot_show_opens_nothing(circuit_breaker: CircuitBreaker) -> None:
    for _ in range(5 * FAILURES):
        fail(circuit_breaker, CrmStatusError(500), about="a customer")
    assert is_let_through(circuit_breaker)


def test_several_customers_whom_it_cannot_show_open_it(circuit_breaker: CircuitBreaker) -> None:
    for number in range(FAILURES):
        fail(circuit_breaker, CrmStatusError(500), about=f"customer {number}")
    assert not is_let_through(circuit_breaker)


def test_request_given_up_after_a_while_counts_as_not_answered(circuit_breaker: CircuitBreaker, clock: Clock) -> None:
    """Deadlines of a search are shorter than a request's own: a CRM that hangs would never be found out else."""
    for _ in range(FAILURES):
        attempt = circuit_breaker.attempt("")
        attempt.__enter__()
        clock.advance(SLOW_SECONDS)
        error = asyncio.CancelledError()
        assert not attempt.__exit__(type(error), error, None)
    assert not is_let_through(circuit_breaker)


def test_request_given_up_at_once_says_nothing_of_the_crm(circuit_breaker: CircuitBreaker) -> None:
    for _ in range(2 * FAILURES):
        fail(circuit_breaker, asyncio.CancelledError())
    assert is_let_through(circuit_breaker)


def test_half_open_circuit_allows_one_request_at_a_time(circuit_breaker: CircuitBreaker, clock: Clock) -> None:
    open_it(circuit_breaker)
    clock.advance(FIRST_OPEN_SECONDS)
    with circuit_breaker.attempt(""):
        assert not is_let_through(circuit_breaker)
    assert is_let_through(circuit_breaker)


@pytest.mark.parametrize("error", NO_ANSWER, ids=repr)
def test_each_failed_probe_doubles_the_open_time_up_to_the_longest(
    circuit_breaker: CircuitBreaker, clock: Clock, error: BaseException
) -> None:
    open_it(circuit_breaker)
    rest = FIRST_OPEN_SECONDS
    for _ in range(10):
        clock.advance(rest - 0.01)
        assert not is_let_through(circuit_breaker)
        clock.advance(0.01)
        fail(circuit_breaker, error)
        rest = min(2 * rest, LONGEST_OPEN_SECONDS)
    assert rest == LONGEST_OPEN_SECONDS


def test_open_seconds_is_the_time_that_is_left(circuit_breaker: CircuitBreaker, clock: Clock) -> None:
    assert circuit_breaker.open_seconds == 0
    open_it(circuit_breaker)
    clock.advance(0.5)
    assert circuit_breaker.open_seconds == FIRST_OPEN_SECONDS - 0.5
    clock.advance(10)
    assert circuit_breaker.open_seconds == 0


@pytest.mark.parametrize("error", [asyncio.CancelledError(), RuntimeError("a bug")], ids=repr)
def test_cancelled_probe_is_repeated_by_the_next_request(
    circuit_breaker: CircuitBreaker, clock: Clock, error: BaseException
) -> None:
    """A search gives its requests less time than they need: that a CRM has not answered by then is no failure."""
    open_it(circuit_breaker)
    clock.advance(FIRST_OPEN_SECONDS)
    for _ in range(10):
        fail(circuit_breaker, error)
        assert is_let_through(circuit_breaker)
    succeed(circuit_breaker)
    assert circuit_breaker.state is CircuitState.CLOSED


def test_after_a_success_the_next_open_time_is_short_again(circuit_breaker: CircuitBreaker, clock: Clock) -> None:
    open_it(circuit_breaker)
    clock.advance(FIRST_OPEN_SECONDS)
    fail(circuit_breaker, CrmUnreachable("hangs"))
    clock.advance(2 * FIRST_OPEN_SECONDS)
    succeed(circuit_breaker)
    open_it(circuit_breaker)
    clock.advance(FIRST_OPEN_SECONDS)
    assert is_let_through(circuit_breaker)


def test_requests_still_under_way_when_it_opens_change_nothing(circuit_breaker: CircuitBreaker, clock: Clock) -> None:
    late = [circuit_breaker.attempt("") for _ in range(3)]
    for attempt in late:
        attempt.__enter__()
    open_it(circuit_breaker)
    for attempt in late:
        error = CrmUnreachable("hangs")
        assert not attempt.__exit__(type(error), error, None)
    clock.advance(FIRST_OPEN_SECONDS)
    assert is_let_through(circuit_breaker)


def test_opening_and_closing_are_one_log_line_each(circuit_breaker: CircuitBreaker, clock: Clock, logs: Logs) -> None:
    open_it(circuit_breaker)
    clock.advance(FIRST_OPEN_SECONDS)
    succeed(circuit_breaker)
    succeed(circuit_breaker)
    [rests], [back] = logs.lines("crm_rests"), logs.lines("crm_back")
    assert (rests["operation"], rests["seconds"], back["operation"]) == ("GetCustomer", 2.0, "GetCustomer")


@given(st.lists(st.sampled_from(["ok", "fail", "wait", "give up"]), max_size=200))
def test_after_any_history_a_request_is_allowed_after_the_longest_open_time(steps: list[str]) -> None:
    clock = Clock()
    circuit_breaker = CircuitBreaker("GetCustomer", SLOW_SECONDS, clock)
    errors: dict[str, BaseException] = {"fail": CrmStatusError(503), "give up": asyncio.CancelledError()}
    for step in steps:
        if step == "wait":
            clock.advance(1.7)
        elif is_let_through(circuit_breaker):
            fail(circuit_breaker, errors[step]) if step in errors else succeed(circuit_breaker)
        assert circuit_breaker.state is not CircuitState.HALF_OPEN
    clock.advance(LONGEST_OPEN_SECONDS)
    succeed(circuit_breaker)
    assert circuit_breaker.state is CircuitState.CLOSED
