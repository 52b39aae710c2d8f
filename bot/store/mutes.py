"""Who wants no cards by themselves, and where."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, or_, select

from bot.domain.preferences import Mute
from bot.store.database import Database
from bot.store.tables import mutes
from bot.store.upsert import upsert


class MuteRepository:
    """All methods raise StoreUnavailable. Muting again replaces the mute; a mute that has run out is none."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def mute_channel(self, team: str, channel: str, by: str, until: float | None) -> None:
        """``until`` in epoch seconds; None: until it is undone."""
        row = {"team": team, "channel": channel, "person": "", "set_by": by, "set_at": self._now(), "until": until}
        await self._database.write(lambda connection: upsert(connection, mutes, **row))

    async def mute_person(self, team: str, user: str) -> None:
        row = {"team": team, "channel": "", "person": user, "set_by": user, "set_at": self._now(), "until": None}
        await self._database.write(lambda connection: upsert(connection, mutes, **row))

    async def unmute_channel(self, team: str, channel: str) -> None:
        await self._delete(and_(mutes.c.team == team, mutes.c.channel == channel, mutes.c.person == ""))

    async def unmute_person(self, team: str, user: str) -> None:
        await self._delete(and_(mutes.c.team == team, mutes.c.channel == "", mutes.c.person == user))

    async def effective(self, team: str, channel: str, user: str) -> Mute | None:
        """The mute that keeps ``user``'s message in ``channel`` without a card: the channel's, else the person's."""
        channels = and_(mutes.c.channel == channel, mutes.c.person == "")
        persons = and_(mutes.c.channel == "", mutes.c.person == user)
        query = self._holding(team).where(or_(channels, persons)).order_by(mutes.c.channel.desc())
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return _mute(row) if row else None

    async def of(self, team: str, user: str) -> tuple[Mute, ...]:
        """The person's own mute, and those of channels that this person has set; the newest first."""
        query = self._holding(team).where(mutes.c.set_by == user).order_by(mutes.c.set_at.desc(), mutes.c.channel)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return tuple(_mute(row) for row in rows)

    def _holding(self, team: str) -> Select[tuple[str, str, float | None]]:
        running = or_(mutes.c.until.is_(None), mutes.c.until > self._now())
        return select(mutes.c.channel, mutes.c.set_by, mutes.c.until).where(mutes.c.team == team, running)

    async def _delete(self, which: ColumnElement[bool]) -> None:
        def work(connection: Connection) -> None:
            connection.execute(delete(mutes).where(which))

        await self._database.write(work)


def _mute(row: Row[tuple[str, str, float | None]]) -> Mute:
    channel, by, until = row
    return Mute(channel, by, until)
