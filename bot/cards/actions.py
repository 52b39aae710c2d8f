"""What can be done with a customer: the buttons and the menu of the private card and of the details."""

from bot.cards import blocks
from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_MENU,
    CUSTOMER_OPEN,
    CUSTOMER_REFRESH,
    CUSTOMER_REVEAL,
    CUSTOMER_SHARE,
    CUSTOMER_TAB_PROFILE,
    MENU_COPY,
    MENU_OPEN,
    MENU_PIN,
    menu_value,
)
from bot.domain.inquiry import Audience
from bot.domain.results import Found
from bot.locales import Texts
from bot.slack.message import Block


def card_actions(found: Found, texts: Texts) -> Block:
    """Details, Share, Refresh, and the rest behind three dots."""
    customer_id = found.profile.customer_id
    options = _copy_and_pin(customer_id, texts)
    if found.url:
        value = menu_value(MENU_OPEN, customer_id)
        options.insert(0, blocks.link_option(texts.customer.open_in_crm, value, found.url))
    return blocks.actions(
        blocks.primary_button(texts.customer.details, CUSTOMER_DETAILS, customer_id),
        *_share_and_refresh(customer_id, texts),
        blocks.menu(CUSTOMER_MENU, *options),
    )


def details_actions(found: Found, texts: Texts) -> Block:
    """The same without Details: there is room for a button to the CRM, and for Reveal where that shows more."""
    customer_id = found.profile.customer_id
    link = [blocks.link_button(texts.customer.open_in_crm, CUSTOMER_OPEN, found.url)] if found.url else []
    return blocks.actions(
        *_share_and_refresh(customer_id, texts),
        *_reveal_or_hide(found, texts),
        *link,
        blocks.menu(CUSTOMER_MENU, *_copy_and_pin(customer_id, texts)),
    )


def _share_and_refresh(customer_id: str, texts: Texts) -> list[Block]:
    return [
        blocks.button(texts.customer.share, CUSTOMER_SHARE, customer_id),
        blocks.button(texts.refresh, CUSTOMER_REFRESH, customer_id),
    ]


def _reveal_or_hide(found: Found, texts: Texts) -> list[Block]:
    customer_id = found.profile.customer_id
    if found.audience is Audience.REVEALED:
        return [blocks.button(texts.customer.hide, CUSTOMER_TAB_PROFILE, customer_id)]
    return [blocks.button(texts.customer.reveal, CUSTOMER_REVEAL, customer_id)] if found.is_masked else []


def _copy_and_pin(customer_id: str, texts: Texts) -> list[Block]:
    """Pin is a toggle that says what it did, so that the card is the same for everybody who asks."""
    return [
        blocks.option(texts.customer.copy, menu_value(MENU_COPY, customer_id)),
        blocks.option(texts.customer.pin, menu_value(MENU_PIN, customer_id)),
    ]
