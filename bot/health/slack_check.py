"""Who the bot is to Slack, what it may do there, and whether their clocks agree."""

import time
from typing import Final

from bot.domain.health import Finding, Part, Phrase, Word, failed, note, ok
from bot.errors import SlackRefused, SlackUnreachable
from bot.health.clock import far_apart, spelt
from bot.health.context import INNER, HealthContext
from bot.runtime.clock_skew import ServerDate
from bot.settings import SlackSettings
from bot.slack.api import REFUSES_TOKEN
from bot.slack.identity import SelfTest, self_test

REQUIRED_SCOPES: Final = (
    *("commands", "chat:write", "links:read", "links:write", "users:read", "channels:read", "groups:read"),
)
USERGROUPS_SCOPE: Final = "usergroups:read"
"""Needed where ALLOWED_USERGROUPS is set, and only there."""
OPTIONAL_SCOPES: Final = ("channels:history", "groups:history", USERGROUPS_SCOPE)
"""They may be declined at the installation; the rest works without them."""
SIGNATURE_SECONDS: Final = 300.0
"""How old a signed request of Slack's may be (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""


async def check_slack(context: HealthContext) -> list[Finding]:
    began = time.perf_counter()
    try:
        known = await self_test(context.slack, context.patience_seconds * INNER)
    except SlackRefused as refused:
        word = Word.SLACK_TOKEN if refused.code in REFUSES_TOKEN else Word.SLACK_REFUSES
        return [failed(Part.SLACK, word, answer=refused.code)]
    except SlackUnreachable as error:
        return [failed(Part.SLACK, Word.SLACK_SILENT, reason=str(error))]
    ms = round((time.perf_counter() - began) * 1000)
    knows = ok(Part.SLACK, Word.SLACK_KNOWS, bot=known.identity.bot_user_id, team=known.identity.team_id, ms=ms)
    return [knows, *_scopes(known, context.settings), *_clock(ServerDate(known.date, context.now()))]


def _scopes(known: SelfTest, settings: SlackSettings) -> list[Finding]:
    if known.scopes is None:
        return [note(Part.SLACK, Word.SCOPES_UNTOLD)]
    required = (*REQUIRED_SCOPES, USERGROUPS_SCOPE) if settings.allowed_usergroups else REQUIRED_SCOPES
    findings = [
        failed(Part.SLACK, Word.SCOPE_MISSING, scope=scope, use=Phrase(f"needs {scope}"))
        for scope in required
        if scope not in known.scopes
    ]
    findings += [
        note(Part.SLACK, Word.SCOPE_DECLINED, scope=scope, effect=Phrase(f"lacks {scope}"))
        for scope in OPTIONAL_SCOPES
        if scope not in known.scopes and scope not in required
    ]
    return findings or [ok(Part.SLACK, Word.SCOPES_FINE)]


def _clock(date: ServerDate) -> list[Finding]:
    """Nobody's fault where Slack, or a proxy, tells no time."""
    skew = date.skew_seconds
    if skew is None:
        return []
    if abs(skew) >= SIGNATURE_SECONDS:
        return [failed(Part.SLACK, Word.SLACK_CLOCK_FAR_OFF, **spelt(skew))]
    if far_apart(skew):
        return [note(Part.SLACK, Word.SLACK_CLOCK_OFF, **spelt(skew))]
    return [ok(Part.SLACK, Word.SLACK_CLOCK)]
