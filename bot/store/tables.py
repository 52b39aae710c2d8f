"""The tables. Times are epoch seconds; ``team``, ``channel`` and ``person`` are Slack ids.

Changes are additive, because processes of two versions work with one database while a new version is rolled out:
new tables, and new columns that may be NULL or have a server default. Nothing is renamed, retyped or dropped.
Each change is a migration, and a revision at the end of ``REVISIONS`` in ``schema.py``.
"""

from typing import Any, Final

import sqlalchemy as sa

from bot.domain.profile import ServiceNetwork

LONGEST_TEXT: Final = 255
"""Characters. The CRM's texts have no limit of their own, PostgreSQL's indexes do (2,700 bytes)."""
LONGEST_SEARCH_TEXT: Final = 4_000
"""Characters of a text that is in no index."""
UNOWNED: Final = {"owner": "", "until": 0.0}
"""The columns of a lease that no process holds."""


class StorableText(sa.TypeDecorator[str]):
    """Any text: truncated, and without what PostgreSQL (NUL) or UTF-8 (lone surrogates) cannot store."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, longest: int = LONGEST_TEXT) -> None:
        super().__init__()
        self.longest = longest

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else storable(value, self.longest)


def storable(text: str, longest: int = LONGEST_TEXT) -> str:
    """``text`` as a StorableText column stores it."""
    if text.isascii() and len(text) <= longest and "\0" not in text:  # the fast path: nearly all texts
        return text
    return text[:longest].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def of_network(table: sa.Table, network: ServiceNetwork) -> sa.ColumnElement[bool]:
    """The condition that a row belongs to ``network``."""
    return sa.and_(table.c.network_id == network.network_id, table.c.network_type == network.network_type)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, StorableText, primary_key=True)


def _network_key() -> tuple[sa.Column[str], sa.Column[int]]:
    return _key("network_id"), sa.Column("network_type", sa.Integer, primary_key=True, autoincrement=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, StorableText, nullable=False)


def _time(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double, nullable=False)


def _table(name: str, *items: sa.Column[Any] | sa.Index) -> sa.Table:
    return sa.Table(name, metadata, *items)


def _invalidations(name: str, id_column: str) -> sa.Table:
    """Places only grow. Without AUTOINCREMENT, SQLite would reuse the place of a deleted row."""
    place = sa.Column("place", sa.Integer, primary_key=True)
    return sa.Table(name, metadata, place, _text(id_column), _time("at"), sqlite_autoincrement=True)


metadata = sa.MetaData()

claims = _table("claims", _key("name"), _time("expires_at"))

mutes = _table(
    "mutes",
    _key("team"),
    _key("channel"),  # "": the user's own mute
    _key("person"),  # "": the channel's mute
    _text("set_by"),
    _time("set_at"),
    sa.Column("until", sa.Double),  # NULL: indefinitely
)

pins = _table("pins", _key("team"), _key("person"), _key("customer_id"), _text("name"), _time("at"))

recents = _table("recents", _key("team"), _key("person"), _key("customer_id"), _text("name"), _time("at"))

numbers = _table("numbers", *_network_key(), _key("number"), _text("customer_id"))
"""Written by older versions, which may run beside this one. A migration has copied its rows into ``customers``."""

customers = _table(
    "customers",
    _key("customer_id"),  # first: else SQLite would scan the key for a network, which has most of the table
    *_network_key(),
    _text("number"),
    _text("name"),
    _text("contact"),
    sa.Column("search", StorableText(LONGEST_SEARCH_TEXT), nullable=False),
    sa.Column("key_id", StorableText),  # NULL: its contacts were never hashed
    sa.Column("spelling", sa.Integer),  # of the search text, see SEARCH_SPELLING; NULL: older than the column
    sa.Index("customers_by_number", "number", "network_id", "network_type"),
)

contact_hashes = _table(
    "contact_hashes",
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    *_network_key(),
    _key("customer_id"),
    _text("key_id"),
    sa.Index("contact_hashes_by_customer", "customer_id", "network_id", "network_type"),
)

silences = _table("silences", _key("team"), _key("channel"), _text("silence"), _time("at"))

syncs = _table(
    "syncs",
    *_network_key(),
    _text("source"),  # "": at the beginning
    sa.Column("page", sa.Integer, nullable=False),
    _text("owner"),  # "": no process is syncing
    _time("until"),
    sa.Column("finished_at", sa.Double),  # NULL: no sync has been completed
)

accesses = _table(
    "accesses",
    _key("writer"),  # a process. With the place it makes writing a row idempotent
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    _time("at"),
    sa.Column("network_id", StorableText),  # NULL: refused before the network was known
    sa.Column("network_type", sa.Integer),
    _text("team"),
    _text("person"),
    _text("channel"),  # "": none
    _text("surface"),
    sa.Column("read_as", StorableText),
    sa.Column("customer_id", StorableText),
    _text("outcome"),
    sa.Column("cache", StorableText),
    _text("audience"),
    sa.Column("ms", sa.Double, nullable=False),
    sa.Column("code", StorableText),
    sa.Index("accesses_by_time", "at"),
    sa.Index("accesses_by_customer", "customer_id", "at"),
)

reveals = _table(
    "reveals",
    sa.Column("id", sa.Integer, primary_key=True),
    _text("team"),
    _text("person"),
    _time("at"),
    sa.Index("reveals_by_person", "team", "person", "at"),
)

forgets = _invalidations("forgets", "customer_id")

changes = _invalidations("changes", "slack_id")  # of a user or a channel

crm_tokens = _table(
    "crm_tokens",
    _key("app_id"),
    sa.Column("sealed", sa.LargeBinary),  # NULL: none has been fetched
    _time("renew_at"),
    _time("expires_at"),
    _text("owner"),  # "": no process is fetching one
    _time("until"),
)
