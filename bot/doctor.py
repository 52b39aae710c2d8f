"""``customer-bot doctor``: what is in order, what to do about the rest, and who sees which field."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from rich.cells import cell_len
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.command_line import moment
from bot.crm.customer_lists import CustomerLists, ListSource
from bot.crm.session import CrmSession
from bot.crm.transport import CrmTransport
from bot.directory_entry import key_id
from bot.errors import CrmError, CrmFailed, CrmRefused, CrmRejected, CrmUnreachable, StoreUnavailable
from bot.field_policy import FieldPolicy
from bot.guards import network_of
from bot.keys import directory_key
from bot.privacy import Audience, view
from bot.profile import CustomerProfile, ProfileField
from bot.settings import SlackSettings
from bot.slack.api import UNREADABLE, error_word

if TYPE_CHECKING:
    from bot.store.connecting import Connected

PATIENCE: Final = aiohttp.ClientTimeout(total=10)

REQUIRED_SCOPES: Final = {
    "commands": "/customer and the shortcuts",
    "chat:write": "sharing a card, cards in threads",
    "links:read": "hearing of links to customers",
    "links:write": "cards under links to customers",
    "users:read": "everything: nobody is shown a customer of whom Slack does not say who they are",
    "channels:read": "sharing, links and cards in public channels: whether they are internal cannot be read",
    "groups:read": "the same in private channels",
}
USERGROUPS_SCOPE: Final = "usergroups:read"
"""Needed where ALLOWED_USERGROUPS is set, and only there."""
OPTIONAL_SCOPES: Final = {
    "channels:history": "customer numbers that people write in public channels get no card",
    "groups:history": "customer numbers that people write in private channels get no card",
    USERGROUPS_SCOPE: "ALLOWED_USERGROUPS cannot be used",
}
"""They may be declined at the installation; the rest works without them."""
_OF_THE_TOKEN: Final = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
_CRM_SETTINGS: Final[Mapping[type[CrmError], str]] = {
    CrmUnreachable: "ESHOUHOU_BASE_URL, or try again later",
    CrmFailed: "ESHOUHOU_BASE_URL, or try again later",
    CrmRefused: "ESHOUHOU_APP_ID and ESHOUHOU_APP_SECRET, or ESHOUHOU_ACCESS_TOKEN",
    CrmRejected: "ESHOUHOU_SERVICE_SPACE_ID and ESHOUHOU_SERVICE_NETWORK_ID",
}
"""What may be wrong where the CRM gives no list. An answer that cannot be read says it by itself."""


class Verdict(StrEnum):
    OK = "ok"
    NOTE = "note"
    FAILED = "FAILED"


class Finding(NamedTuple):
    """One line of the report, in words that say what to do."""

    verdict: Verdict
    text: str


async def examine(settings: SlackSettings) -> AsyncIterator[Finding]:
    """Findings, as they come: Slack, its scopes, links, the database, the CRM's lists. No secret is in their texts."""
    async for finding in _slack(settings):
        yield finding
    yield _links(settings.customer_url_template)
    for finding in await _database(settings):
        yield finding
    yield await _lists(settings)


async def _slack(settings: SlackSettings) -> AsyncIterator[Finding]:
    async with aiohttp.ClientSession(timeout=PATIENCE) as session:
        token = settings.slack_bot_token.get_secret_value()
        client = AsyncWebClient(token, settings.slack_api_url, session=session)
        try:
            answer = await client.auth_test()
        except (SlackApiError, AttributeError, *UNREADABLE) as error:
            yield Finding(Verdict.FAILED, _why_not(error))
            return
    yield Finding(Verdict.OK, f"Slack knows the bot as {answer.get('user_id')} in {answer.get('team_id')}")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    for finding in _scopes(str(headers.get("x-oauth-scopes") or ""), _required_scopes(settings)):
        yield finding


def _why_not(error: Exception) -> str:
    """Why Slack did not say who the bot is, and what to do."""
    if isinstance(error, SlackApiError):
        word = error_word(error)
        check = "SLACK_BOT_TOKEN" if word in _OF_THE_TOKEN else "SLACK_API_URL, or try again later"
        return f"Slack answers auth.test with {word}: check {check}"
    if isinstance(error, AttributeError):  # slack_sdk's own, of an answer in plain text
        return "Slack answers auth.test with a text: check SLACK_API_URL"
    return f"Slack cannot be reached ({type(error).__name__}): check SLACK_API_URL"


def _required_scopes(settings: SlackSettings) -> dict[str, str]:
    usergroups = {USERGROUPS_SCOPE: "ALLOWED_USERGROUPS: nobody is known to be in one of them"}
    return {**REQUIRED_SCOPES, **(usergroups if settings.allowed_usergroups else {})}


def _scopes(header: str, required: Mapping[str, str]) -> list[Finding]:
    """What Slack's ``x-oauth-scopes`` lacks; Slack sends it with every answer to a bot's token."""
    if not header:
        return [Finding(Verdict.NOTE, "Slack does not say which scopes are granted: ask it without a proxy")]
    granted = {scope.strip() for scope in header.split(",")}
    findings = [
        Finding(Verdict.FAILED, f"scope {scope} is missing, needed for {use}. Reinstall the app from manifest.yml")
        for scope, use in required.items()
        if scope not in granted
    ]
    findings += [
        Finding(Verdict.NOTE, f"optional scope {scope} was declined: {effect}. Reinstall the app to allow it")
        for scope, effect in OPTIONAL_SCOPES.items()
        if scope not in granted and scope not in required
    ]
    return findings or [Finding(Verdict.OK, "all scopes are granted")]


def _links(template: str | None) -> Finding:
    if template is None:
        return Finding(Verdict.NOTE, "CUSTOMER_URL_TEMPLATE is not set: links get no cards, and cards have no link")
    host = urlsplit(template).hostname
    return Finding(Verdict.OK, f"links to customers are on {host}: it has to be in unfurl_domains of manifest.yml")


async def _database(settings: SlackSettings) -> list[Finding]:
    """One try, which also makes the tables where there are none."""
    from bot.store.connecting import connect  # loads SQLAlchemy

    try:
        connected = await connect(settings.database_url.get_secret_value(), time.time)
        try:
            await connected.claims.release("doctor")  # nobody's: it is seen whether the database can be written
            return [Finding(Verdict.OK, "the database can be used"), await _directory(settings, connected)]
        finally:
            await connected.database.close()
    except StoreUnavailable as error:
        return [Finding(Verdict.FAILED, f"{error}: check DATABASE_URL")]


async def _directory(settings: SlackSettings, connected: "Connected") -> Finding:
    """Raises StoreUnavailable."""
    network, key = network_of(settings), directory_key(settings)
    known = await connected.customers.stats(network, key_id(key))
    finished_at = await connected.syncs.finished_at(network)
    counts = f"the directory has {known.customers} customers, {known.with_contacts} with a phone or mail; last sync: "
    if finished_at is None:
        return Finding(Verdict.NOTE, f"{counts}never. Run customer-bot directory sync, or wait for the bot to do it")
    if key is None:
        return Finding(Verdict.NOTE, f"{counts}{moment(finished_at)}. Set DIRECTORY_KEY to have phones and mails found")
    return Finding(Verdict.OK, counts + moment(finished_at))


async def _lists(settings: SlackSettings) -> Finding:
    """The CRM's, which a sync goes through and a search asks: one of them."""
    transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds)
    try:
        await CustomerLists(CrmSession(transport, settings)).page(ListSource.CONTACTS, network_of(settings), 1)
    except CrmError as error:
        check = _CRM_SETTINGS.get(type(error))
        advice = f": check {check}" if check else ""
        return Finding(Verdict.FAILED, f"the CRM's lists cannot be read: {error}{advice}")
    finally:
        await transport.close()
    return Finding(Verdict.OK, "the CRM's lists can be read")


def sights(profile: CustomerProfile, policy: FieldPolicy) -> Iterator[str]:
    """A table, line by line: what each audience would see of every field of ``profile`` that has a value."""
    fields = [field for field in profile.fields if field.value]
    rows = [("", *(audience.value for audience in Audience))]
    rows += [(field.key, *(_sight(field, audience, policy) for audience in Audience)) for field in fields]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _sight(field: ProfileField, audience: Audience, policy: FieldPolicy) -> str:
    seen = view(CustomerProfile("", (field,)), audience, policy).fields
    return seen[0].value if seen else "-"
