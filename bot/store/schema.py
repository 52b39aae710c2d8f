"""Which revision a database has, and bringing it to the newest: the only importer of Alembic, and only then."""

import asyncio
from importlib import import_module
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, column, inspect, select, table, text

from bot.store.database import Database

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
"""Known to this version, the newest last."""
MIGRATIONS: Final = Path(__file__).parent / "migrations"
UPGRADE_SECONDS: Final = 60.0
"""How long an upgrade may take, waiting for another process's included."""
UPGRADE_LOCK: Final = 0x637573746F6D6572
"""Names the advisory lock in PostgreSQL: "customer"."""

log = structlog.get_logger(__name__)


async def bring_up_to_date(database: Database) -> None:
    """Upgrade the schema if it is older than this version. Raises StoreUnavailable.

    A newer one is left as it is and used: changes are additive.
    """
    stored = await database.read(stored_revision)
    if is_older(stored):
        await asyncio.to_thread(import_module, "alembic.command")
        await database.write(_upgrade, UPGRADE_SECONDS)
        log.info("database_upgraded", revision=REVISIONS[-1], before=stored)
    elif stored != REVISIONS[-1]:
        log.info("database_of_a_newer_version", revision=stored)


def stored_revision(connection: Connection) -> str | None:
    """None: the database is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def is_older(revision: str | None) -> bool:
    """One that is not known belongs to a newer version."""
    return revision is None or revision in REVISIONS[:-1]


def _upgrade(connection: Connection) -> None:
    """One process at a time: SQLite's write transaction is such a lock, PostgreSQL has one that ends with ours."""
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
    if not is_older(stored_revision(connection)):
        return  # another process has done it meanwhile
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")
