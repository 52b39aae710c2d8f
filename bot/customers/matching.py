"""Whether a customer is one whom a reading means: what the CRM says of the customer now must hold it."""

from bot.customers.directory.entries import entry_of, stored_number
from bot.domain.directory import searchable
from bot.domain.field_roles import Role
from bot.domain.pinyin import Pinyin
from bot.domain.profile import CustomerProfile
from bot.domain.query import Query, ReadAs


def matches(profile: CustomerProfile, query: Query, pinyin: Pinyin) -> bool:
    """A serial or device number never matches: no profile tells a customer's devices."""
    match query.read_as:
        case ReadAs.NUMBER:
            return stored_number(profile.number) == query.identifier
        case ReadAs.PHONE:
            return query.identifier in entry_of(profile).phones
        case ReadAs.EMAIL:
            return query.identifier in entry_of(profile).mails
        case ReadAs.NAME:
            return _is_called(profile, searchable(query.identifier), pinyin)
        case _:
            return False


def _is_called(profile: CustomerProfile, wanted: str, pinyin: Pinyin) -> bool:
    """By a part of the name, the number or a contact; by their pinyin where nothing but that can be meant."""
    names = [field.value for field in profile.fields if field.role in (Role.NAME, Role.NUMBER, Role.CONTACT)]
    if any(wanted in searchable(name) for name in names):
        return True
    return wanted.isascii() and any(
        wanted in searchable(spelling) for name in names for spelling in pinyin.spellings(searchable(name))
    )
