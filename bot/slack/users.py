"""Who a person in Slack is: asked of users.info once an hour, and again when Slack says that something changed."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from cachetools import TTLCache

from bot.errors import SlackUnreachable
from bot.runtime.tasks import BackgroundTasks
from bot.slack.api import SlackApi

REMEMBERED_SECONDS: Final = 3_600
REMEMBERED_PEOPLE: Final = 10_000


class Person(NamedTuple):
    """What users.info says: Slack ids ("" where there is none), the locale (``zh-CN``), and what kind of user."""

    team_id: str
    enterprise_id: str
    locale: str
    is_stranger: bool
    """Somebody of another organisation (Slack's own word)."""
    is_guest: bool
    is_bot: bool
    deleted: bool


class Users:
    """All who ask for one person at once share one request."""

    def __init__(self, api: SlackApi, background: BackgroundTasks, now: Callable[[], float]) -> None:
        self._api = api
        self._background = background
        self._known: TTLCache[str, Person] = TTLCache(REMEMBERED_PEOPLE, REMEMBERED_SECONDS, timer=now)
        self._asking: dict[str, asyncio.Task[Person]] = {}

    def known(self, user: str) -> Person | None:
        """The person, if Slack was asked within the hour."""
        try:
            return self._known[user]
        except KeyError:  # ``get`` looks twice, and nearly everybody is known
            return None

    async def person(self, user: str) -> Person:
        """The person. Raises SlackError when Slack does not say."""
        known = self.known(user)
        if known is not None:
            return known
        asking = self._asking.get(user)
        if asking is None:
            asking = self._asking[user] = self._background.start(self._ask(user))
            asking.add_done_callback(lambda done: self._done(user, done))
        return await asyncio.shield(asking)

    def forget(self, user: str) -> None:
        """Ask again next time: Slack said that this person changed. An answer on its way is not kept either."""
        self._known.pop(user, None)
        self._asking.pop(user, None)

    async def _ask(self, user: str) -> Person:
        answer = await self._api.read("users.info", user=user, include_locale="true")
        user_info = answer.get("user")
        if not isinstance(user_info, dict) or not user_info:
            raise SlackUnreachable("users.info without a user")
        person = _person(user_info)
        if self._asking.get(user) is asyncio.current_task():
            self._known[user] = person
        return person

    def _done(self, user: str, done: asyncio.Task[Person]) -> None:
        """Whoever asked may have left: then nobody else looks at what was raised."""
        if self._asking.get(user) is done:
            del self._asking[user]
        if not done.cancelled():
            done.exception()


def _person(user: dict[str, Any]) -> Person:
    enterprise = user.get("enterprise_user")
    return Person(
        team_id=str(user.get("team_id") or ""),
        enterprise_id=str(enterprise.get("enterprise_id") or "") if isinstance(enterprise, dict) else "",
        locale=str(user.get("locale") or ""),
        is_stranger=bool(user.get("is_stranger")),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot")),
        deleted=bool(user.get("deleted")),
    )
