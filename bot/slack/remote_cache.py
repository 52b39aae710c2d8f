"""A cache of what Slack says about ids: users and channels."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Final, Generic, TypeVar

from cachetools import TTLCache

from bot.runtime.single_flight import SingleFlight
from bot.runtime.tasks import BackgroundTasks
from bot.slack.api import SlackApi

MAX_ENTRIES: Final = 10_000

T = TypeVar("T")


class RemoteCache(ABC, Generic[T]):
    """Keeps answers for ``TTL_SECONDS``, errors never. Concurrent callers for one id share one request."""

    TTL_SECONDS: ClassVar[float]

    def __init__(self, api: SlackApi, background: BackgroundTasks, now: Callable[[], float]) -> None:
        self._api = api
        self._cache: TTLCache[str, T] = TTLCache(MAX_ENTRIES, self.TTL_SECONDS, timer=now)
        self._requests: SingleFlight[str, T] = SingleFlight(background)

    @abstractmethod
    async def _fetch(self, key: str) -> T:
        """Ask Slack. Raises SlackError when there is no clear answer."""

    def known(self, key: str) -> T | None:
        """The cached answer."""
        try:
            return self._cache[key]
        except KeyError:  # ``get`` would look twice, and nearly every user is cached
            return None

    def forget(self, key: str) -> None:
        """Drop the cached answer, as Slack reports a change. An answer on its way is not cached either."""
        self._cache.pop(key, None)
        self._requests.forget(key)

    def _keep(self, key: str, answer: T) -> None:
        self._cache[key] = answer

    async def _get(self, key: str) -> T:
        """The cached answer, or Slack's. Raises SlackError."""

        async def fetch() -> T:
            answer = await self._fetch(key)
            if self._requests.is_current(key):
                self._keep(key, answer)
            return answer

        known = self.known(key)
        return known if known is not None else await self._requests.join(key, fetch)
