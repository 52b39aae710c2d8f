"""Where an answer of the bot's appears in the stand-in Slack: what comes back in a request, or over its response_url.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from bot.playground.fake_slack.chat_api import message_of
from bot.playground.fake_slack.workspace import Posted, Workspace


class _Origin(NamedTuple):
    """Where the user did what is answered. ``message_ts`` is the message that was clicked; "" for none."""

    user: str
    channel: str
    thread_ts: str
    message_ts: str


def show_answer(workspace: Workspace, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Put ``answer`` in front of the user who made ``request``; without a channel it is not shown.

    It is private. With ``replace_original`` it takes the place of the private message that was clicked; the
    acknowledgement of a command cannot be replaced (reported: slackapi/bolt-js#2287).
    """
    origin = _origin(request)
    if not origin.channel:
        return
    seen = workspace.answers[origin.channel, origin.user]
    timestamps = [posted.ts for posted in seen]
    if answer.get("replace_original") and origin.message_ts in timestamps:
        place = timestamps.index(origin.message_ts)
        seen[place] = seen[place]._replace(message=message_of(answer))
    else:
        seen.append(Posted(origin.channel, workspace.ts(), origin.thread_ts, message_of(answer)))


def _origin(request: Mapping[str, Any]) -> _Origin:
    if "command" in request:
        return _Origin(request["user_id"], request["channel_id"], "", "")
    container, message = request.get("container", {}), request.get("message", {})
    channel = request.get("channel", {}).get("id") or container.get("channel_id", "")
    thread_ts = container.get("thread_ts") or message.get("thread_ts", "")
    return _Origin(request["user"]["id"], channel, thread_ts, container.get("message_ts", ""))
