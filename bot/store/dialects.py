"""Statements that SQLite and PostgreSQL share and SQLAlchemy has once for each, or that only one of them needs."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, text
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """INSERT, which may end with ON CONFLICT."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def upsert(connection: Connection, table: Table, **row: object) -> None:
    """Insert the row, or replace the one with the same primary key."""
    key = [column.name for column in table.primary_key]
    rest = {name: value for name, value in row.items() if name not in key}
    statement = insert(connection, table).values(**row)
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=rest))


def upsert_if(
    connection: Connection,
    condition: ColumnElement[bool],
    table: Table,
    row: Mapping[str, object],
    changes: Mapping[str, object],
    *returning: Column[Any],
) -> Row[Any] | None:
    """Insert ``row``; where one with its primary key exists and meets ``condition``, make ``changes`` to it instead.

    One statement, hence atomic among processes. Returns the columns of the written row; None: nothing was written.
    """
    statement = (
        insert(connection, table)
        .values(**row)
        .on_conflict_do_update(index_elements=list(table.primary_key), set_=changes, where=condition)
        .returning(*returning)
    )
    return connection.execute(statement).first()


def lock(connection: Connection, number: int) -> None:
    """Hold PostgreSQL's advisory lock until the transaction ends. SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": number})
