"""Who is in the user groups whose members may ask: asked of usergroups.users.list, and kept for five minutes."""

import asyncio
from collections.abc import Callable, Collection
from typing import Any, Final, NamedTuple

from bot.errors import SlackError, SlackUnreachable
from bot.runtime.single_flight import SingleFlight
from bot.runtime.tasks import BackgroundTasks
from bot.slack.api import SlackApi

REMEMBERED_SECONDS: Final = 300
DOUBTED_AFTER_SECONDS: Final = 60
"""Who is not in a list of this age may have been added since: it is asked for once more."""
MAX_PAGES: Final = 50


class _Members(NamedTuple):
    users: frozenset[str]
    asked_at: float


class UserGroups:
    """``groups`` are Slack ids. All who ask for a list at once share one request."""

    def __init__(
        self, api: SlackApi, background: BackgroundTasks, groups: Collection[str], now: Callable[[], float]
    ) -> None:
        self._api = api
        self._groups = tuple(sorted(groups))
        self._now = now
        self._known: dict[str, _Members] = {}
        self._flights: SingleFlight[str, _Members | SlackError] = SingleFlight(background)

    async def have(self, user: str) -> bool:
        """Whether ``user`` is in one of the groups. Raises SlackError when Slack does not say."""
        if self._is_known(user):
            return True
        old = [group for group in self._groups if self._age(group) > DOUBTED_AFTER_SECONDS]
        asked = await asyncio.gather(*(self._members(group) for group in old))
        if self._is_known(user):
            return True
        for members in asked:
            if isinstance(members, SlackError):
                raise members
        return False

    def _is_known(self, user: str) -> bool:
        return any(
            user in members.users and self._age(group) < REMEMBERED_SECONDS for group, members in self._known.items()
        )

    def _age(self, group: str) -> float:
        known = self._known.get(group)
        return self._now() - known.asked_at if known else float("inf")

    async def _members(self, group: str) -> _Members | SlackError:
        return await self._flights.join(group, lambda: self._ask(group))

    async def _ask(self, group: str) -> _Members | SlackError:
        """An error is a value here, as whoever asked may have left: then nobody would look at what was raised."""
        asked_at = self._now()
        try:
            members = self._known[group] = _Members(frozenset(await self._users_of(group)), asked_at)
        except SlackError as error:
            return error
        return members

    async def _users_of(self, group: str) -> list[str]:
        """https://docs.slack.dev/reference/methods/usergroups.users.list: a disabled group has nobody."""
        users: list[str] = []
        cursor = ""
        for _ in range(MAX_PAGES):
            more = {"cursor": cursor} if cursor else {}
            answer = await self._api.read("usergroups.users.list", usergroup=group, **more)
            users += _users_in(answer)
            cursor = _cursor_in(answer)
            if not cursor:
                return users
        raise SlackUnreachable("usergroups.users.list without an end")


def _users_in(answer: dict[str, Any]) -> list[str]:
    users = answer.get("users")
    if not isinstance(users, list):
        raise SlackUnreachable("usergroups.users.list without users")
    return [user for user in users if isinstance(user, str)]


def _cursor_in(answer: dict[str, Any]) -> str:
    metadata = answer.get("response_metadata")
    cursor = metadata.get("next_cursor") if isinstance(metadata, dict) else ""
    return cursor if isinstance(cursor, str) else ""
