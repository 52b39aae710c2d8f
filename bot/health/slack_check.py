"""The bot token, the scopes, the app-level token, and whether the clocks of Slack and this machine agree."""

import asyncio
import time
from typing import Final

from bot.domain.health import CheckResult, Part, Phrase, TextKey, failed, note, ok
from bot.errors import SlackRefused, SlackUnreachable
from bot.health.context import HealthContext, compare_clocks
from bot.runtime.clock_skew import ServerDate
from bot.settings import DoctorSettings
from bot.slack.api import REFUSES_TOKEN
from bot.slack.identity import call_in_time, self_test

REQUIRED_SCOPES: Final = (
    *("commands", "chat:write", "links:read", "links:write", "users:read", "channels:read", "groups:read"),
)
USERGROUPS_SCOPE: Final = "usergroups:read"
"""Required only if ALLOWED_USERGROUPS is set."""
OPTIONAL_SCOPES: Final = ("channels:history", "groups:history", USERGROUPS_SCOPE)
"""They may be declined at the installation; the rest works without them."""
SIGNATURE_SECONDS: Final = 300.0
"""The age up to which a signed request is valid (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""


async def check_slack(context: HealthContext) -> list[CheckResult]:
    bot, app = await asyncio.gather(check_bot_token(context), check_app_token(context))
    return [*bot, *app]


async def check_bot_token(context: HealthContext) -> list[CheckResult]:
    began = time.perf_counter()
    try:
        known = await self_test(context.slack, context.request_timeout_seconds)
    except SlackRefused as error:
        key = TextKey.SLACK_TOKEN if error.code in REFUSES_TOKEN else TextKey.SLACK_REFUSES
        return [failed(Part.SLACK, key, answer=error.code)]
    except SlackUnreachable as error:
        return [failed(Part.SLACK, TextKey.SLACK_UNREACHABLE, reason=str(error))]
    ms = round((time.perf_counter() - began) * 1000)
    identity, needs_usergroups = known.identity, bool(context.settings.allowed_usergroups)
    return [
        ok(Part.SLACK, TextKey.SLACK_KNOWS, bot=identity.bot_user_id, team=identity.team_id, ms=ms),
        *check_scopes(known.scopes, needs_usergroups=needs_usergroups),
        *compare_clocks(
            Part.SLACK,
            ServerDate(known.date, context.now()).skew_seconds,
            SIGNATURE_SECONDS,
            (TextKey.SLACK_CLOCK, TextKey.SLACK_CLOCK_OFF, TextKey.SLACK_CLOCK_FAR_OFF),
        ),
    ]


def check_scopes(granted: frozenset[str] | None, *, needs_usergroups: bool) -> list[CheckResult]:
    """``granted`` is None if the response does not say: a proxy may remove the header."""
    if granted is None:
        return [note(Part.SLACK, TextKey.SCOPES_UNKNOWN)]
    required = (*REQUIRED_SCOPES, USERGROUPS_SCOPE) if needs_usergroups else REQUIRED_SCOPES
    missing = [scope for scope in required if scope not in granted]
    declined = [scope for scope in OPTIONAL_SCOPES if scope not in (*granted, *required)]
    return [
        *(failed(Part.SLACK, TextKey.SCOPE_MISSING, scope=scope, use=Phrase(f"needs {scope}")) for scope in missing),
        *(note(Part.SLACK, TextKey.SCOPE_DECLINED, scope=scope, effect=Phrase(f"lacks {scope}")) for scope in declined),
    ] or [ok(Part.SLACK, TextKey.SCOPES_FINE)]


async def check_app_token(context: HealthContext) -> list[CheckResult]:
    """Request a Socket Mode address and leave it unused: Slack counts a connection only once it is opened.

    https://docs.slack.dev/reference/methods/apps.connections.open
    """
    token = context.settings.slack_app_token if isinstance(context.settings, DoctorSettings) else None
    if token is None:
        return []
    try:
        opening = context.slack.apps_connections_open(app_token=token.get_secret_value())
        await call_in_time(opening, context.request_timeout_seconds)
    except SlackRefused as error:
        return [failed(Part.SLACK, TextKey.APP_TOKEN_REFUSED, answer=error.code)]
    except SlackUnreachable as error:
        return [note(Part.SLACK, TextKey.APP_TOKEN_UNKNOWN, reason=str(error))]
    return [ok(Part.SLACK, TextKey.APP_TOKEN_FINE)]
