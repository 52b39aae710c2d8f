"""The customers that a user has pinned, and those looked up last. Of each, only an id and a name are stored."""

from collections.abc import Callable
from typing import Final

from cachetools import TTLCache
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, select, update

from bot.domain.preferences import Remembered, SavedCustomers
from bot.store.database import Database, Repository
from bot.store.dialects import upsert
from bot.store.erasures import erased_ids
from bot.store.tables import pins, recents

MAX_PINS: Final = 20
MAX_RECENTS: Final = 20
LATEST_KEPT: Final = 10_000
LATEST_SECONDS: Final = 60
"""Short, because another process may add a newer one."""
_TICK_SECONDS: Final = 0.001
"""Between two rows that are written at the same time, so that their order is defined."""


class SavedCustomersRepository(Repository):
    """Customers who were erased a moment ago are not saved."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        super().__init__(database, now)
        self._latest: TTLCache[tuple[str, str], Remembered] = TTLCache(LATEST_KEPT, LATEST_SECONDS, timer=now)
        """Each user's latest customer, so that looking at it many times costs one write."""

    def is_latest(self, team: str, user: str, customer: Remembered) -> bool:
        """Whether ``customer`` is known to be the latest of ``user``'s recents, so that ``remember`` does nothing."""
        try:
            return self._latest[team, user] == customer
        except KeyError:  # faster than ``get``, which looks twice
            return False

    async def remember(self, team: str, user: str, customer: Remembered) -> None:
        """Make ``customer`` the latest of ``user``'s recents, and update its name among the pins."""
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
        """Pin or unpin; returns whether it is pinned now.

        With more than MAX_PINS the oldest pin moves to the recents.
        """

        def work(connection: Connection) -> bool:
            is_erased = customer.customer_id in erased_ids(connection, self._now())
            if connection.execute(delete(pins).where(_one(pins, team, user, customer))).rowcount or is_erased:
                return False
            self._put(connection, pins, team, user, customer)
            for unpinned in _keep_newest(connection, pins, MAX_PINS, team, user):
                self._put(connection, recents, team, user, unpinned)
            _keep_newest(connection, recents, MAX_RECENTS, team, user)
            return True

        self._latest.pop((team, user), None)
        return await self._database.write(work)

    async def of(self, team: str, user: str) -> SavedCustomers:
        """A pinned customer may be among the recents too."""

        def work(connection: Connection) -> SavedCustomers:
            return SavedCustomers(_newest(connection, pins, team, user), _newest(connection, recents, team, user))

        return await self._database.read(work)

    async def clear_recents(self, team: str, user: str) -> None:
        """Delete the recents; the pins stay."""
        self._latest.pop((team, user), None)
        cleared = delete(recents).where(_of_user(recents, team, user))
        await self._database.write(lambda connection: connection.execute(cleared))

    def drop_latest(self) -> None:
        """Forget the latest customers in memory, after an erasure."""
        self._latest.clear()

    def _put(self, connection: Connection, table: Table, team: str, user: str, customer: Remembered) -> None:
        """Insert as the newest, also if the clock stands still or goes back."""
        last = connection.scalar(select(func.max(table.c.at)).where(_of_user(table, team, user)))
        at = self._now() if last is None else max(self._now(), last + _TICK_SECONDS)
        row = {"team": team, "person": user, "customer_id": customer.customer_id, "name": customer.name, "at": at}
        upsert(connection, table, **row)


def _of_user(table: Table, team: str, user: str) -> ColumnElement[bool]:
    return and_(table.c.team == team, table.c.person == user)


def _one(table: Table, team: str, user: str, customer: Remembered) -> ColumnElement[bool]:
    return and_(_of_user(table, team, user), table.c.customer_id == customer.customer_id)


def _newest(connection: Connection, table: Table, team: str, user: str) -> tuple[Remembered, ...]:
    query = select(table.c.customer_id, table.c.name).where(_of_user(table, team, user)).order_by(table.c.at.desc())
    return tuple(Remembered(customer_id, name) for customer_id, name in connection.execute(query))


def _keep_newest(connection: Connection, table: Table, count: int, team: str, user: str) -> tuple[Remembered, ...]:
    """Delete all but the newest ``count``; returns the deleted ones."""
    others = _newest(connection, table, team, user)[count:]
    for customer in others:
        connection.execute(delete(table).where(_one(table, team, user, customer)))
    return others
