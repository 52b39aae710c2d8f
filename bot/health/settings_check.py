"""Settings that contradict one another, or leave something out: only what is certain, and no value that is a secret."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from bot.domain.health import Finding, Part, Word, note, ok
from bot.settings import SlackSettings

_IN_MEMORY: Final = "sqlite:///:memory:"
_HERE: Final = "localhost"


def check_settings(settings: SlackSettings) -> list[Finding]:
    return [*_noteworthy(settings), _links(settings.customer_url_template)]


def _noteworthy(settings: SlackSettings) -> list[Finding]:
    found = [*_of_people(settings), *_of_the_crm(settings), *_of_the_database(settings), *_in_clear(settings)]
    return found or [ok(Part.SETTINGS, Word.SETTINGS_FINE)]


def _of_people(settings: SlackSettings) -> Iterator[Finding]:
    if not settings.admin_users:
        yield note(Part.SETTINGS, Word.NO_ADMINS)
    if settings.allowed_users and not settings.allowed_usergroups:  # who is in a group, Slack alone knows
        yield from _left_out(Word.ADMINS_NOT_ALLOWED, settings.admin_users - settings.allowed_users)
    if settings.allowed_channels:
        yield from _left_out(Word.CHANNELS_NOT_ALLOWED, settings.channel_networks.keys() - settings.allowed_channels)


def _left_out(word: Word, ids: frozenset[str] | set[str]) -> Iterator[Finding]:
    if ids:
        yield note(Part.SETTINGS, word, ids=", ".join(sorted(ids)))


def _of_the_crm(settings: SlackSettings) -> Iterator[Finding]:
    if settings.eshouhou_access_token is not None and settings.eshouhou_app_id and settings.eshouhou_app_secret:
        yield note(Part.SETTINGS, Word.TWO_WAYS_IN)


def _of_the_database(settings: SlackSettings) -> Iterator[Finding]:
    if settings.database_url.get_secret_value().lower() == _IN_MEMORY:
        yield note(Part.SETTINGS, Word.IN_MEMORY)
    if settings.directory_sync_hours == 0:
        yield note(Part.SETTINGS, Word.NO_SYNCS)


def _in_clear(settings: SlackSettings) -> Iterator[Finding]:
    """Tokens on the wire, as they are, to another machine."""
    for name in ("eshouhou_base_url", "slack_api_url"):
        address = urlsplit(getattr(settings, name))
        if address.scheme == "http" and not _is_here(address.hostname or ""):
            yield note(Part.SETTINGS, Word.PLAIN_HTTP, variable=name.upper())


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == _HERE


def _links(template: str | None) -> Finding:
    if template is None:
        return note(Part.SETTINGS, Word.NO_LINKS)
    return ok(Part.SETTINGS, Word.LINKS, host=urlsplit(template).hostname or "")
