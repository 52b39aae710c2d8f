"""The directory's records of customers, and the text that they are searched by."""

import re
from typing import Final, NamedTuple

from bot.domain.normalise import folded, listed
from bot.domain.pinyin import spellings

SEARCH_SPELLING: Final = 3
"""The version of search texts, to be raised when ``row_of`` makes others: stored ones are then made anew."""
_PART: Final = "\n"
"""Before and after every part of a search text. No typed or stored text contains it."""
_AS_TYPED: Final = str.maketrans({"v": "u", "ü": "u"})
"""ü is typed as v on keyboards and written as u in passports."""


MAX_WORDS: Final = 6
"""Of a text whose words may stand apart."""
_APART: Final = re.compile(r"[\s()（）\[\]【】]+")
_YU: Final = re.compile("([ln])yu")


class Entry(NamedTuple):
    """A customer as an import or the CRM describes it; "" and () for what is not known.

    ``phones`` are in E.164, ``mails`` in lower case; neither is stored. ``is_whole``: the customer has no other phones
    and mail addresses than these.
    """

    customer_id: str
    number: str = ""
    name: str = ""
    contact: str = ""
    phones: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    is_whole: bool = False


class Record(NamedTuple):
    """What is stored of a customer: texts with contacts masked, and hashes of its phones and mail addresses.

    ``key_id`` identifies the key of the hashes; None if the contacts were never seen.
    """

    customer_id: str
    number: str
    name: str
    contact: str
    hashes: frozenset[bytes]
    key_id: str | None


class Row(NamedTuple):
    """A record and the text that it is searched by."""

    record: Record
    search: str


class Suggestion(NamedTuple):
    """A suggested customer. ``name`` and ``number`` are "" if the directory has none."""

    customer_id: str
    name: str
    number: str


class Kept(NamedTuple):
    """How many entries of an import were new, changed a record, or changed nothing."""

    added: int
    changed: int
    unchanged: int


class DirectoryStats(NamedTuple):
    """``with_contacts`` counts customers with a phone or a mail address, ``hashes`` all phones and mail addresses."""

    customers: int
    with_number: int
    with_contacts: int
    hashes: int


def searchable(text: str) -> str:
    """``text`` in the form that is searched for: folded, and ü in pinyin as u."""
    return folded(text).translate(_AS_TYPED)


def attempts(typed: str) -> tuple[tuple[str, ...], ...]:
    """The parts that a search text has to contain, searchable, in the order to try; () for a text without any.

    First all of ``typed``; then with ü as passports have it (Lyu, Nyu); then its words, which may stand apart.
    """
    whole, words = searchable(typed), tuple(filter(None, map(searchable, _APART.split(typed))))
    may_stand_apart = 1 < len(words) <= MAX_WORDS and all(len(word) > 1 for word in words)
    tried = [(whole,), (_YU.sub(r"\1u", whole),), *([words] if may_stand_apart else [])]
    return tuple(dict.fromkeys(tried)) if whole else ()


def row_of(record: Record) -> Row:
    """``record`` with its search text: the name first, then each contact, the number and their pinyin."""
    names = [folded(name) for name in (record.name, *listed(record.contact))]
    spelt = (spelling for name in names for spelling in spellings(name))
    distinct = dict.fromkeys(part.translate(_AS_TYPED) for part in (*names, folded(record.number), *spelt) if part)
    return Row(record, _PART + "".join(part + _PART for part in distinct))


def whole_name(wanted: str) -> str:
    """The beginning of the search text of a customer with the name ``wanted``, which is searchable."""
    return f"{_PART}{wanted}{_PART}"


def beginning(wanted: str) -> str:
    """A substring of the search text of every customer with a part that begins with ``wanted``."""
    return f"{_PART}{wanted}"


def distance(search: str, wanted: str) -> int:
    """0: the name is ``wanted``, 1: it begins with it, 2: another part does, 3: a part contains it."""
    if search.startswith(beginning(wanted)):
        return 0 if search.startswith(whole_name(wanted)) else 1
    return 2 if beginning(wanted) in search else 3
