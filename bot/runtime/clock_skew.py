"""How far this machine's clock is off, by the Date header of an HTTP response."""

from email.utils import parsedate_to_datetime
from typing import NamedTuple


class ServerDate(NamedTuple):
    """A response's Date header ("" if it had none), and when it was received, in epoch seconds by this clock."""

    header: str
    received_at: float

    @property
    def skew_seconds(self) -> float | None:
        """How far this machine is ahead; negative if it is behind, None if the header is no date.

        A Date is cut to whole seconds (RFC 9110, 5.6.7), so half a second is added.
        """
        try:
            return self.received_at - (parsedate_to_datetime(self.header).timestamp() + 0.5)
        except (ValueError, TypeError, OverflowError, OSError):  # parsedate raises all of them
            return None
