"""The stand-in Slack's modals and Home: the views.* methods, and what the answer to a submission does."""

from typing import Any, Final

from bot.cards.limits import MAX_VIEW_BYTES, view_violations
from bot.playground.fake_slack.exchange import Exchange
from bot.playground.fake_slack.workspace import Refused, ShownView, Workspace
from bot.slack.message import View

MAX_DEPTH: Final = 3

Arguments = dict[str, Any]


def open_view(workspace: Workspace, arguments: Arguments) -> Arguments:
    """https://docs.slack.dev/reference/methods/views.open"""
    view = _checked(arguments.get("view"), "modal")
    user = workspace.exchange_trigger(arguments.get("trigger_id")).user
    shown = _new(workspace, user, view)
    workspace.modals[user] = [shown]
    return {"view": shown.as_json()}


def push_view(workspace: Workspace, arguments: Arguments) -> Arguments:
    """https://docs.slack.dev/reference/methods/views.push: on top of a modal, three at most."""
    view = _checked(arguments.get("view"), "modal")
    user = workspace.exchange_trigger(arguments.get("trigger_id")).user
    return {"view": _push(workspace, user, view).as_json()}


def update_view(workspace: Workspace, arguments: Arguments) -> Arguments:
    """https://docs.slack.dev/reference/methods/views.update: of a view that is still there."""
    if not arguments.get("view_id"):
        raise Refused("invalid_arguments", ["no view_id"])
    shown = workspace.view(str(arguments["view_id"]))
    view = _checked(arguments.get("view"), shown.view["type"])
    _hold_to_hash(shown, arguments)
    _show(workspace, shown, view)
    return {"view": shown.as_json()}


def publish_view(workspace: Workspace, arguments: Arguments) -> Arguments:
    """https://docs.slack.dev/reference/methods/views.publish"""
    user = str(arguments.get("user_id"))
    if user not in workspace.people:
        raise Refused("user_not_found")
    view = _checked(arguments.get("view"), "home")
    shown = workspace.homes.get(user)
    if shown is None:
        shown = workspace.homes[user] = _new(workspace, user, view)
    else:
        _hold_to_hash(shown, arguments)
        _show(workspace, shown, view)
    return {"view": shown.as_json()}


def answer_submission(workspace: Workspace, exchange: Exchange, answer: Arguments) -> None:
    """What an acknowledged submission does to the modals. Raises AssertionError where Slack would show an error.

    https://docs.slack.dev/surfaces/modals
    """
    try:
        _change_stack(workspace, workspace.view(exchange.request["view"]["id"]), answer)
    except Refused as refused:
        raise AssertionError(f"Slack would show nothing of this answer: {refused.answer}") from refused


def _change_stack(workspace: Workspace, shown: ShownView, answer: Arguments) -> None:
    stack = workspace.modals[shown.user]
    shown.errors = {}
    match answer.get("response_action"):
        case None if not answer:
            stack.remove(shown)
        case "clear":
            stack.clear()
        case "update":
            _show(workspace, shown, _checked(answer.get("view"), "modal"))
        case "push":
            _push(workspace, shown.user, _checked(answer.get("view"), "modal"))
        case "errors":
            shown.errors = _errors(shown, answer.get("errors"))
        case _:
            raise Refused("invalid_arguments", [f"unknown answer {answer}"])


def _errors(shown: ShownView, errors: Any) -> dict[str, str]:
    inputs = {block.get("block_id") for block in shown.view["blocks"] if block.get("type") == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise Refused("invalid_arguments", ["errors of blocks that are no inputs"])
    return errors


def _push(workspace: Workspace, user: str, view: View) -> ShownView:
    stack = workspace.modals[user]
    if not stack:
        raise Refused("not_found")
    if len(stack) == MAX_DEPTH:
        raise Refused("push_limit_reached")
    shown = _new(workspace, user, view)
    shown.root_view_id, shown.previous_view_id = stack[0].view_id, stack[-1].view_id
    stack.append(shown)
    return shown


def _new(workspace: Workspace, user: str, view: View) -> ShownView:
    view_id = f"V{workspace.number():04d}"
    shown = ShownView(view_id, user, view, root_view_id=view_id)
    _show(workspace, shown, view)
    return shown


def _show(workspace: Workspace, shown: ShownView, view: View) -> None:
    shown.view, shown.hash = view, f"{workspace.ts()}.hash"
    shown.history.append(view)


def _hold_to_hash(shown: ShownView, arguments: Arguments) -> None:
    if arguments.get("hash") and arguments["hash"] != shown.hash:
        raise Refused("hash_conflict")


def _checked(view: Any, kind: str) -> View:
    blocks = view.get("blocks") if isinstance(view, dict) else None
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refused("invalid_arguments", ["no view"])
    found = view_violations(view)
    if view.get("type") != kind:
        found.append(f"{view.get('type')} instead of {kind}")
    if found:
        too_large = all(f"{MAX_VIEW_BYTES} bytes" in violation for violation in found)
        raise Refused("view_too_large" if too_large else "invalid_arguments", found)
    checked: View = view
    return checked
