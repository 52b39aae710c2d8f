"""What a check-up finds, as values: a verdict, what it is about, and the facts. The words are in the locales."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from bot.locales.health import DoctorTexts


class Verdict(StrEnum):
    """In the order in which somebody should read them."""

    FAILED = "FAILED"
    NOTE = "note"
    OK = "ok"


class Part(StrEnum):
    """What is looked at, in the order of a report."""

    SETTINGS = "settings"
    SLACK = "slack"
    CRM = "crm"
    DATABASE = "database"
    DIRECTORY = "directory"
    CACHE = "cache"
    QUEUE = "queue"
    PROCESS = "process"


class Word(StrEnum):
    """What is said. The facts that each wants stand in its text."""

    LATE = "late"
    BROKEN = "broken"

    SETTINGS_FINE = "settings_fine"
    NO_ADMINS = "no_admins"
    ADMINS_NOT_ALLOWED = "admins_not_allowed"
    CHANNELS_NOT_ALLOWED = "channels_not_allowed"
    TWO_WAYS_IN = "two_ways_in"
    IN_MEMORY = "in_memory"
    NO_SYNCS = "no_syncs"
    PLAIN_HTTP = "plain_http"
    LINKS = "links"
    NO_LINKS = "no_links"
    NO_ENTRANCE = "no_entrance"
    TWO_ENTRANCES = "two_entrances"
    OVER_HTTP = "over_http"
    OVER_SOCKET_MODE = "over_socket_mode"

    SLACK_KNOWS = "slack_knows"
    SLACK_TOKEN = "slack_token"
    SLACK_REFUSES = "slack_refuses"
    SLACK_SILENT = "slack_silent"
    SLACK_CLOCK = "slack_clock"
    SLACK_CLOCK_OFF = "slack_clock_off"
    SLACK_CLOCK_FAR_OFF = "slack_clock_far_off"
    SCOPES_FINE = "scopes_fine"
    SCOPES_UNTOLD = "scopes_untold"
    SCOPE_MISSING = "scope_missing"
    SCOPE_DECLINED = "scope_declined"
    APP_TOKEN_FINE = "app_token_fine"
    APP_TOKEN_REFUSED = "app_token_refused"
    APP_TOKEN_UNTOLD = "app_token_untold"

    CRM_ANSWERS = "crm_answers"
    CRM_TROUBLE = "crm_trouble"
    CRM_UNREADABLE = "crm_unreadable"
    TOKEN_RENEWED = "token_renewed"
    TOKEN_BY_HAND = "token_by_hand"
    CRM_CLOCK = "crm_clock"
    CRM_CLOCK_OFF = "crm_clock_off"
    CRM_CLOCK_REFUSED = "crm_clock_refused"
    ALL_ASKED = "all_asked"
    RESTS = "rests"
    TRIED_AGAIN = "tried_again"
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


class Moment(NamedTuple):
    """Epoch seconds, which each reader sees in their own time."""

    at: float


class Span(NamedTuple):
    """A time in seconds, told in words."""

    seconds: float


class Phrase(NamedTuple):
    """Words of our own, by which the texts know them: what a scope is for, say."""

    name: str


Fact = str | int | Moment | Span | Phrase
_NO_FACTS: Final[Mapping[str, Fact]] = MappingProxyType({})


class Finding(NamedTuple):
    """One line of a report. ``word`` names its text; no fact is a secret or says anything of a customer."""

    verdict: Verdict
    part: Part
    word: Word
    facts: Mapping[str, Fact] = _NO_FACTS


class Report(NamedTuple):
    """All findings in the order of their parts, as of when (epoch seconds), and how long it took."""

    findings: tuple[Finding, ...]
    at: float
    seconds: float

    def those(self, verdict: Verdict) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict is verdict)


def ok(part: Part, word: Word, **facts: Fact) -> Finding:
    return Finding(Verdict.OK, part, word, facts)


def note(part: Part, word: Word, **facts: Fact) -> Finding:
    """Nothing is broken, and somebody may want to know."""
    return Finding(Verdict.NOTE, part, word, facts)


def failed(part: Part, word: Word, **facts: Fact) -> Finding:
    return Finding(Verdict.FAILED, part, word, facts)


def in_words(
    finding: Finding, texts: DoctorTexts, foreign: Callable[[str], str], moment: Callable[[float], str]
) -> str:
    """What it says, and what to do. ``foreign`` makes words of others harmless where they are shown."""

    def told(fact: Fact) -> str:
        match fact:
            case Moment(at=at):
                return moment(at)
            case Span(seconds=seconds):
                return texts.span(seconds)
            case Phrase(name=name):
                return texts.phrases[name]
            case int():
                return f"{fact:,}"
            case _:
                return foreign(fact)

    return texts.says[finding.word].format(**{name: told(fact) for name, fact in finding.facts.items()})
