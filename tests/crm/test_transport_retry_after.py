"""The CRM's Retry-After, as seconds or as a date."""

import math
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.transport import retry_after_seconds

NOW: Final = datetime(2026, 11, 25, 12, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        (" 2.5 ", 2.5),
        ("Wed, 25 Nov 2026 12:00:40 GMT", 40.0),
        ("Wed, 25 Nov 2026 11:59:00 GMT", 0.0),
        ("-5", 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("nan", 0.0),
        ("inf", 0.0),
        ("1e999", 0.0),
    ],
)
def test_seconds_and_dates_are_read_and_all_else_is_nothing(header: str, seconds: float) -> None:
    assert retry_after_seconds(header, NOW) == seconds


@given(st.text(max_size=60))
def test_any_header_gives_a_time_that_can_be_waited_for(header: str) -> None:
    assert 0.0 <= retry_after_seconds(header, NOW) < math.inf


@given(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_date_is_as_far_away_as_it_says(date: datetime) -> None:
    expected = max(0.0, date.replace(microsecond=0).timestamp() - NOW)
    assert retry_after_seconds(format_datetime(date, usegmt=True), NOW) == expected
