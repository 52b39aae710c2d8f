"""Slack users: users.info, cached for an hour and invalidated by ``user_change``."""

from typing import Final, NamedTuple

from bot.errors import SlackUnreachable
from bot.slack.remote_cache import RemoteCache

SLACKBOT: Final = "USLACKBOT"
"""Posts reminders and answers. Of all bots, it alone is none by ``is_bot`` (reported: bolt-js#794)."""


class User(NamedTuple):
    """What users.info says: Slack ids ("" where there is none), the locale (``zh-CN``), and what kind of user."""

    team_id: str
    enterprise_id: str
    locale: str
    is_stranger: bool
    """Belongs to another organisation (Slack's own word)."""
    is_guest: bool
    is_bot: bool
    deleted: bool


class Users(RemoteCache[User]):
    TTL_SECONDS = 3_600

    async def user(self, user_id: str) -> User:
        """Raises SlackError when Slack does not say."""
        return await self._get(user_id)

    async def _fetch(self, key: str) -> User:
        user = (await self._api.read("users.info", user=key, include_locale="true")).get("user")
        if not isinstance(user, dict) or not user:
            raise SlackUnreachable("users.info without a user")
        enterprise = user.get("enterprise_user")
        return User(
            team_id=str(user.get("team_id") or ""),
            enterprise_id=str(enterprise.get("enterprise_id") or "") if isinstance(enterprise, dict) else "",
            locale=str(user.get("locale") or ""),
            is_stranger=bool(user.get("is_stranger")),
            is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            is_bot=bool(user.get("is_bot")) or key == SLACKBOT,
            deleted=bool(user.get("deleted")),
        )
