"""Directory entries as stored: contacts in texts are masked, phones and mail addresses are hashed."""

import hmac
import re
from collections.abc import Sequence
from typing import Final

from bot.domain.directory import Entry, Record
from bot.domain.field_roles import Role
from bot.domain.normalise import e164, listed, mail_address
from bot.domain.profile import CustomerProfile
from bot.domain.query import ReadAs, read
from bot.privacy.masking import holds_a_contact, without_contacts

LONGEST_TEXT: Final = 255
"""How many characters of a number or a name are stored."""

_USUAL_NUMBER: Final = re.compile(r"CF[0-9]{8}")
"""The CRM's own numbers, which cannot be phones. Most of 100,000 take this fast path."""
_ONE_WORD: Final = re.compile(r"[A-Za-z0-9_-]{1,20}")


def entry_of(profile: CustomerProfile) -> Entry:
    """The entry of a profile, with all of its contacts. A field may list several phones or mail addresses."""
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
    """``entry`` as it is stored; without a ``key`` it has no hashes."""
    return Record(
        entry.customer_id,
        stored_number(entry.number),
        _stored_text(entry.name),
        _stored_text(entry.contact),
        frozenset(contact_hash(key, contact) for contact in (*entry.phones, *entry.mails)) if key else frozenset(),
        key_id(key) if entry.is_whole or entry.phones or entry.mails else None,
    )


def stored_number(number: str) -> str:
    """``number`` in its one spelling; "" for a phone: a tenant may use phones as numbers, and they are not stored."""
    if _USUAL_NUMBER.fullmatch(number):
        return number
    query = read(number)
    spelt = query.identifier if query is not None and query.read_as is ReadAs.NUMBER else number.strip()
    if holds_a_contact(spelt[:LONGEST_TEXT]):
        return ""
    return spelt if _ONE_WORD.fullmatch(spelt) else _stored_text(spelt)


def updated(record: Record, news: Record) -> Record:
    """``record`` updated by ``news``. Empty values of ``news`` change nothing."""
    return Record(
        record.customer_id,
        news.number or record.number,
        news.name or record.name,
        news.contact or record.contact,
        record.hashes | news.hashes,
        record.key_id if news.key_id is None else news.key_id,
    )


def contact_hash(key: bytes, contact: str) -> bytes:
    """The keyed hash under which a phone in E.164 or a mail address in lower case is stored."""
    return hmac.digest(key, contact.encode("utf-8", "replace"), "sha256")


def key_id(key: bytes | None) -> str:
    """Identifies a key without revealing it; "" for none."""
    return hmac.digest(key, b"the id of this key", "sha256")[:8].hex() if key else ""


def _parts(profile: CustomerProfile, *roles: Role) -> Sequence[str]:
    return [part for field in profile.fields if field.role in roles for part in (field.value, *listed(field.value))]


def _stored_text(text: str) -> str:
    """``text`` as every database returns it. Cut before masking, which is slow, and after, as masks may be longer."""
    masked = without_contacts(text[:LONGEST_TEXT]).strip()
    return masked.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:LONGEST_TEXT]
