"""Users and channels that want no automatic cards."""

from sqlalchemy import Select, and_, delete, or_, select

from bot.domain.preferences import Mute
from bot.store.database import Repository
from bot.store.dialects import upsert
from bot.store.tables import mutes


class MuteRepository(Repository):
    """Muting again replaces the mute. Expired mutes are ignored."""

    async def mute_channel(self, team: str, channel: str, by: str, until: float | None) -> None:
        """``until`` in epoch seconds; None: indefinitely."""
        await self._put(team, channel, "", by, until)

    async def mute_person(self, team: str, user: str) -> None:
        await self._put(team, "", user, user, None)

    async def unmute_channel(self, team: str, channel: str) -> None:
        await self._delete(team, channel, "")

    async def unmute_person(self, team: str, user: str) -> None:
        await self._delete(team, "", user)

    async def effective(self, team: str, channel: str, user: str) -> Mute | None:
        """The mute that applies to ``user``'s messages in ``channel``: the channel's, else the user's own."""
        of_channel = and_(mutes.c.channel == channel, mutes.c.person == "")
        of_user = and_(mutes.c.channel == "", mutes.c.person == user)
        query = self._active(team).where(or_(of_channel, of_user)).order_by(mutes.c.channel.desc())
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return Mute(*row) if row else None

    async def of(self, team: str, user: str) -> tuple[Mute, ...]:
        """The user's own mute, and the channel mutes that this user has set; the newest first."""
        query = self._active(team).where(mutes.c.set_by == user).order_by(mutes.c.set_at.desc(), mutes.c.channel)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return tuple(Mute(*row) for row in rows)

    def _active(self, team: str) -> Select[tuple[str, str, float | None]]:
        is_active = or_(mutes.c.until.is_(None), mutes.c.until > self._now())
        return select(mutes.c.channel, mutes.c.set_by, mutes.c.until).where(mutes.c.team == team, is_active)

    async def _put(self, team: str, channel: str, user: str, by: str, until: float | None) -> None:
        row = {"team": team, "channel": channel, "person": user, "set_by": by, "set_at": self._now(), "until": until}
        await self._database.write(lambda connection: upsert(connection, mutes, **row))

    async def _delete(self, team: str, channel: str, user: str) -> None:
        key = (mutes.c.team == team, mutes.c.channel == channel, mutes.c.person == user)
        await self._database.write(lambda connection: connection.execute(delete(mutes).where(*key)))
