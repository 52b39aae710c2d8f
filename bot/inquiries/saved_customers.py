"""A person's pinned and recent customers: the id and the name, nothing else."""

import asyncio
from typing import Final

import structlog

from bot.domain.inquiry import Asker
from bot.domain.preferences import Remembered
from bot.domain.profile import CustomerProfile
from bot.domain.results import Found
from bot.errors import StoreUnavailable
from bot.privacy.masking import without_contacts
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store

MAX_WAITING: Final = 1_000
"""Recents that wait for the database; beyond them the oldest are dropped: recents are a comfort."""
_NAME_LENGTH: Final = 150

log = structlog.get_logger(__name__)


class Recents:
    """Written one at a time: many at once would fill the database's queue until it times out."""

    def __init__(self, store: Store, background: BackgroundTasks) -> None:
        self._store = store
        self._background = background
        self._waiting: dict[tuple[Asker, Remembered], None] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, asker: Asker, found: Found) -> None:
        """``asker`` has seen ``found``. Returns at once; the database is skipped if the customer is on top already."""
        customer = found.cached(remembered, lambda: remembered(found.profile))
        person = asker._replace(channel="")
        if not self._waiting and self._is_latest(person, customer):
            return
        self._waiting.pop((person, customer), None)
        self._waiting[person, customer] = None  # as the last
        if len(self._waiting) > MAX_WAITING:
            del self._waiting[next(iter(self._waiting))]
        if self._writing is None or self._writing.done():
            self._writing = self._background.start(self._write())

    def _is_latest(self, asker: Asker, customer: Remembered) -> bool:
        try:
            return self._store.saved_customers.is_latest(asker.team, asker.user, customer)
        except StoreUnavailable:
            return False

    async def _write(self) -> None:
        while self._waiting:
            person, customer = first = next(iter(self._waiting))
            del self._waiting[first]
            try:
                await self._store.saved_customers.remember(person.team, person.user, customer)
            except StoreUnavailable as error:
                log.info("recents_not_kept", reason=str(error))


def remembered(profile: CustomerProfile) -> Remembered:
    """The id, and the name with the number, which tells namesakes apart; phones inside them are masked."""
    known = (without_contacts(text)[:_NAME_LENGTH] for text in (profile.name, profile.number))
    return Remembered(profile.customer_id, " · ".join(filter(None, known)))
