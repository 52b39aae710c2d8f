"""The channel card: what everybody in an internal channel may see of a customer, with nothing to scroll."""

from collections.abc import Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_MENU,
    MENU_DETAILS,
    MENU_MUTE_CHANNEL,
    MENU_MUTE_DAY,
    MENU_MUTE_ME,
    menu_value,
)
from bot.cards.audience import hold_to
from bot.cards.components import label, line, lock_screen_line, name_and_number, short, spoken, tags, warning
from bot.cards.escaping import literal, person_link
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile
from bot.domain.results import Found
from bot.locales import Texts
from bot.privacy.filter import listed_fields
from bot.slack.message import Block, Message

MAX_LISTED: Final = 4
"""Fields that FIELD_POLICY lists: more would have to be scrolled."""
LISTED_LENGTH: Final = 60


def channel_card(founds: Sequence[Found], texts: Texts, shared_by: str = "") -> Message:
    """One customer with the menu beside it, or several, each with its own Details, and one menu below.

    ``shared_by`` is the Slack id of the person who shares it, "" where the bot speaks of its own accord. Raises
    ValueError for an answer that was not made for a channel.
    """
    hold_to(Audience.CHANNEL, *founds)
    if len(founds) == 1:
        customer_id = founds[0].profile.customer_id
        details = blocks.button(texts.customer.view_details, CUSTOMER_DETAILS, customer_id)
        card = [blocks.section(_summary(founds[0], texts), _menu(texts)), blocks.actions(details)]
    else:
        card = [_row(found, _summary(found, texts), texts) for found in founds]
        card.append(blocks.actions(_menu(texts)))
    card.extend(blocks.context(text) for text in _footnotes(founds, texts, shared_by))
    return Message(_text(founds), card)


def channel_line(found: Found, texts: Texts) -> Message:
    """One line, for a message with two links: what can be done is all in its menu.

    Raises ValueError for an answer that was not made for a channel.
    """
    hold_to(Audience.CHANNEL, found)
    about = line(name_and_number(found), short(found.profile, Role.REGION), warning(found, texts))
    details = blocks.option(texts.customer.view_details, menu_value(MENU_DETAILS, found.profile.customer_id))
    return Message(_text([found]), [blocks.section(about, _menu(texts, details))])


def _text(founds: Sequence[Found]) -> str:
    return " / ".join(lock_screen_line(found.profile) for found in founds)


def _summary(found: Found, texts: Texts) -> str:
    """Name and number, one line about the customer, and one of what the operator has listed."""
    profile = found.profile
    return "\n".join(filter(None, (name_and_number(found), _about(profile, texts), _listed(profile, texts))))


def _about(profile: CustomerProfile, texts: Texts) -> str:
    last_service = short(profile, Role.LAST_SERVICE)
    pictures = len(profile.pictures)
    return line(
        tags(profile, texts),
        short(profile, Role.REGION),
        short(profile, Role.OUTLET),
        texts.customer.last_service(last_service) if last_service else "",
        texts.pictures(pictures) if pictures else "",
    )


def _listed(profile: CustomerProfile, texts: Texts) -> str:
    fields = listed_fields(profile)[:MAX_LISTED]
    return line(*(f"*{label(field, texts)}* {literal(field.value, LISTED_LENGTH)}" for field in fields))


def _row(found: Found, text: str, texts: Texts) -> Block:
    customer_id = found.profile.customer_id
    read_aloud = f"{texts.customer.view_details} {spoken(found.profile)}"
    details = blocks.named_button(texts.customer.view_details, CUSTOMER_DETAILS, customer_id, read_aloud)
    return blocks.section(text, details)


def _menu(texts: Texts, *first: Block) -> Block:
    return blocks.menu(
        CUSTOMER_MENU,
        *first,
        blocks.option(texts.customer.mute_day, MENU_MUTE_DAY),
        blocks.option(texts.customer.mute_channel, MENU_MUTE_CHANNEL),
        blocks.option(texts.customer.mute_me, MENU_MUTE_ME),
    )


def _footnotes(founds: Sequence[Found], texts: Texts, shared_by: str) -> list[str]:
    """How old an old copy is, each reason once, and who shared this."""
    notes = dict.fromkeys(note for found in founds if (note := warning(found, texts)))
    who = person_link(shared_by)
    return [*notes, texts.customer.shared_by(who)] if who else [*notes]
