"""The stand-in Slack's Web API: reading a call, and answering it."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.playground.fake_crm.faults import instead
from bot.playground.fake_slack.chat_api import post_ephemeral, post_message, present_details, unfurl
from bot.playground.fake_slack.users import BOT_ID, BOT_USER, TEAM
from bot.playground.fake_slack.views_api import open_view, publish_view, push_view, update_view
from bot.playground.fake_slack.workspace import Refused, Taken, Workspace

BOT_TOKEN: Final = "xoxb-playground"

Arguments = dict[str, Any]
Method = Callable[[Workspace, Arguments], Arguments]


def auth_test(workspace: Workspace, arguments: Arguments) -> Arguments:
    return {"team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT_ID}


def users_info(workspace: Workspace, arguments: Arguments) -> Arguments:
    """https://docs.slack.dev/reference/methods/users.info: the locale comes when it is asked for."""
    workspace.require_scope("users:read")
    person = workspace.people.get(str(arguments.get("user")))
    if person is None:
        raise Refused("user_not_found")
    locale = {"locale": person.locale} if arguments.get("include_locale") in (True, "true", "1") else {}
    return {"user": {**person.as_json(), **locale}}


def conversations_info(workspace: Workspace, arguments: Arguments) -> Arguments:
    """https://docs.slack.dev/reference/methods/conversations.info: a scope for each kind of conversation."""
    channel = workspace.channels.get(str(arguments.get("channel")))
    if channel is None:
        raise Refused("channel_not_found")
    workspace.require_scope({"im": "im:read", "group": "groups:read", "channel": "channels:read"}[channel.type])
    if channel.is_hidden:
        raise Refused("channel_not_found")
    return {"channel": channel.as_json()}


def usergroups_users_list(workspace: Workspace, arguments: Arguments) -> Arguments:
    """https://docs.slack.dev/reference/methods/usergroups.users.list"""
    workspace.require_scope("usergroups:read")
    members = workspace.usergroups.get(str(arguments.get("usergroup")))
    if members is None:
        raise Refused("no_such_subteam")
    return {"users": list(members)}


METHODS: Final[Mapping[str, Method]] = {
    "auth.test": auth_test,
    "users.info": users_info,
    "usergroups.users.list": usergroups_users_list,
    "conversations.info": conversations_info,
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.unfurl": unfurl,
    "entity.presentDetails": present_details,
    "views.open": open_view,
    "views.push": push_view,
    "views.update": update_view,
    "views.publish": publish_view,
}


def web_api(workspace: Workspace) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint that answers ``/api/{method}``."""

    async def answer(request: Request) -> Response:
        method = str(request.path_params["method"])
        try:
            arguments = await _arguments(request)
        except ValueError:
            return JSONResponse(Refused("invalid_json").answer)
        except TypeError:
            return JSONResponse(Refused("json_not_object").answer)
        workspace.calls.append((method, arguments))
        workspace.changes.tell()
        await _wait_for_its_turn(workspace, method, arguments)
        faulty = await instead(workspace.fault, workspace.released)
        if faulty is not None:
            return faulty
        if workspace.refuse[method]:
            return _refusal(workspace.refuse[method].pop(0))
        authorized = request.headers.get("authorization") == f"Bearer {BOT_TOKEN}"
        answer = _answer(workspace, method, arguments) if authorized else Refused("invalid_auth").answer
        workspace.changes.tell()
        return JSONResponse(answer, headers={"x-oauth-scopes": ",".join(workspace.granted_scopes)})

    return answer


async def _wait_for_its_turn(workspace: Workspace, method: str, arguments: Arguments) -> None:
    """A view that is being submitted changes first as the acknowledgement says."""
    if method in workspace.hold:
        await workspace.hold[method].wait()
    submission = workspace.submitting.get(str(arguments.get("view_id")))
    if submission is not None:
        await submission.after_the_acknowledgement()


def _answer(workspace: Workspace, method: str, arguments: Arguments) -> Arguments:
    if method not in METHODS:
        return Refused("unknown_method").answer
    try:
        answer = {"ok": True, **METHODS[method](workspace, arguments)}
    except Refused as refused:
        return refused.answer
    workspace.taken.append(Taken(method, arguments, answer))
    return answer


def _refusal(given: Response | str) -> Response:
    return JSONResponse(Refused(given).answer) if isinstance(given, str) else given


async def _arguments(request: Request) -> Arguments:
    """Of the query, and of JSON or a form. Raises ValueError, or TypeError for JSON that is no object."""
    arguments: Arguments = dict(request.query_params)
    body = (await request.body()).decode()
    if request.headers.get("content-type", "").startswith("application/json"):
        return {**arguments, **json.loads(body or "{}")}
    return {**arguments, **{name: _value(value) for name, value in parse_qsl(body)}}


def _value(text: str) -> Any:
    """In a form, blocks and views are JSON."""
    return json.loads(text) if text.startswith(("{", "[")) else text
