"""What the directory is told of a customer, and what it keeps of that: nothing that one can call or write to."""

import hmac
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from bot.identifiers import ReadAs, read
from bot.masking import holds_a_contact, without_contacts
from bot.pinyin import Pinyin
from bot.profile import CustomerProfile
from bot.roles import Role
from bot.spelling import e164, folded, listed, mail_address

LONGEST_TEXT: Final = 255
"""Characters of a number or a name that are kept."""

_USUAL_NUMBER: Final = re.compile(r"CF[0-9]{8}")
"""As the CRM makes them, which are no phones: known at once, as most of 100,000 are."""
_ONE_WORD: Final = re.compile(r"[A-Za-z0-9_-]{1,20}")
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


def entry_of(profile: CustomerProfile) -> Entry:
    """Of all contacts of the customer; a field may hold several phones or addresses of mail."""
    return Entry(
        profile.customer_id,
        profile.number,
        profile.name,
        "、".join(dict.fromkeys(field.value for field in profile.fields if field.role is Role.CONTACT and field.value)),
        tuple(dict.fromkeys(filter(None, map(e164, _parts(profile, Role.PHONE, Role.LANDLINE))))),
        tuple(dict.fromkeys(filter(None, map(mail_address, _parts(profile, Role.EMAIL))))),
        is_whole=True,
    )


def record_of(entry: Entry, key: bytes | None) -> Record:
    """What is kept of ``entry``; without a ``key`` no hashes."""
    return Record(
        entry.customer_id,
        stored_number(entry.number),
        _stored_text(entry.name),
        _stored_text(entry.contact),
        frozenset(contact_hash(key, contact) for contact in (*entry.phones, *entry.mails)) if key else frozenset(),
        key_id(key) if entry.is_whole or entry.phones or entry.mails else None,
    )


def stored_number(number: str) -> str:
    """``number`` in its one spelling. A tenant may number its customers by their phones: such a number is not kept."""
    if _USUAL_NUMBER.fullmatch(number):
        return number
    reading = read(number)
    spelt = reading.identifier if reading is not None and reading.read_as is ReadAs.NUMBER else number.strip()
    if holds_a_contact(spelt[:LONGEST_TEXT]):
        return ""
    return spelt if _ONE_WORD.fullmatch(spelt) else _stored_text(spelt)


def updated(record: Record, news: Record) -> Record:
    """``record`` with what ``news`` adds and changes: where it says nothing, what is known stays."""
    return Record(
        record.customer_id,
        news.number or record.number,
        news.name or record.name,
        news.contact or record.contact,
        record.hashes | news.hashes,
        record.key_id if news.key_id is None else news.key_id,
    )


def contact_hash(key: bytes, contact: str) -> bytes:
    """By which a phone in E.164, or an address of mail in lower case, is found and cannot be read."""
    return hmac.digest(key, contact.encode("utf-8", "replace"), "sha256")


def key_id(key: bytes | None) -> str:
    """Tells keys apart without telling the key; "" for none."""
    return hmac.digest(key, b"the id of this key", "sha256")[:8].hex() if key else ""


def searchable(text: str) -> str:
    """``text`` as it is searched for: no spelling of it, or of ü in pinyin, makes a difference."""
    return folded(text).translate(_AS_TYPED)


def row_of(record: Record, pinyin: Pinyin) -> Row:
    """``record`` with all by which it may be found, the name first; contacts one by one."""
    names = [folded(name) for name in (record.name, *listed(record.contact))]
    spellings = (spelling for name in names for spelling in pinyin.spellings(name))
    distinct = dict.fromkeys(part.translate(_AS_TYPED) for part in (*names, folded(record.number), *spellings) if part)
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


def _parts(profile: CustomerProfile, *roles: Role) -> Sequence[str]:
    values = [field.value for field in profile.fields if field.role in roles]
    return [part for value in values for part in (value, *listed(value))]


def _stored_text(text: str) -> str:
    """As the database gives it back. Cut before it is masked, which takes its time, and may lengthen it."""
    masked = without_contacts(text[:LONGEST_TEXT]).strip()
    return masked.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:LONGEST_TEXT]
