"""What became of the last message in each channel."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from bot.domain.preferences import CardOutcome, LastMessage
from bot.store.database import Database
from bot.store.tables import silences
from bot.store.upsert import insert


class CardOutcomeRepository:
    """All methods raise StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, team: str, channel: str, silence: CardOutcome, at: float) -> None:
        """``at`` is when the message was written, in epoch seconds: what is delivered late changes nothing."""
        row = {"team": team, "channel": channel, "silence": silence.value, "at": at}
        await self._database.write(lambda connection: _note(connection, row))

    async def last(self, team: str, channel: str) -> LastMessage | None:
        """None too for a word that only a newer version knows."""
        query = select(silences.c.silence, silences.c.at).where(silences.c.team == team, silences.c.channel == channel)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        known = {silence.value: silence for silence in CardOutcome}
        return LastMessage(known[row.silence], row.at) if row is not None and row.silence in known else None


def _note(connection: Connection, row: Mapping[str, object]) -> None:
    statement = insert(connection, silences).values(**row)
    newer = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(silences.primary_key),
            set_={"silence": newer.silence, "at": newer.at},
            where=silences.c.at <= newer.at,
        )
    )
