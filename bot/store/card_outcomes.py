"""What became of the last message in each channel."""

from sqlalchemy import Connection, select

from bot.domain.preferences import CardOutcome, LastMessage
from bot.store.database import Repository
from bot.store.dialects import insert
from bot.store.tables import silences


class CardOutcomeRepository(Repository):
    async def record(self, team: str, channel: str, outcome: CardOutcome, at: float) -> None:
        """``at`` is when the message was written, in epoch seconds: an older message does not replace a newer one."""

        def work(connection: Connection) -> None:
            statement = insert(connection, silences).values(team=team, channel=channel, silence=outcome.value, at=at)
            new = statement.excluded
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=list(silences.primary_key),
                    set_={"silence": new.silence, "at": new.at},
                    where=silences.c.at <= new.at,
                )
            )

        await self._database.write(work)

    async def last(self, team: str, channel: str) -> LastMessage | None:
        """None too for an outcome that only a newer version knows."""
        query = select(silences.c.silence, silences.c.at).where(silences.c.team == team, silences.c.channel == channel)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None or row.silence not in list(CardOutcome):
            return None
        return LastMessage(CardOutcome(row.silence), row.at)
