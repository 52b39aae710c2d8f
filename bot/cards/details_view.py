"""The details: every field that the CRM has of a customer and the asker may see, in a modal, masked or revealed."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, NamedTuple

from bot.cards import blocks
from bot.cards.actions import details_actions
from bot.cards.components import (
    HEADER_LENGTH,
    LINE_LENGTH,
    TAG_LENGTH,
    chunks,
    fields_below,
    label,
    labelled,
    line,
    origin,
    service_line,
    short,
    tags,
    title,
    warning,
)
from bot.cards.escaping import clean, fits, length, literal, plain, web_address, web_link
from bot.cards.modal import modal
from bot.cards.record_tabs import tab_row
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile, ProfileField, items_in, pictures_in
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
_SERVICE: Final = frozenset({Role.OUTLET, Role.OWNER, Role.LAST_SERVICE, Role.PARTS})
_OTHER: Final = frozenset(Role) - _CONTACT - _ADDRESS - _INVOICING - _SERVICE - {Role.PICTURE}


class _Part(NamedTuple):
    """Blocks that are shown or left out together, and how many fields or pictures of the customer they show."""

    blocks: list[Block]
    fields: int


def details_view(found: Found, texts: Texts, state: ViewState) -> View:
    """The customer, the tabs, what can be done, and every field that has a value, in its group, in the CRM's order."""
    profile = found.profile
    footer = [blocks.context(line(f":lock: {texts.only_you}", origin(found, texts)))]
    above = (
        line(short(profile, Role.NUMBER), tags(profile, texts, MAX_TAGS)),
        f":unlock: {texts.customer.revealed}" if found.audience is Audience.REVEALED else "",
        warning(found, texts),
        service_line(found.summary, texts),
    )
    shown, left_out = _fitting([*_body(profile, texts)])
    if left_out:
        footer.insert(0, blocks.context(f":warning: {texts.customer.not_shown(left_out)}"))
    content = [
        blocks.header(title(profile)),
        *(blocks.context(text) for text in above if text),
        tab_row(profile.customer_id, None, texts),
        details_actions(found, texts),
        *shown,
        *footer,
    ]
    return modal(content, texts, state._replace(customer_id=profile.customer_id))


def _body(profile: CustomerProfile, texts: Texts) -> Iterator[_Part]:
    whole = {  # what the header had to cut stands below it too
        Role.NAME: fits(profile.name, HEADER_LENGTH),
        Role.NUMBER: fits(profile.number, LINE_LENGTH),
        Role.TAGS: len(profile.tags) <= MAX_TAGS and all(fits(tag, TAG_LENGTH) for tag in profile.tags),
    }
    fields = fields_below(profile, (role for role, is_whole in whole.items() if is_whole))
    words = texts.customer
    for heading, roles in (
        (words.contact, _CONTACT),
        (words.address, _ADDRESS),
        (words.invoicing, _INVOICING),
        (words.service, _SERVICE),
        (words.other, _OTHER),
    ):
        group = [field for field in fields if field.role in roles]
        yield from _under(heading, _rows(sorted(group, key=lambda field: field.role is Role.PARTS), texts))
    yield from _under(words.pictures, _pictures(profile, texts))


def _under(heading: str, parts: Iterable[_Part]) -> Iterator[_Part]:
    """``parts`` under their heading, which never stands alone."""
    for i, part in enumerate(parts):
        yield part if i else _Part([blocks.header(heading), *part.blocks], part.fields)


def _rows(fields: Iterable[ProfileField], texts: Texts) -> Iterator[_Part]:
    """Short values and lists in two columns, long values over the whole width, all in their order."""
    for (is_list, is_short), group in groupby(fields, _layout):
        shown = [_list(field, texts) if is_list else labelled(field, texts, VALUE_LENGTH) for field in group]
        for part in chunks(shown, MAX_FIELDS_OF_A_SECTION if is_list or is_short else 1):
            yield _Part([blocks.fields(part) if is_list or is_short else blocks.section(part[0])], len(part))


def _layout(field: ProfileField) -> tuple[bool, bool]:
    """Whether ``field`` is a list, of service items or of parts, and else whether its value is short."""
    is_list = field.role is Role.PARTS
    return is_list, not is_list and length(clean(field.value)) <= SHORT_VALUE


def _list(field: ProfileField, texts: Texts) -> str:
    given = items_in(field)
    shown = [f"• {literal(item, ITEM_LENGTH)}" for item in given[:MAX_ITEMS]]
    if len(given) > MAX_ITEMS:
        shown.append(texts.customer.more_items(len(given) - MAX_ITEMS))
    return "\n".join([f"*{label(field, texts)}*", *(shown or ["…"])])


def _pictures(profile: CustomerProfile, texts: Texts) -> Iterator[_Part]:
    """Each picture with a link under it, for users who cannot see it; what is no web address as a text."""
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


def _fitting(parts: list[_Part]) -> tuple[list[Block], int]:
    """The blocks of as many of ``parts`` as a view has room for, and how many fields the others would have shown."""
    shown: list[Block] = []
    used = 0
    for i, part in enumerate(parts):
        used += len(json.dumps(part.blocks))
        if len(shown) + len(part.blocks) > MAX_BODY_BLOCKS or used > MAX_BODY_BYTES:
            return shown, sum(rest.fields for rest in parts[i:])
        shown.extend(part.blocks)
    return shown, 0
