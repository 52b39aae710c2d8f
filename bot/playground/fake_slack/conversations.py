"""What people do in the stand-in Slack that becomes an event: messages, links, Home, the flexpane."""

import asyncio
import html
import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from bot.playground.fake_slack.exchange import Exchange
from bot.playground.fake_slack.users import APP_ID, BOT_USER, CHANNEL, OTHER_TEAM, TEAM, USER, Channel
from bot.playground.fake_slack.workspace import Links, Workspace

COMPOSER: Final = "COMPOSER"
_BARE_LINK: Final = re.compile(r"(?<![<|])\bhttps?://[^\s<>|`]+")
_LINK: Final = re.compile(r"<(https?://[^|>]+)(?:\|[^>]*)?>")


@dataclass
class Said:
    """A message that a user posted. ``message`` and ``links`` are what came of its events, where Slack sends any."""

    channel: str
    ts: str
    user: str
    content: dict[str, Any] = field(default_factory=dict)
    """The message itself, as in a message shortcut."""
    message: Exchange | None = None
    links: Exchange | None = None


class Conversations(Workspace):
    async def post_message(
        self, text: str, *, user: str = USER, channel: str = CHANNEL, thread_ts: str = "", **others: Any
    ) -> Said:
        """Post ``text``, which is as in Slack's events, except that bare links are found in it.

        ``others`` of the message: blocks, attachments, subtype, bot_id, …
        """
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        ts = self.ts()
        content = {
            "type": "message",
            "user": user,
            "team": self.people[user].team_id,
            "text": _BARE_LINK.sub(r"<\g<0>>", text),
            "ts": ts,
            **thread,
            **others,
        }
        said = Said(channel, ts, user, content)
        self.messages[channel, ts] = content
        self.changes.tell()
        said.message, said.links = await asyncio.gather(self._tell_of_message(said), self._tell_of_links(said))
        return said

    async def edit_message(self, said: Said, text: str) -> Exchange | None:
        """``message_changed``, where the bot hears of messages."""
        before = said.content
        said.content = {**before, "text": text, "edited": {"user": said.user, "ts": self.ts()}}
        self.messages[said.channel, said.ts] = said.content
        changed = {"message": said.content, "previous_message": before, "ts": self.ts(), "hidden": True}
        return await self._tell_members(said.channel, {"type": "message", "subtype": "message_changed", **changed})

    async def compose(self, text: str, *, user: str = USER) -> Said:
        """Type links into the message box, without sending them."""
        said = Said(COMPOSER, f"composer-{self.number()}", user, {"text": _BARE_LINK.sub(r"<\g<0>>", text)})
        if self.sends_unfurl_ids:
            said.links = await self._tell_of_links(said)
        return said

    async def refresh_unfurl(self, said: Said) -> Exchange | None:
        """Ask for a new unfurl: a new event for the same links."""
        return await self._tell_of_links(said, is_unfurl_refresh=True)

    async def open_home(self, *, user: str = USER, tab: str = "home") -> Exchange:
        """Open the bot's Home."""
        home = self.homes.get(user)
        view = {"view": home.as_json()} if home else {}
        return await self.event({"type": "app_home_opened", "user": user, "channel": "D0HOME", "tab": tab, **view})

    async def open_flexpane(
        self,
        url: str,
        external_ref: dict[str, Any],
        *,
        user: str = USER,
        channel: str = CHANNEL,
        message_ts: str = "",
    ) -> Exchange:
        """Click a Work Object. https://docs.slack.dev/reference/events/entity_details_requested"""
        where = {"channel": channel, "message_ts": message_ts} if message_ts else {}
        event = {
            "type": "entity_details_requested",
            "user": user,
            "external_ref": external_ref,
            "entity_url": url,
            "link": {"url": url, "domain": urlsplit(url).hostname},
            "app_unfurl_url": url,
            "trigger_id": self.new_trigger(user, (url, external_ref)),
            "user_locale": self.people[user].locale,
            **where,
        }
        return await self.event(event)

    async def user_change(self, user: str) -> Exchange:
        person = self.people[user]
        return await self.event({"type": "user_change", "user": {**person.as_json(), "locale": person.locale}})

    async def channel_shared(self, channel: str) -> Exchange:
        """The channel is shared with another organisation from now on."""
        self.channels[channel].is_ext_shared = True
        return await self.event({"type": "channel_shared", "connected_team_id": OTHER_TEAM, "channel": channel})

    async def channel_unshared(self, channel: str) -> Exchange:
        """The channel is no longer shared."""
        self.channels[channel].is_ext_shared = False
        event = {"type": "channel_unshared", "previously_connected_team_id": OTHER_TEAM, "channel": channel}
        return await self.event({**event, "is_ext_shared": False})

    async def event(self, event: dict[str, Any], *, event_id: str = "") -> Exchange:
        """Any event, in its envelope."""
        exchange = self.new_exchange()
        channel = self.channels.get(str(event.get("channel")))
        exchange.request = {
            "token": "",
            "team_id": TEAM,
            "api_app_id": APP_ID,
            "event": {"event_ts": self.ts(), **event},
            "type": "event_callback",
            "event_id": event_id or f"Ev{self.number():04d}",
            "event_time": int(self.now()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM,
                    "user_id": BOT_USER,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
        }
        return await self.deliver(exchange, "events_api")

    async def redeliver(self, event: Exchange, *, retry_num: int = 1) -> Exchange:
        """The same event once more: Slack did not see that it was answered."""
        exchange = self.new_exchange()
        exchange.request, exchange.retry_num = event.request, retry_num
        return await self.deliver(exchange, "events_api")

    async def _tell_of_message(self, said: Said) -> Exchange | None:
        return await self._tell_members(said.channel, said.content)

    async def _tell_members(self, channel: str, message: dict[str, Any]) -> Exchange | None:
        """The bot hears of messages where it is a member and may read the history."""
        known = self.channels[channel]
        if not known.is_member or _history_scope(known) not in self.granted_scopes:
            return None
        return await self.event({**message, "channel": channel, "channel_type": known.type})

    async def _tell_of_links(self, said: Said, **others: Any) -> Exchange | None:
        """Of links on the bot's domains, wherever a member posts them. The event does not hold the message's text.

        https://docs.slack.dev/reference/events/link_shared
        """
        found = _LINK.findall(said.content["text"])
        urls = tuple(dict.fromkeys(html.unescape(url) for url in found if self._domain(html.unescape(url))))
        foreign = said.content.get("bot_id") or self.people[said.user].team_id != TEAM
        if not urls or foreign or "links:read" not in self.granted_scopes:
            return None
        source = "composer" if said.channel == COMPOSER else "conversations_history"
        links = Links(f"unfurl-{self.number()}", source, said.channel, said.ts, urls)
        self.links.append(links)
        ids = {"unfurl_id": links.unfurl_id, "source": source} if self.sends_unfurl_ids else {}
        thread = {"thread_ts": said.content["thread_ts"]} if "thread_ts" in said.content else {}
        channel = self.channels.get(said.channel)
        event = {
            "type": "link_shared",
            "user": said.user,
            "channel": said.channel,
            "message_ts": said.ts,
            "links": [{"url": url, "domain": self._domain(url)} for url in urls],
            "is_bot_user_member": bool(channel and channel.is_member),
            "user_locale": self.people[said.user].locale,
        }
        return await self.event({**event, **ids, **thread, **others})

    def _domain(self, url: str) -> str:
        """The bot's domain that ``url`` is on; deeper subdomains are, too."""
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:  # brackets that hold no address
            return ""
        return next((domain for domain in self.unfurl_domains if f".{host}".endswith(f".{domain}")), "")


def _history_scope(channel: Channel) -> str:
    return {"im": "im:history", "group": "groups:history", "channel": "channels:history"}[channel.type]
