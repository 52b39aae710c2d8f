"""By which way Slack's requests come, as far as settings and Slack tell: of the command line alone.

A process that serves has been started the one way or the other, and was asked over it.
"""

from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.health import Finding, Part, Word, failed, note, ok
from bot.errors import SlackRefused, SlackUnreachable
from bot.health.context import INNER, Entrances, HealthContext
from bot.slack.identity import call_in_time

OPENING: Final = "apps.connections.open"


def check_entrances(entrances: Entrances | None) -> list[Finding]:
    """What is set. No value is told."""
    match entrances:
        case None:
            return []
        case Entrances(is_signed=False, socket=None):
            return [failed(Part.SETTINGS, Word.NO_ENTRANCE)]
        case Entrances(is_signed=True, socket=None):
            return [ok(Part.SETTINGS, Word.OVER_HTTP)]
        case Entrances(is_signed=False):
            return [ok(Part.SETTINGS, Word.OVER_SOCKET_MODE)]
        case _:
            return [note(Part.SETTINGS, Word.TWO_ENTRANCES)]


async def check_app_token(context: HealthContext) -> list[Finding]:
    """Whether Slack takes it. The address that Slack gives is not used: Slack counts a connection once there is one."""
    if context.entrances is None or context.entrances.socket is None:
        return []
    try:
        await _opened(context.entrances.socket, context.patience_seconds * INNER)
    except SlackRefused as refused:
        return [failed(Part.SLACK, Word.APP_TOKEN_REFUSED, answer=refused.code)]
    except SlackUnreachable as error:
        return [note(Part.SLACK, Word.APP_TOKEN_UNTOLD, reason=str(error))]
    return [ok(Part.SLACK, Word.APP_TOKEN_FINE)]


async def _opened(client: AsyncWebClient, seconds: float) -> None:
    """https://docs.slack.dev/reference/methods/apps.connections.open: it takes an app-level token."""
    await call_in_time(client.api_call(OPENING), seconds)
