"""The tables. Times are epoch seconds; ``team`` and people are Slack ids.

Changes are additive, because processes of two versions work with one database while a new version is rolled out:
new tables, and new columns that may be NULL or have a default of the server's. Nothing is renamed, retyped or dropped.
Each change is a migration, and a revision at the end of ``REVISIONS`` in ``schema.py``.
"""

from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    and_,
)

from bot.domain.profile import ServiceNetwork

LONGEST_TEXT: Final = 255
"""Characters. The CRM's texts have no limit of their own, PostgreSQL's indexes do (2,700 bytes)."""
LONGEST_SEARCH_TEXT: Final = 4_000
"""Characters of a text that is in no index."""


class StorableText(TypeDecorator[str]):
    """Text from anywhere: cut, and without what PostgreSQL (NUL) or UTF-8 (half an emoji) cannot hold."""

    impl = Text
    cache_ok = True

    def __init__(self, longest: int = LONGEST_TEXT) -> None:
        super().__init__()
        self.longest = longest

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value, self.longest)


def storable(text: str, longest: int = LONGEST_TEXT) -> str:
    """``text`` as a column of Words has it."""
    if text.isascii() and len(text) <= longest and "\0" not in text:  # as nearly all are
        return text
    return text[:longest].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _key(name: str) -> Column[str]:
    return Column(name, StorableText, primary_key=True)


def _network_key() -> tuple[Column[str], Column[int]]:
    return _key("network_id"), Column("network_type", Integer, primary_key=True, autoincrement=False)


def _words(name: str) -> Column[str]:
    return Column(name, StorableText, nullable=False)


def _time(name: str) -> Column[float]:
    return Column(name, Double, nullable=False)


def of_network(table: Table, network: ServiceNetwork) -> ColumnElement[bool]:
    return and_(table.c.network_id == network.network_id, table.c.network_type == network.network_type)


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
    *_network_key(),
    _key("number"),
    _words("customer_id"),
)  # of older versions, which may run beside this one; its rows were copied into ``customers``

customers = Table(
    "customers",
    metadata,
    _key("customer_id"),  # first: SQLite would go through the key to find all of a network, which is most of the table
    *_network_key(),
    _words("number"),
    _words("name"),
    _words("contact"),
    Column("search", StorableText(LONGEST_SEARCH_TEXT), nullable=False),
    Column("key_id", StorableText),  # NULL: its contacts were never seen
    Index("customers_by_number", "number", "network_id", "network_type"),
)

contact_hashes = Table(
    "contact_hashes",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    *_network_key(),
    _key("customer_id"),
    _words("key_id"),
    Index("contact_hashes_by_customer", "customer_id", "network_id", "network_type"),
)

silences = Table("silences", metadata, _key("team"), _key("channel"), _words("silence"), _time("at"))

syncs = Table(
    "syncs",
    metadata,
    *_network_key(),
    _words("source"),  # "" at the beginning
    Column("page", Integer, nullable=False),
    _words("owner"),  # "" when it is nobody's turn
    _time("until"),
    Column("finished_at", Double),  # NULL: no sync was complete yet
)

accesses = Table(
    "accesses",
    metadata,
    _key("writer"),  # a process: with the place its key, so that what was perhaps written can be written again
    Column("place", Integer, primary_key=True, autoincrement=False),
    _time("at"),
    Column("network_id", StorableText),  # NULL: whoever asked was refused before that mattered
    Column("network_type", Integer),
    _words("team"),
    _words("person"),
    _words("channel"),  # "": there was none
    _words("surface"),
    Column("read_as", StorableText),
    Column("customer_id", StorableText),
    _words("outcome"),
    Column("cache", StorableText),
    _words("audience"),
    Column("ms", Double, nullable=False),
    Column("code", StorableText),
    Index("accesses_by_time", "at"),
    Index("accesses_by_customer", "customer_id", "at"),
)

reveals = Table(
    "reveals",
    metadata,
    Column("id", Integer, primary_key=True),
    _words("team"),
    _words("person"),
    _time("at"),
    Index("reveals_by_person", "team", "person", "at"),
)

forgets = Table(
    "forgets",
    metadata,
    Column("place", Integer, primary_key=True),
    _words("customer_id"),
    _time("at"),
    sqlite_autoincrement=True,  # else the place of a row that was deleted would be given again
)

changes = Table(
    "changes",
    metadata,
    Column("place", Integer, primary_key=True),
    _words("slack_id"),  # of a person or a channel
    _time("at"),
    sqlite_autoincrement=True,
)

crm_tokens = Table(
    "crm_tokens",
    metadata,
    _key("app_id"),
    Column("sealed", LargeBinary),  # NULL: none was fetched yet
    _time("renew_at"),
    _time("expires_at"),
    _words("owner"),  # "" when nobody is fetching one
    _time("until"),
)
