"""INSERT … ON CONFLICT, which SQLite and PostgreSQL share and SQLAlchemy has once for each."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def upsert(connection: Connection, table: Table, **row: object) -> None:
    """Write the row; where one with its key is there already, replace what is not part of the key."""
    key = [column.name for column in table.primary_key]
    rest = {name: value for name, value in row.items() if name not in key}
    statement = insert(connection, table).values(**row)
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=rest))
