"""How far this machine's clock is from another's, by the Date that every HTTP answer carries."""

from email.utils import parsedate_to_datetime
from typing import NamedTuple


class Heard(NamedTuple):
    """The Date header of an answer ("": it had none), and what this machine's clock said then, in epoch seconds."""

    date: str
    at: float

    @property
    def skew_seconds(self) -> float | None:
        """How far this machine is ahead; negative where it is behind, None where nobody can tell.

        A Date is cut to whole seconds (RFC 9110, 5.6.7): half of one is added.
        """
        try:
            return self.at - (parsedate_to_datetime(self.date).timestamp() + 0.5)
        except (ValueError, TypeError, OverflowError, OSError):  # whatever stands there
            return None
