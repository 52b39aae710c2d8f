"""The schema's revision, and upgrading it. Alembic is loaded only if an upgrade is due."""

import asyncio
from importlib import import_module
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, column, inspect, select, table

from bot.store.database import Database
from bot.store.dialects import lock

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Known to this version, the newest last."""
MIGRATIONS: Final = Path(__file__).parent / "migrations"
UPGRADE_SECONDS: Final = 60.0
"""Timeout of an upgrade, including the wait for another process's."""
UPGRADE_LOCK: Final = 0x637573746F6D6572
"""The advisory lock in PostgreSQL: "customer"."""

log = structlog.get_logger(__name__)


async def open_database(url: str) -> Database:
    """Connect, and upgrade the schema if it is older than this version. Raises StoreUnavailable.

    A newer schema is used as it is: changes are additive.
    """
    database = Database(url)
    try:
        stored = await database.read(_stored_revision)
        if _is_older(stored):
            await asyncio.to_thread(import_module, "alembic.command")
            await database.write(_upgrade, UPGRADE_SECONDS)
            log.info("database_upgraded", revision=REVISIONS[-1], before=stored)
        elif stored != REVISIONS[-1]:
            log.info("database_of_a_newer_version", revision=stored)
    except BaseException:
        await database.close()
        raise
    return database


def _stored_revision(connection: Connection) -> str | None:
    """None: the database is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def _is_older(revision: str | None) -> bool:
    """An unknown revision belongs to a newer version."""
    return revision is None or revision in REVISIONS[:-1]


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    lock(connection, UPGRADE_LOCK)
    if _is_older(_stored_revision(connection)):  # unless another process has upgraded it meanwhile
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        command.upgrade(config, "head")
