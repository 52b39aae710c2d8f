"""The channel card: what everyone in an internal channel may see of a customer, short enough not to scroll."""

from collections.abc import Sequence
from typing import Final

from bot.cards import action_ids, blocks
from bot.cards.components import (
    label,
    line,
    lines,
    lock_screen_line,
    name_and_number,
    picture_count,
    require_audience,
    short,
    tags,
    warning,
)
from bot.cards.escaping import literal, user_link
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
from bot.domain.results import Found
from bot.locales import Texts
from bot.privacy.filter import listed_fields
from bot.slack.message import Block, Message

MAX_LISTED: Final = 4
"""Fields that FIELD_POLICY lists: more would have to be scrolled."""
LISTED_LENGTH: Final = 60


def channel_card(customers: Sequence[Found], texts: Texts, shared_by: str = "") -> Message:
    """One customer with the menu beside it, or several, each with its own Details, and one menu below.

    ``shared_by`` is the Slack id of the user who shares it, "" for a card that the bot posts by itself. Raises
    ValueError for a result that was not made for a channel.
    """
    require_audience(Audience.CHANNEL, *customers)
    view_details = texts.customer.view_details
    card: list[Block] = []
    if len(customers) == 1:
        details = blocks.button(view_details, action_ids.CUSTOMER_DETAILS, customers[0].profile.customer_id)
        card += [blocks.section(_summary(customers[0], texts), _menu(texts)), blocks.actions(details)]
    else:
        for found in customers:
            profile, customer_id = found.profile, found.profile.customer_id
            read_aloud = f"{view_details} {profile.name or profile.number or customer_id}"
            details = blocks.named_button(view_details, action_ids.CUSTOMER_DETAILS, customer_id, read_aloud)
            card.append(blocks.section(_summary(found, texts), details))
        card.append(blocks.actions(_menu(texts)))
    warnings = dict.fromkeys(warning(found, texts) for found in customers)  # several may have the same
    user = user_link(shared_by)
    footnotes = (*warnings, texts.customer.shared_by(user) if user else "")
    card.extend(blocks.context(text) for text in footnotes if text)
    return Message(_lock_screen_text(customers), card)


def channel_line(found: Found, texts: Texts) -> Message:
    """One line, for a message with two links: all that can be done is in its menu.

    Raises ValueError for a result that was not made for a channel.
    """
    require_audience(Audience.CHANNEL, found)
    about = line(name_and_number(found), short(found.profile, Role.REGION), warning(found, texts))
    value = action_ids.menu_value(action_ids.MENU_DETAILS, found.profile.customer_id)
    details = blocks.option(texts.customer.view_details, value)
    return Message(_lock_screen_text([found]), [blocks.section(about, _menu(texts, details))])


def _lock_screen_text(customers: Sequence[Found]) -> str:
    return " / ".join(lock_screen_line(found.profile) for found in customers)


def _summary(found: Found, texts: Texts) -> str:
    """Name and number, one line about the customer, and one of the fields that FIELD_POLICY lists."""
    profile = found.profile
    last_service = short(profile, Role.LAST_SERVICE)
    about = line(
        tags(profile, texts),
        short(profile, Role.REGION),
        short(profile, Role.OUTLET),
        texts.customer.last_service(last_service) if last_service else "",
        picture_count(profile, texts),
    )
    listed = [
        f"*{label(field, texts)}* {literal(field.value, LISTED_LENGTH)}"
        for field in listed_fields(profile)[:MAX_LISTED]
    ]
    return lines(name_and_number(found), about, line(*listed))


def _menu(texts: Texts, *first: Block) -> Block:
    return blocks.menu(
        action_ids.CUSTOMER_MENU,
        *first,
        blocks.option(texts.customer.mute_day, action_ids.MENU_MUTE_DAY),
        blocks.option(texts.customer.mute_channel, action_ids.MENU_MUTE_CHANNEL),
        blocks.option(texts.customer.mute_me, action_ids.MENU_MUTE_ME),
    )
