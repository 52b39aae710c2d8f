"""Everything that is expected to go wrong, as one tree.

::

    BotError
    ├── CrmError              易售后 gave no answer that can be used
    │   ├── CrmUnreachable    no answer: connection, DNS, time ran out
    │   ├── CrmFailed         an answer with a bad HTTP status (429, 5xx, …)
    │   ├── CrmNotAsked       not asked at all, for some seconds
    │   │   ├── CrmBusy       more than it takes is asked already, or it wants a pause
    │   │   └── CrmResting    it did not answer several times
    │   ├── CrmUnreadable     an answer that is not what was announced: HTML, cut JSON, wrong shapes, too large
    │   ├── CrmRefused        the token, or the app id and secret, are not accepted
    │   └── CrmRejected       a ResultCode other than 0, with its ErrorMsg
    ├── SlackError            Slack did not do what the bot asked for
    │   ├── SlackRefused      it answered with an error word
    │   └── SlackUnreachable  no answer, or none that can be read
    ├── StoreUnavailable      the database cannot be used
    ├── SyncElsewhere         another process is syncing the directory
    ├── FileRefused           a file that cannot be imported
    └── MalformedRequest      a signed request that is no request of Slack's

Anything else that is raised is a bug: it is logged with a traceback and a code, and the person is told the code.
"""

from enum import StrEnum
from http import HTTPStatus


class Trouble(StrEnum):
    """Why a lookup has no fresh answer, in the words that cards and logs share."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    REJECTED = "rejected"
    STORE = "store"
    INTERNAL = "internal"


class BotError(Exception):
    """The root of everything expected."""


class CrmError(BotError):
    """易售后 gave no usable answer. Its text never holds a token, a URL or a customer's data."""

    trouble: Trouble = Trouble.NO_ANSWER


class CrmUnreachable(CrmError):
    """No answer at all, or none in time."""


class CrmFailed(CrmError):
    """An answer with a bad HTTP status, and in how many seconds the CRM wants to be asked again (0: it did not say)."""

    def __init__(self, status: int, retry_after_seconds: float = 0.0) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.retry_after_seconds = retry_after_seconds
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.trouble = Trouble.BUSY

    @property
    def may_pass(self) -> bool:
        """Whether asking again may help."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR


class CrmNotAsked(CrmError):
    """The bot has not asked, and will again in ``seconds``."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class CrmBusy(CrmNotAsked):
    """More is asked already than 易售后 takes at once, or it has asked for a pause."""

    trouble = Trouble.BUSY


class CircuitOpen(CrmNotAsked):
    """It has not answered several times, and is left alone for a while."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it did not answer several times, and is not asked for {seconds:.0f} s", seconds)


class CrmUnreadable(CrmError):
    """An answer that cannot be read as the API describes it."""

    trouble = Trouble.UNREADABLE


class CrmRefused(CrmError):
    """The bot's own access is not accepted: an administrator has to act."""

    trouble = Trouble.REFUSED


class CrmRejected(CrmError):
    """A ResultCode other than 0.

    ``error_msg`` is the CRM's own explanation for the person who asked, without secrets, numbers and addresses of mail;
    it may be empty, and as it may hold a name it is not part of the text that logs show.
    """

    trouble = Trouble.REJECTED

    def __init__(self, result_code: str, error_msg: str) -> None:
        super().__init__(f"ResultCode {result_code}")
        self.error_msg = error_msg


class SlackError(BotError):
    """Slack did not do what the bot asked for. Its text never holds a token, an address or what was to be shown."""


class SlackRefused(SlackError):
    """Slack answered with an error, such as ``channel_not_found``: that word is the text."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class SlackUnreachable(SlackError):
    """Slack gave no answer, none in time, or one that cannot be read."""


class StoreUnavailable(BotError):
    """The database cannot be used: not opened yet, or not reachable. Its text names no user, password or value."""


class SyncElsewhere(BotError):
    """Another process is syncing the directory; should it have died, its turn ends at ``until`` (epoch seconds)."""

    def __init__(self, until: float) -> None:
        super().__init__("another process is syncing the directory")
        self.until = until


class FileRefused(BotError):
    """A file that cannot be imported. Its text is the reason, and the line if one is to blame: never what stands there.

    ``line`` counts from 1, as editors and spreadsheets do.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")


class MalformedRequest(BotError):
    """A correctly signed request whose body is none of the shapes that Slack sends."""
