"""What became of the last message in each channel."""

from collections.abc import Callable

from sqlalchemy import select

from bot.preferences import LastMessage, Silence
from bot.store.database import Database
from bot.store.tables import silences
from bot.store.upserts import upsert


class Silences:
    """All methods raise StoreUnavailable."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def note(self, team: str, channel: str, silence: Silence) -> None:
        row = {"team": team, "channel": channel, "silence": silence.value, "at": self._now()}
        await self._database.write(lambda connection: upsert(connection, silences, **row))

    async def last(self, team: str, channel: str) -> LastMessage | None:
        """None too for a word that only a newer version knows."""
        query = select(silences.c.silence, silences.c.at).where(silences.c.team == team, silences.c.channel == channel)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        known = {silence.value: silence for silence in Silence}
        return LastMessage(known[row.silence], row.at) if row is not None and row.silence in known else None
