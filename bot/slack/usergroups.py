"""Membership in the user groups whose members may ask: usergroups.users.list, cached for five minutes."""

import asyncio
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Final

from bot.errors import SlackUnreachable
from bot.runtime.single_flight import SingleFlight
from bot.runtime.tasks import BackgroundTasks
from bot.slack.api import SlackApi

TTL_SECONDS: Final = 300
RECHECK_SECONDS: Final = 60
"""A user who is missing from a list of this age may have been added since: the list is read again."""
MAX_PAGES: Final = 50
_NEVER: Final = (float("-inf"), frozenset[str]())


class UserGroups:
    """``groups`` are Slack ids. Concurrent callers for one list share one request."""

    def __init__(
        self, api: SlackApi, background: BackgroundTasks, groups: Collection[str], now: Callable[[], float]
    ) -> None:
        self._api = api
        self._groups = tuple(sorted(groups))
        self._now = now
        self._cache: dict[str, tuple[float, frozenset[str]]] = {}
        self._requests: SingleFlight[str, None] = SingleFlight(background)

    async def have(self, user: str) -> bool:
        """Whether ``user`` is in one of the groups. Raises SlackError when Slack does not say."""
        if self._is_known(user):
            return True
        old = [group for group in self._groups if self._now() - self._cache.get(group, _NEVER)[0] > RECHECK_SECONDS]
        errors = await asyncio.gather(
            *(self._requests.join(group, partial(self._read, group)) for group in old), return_exceptions=True
        )
        if self._is_known(user):
            return True
        for error in filter(None, errors):
            raise error
        return False

    def _is_known(self, user: str) -> bool:
        return any(user in users and self._now() - at < TTL_SECONDS for at, users in self._cache.values())

    async def _read(self, group: str) -> None:
        """https://docs.slack.dev/reference/methods/usergroups.users.list: a disabled group has no users."""
        asked_at = self._now()
        found: set[str] = set()
        cursor: Any = ""
        for _ in range(MAX_PAGES):
            more = {"cursor": cursor} if cursor else {}
            response = await self._api.read("usergroups.users.list", usergroup=group, **more)
            users, metadata = response.get("users"), response.get("response_metadata")
            if not isinstance(users, list):
                raise SlackUnreachable("usergroups.users.list without users")
            found.update(user for user in users if isinstance(user, str))
            cursor = metadata.get("next_cursor") if isinstance(metadata, dict) else ""
            if not cursor or not isinstance(cursor, str):
                self._cache[group] = (asked_at, frozenset(found))
                return
        raise SlackUnreachable("usergroups.users.list without an end")
