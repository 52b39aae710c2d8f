"""The tables. Times are epoch seconds; ``team`` and people are Slack ids.

Changes are additive, because processes of two versions work with one database while a new version is rolled out:
new tables, and new columns that may be NULL or have a default of the server's. Nothing is renamed, retyped or dropped.
Each change is a migration, and a revision at the end of ``REVISIONS`` in ``schema.py``.
"""

from typing import Final

from sqlalchemy import Column, Dialect, Double, Integer, MetaData, Table, Text, TypeDecorator

LONGEST_TEXT: Final = 255
"""Characters. The CRM's texts have no limit of their own, PostgreSQL's indexes do (2,700 bytes)."""


class Words(TypeDecorator[str]):
    """Text from anywhere: cut, and without what PostgreSQL (NUL) or UTF-8 (half an emoji) cannot hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return value[:LONGEST_TEXT].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _key(name: str) -> Column[str]:
    return Column(name, Words, primary_key=True)


def _words(name: str) -> Column[str]:
    return Column(name, Words, nullable=False)


def _time(name: str) -> Column[float]:
    return Column(name, Double, nullable=False)


metadata = MetaData()

claims = Table("claims", metadata, _key("name"), _time("expires_at"))

mutes = Table(
    "mutes",
    metadata,
    _key("team"),
    _key("channel"),  # "" in a person's own mute
    _key("person"),  # "" in a channel's mute
    _words("set_by"),
    _time("set_at"),
    Column("until", Double),  # NULL: until it is undone
)

pins = Table("pins", metadata, _key("team"), _key("person"), _key("customer_id"), _words("name"), _time("at"))

recents = Table("recents", metadata, _key("team"), _key("person"), _key("customer_id"), _words("name"), _time("at"))

numbers = Table(
    "numbers",
    metadata,
    _key("network_id"),
    Column("network_type", Integer, primary_key=True, autoincrement=False),
    _key("number"),
    _words("customer_id"),
)

silences = Table("silences", metadata, _key("team"), _key("channel"), _words("silence"), _time("at"))
