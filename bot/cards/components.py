"""What cards show of a customer, as finished texts: name, number, tags, fields, and how old all that is."""

import re
import time
from typing import Final

from bot.cards.escaping import literal, mail_link, phone_link, plain, web_link
from bot.domain.field_roles import Role
from bot.domain.normalise import as_written
from bot.domain.profile import CustomerProfile, ProfileField
from bot.domain.results import Found
from bot.locales import Texts
from bot.privacy.masking import number_without_contacts, without_contacts

MAX_TAGS: Final = 6
HEADER_LENGTH: Final = 150
LABEL_LENGTH: Final = 60
TAG_LENGTH: Final = 40
LINE_LENGTH: Final = 100
DOT: Final = "  ·  "

_ITEM_SEPARATORS: Final = re.compile(r"[、\n]")


def title(profile: CustomerProfile) -> str:
    """The name, for a header; the number or the id of a customer without one."""
    return plain(profile.name, HEADER_LENGTH) or plain(profile.number, HEADER_LENGTH) or profile.customer_id


def spoken(profile: CustomerProfile) -> str:
    """What the customer is called, as the CRM gives it."""
    return profile.name or profile.number or profile.customer_id


def name_and_number(found: Found) -> str:
    """The name in bold, linked to the customer's page if there is one, and the number."""
    profile = found.profile
    number = literal(profile.number, LINE_LENGTH)
    name = literal(profile.name, LINE_LENGTH)
    shown = name or number or profile.customer_id
    linked = f"*{web_link(found.url, shown) if found.url else shown}*"
    return f"{linked}  {number}" if name and number else linked


def code_line(code: str, texts: Texts) -> str:
    """The code by which the log is searched, to be copied."""
    return texts.code(f"`{code}`")


def lock_screen_line(profile: CustomerProfile) -> str:
    """Name and number and nothing else, no phone in them either: a locked phone shows it. Slack reads it as mrkdwn."""
    name, number = without_contacts(profile.name), number_without_contacts(profile.number)
    parts = [part for part in (literal(name, 100), literal(number, LINE_LENGTH)) if part]
    return "  ".join(parts) or profile.customer_id


def looked_for(asked: str) -> str:
    """What somebody asked for, which the bot keeps in its one spelling, as people write it."""
    return literal(as_written(asked), LINE_LENGTH)


def line(*parts: str) -> str:
    """Those of ``parts`` that say something, in one line."""
    return DOT.join(part for part in parts if part)


def tags(profile: CustomerProfile, texts: Texts, most: int = MAX_TAGS) -> str:
    named = profile.tags
    chips = [f"`{tag}`" for tag in (literal(tag, TAG_LENGTH) for tag in named[:most]) if tag]
    if len(named) > most:
        chips.append(texts.more_tags(len(named) - most))
    return " ".join(chips)


def short(profile: CustomerProfile, role: Role) -> str:
    """The first value of ``role``, for a line."""
    return literal(profile.first(role), LINE_LENGTH)


def labelled(field: ProfileField, texts: Texts, limit: int) -> str:
    """Label and value in one field: phones may show fields in one column."""
    return f"*{label(field, texts)}*\n{value(field, limit) or '…'}"


def label(field: ProfileField, texts: Texts) -> str:
    return literal(texts.label(field.key), LABEL_LENGTH) or texts.unnamed


def value(field: ProfileField, limit: int) -> str:
    """The value, which phones can dial or write to if it is a number or an address of mail."""
    link = None
    if field.role in (Role.PHONE, Role.LANDLINE):
        link = phone_link(field.value)
    elif field.role is Role.EMAIL:
        link = mail_link(field.value)
    return link or literal(field.value, limit)


def items(field: ProfileField) -> list[str]:
    """The service items or parts in ``field``, which the CRM joins with 、."""
    return [item for part in _ITEM_SEPARATORS.split(field.value) if (item := part.strip())]


def warning(found: Found, texts: Texts) -> str:
    """Of an old copy: why there is no new one, and how old it is; "" for a fresh answer."""
    if found.failure is None:
        return ""
    stale = texts.stale(texts.trouble[found.failure.trouble], texts.age(found.age))
    return f":warning: {stale}{DOT}{texts.code(found.failure.code)}"


def origin(found: Found, texts: Texts) -> str:
    """From where and as of when this is."""
    return line(texts.crm, texts.as_of(date(found.as_of)))


def date(epoch: float) -> str:
    """A token that Slack shows in each reader's own time zone; old clients show what stands behind the bar."""
    fallback = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(epoch))
    return f"<!date^{int(epoch)}^{{date_short_pretty}} {{time}}|{fallback}>"
