"""The private card: one customer, for the asker alone."""

import time
from typing import Final

from bot.answers import Found
from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_REFRESH
from bot.cards.foreign import literal, mail_link, phone_link, plain
from bot.locales import Texts
from bot.profile import CustomerProfile, ProfileField, Role
from bot.slack.message import Block, Message

MAX_FIELDS: Final = 8
MAX_TAGS: Final = 6
HEADER_LENGTH: Final = 150
LABEL_LENGTH: Final = 60
VALUE_LENGTH: Final = 200
TAG_LENGTH: Final = 40
LINE_LENGTH: Final = 100
DOT: Final = "  ·  "

_HEAD: Final = (Role.NAME, Role.NUMBER, Role.TAGS, Role.LEVEL, Role.REGION)
"""Shown above the fields: the first of each."""

_RANKS: Final = {
    **dict.fromkeys((Role.CONTACT, Role.PHONE, Role.LANDLINE, Role.EMAIL), 0),
    Role.ADDRESS: 1,
    Role.OUTLET: 2,
    Role.OWNER: 3,
    Role.LAST_SERVICE: 4,
    **dict.fromkeys((Role.COUNTRY, Role.CREATED, Role.REGISTERED_ADDRESS, Role.BANK, Role.INVOICE), 6),
    **dict.fromkeys((Role.TAX_ID, Role.BANK_ACCOUNT, Role.ID_CARD), 7),
}
"""Which fields come first when there are more than fit. Contacts keep the CRM's order, so that each stays with
its phone."""
_ORDINARY_RANK: Final = 5


def private_card(found: Found, texts: Texts) -> Message:
    """Name, what kind of customer, at most eight fields, Refresh, and from when this is."""
    profile = found.profile
    title = plain(profile.name, HEADER_LENGTH) or plain(profile.number, HEADER_LENGTH) or profile.customer_id
    shown, left_out = _choose(profile)
    card = [blocks.header(title)]
    about = _about(profile, texts)
    if about:
        card.append(blocks.context(about))
    if found.failure:
        warning = texts.stale(texts.trouble[found.failure.trouble], texts.age(found.age))
        card.append(blocks.context(f":warning: {warning}{DOT}{texts.code(found.failure.code)}"))
    if shown:
        card.append(blocks.fields(_field(field, texts) for field in shown))
    card.append(blocks.actions(blocks.button(texts.refresh, CUSTOMER_REFRESH, profile.customer_id)))
    card.append(_origin(found, left_out, texts))
    return Message(lock_screen_line(profile), card)


def lock_screen_line(profile: CustomerProfile) -> str:
    """Name and number and nothing else: it may be shown on a locked phone. Slack reads it as mrkdwn."""
    parts = [part for part in (literal(profile.name, 100), literal(profile.number, LINE_LENGTH)) if part]
    return "  ".join(parts) or profile.customer_id


def _choose(profile: CustomerProfile) -> tuple[list[ProfileField], int]:
    """The fields to show, and how many others have a value."""
    head = set()
    for role in _HEAD:
        head.add(next((i for i, field in enumerate(profile.fields) if field.role is role and field.value), -1))
    rest = [
        field
        for i, field in enumerate(profile.fields)
        if i not in head and field.role is not Role.PICTURE and field.value
    ]
    rest.sort(key=lambda field: _RANKS.get(field.role, _ORDINARY_RANK))
    return rest[:MAX_FIELDS], len(rest[MAX_FIELDS:])


def _about(profile: CustomerProfile, texts: Texts) -> str:
    """Number, tags, level, region: one line."""
    level = literal(profile.first(Role.LEVEL), LINE_LENGTH)
    parts = (
        literal(profile.number, LINE_LENGTH),
        _tags(profile.tags, texts),
        texts.level(level) if level else "",
        literal(profile.first(Role.REGION), LINE_LENGTH),
    )
    return DOT.join(part for part in parts if part)


def _tags(tags: tuple[str, ...], texts: Texts) -> str:
    chips = [f"`{tag}`" for tag in (literal(tag, TAG_LENGTH) for tag in tags[:MAX_TAGS]) if tag]
    if len(tags) > MAX_TAGS:
        chips.append(texts.more_tags(len(tags) - MAX_TAGS))
    return " ".join(chips)


def _field(field: ProfileField, texts: Texts) -> str:
    """Label and value in one field: phones may show fields in one column."""
    label = literal(texts.label(field.key), LABEL_LENGTH) or texts.unnamed
    return f"*{label}*\n{_value(field) or '…'}"


def _value(field: ProfileField) -> str:
    link = None
    if field.role in (Role.PHONE, Role.LANDLINE):
        link = phone_link(field.value)
    elif field.role is Role.EMAIL:
        link = mail_link(field.value)
    return link or literal(field.value, VALUE_LENGTH)


def _origin(found: Found, left_out: int, texts: Texts) -> Block:
    """Who sees this, from where and as of when it is, and what it leaves out."""
    parts = [f":lock: {texts.only_you}", texts.crm, texts.as_of(_date(found.as_of))]
    pictures = len(found.profile.pictures)
    if pictures:
        parts.append(texts.pictures(pictures))
    if left_out:
        parts.append(texts.more_fields(left_out))
    return blocks.context(DOT.join(parts))


def _date(epoch: float) -> str:
    """A token that Slack shows in each reader's own time zone; old clients show what stands behind the bar."""
    fallback = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(epoch))
    return f"<!date^{int(epoch)}^{{date_short_pretty}} {{time}}|{fallback}>"
