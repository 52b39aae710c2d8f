"""What the directory is told of a customer and keeps of it, as values; and the text by which it is found."""

from typing import Final, NamedTuple

from bot.domain.normalise import folded, listed
from bot.domain.pinyin import spellings

_PART: Final = "\n"
"""Ends every part of a search text, and stands before the first. Nothing that is typed or kept holds one."""
_AS_TYPED: Final = str.maketrans({"v": "u", "ü": "u"})
"""Keyboards write ü as v, passports as u."""


class Entry(NamedTuple):
    """What an import, or the CRM, says of a customer; "" and () where it says nothing.

    ``phones`` are in E.164, ``mails`` in lower case. They are never kept. ``is_whole``: a phone or mail address that it
    does not name, the customer does not have.
    """

    customer_id: str
    number: str = ""
    name: str = ""
    contact: str = ""
    phones: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    is_whole: bool = False


class Record(NamedTuple):
    """What is kept of a customer: texts in which contacts are masked, and hashes of its phones and addresses of mail.

    ``key_id`` is of the key that hashed them; None where its contacts were never seen.
    """

    customer_id: str
    number: str
    name: str
    contact: str
    hashes: frozenset[bytes]
    key_id: str | None


class Row(NamedTuple):
    """A record, and the text by which it is found."""

    record: Record
    search: str


class Suggestion(NamedTuple):
    """A customer that may be meant. ``name`` and ``number`` are "" where the directory has none."""

    customer_id: str
    name: str
    number: str


class Kept(NamedTuple):
    """How many of the entries were new, said something new, said nothing new."""

    added: int
    changed: int
    unchanged: int


class DirectoryStats(NamedTuple):
    """``with_contacts`` counts the customers that are found by a phone or an address of mail, ``hashes`` these."""

    customers: int
    with_number: int
    with_contacts: int
    hashes: int


def searchable(text: str) -> str:
    """``text`` as it is searched for: no spelling of it, or of ü in pinyin, makes a difference."""
    return folded(text).translate(_AS_TYPED)


def row_of(record: Record) -> Row:
    """``record`` with all by which it may be found, the name first; contacts one by one."""
    names = [folded(name) for name in (record.name, *listed(record.contact))]
    spelt = (spelling for name in names for spelling in spellings(name))
    distinct = dict.fromkeys(part.translate(_AS_TYPED) for part in (*names, folded(record.number), *spelt) if part)
    return Row(record, _PART + "".join(part + _PART for part in distinct))


def whole_name(wanted: str) -> str:
    """How the search text begins of a customer whose name is ``wanted``, which is searchable."""
    return f"{_PART}{wanted}{_PART}"


def beginning(wanted: str) -> str:
    """What stands in the search text of whom has a name, a number, … that begins with ``wanted``."""
    return f"{_PART}{wanted}"


def distance(search: str, wanted: str) -> int:
    """0: the name itself, 1: it begins so, 2: another part does, 3: ``wanted`` stands inside."""
    if search.startswith(beginning(wanted)):
        return 0 if search.startswith(whole_name(wanted)) else 1
    return 2 if beginning(wanted) in search else 3
