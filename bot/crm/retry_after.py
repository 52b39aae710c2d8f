"""The Retry-After header: seconds, or a date (RFC 9110, section 10.2.3)."""

import math
from email.utils import parsedate_to_datetime


def retry_after_seconds(header: str, now: float) -> float:
    """How long to wait from ``now`` (epoch seconds) on; 0 where there is no such header, or none that can be read."""
    try:
        seconds = float(header)
    except ValueError:
        seconds = _until(header, now)
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0


def _until(date: str, now: float) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - now
    except (ValueError, OverflowError, IndexError, TypeError):
        return 0.0
