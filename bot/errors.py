"""Every error the bot expects, as one tree of exceptions.

::

    BotError
    ├── CrmError              易售后 gave no usable response
    │   ├── CrmUnreachable    no response: connection, DNS or timeout
    │   ├── CrmStatusError    a response with an error status (429, 5xx, …)
    │   ├── CrmRetryLater     the request was not sent; it may be in some seconds
    │   │   ├── CrmThrottled  the concurrency limit is reached, or the CRM sent Retry-After
    │   │   └── CircuitOpen   the circuit breaker is open after several failures
    │   ├── CrmUnreadable     a response other than the API describes: HTML, cut JSON, wrong shapes, too large
    │   ├── CrmUnauthorized   the token, or the app id and secret, are not accepted
    │   └── CrmRejected       a ResultCode other than 0, with its ErrorMsg
    ├── SlackError            a call of Slack's API failed
    │   ├── SlackRefused      Slack responded with an error code
    │   └── SlackUnreachable  no response, or none that can be read
    ├── StoreUnavailable      the database cannot be used
    ├── SyncInProgress        another process is syncing the directory
    ├── ImportRefused         a file that cannot be imported
    └── MalformedRequest      a signed request that has none of the shapes Slack sends

Any other exception is a bug: it is logged with a traceback and a code, and the card shows that code.
"""

from enum import StrEnum
from http import HTTPStatus


class Trouble(StrEnum):
    """Why a lookup has no fresh result, in the words that cards, logs and metrics share."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    REJECTED = "rejected"
    STORE = "store"
    INTERNAL = "internal"


class BotError(Exception):
    """Base class of every expected error."""


class CrmError(BotError):
    """易售后 gave no usable response. The message never holds a token, a URL or a customer's data."""

    trouble: Trouble = Trouble.NO_ANSWER


class CrmUnreachable(CrmError):
    """The CRM did not respond, or not in time."""


class CrmStatusError(CrmError):
    """A response with an HTTP error status. ``retry_after_seconds`` is its Retry-After, 0 if it has none."""

    def __init__(self, status: int, retry_after_seconds: float = 0.0) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.retry_after_seconds = retry_after_seconds
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.trouble = Trouble.BUSY

    @property
    def is_retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR


class CrmRetryLater(CrmError):
    """The request was not sent, and may be sent again after ``retry_after_seconds``."""

    def __init__(self, reason: str, retry_after_seconds: float) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


class CrmThrottled(CrmRetryLater):
    """The concurrency limit and its queue are full, or the CRM's Retry-After has not passed yet."""

    trouble = Trouble.BUSY


class CircuitOpen(CrmRetryLater):
    """The circuit breaker of the operation is open after several failures in a row."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it did not answer several times, and is not asked for {seconds:.0f} s", seconds)


class CrmUnreadable(CrmError):
    """A response that cannot be read as the API describes it."""

    trouble = Trouble.UNREADABLE


class CrmUnauthorized(CrmError):
    """The CRM does not accept the bot's credentials: an administrator has to act.

    ``error_msg`` is the CRM's own explanation, for the doctor. It may hold a name or a part of the token.
    """

    trouble = Trouble.REFUSED

    def __init__(self, reason: str, error_msg: str = "") -> None:
        super().__init__(reason)
        self.error_msg = error_msg


class CrmRejected(CrmError):
    """A ResultCode other than 0.

    ``error_msg`` is the CRM's own explanation for the asker, without secrets, numbers and mail addresses. It may be
    empty. As it may hold a name, it is not part of the message, which goes to the logs.
    """

    trouble = Trouble.REJECTED

    def __init__(self, result_code: str, error_msg: str) -> None:
        super().__init__(f"ResultCode {result_code}")
        self.error_msg = error_msg


class SlackError(BotError):
    """A call of Slack's API failed. The message never holds a token, an address or the content to be shown."""


class SlackRefused(SlackError):
    """Slack responded with an error ``code``, such as ``channel_not_found``; the message is that code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SlackUnreachable(SlackError):
    """Slack did not respond, not in time, or with something that cannot be read."""


class StoreUnavailable(BotError):
    """The database is not open yet, or cannot be reached. The message names no user, password or value."""


class SyncInProgress(BotError):
    """Another process is syncing the directory. If it has died, its lock expires at ``until`` (epoch seconds)."""

    def __init__(self, until: float) -> None:
        super().__init__("another process is syncing the directory")
        self.until = until


class ImportRefused(BotError):
    """A file that cannot be imported. The message is the reason, with the line if one is at fault, never its content.

    ``line`` counts from 1, as editors and spreadsheets do.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")


class MalformedRequest(BotError):
    """A correctly signed request whose body has none of the shapes that Slack sends."""
