"""The results of the health check as values: a verdict, a part, a text and its facts. The texts are in the locales."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from bot.locales.health import HealthTexts


class Verdict(StrEnum):
    """In the order of the card: failures first."""

    FAILED = "FAILED"
    NOTE = "note"
    OK = "ok"


class Part(StrEnum):
    """What is checked, in the order of a report."""

    SETTINGS = "settings"
    SLACK = "slack"
    CRM = "crm"
    DATABASE = "database"
    DIRECTORY = "directory"
    CACHE = "cache"
    QUEUE = "queue"
    PROCESS = "process"


class TextKey(StrEnum):
    """The text of a result, which names the facts it needs. The log has the values (``examined``): they stay."""

    LATE = "late"
    BROKEN = "broken"

    SETTINGS_FINE = "settings_fine"
    NO_ADMINS = "no_admins"
    ADMINS_NOT_ALLOWED = "admins_not_allowed"
    CHANNELS_NOT_ALLOWED = "channels_not_allowed"
    TWO_CREDENTIALS = "two_ways_in"
    IN_MEMORY = "in_memory"
    NO_SYNCS = "no_syncs"
    PLAIN_HTTP = "plain_http"
    LINKS = "links"
    NO_LINKS = "no_links"
    NO_WAY_IN = "no_entrance"
    HTTP_AND_SOCKET_MODE = "two_entrances"
    OVER_HTTP = "over_http"
    OVER_SOCKET_MODE = "over_socket_mode"

    SLACK_KNOWS = "slack_knows"
    SLACK_TOKEN = "slack_token"
    SLACK_REFUSES = "slack_refuses"
    SLACK_UNREACHABLE = "slack_silent"
    SLACK_CLOCK = "slack_clock"
    SLACK_CLOCK_OFF = "slack_clock_off"
    SLACK_CLOCK_FAR_OFF = "slack_clock_far_off"
    SCOPES_FINE = "scopes_fine"
    SCOPES_UNKNOWN = "scopes_untold"
    SCOPE_MISSING = "scope_missing"
    SCOPE_DECLINED = "scope_declined"
    APP_TOKEN_FINE = "app_token_fine"
    APP_TOKEN_REFUSED = "app_token_refused"
    APP_TOKEN_UNKNOWN = "app_token_untold"

    CRM_ANSWERS = "crm_answers"
    CRM_TROUBLE = "crm_trouble"
    CRM_UNREADABLE = "crm_unreadable"
    TOKEN_RENEWED = "token_renewed"
    TOKEN_BY_HAND = "token_by_hand"
    CRM_CLOCK = "crm_clock"
    CRM_CLOCK_OFF = "crm_clock_off"
    CRM_CLOCK_REFUSED = "crm_clock_refused"
    CIRCUITS_CLOSED = "all_asked"
    CIRCUIT_OPEN = "rests"
    CIRCUIT_HALF_OPEN = "tried_again"
    LISTS_FINE = "lists_fine"
    LISTS_TROUBLE = "lists_trouble"
    LISTS_UNREADABLE = "lists_unreadable"

    DATABASE_FINE = "database_fine"
    DATABASE_TROUBLE = "database_trouble"

    DIRECTORY_FINE = "directory_fine"
    NEVER_SYNCED = "never_synced"
    SYNC_OVERDUE = "sync_overdue"
    NO_KEY = "no_key"

    CACHE = "cache"

    CRM_QUEUE = "crm_queue"
    CRM_QUEUE_WAITS = "crm_queue_waits"
    CRM_QUEUE_FULL = "crm_queue_full"
    TASKS = "tasks"
    ROWS = "rows"
    ROWS_WAIT = "rows_wait"
    ROWS_DROPPED = "rows_dropped"

    VERSION = "version"
    UP = "up"


class Timestamp(NamedTuple):
    """Epoch seconds, shown in the reader's time zone."""

    at: float


class Duration(NamedTuple):
    """Seconds, shown in words."""

    seconds: float


class Phrase(NamedTuple):
    """A text of the bot's own within another one, such as what a scope is needed for. ``name`` is its key."""

    name: str


Fact = str | int | Timestamp | Duration | Phrase


class CheckResult(NamedTuple):
    """One line of a report. ``key`` names its text; no fact is a secret or a customer's data."""

    verdict: Verdict
    part: Part
    key: TextKey
    facts: Mapping[str, Fact] = MappingProxyType({})


class Report(NamedTuple):
    """All results in the order of their parts, when the check began (epoch seconds), and how long it took."""

    results: tuple[CheckResult, ...]
    at: float
    seconds: float

    def with_verdict(self, verdict: Verdict) -> tuple[CheckResult, ...]:
        return tuple(result for result in self.results if result.verdict is verdict)


def ok(part: Part, key: TextKey, **facts: Fact) -> CheckResult:
    return CheckResult(Verdict.OK, part, key, facts)


def note(part: Part, key: TextKey, **facts: Fact) -> CheckResult:
    """Nothing is broken, but an admin should know."""
    return CheckResult(Verdict.NOTE, part, key, facts)


def failed(part: Part, key: TextKey, **facts: Fact) -> CheckResult:
    return CheckResult(Verdict.FAILED, part, key, facts)


def describe(
    result: CheckResult, texts: HealthTexts, escape: Callable[[str], str], timestamp: Callable[[float], str]
) -> str:
    """What ``result`` says, and what to do. ``escape`` neutralises texts that come from Slack, the CRM or settings."""

    def in_words(fact: Fact) -> str:
        match fact:
            case Timestamp(at=at):
                return timestamp(at)
            case Duration(seconds=seconds):
                return texts.span(seconds)
            case Phrase(name=name):
                return texts.phrases[name]
            case int():
                return f"{fact:,}"
            case _:
                return escape(fact)

    return texts.says[result.key].format(**{name: in_words(fact) for name, fact in result.facts.items()})
