"""The details: everything that the CRM says of a customer and the asker may see, in a modal, masked or revealed."""

import json
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from bot.cards import blocks
from bot.cards.actions import details_actions
from bot.cards.components import (
    HEADER_LENGTH,
    LINE_LENGTH,
    TAG_LENGTH,
    items,
    label,
    labelled,
    line,
    origin,
    short,
    tags,
    title,
    warning,
)
from bot.cards.escaping import clean, fits, length, literal, plain, web_address, web_link
from bot.cards.modal import modal
from bot.cards.service_line import service_line
from bot.cards.tabs import tab_row
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile, ProfileField, pictures_in
from bot.domain.results import Found
from bot.locales import Texts
from bot.slack.message import Block, View
from bot.slack.view_state import ViewState

MAX_BODY_BLOCKS: Final = 90
MAX_BODY_BYTES: Final = 200_000
"""Both leave room within a view for what stands above and below the fields."""
MAX_FIELDS_OF_A_SECTION: Final = 10
MAX_TAGS: Final = 40
SHORT_VALUE: Final = 60
"""A longer value gets the whole width."""
VALUE_LENGTH: Final = 2_000
ITEM_LENGTH: Final = 80
MAX_ITEMS: Final = 20
MAX_PICTURES: Final = 10
"""More would make the modal slow: the others are links alone."""

_CONTACT: Final = frozenset({Role.CONTACT, Role.PHONE, Role.LANDLINE, Role.EMAIL})
_ADDRESS: Final = frozenset({Role.ADDRESS, Role.REGISTERED_ADDRESS, Role.REGION, Role.COUNTRY})
_INVOICING: Final = frozenset({Role.INVOICE, Role.TAX_ID, Role.BANK, Role.BANK_ACCOUNT})
_SERVICE: Final = frozenset({Role.OUTLET, Role.OWNER, Role.LAST_SERVICE})
_APART: Final = frozenset({Role.PARTS, Role.PICTURE})


class _Part(NamedTuple):
    """Blocks that stand or fall together. ``fields``: how many of the customer's fields, or pictures, they show."""

    blocks: list[Block]
    fields: int


def details_view(found: Found, texts: Texts, state: ViewState) -> View:
    """Who it is, the tabs, what can be done, and every field in its group, in the CRM's order, but for empty ones."""
    profile = found.profile
    shown, left_out = _fitting(list(_body(profile, texts)))
    content = [*_head(found, texts), *shown]
    if left_out:
        content.append(blocks.context(f":warning: {texts.customer.not_shown(left_out)}"))
    content.append(blocks.context(line(f":lock: {texts.only_you}", origin(found, texts))))
    return modal(content, texts, state._replace(customer_id=profile.customer_id))


def _head(found: Found, texts: Texts) -> list[Block]:
    profile = found.profile
    about = line(short(profile, Role.NUMBER), tags(profile, texts, MAX_TAGS))
    revealed = f":unlock: {texts.customer.revealed}" if found.audience is Audience.REVEALED else ""
    lines = [text for text in (about, revealed, warning(found, texts), service_line(found.summary, texts)) if text]
    return [
        blocks.header(title(profile)),
        *map(blocks.context, lines),
        tab_row(profile.customer_id, None, texts),
        details_actions(found, texts),
    ]


def _body(profile: CustomerProfile, texts: Texts) -> Iterator[_Part]:
    fields = _below_the_head(profile)
    words = texts.customer
    for heading, roles in (
        (words.contact, _CONTACT),
        (words.address, _ADDRESS),
        (words.invoicing, _INVOICING),
        (words.service, _SERVICE),
    ):
        rows = [field for field in fields if field.role in roles]
        parts = [field for field in fields if field.role is Role.PARTS] if roles is _SERVICE else []
        yield from _group(heading, [*_rows(rows, texts), *_lists(parts, texts)])
    named = _CONTACT | _ADDRESS | _INVOICING | _SERVICE | _APART
    yield from _group(words.other, [*_rows([field for field in fields if field.role not in named], texts)])
    yield from _group(words.pictures, [*_pictures(profile, texts)])


def _below_the_head(profile: CustomerProfile) -> list[ProfileField]:
    """The fields with a value, but for the name, number and tags above them, unless those had to be cut there."""
    above = {
        next((i for i, field in enumerate(profile.fields) if field.role is role and field.value), -1)
        for role, is_whole in (
            (Role.NAME, fits(profile.name, HEADER_LENGTH)),
            (Role.NUMBER, fits(profile.number, LINE_LENGTH)),
            (Role.TAGS, len(profile.tags) <= MAX_TAGS and all(fits(tag, TAG_LENGTH) for tag in profile.tags)),
        )
        if is_whole
    }
    return [field for i, field in enumerate(profile.fields) if i not in above and field.value]


def _group(heading: str, parts: Sequence[_Part]) -> Iterator[_Part]:
    """``parts`` under their heading, which never stands alone."""
    for i, part in enumerate(parts):
        yield part if i else _Part([blocks.header(heading), *part.blocks], part.fields)


def _rows(fields: Sequence[ProfileField], texts: Texts) -> Iterator[_Part]:
    """Short values in two columns, long ones over the whole width, all in their order."""
    waiting: list[str] = []
    for field in fields:
        is_short = length(clean(field.value)) <= SHORT_VALUE
        if waiting and (not is_short or len(waiting) == MAX_FIELDS_OF_A_SECTION):
            yield _Part([blocks.fields(waiting)], len(waiting))
            waiting = []
        if is_short:
            waiting.append(labelled(field, texts, VALUE_LENGTH))
        else:
            yield _Part([blocks.section(labelled(field, texts, VALUE_LENGTH))], 1)
    if waiting:
        yield _Part([blocks.fields(waiting)], len(waiting))


def _lists(fields: Sequence[ProfileField], texts: Texts) -> Iterator[_Part]:
    """Service items, used and returned parts, side by side."""
    for start in range(0, len(fields), MAX_FIELDS_OF_A_SECTION):
        side_by_side = fields[start : start + MAX_FIELDS_OF_A_SECTION]
        yield _Part([blocks.fields(_list(field, texts) for field in side_by_side)], len(side_by_side))


def _list(field: ProfileField, texts: Texts) -> str:
    given = items(field)
    lines = [f"• {literal(item, ITEM_LENGTH)}" for item in given[:MAX_ITEMS]]
    if len(given) > MAX_ITEMS:
        lines.append(texts.customer.more_items(len(given) - MAX_ITEMS))
    return "\n".join([f"*{label(field, texts)}*", *(lines or ["…"])])


def _pictures(profile: CustomerProfile, texts: Texts) -> Iterator[_Part]:
    """Each picture with a link under it, for whoever cannot see it; what is no address of the web as a text."""
    room = MAX_PICTURES
    for field in profile.fields:
        given = pictures_in(field)
        for number, picture in enumerate(given, start=1):
            counted = f" {number}" if len(given) > 1 else ""
            name = label(field, texts) + counted
            address = web_address(picture)
            if address is None:
                yield _Part([blocks.context(f"*{name}*  {literal(picture, VALUE_LENGTH) or '…'}")], 1)
                continue
            alt_text = (plain(texts.label(field.key), LINE_LENGTH) or texts.unnamed) + counted
            image = [blocks.image(address, alt_text)] if room > 0 else []
            room -= 1
            yield _Part([*image, blocks.context(web_link(address, texts.customer.open_picture(name)))], 1)


def _fitting(parts: Sequence[_Part]) -> tuple[list[Block], int]:
    """As many of ``parts`` as a view has room for, and how many fields the others would have shown."""
    shown: list[Block] = []
    used = 0
    for i, part in enumerate(parts):
        used += len(json.dumps(part.blocks))
        if len(shown) + len(part.blocks) > MAX_BODY_BLOCKS or used > MAX_BODY_BYTES:
            return shown, sum(rest.fields for rest in parts[i:])
        shown.extend(part.blocks)
    return shown, 0
