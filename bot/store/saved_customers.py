"""The customers that a person has pinned, and had last. An id and a name are kept of each, and nothing else."""

from collections.abc import Callable
from typing import Final

from cachetools import TTLCache
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, select, update

from bot.domain.preferences import Remembered, SavedCustomers
from bot.store.database import Database
from bot.store.erasures import erased_ids
from bot.store.tables import pins, recents
from bot.store.upsert import upsert

MAX_PINS: Final = 20
MAX_RECENTS: Final = 20
LATEST_KEPT: Final = 10_000
LATEST_SECONDS: Final = 60
"""Short, because another process may put something else on top."""
_TICK_SECONDS: Final = 0.001
"""Between two that were put on a shelf at the same time, so that their order is known."""


class SavedCustomersRepository:
    """All methods that wait raise StoreUnavailable. A customer who was forgotten a moment ago is put on no shelf."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._latest: TTLCache[tuple[str, str], Remembered] = TTLCache(LATEST_KEPT, LATEST_SECONDS, timer=now)
        """What is on top already, so that looking at one customer many times costs one write."""

    def is_latest(self, team: str, user: str, customer: Remembered) -> bool:
        """Whether ``customer`` is known to be on top of ``user``'s recents, so that ``remember`` would do nothing."""
        try:
            return self._latest[team, user] == customer
        except KeyError:  # ``get`` looks twice
            return False

    async def remember(self, team: str, user: str, customer: Remembered) -> None:
        """``user`` has seen ``customer``: the latest of the recents now, and of this name, also among the pins."""
        if self.is_latest(team, user, customer):
            return

        def work(connection: Connection) -> bool:
            if customer.customer_id in erased_ids(connection, self._now()):
                return False
            self._put(connection, recents, team, user, customer)
            _keep_newest(connection, recents, MAX_RECENTS, team, user)
            renamed = update(pins).where(_one(pins, team, user, customer), pins.c.name != customer.name)
            connection.execute(renamed.values(name=customer.name))
            return True

        if await self._database.write(work):
            self._latest[team, user] = customer

    async def toggle_pin(self, team: str, user: str, customer: Remembered) -> bool:
        """True: it is pinned now. False: it is not any more.

        A pin always succeeds: who has MAX_PINS already finds the one pinned longest ago among the recents.
        """

        def work(connection: Connection) -> bool:
            is_out = customer.customer_id in erased_ids(connection, self._now())
            if connection.execute(delete(pins).where(_one(pins, team, user, customer))).rowcount or is_out:
                return False
            self._put(connection, pins, team, user, customer)
            for unpinned in _keep_newest(connection, pins, MAX_PINS, team, user):
                self._put(connection, recents, team, user, unpinned)
            _keep_newest(connection, recents, MAX_RECENTS, team, user)
            return True

        self._latest.pop((team, user), None)
        return await self._database.write(work)

    async def of(self, team: str, user: str) -> SavedCustomers:
        """What is pinned may be among the recents too."""
        return await self._database.read(
            lambda connection: SavedCustomers(
                _newest(connection, pins, team, user), _newest(connection, recents, team, user)
            )
        )

    async def clear_recents(self, team: str, user: str) -> None:
        """The pins stay."""
        self._latest.pop((team, user), None)
        cleared = delete(recents).where(_whose(recents, team, user))
        await self._database.write(lambda connection: connection.execute(cleared))

    def drop_latest(self) -> None:
        """A customer was forgotten: what was on top may not be any more."""
        self._latest.clear()

    def _put(self, connection: Connection, shelf: Table, team: str, user: str, customer: Remembered) -> None:
        """On top, also if the clock stands still or goes back."""
        last = connection.scalar(select(func.max(shelf.c.at)).where(_whose(shelf, team, user)))
        at = self._now() if last is None else max(self._now(), last + _TICK_SECONDS)
        row = {"team": team, "person": user, "customer_id": customer.customer_id, "name": customer.name, "at": at}
        upsert(connection, shelf, **row)


def _whose(shelf: Table, team: str, user: str) -> ColumnElement[bool]:
    return and_(shelf.c.team == team, shelf.c.person == user)


def _one(shelf: Table, team: str, user: str, customer: Remembered) -> ColumnElement[bool]:
    return and_(_whose(shelf, team, user), shelf.c.customer_id == customer.customer_id)


def _newest(connection: Connection, shelf: Table, team: str, user: str) -> tuple[Remembered, ...]:
    query = select(shelf.c.customer_id, shelf.c.name).where(_whose(shelf, team, user)).order_by(shelf.c.at.desc())
    return tuple(Remembered(customer_id, name) for customer_id, name in connection.execute(query))


def _keep_newest(connection: Connection, shelf: Table, count: int, team: str, user: str) -> tuple[Remembered, ...]:
    """Take the others off the shelf; these are returned."""
    others = _newest(connection, shelf, team, user)[count:]
    for customer in others:
        connection.execute(delete(shelf).where(_one(shelf, team, user, customer)))
    return others
