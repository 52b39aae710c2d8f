"""How far two clocks are apart, by the Date of an answer."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.runtime.clock_skew import ServerDate

TIMES = st.floats(0, 4_000_000_000, allow_nan=False)


@given(TIMES, st.floats(-100_000, 100_000))
def test_skew_is_measured_to_half_a_second(theirs: float, ahead: float) -> None:
    """A Date is cut to whole seconds."""
    skew = ServerDate(formatdate(theirs, usegmt=True), theirs + ahead).skew_seconds
    assert skew is not None
    assert abs(skew - ahead) <= 0.501


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 31 Feb 2026 10:00:00 GMT", "Tue, 01 Jan 99999 10:00:00 GMT"])
def test_what_is_no_date_tells_nothing(date: str) -> None:
    assert ServerDate(date, 1.7e9).skew_seconds is None


@given(st.text() | st.from_regex(r"\w{3}, \d{1,2} \w{3} \d{1,6} \d{1,2}:\d\d:\d\d [+-]?\w{1,5}"))
def test_no_header_is_too_odd(date: str) -> None:
    skew = ServerDate(date, 1.7e9).skew_seconds
    assert skew is None or isinstance(skew, float)
