"""Directory entries as stored: contacts in texts are masked, phones and mail addresses are hashed."""

import hmac
import re
from collections.abc import Iterator
from typing import Final

from bot.domain.directory import Entry, Record
from bot.domain.field_roles import Role, is_contact_label
from bot.domain.normalise import mails_of, plain_characters
from bot.domain.phones import phones_of
from bot.domain.profile import CustomerProfile
from bot.privacy.masking import holds_a_contact, without_contacts

LONGEST_TEXT: Final = 255
"""How many characters of a number or a name are stored."""

_CONTACT_ROLES: Final = frozenset({Role.PHONE, Role.LANDLINE, Role.EMAIL, Role.CONTACT})
_USUAL_NUMBER: Final = re.compile(r"CF[0-9]{8}")
"""The CRM's own numbers, which cannot be phones. Most of 100,000 take this fast path."""
_CRM_NUMBER: Final = re.compile(r"[\W_]*(CF[0-9]{5,12})[\W_]*")
_ONE_WORD: Final = re.compile(r"[A-Za-z0-9_-]{1,20}")


def entry_of(profile: CustomerProfile) -> Entry:
    """The entry of a profile, with all of its contacts. A field may list several phones or mail addresses."""
    return Entry(
        profile.customer_id,
        profile.number,
        profile.name,
        "、".join(dict.fromkeys(field.value for field in profile.fields if field.role is Role.CONTACT and field.value)),
        tuple(dict.fromkeys(phone for text in _contact_texts(profile) for phone in phones_of(text))),
        tuple(dict.fromkeys(address for text in _contact_texts(profile) for address in mails_of(text))),
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
    spelt = plain_characters(number).upper()
    crm_number = _CRM_NUMBER.fullmatch(spelt)
    spelt = crm_number[1] if crm_number else spelt
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


def _contact_texts(profile: CustomerProfile) -> Iterator[str]:
    """The values of the fields that are made for contacts, by their role or their label."""
    for field in profile.fields:
        if field.value and (field.role in _CONTACT_ROLES or (field.role is Role.OTHER and is_contact_label(field.key))):
            yield field.value


def _stored_text(text: str) -> str:
    """``text`` as every database returns it. Cut before masking, which is slow, and after, as masks may be longer."""
    masked = without_contacts(text[:LONGEST_TEXT]).strip()
    return masked.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:LONGEST_TEXT]
