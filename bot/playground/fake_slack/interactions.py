"""What people do in the stand-in Slack with commands, buttons, shortcuts and modals."""

from collections.abc import Mapping
from typing import Any

from bot.playground.fake_slack.channels import Ephemeral, InView, Place, Spot, element
from bot.playground.fake_slack.exchange import Exchange
from bot.playground.fake_slack.suggestions import hold_to_query_length, suggested
from bot.playground.fake_slack.users import APP_ID, CHANNEL, TEAM, USER
from bot.playground.fake_slack.workspace import ShownView, Workspace
from bot.slack.message import Block

Values = Mapping[str, Mapping[str, Any]]
"""What stands in the inputs of a view: by block id, by action id."""
NOTHING_TYPED: Values = {}


class Interactions(Workspace):
    async def command(
        self, text: str, command: str = "/customer", *, user: str = USER, channel: str = CHANNEL
    ) -> Exchange:
        """A person types ``/customer text`` and presses Enter."""
        exchange = self.new_exchange()
        exchange.request = {
            "token": "",
            "command": command,
            "text": text,
            "team_id": TEAM,
            "team_domain": "playground",
            "user_id": user,
            "user_name": self.people[user].name,
            "channel_id": channel,
            "channel_name": self.channels[channel].name,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            **self._organisation("enterprise_"),
            "response_url": exchange.response_url,
            "trigger_id": self.new_trigger(user),
        }
        return await self.deliver(exchange, "slash_commands")

    async def click(
        self,
        action_id: str,
        value: str | None,
        *,
        user: str = USER,
        at: Place = Ephemeral(),  # noqa: B008  # immutable
        values: Values = NOTHING_TYPED,
    ) -> Exchange:
        """A person clicks a button, with ``values`` in the inputs of the view around it.

        Raises AssertionError if no such button is there.
        """
        self._type(at, values)
        spot = at.spot(self, user)
        button = element(spot, action_id, value)
        label = {"type": "plain_text", "text": "Button", "emoji": False}
        given: dict[str, Any] = {name: button[name] for name in ("text", "url", "style", "block_id") if name in button}
        action: dict[str, Any] = {"type": "button", "text": label, "block_id": "b1", **given, "action_id": action_id}
        return await self._act(spot, action if value is None else {**action, "value": value}, user)

    async def choose(
        self,
        action_id: str,
        value: str,
        *,
        user: str = USER,
        at: Place = Ephemeral(),  # noqa: B008  # immutable
        values: Values = NOTHING_TYPED,
    ) -> Exchange:
        """A person chooses an option of a menu, or of what a box suggests.

        Raises AssertionError if no such option is there.
        """
        self._type(at, values)
        spot = at.spot(self, user)
        menu = element(spot, action_id, value)
        is_box = menu.get("type") == "external_select"
        label = {"type": "plain_text", "text": "Option", "emoji": False}
        offered = self.suggestions[user, action_id] if is_box else menu.get("options", [])
        options = {option["value"]: option for option in offered}
        assert not is_box or value in options, f"the value {value} is not suggested there"
        action = {"type": menu.get("type", "overflow"), "block_id": menu.get("block_id", "b1"), "action_id": action_id}
        chosen = options.get(value, {"text": label, "value": value})
        return await self._act(spot, {**action, "selected_option": chosen}, user)

    async def suggest(self, action_id: str, value: str, *, user: str = USER, at: Place) -> list[Block]:
        """A person types ``value`` into a box, and sees the options that are suggested.

        Raises AssertionError if no such box is there, if Slack would not ask yet, or would show an error.
        https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
        """
        spot = at.spot(self, user)
        box = element(spot, action_id, None)
        hold_to_query_length(box, value)
        exchange = self.new_exchange()
        typed = {"action_id": action_id, "block_id": box.get("block_id", "b1"), "value": value}
        exchange.request = {**self._who(user), "type": "block_suggestion", **spot.fields, **typed}
        options = suggested(await self.deliver(exchange, "interactive"))
        self.suggestions[user, action_id] = options
        return options

    async def message_shortcut(
        self, callback_id: str, message: Mapping[str, Any], *, user: str = USER, channel: str = CHANNEL
    ) -> Exchange:
        """A person opens the menu of a message, in whatever channel, and chooses a shortcut."""
        exchange = self.new_exchange()
        exchange.request = {
            **self._who(user),
            "type": "message_action",
            "callback_id": callback_id,
            "action_ts": self.ts(),
            "trigger_id": self.new_trigger(user),
            "response_url": exchange.response_url,
            "channel": {"id": channel, "name": self.channels[channel].name},
            "message_ts": str(message.get("ts", "")),
            "message": {"type": "message", **message},
        }
        return await self.deliver(exchange, "interactive")

    async def global_shortcut(self, callback_id: str, *, user: str = USER) -> Exchange:
        """A person chooses a shortcut from the plus menu or the search: no channel, and no response_url."""
        exchange = self.new_exchange()
        kind = {"type": "shortcut", "callback_id": callback_id, "action_ts": self.ts()}
        exchange.request = {**self._who(user), **kind, "trigger_id": self.new_trigger(user)}
        return await self.deliver(exchange, "interactive")

    async def submit(self, view_id: str, values: Values = NOTHING_TYPED, *, user: str = USER) -> Exchange:
        """A person submits the modal on top, which then does what the acknowledgement says.

        Raises AssertionError if it cannot be submitted, or if Slack could not show the answer.
        """
        shown = self._on_top(view_id)
        assert "submit" in shown.view, "this modal has nothing to submit it with"
        self._type(InView(view_id), values)
        exchange = self.submitting[view_id] = self.new_exchange()
        kind = {"type": "view_submission", "view": shown.as_json(), "response_urls": []}
        exchange.request = {**self._who(user), **kind, "trigger_id": self.new_trigger(user)}
        try:
            return await self.deliver(exchange, "interactive")
        finally:
            if self.submitting.get(view_id) is exchange:  # else it was submitted once more meanwhile
                del self.submitting[view_id]

    async def close(self, view_id: str, *, user: str = USER) -> Exchange | None:
        """A person closes the modal on top. The bot hears of it if it asked for that."""
        shown = self._on_top(view_id)
        self.modals[shown.user].remove(shown)
        self.changes.tell()
        if not shown.view.get("notify_on_close"):
            return None
        exchange = self.new_exchange()
        kind = {"type": "view_closed", "view": shown.as_json(), "is_cleared": False}
        exchange.request = {**self._who(user), **kind}
        return await self.deliver(exchange, "interactive")

    async def _act(self, spot: Spot, action: dict[str, Any], user: str) -> Exchange:
        exchange = self.new_exchange()
        answerable = {"response_url": exchange.response_url} if spot.has_response_url else {}
        exchange.request = {
            **self._who(user),
            "type": "block_actions",
            **spot.fields,
            **answerable,
            "trigger_id": self.new_trigger(user),
            "actions": [{**action, "action_ts": self.ts()}],
        }
        return await self.deliver(exchange, "interactive")

    def _who(self, user: str) -> dict[str, Any]:
        return {
            "token": "",
            "api_app_id": APP_ID,
            "team": {"id": TEAM, "domain": "playground", **self._organisation("enterprise_")},
            "user": self.people[user].in_payload(),
            "enterprise": self._organisation() or None,
            "is_enterprise_install": False,
        }

    def _organisation(self, prefix: str = "") -> dict[str, str]:
        """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""
        return {f"{prefix}id": self.enterprise_id, f"{prefix}name": "Play"} if self.enterprise_id else {}

    def _type(self, at: Place, values: Values) -> None:
        """Type into the inputs of a view. Raises AssertionError where there is none."""
        if not values:
            return
        assert isinstance(at, InView), "only views have inputs"
        shown = self.view(at.view_id)
        inputs = {block.get("block_id") for block in shown.view["blocks"] if block.get("type") == "input"}
        assert set(values) <= inputs, f"no inputs there: {set(values) - inputs}"
        shown.values.update({block_id: dict(elements) for block_id, elements in values.items()})

    def _on_top(self, view_id: str) -> ShownView:
        shown = self.view(view_id)
        assert self.modal(shown.user) is shown, "this modal is not on top"
        return shown
