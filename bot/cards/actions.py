"""What can be done with a customer: the buttons and the menu of the private card and of the details."""

from bot.cards import action_ids, blocks
from bot.cards.action_ids import menu_value
from bot.domain.inquiry import Audience
from bot.domain.results import Found
from bot.locales import Texts
from bot.slack.message import Block


def card_actions(found: Found, texts: Texts) -> Block:
    """Details, Share, Refresh, and the rest in the menu."""
    customer_id, words = found.profile.customer_id, texts.customer
    options = _copy_and_pin(customer_id, texts)
    if found.url:
        value = menu_value(action_ids.MENU_OPEN, customer_id)
        options.insert(0, blocks.link_option(words.open_in_crm, value, found.url))
    return blocks.actions(
        blocks.primary_button(words.details, action_ids.CUSTOMER_DETAILS, customer_id),
        *_share_and_refresh(customer_id, texts),
        blocks.menu(action_ids.CUSTOMER_MENU, *options),
    )


def details_actions(found: Found, texts: Texts) -> Block:
    """The same without Details, which leaves room for Reveal (where it shows more) and a button to the CRM."""
    customer_id, words = found.profile.customer_id, texts.customer
    buttons = _share_and_refresh(customer_id, texts)
    if found.audience is Audience.REVEALED:
        buttons.append(blocks.button(words.hide, action_ids.CUSTOMER_TAB_PROFILE, customer_id))
    elif found.is_masked:
        buttons.append(blocks.button(words.reveal, action_ids.CUSTOMER_REVEAL, customer_id))
    if found.url:
        buttons.append(blocks.link_button(words.open_in_crm, action_ids.CUSTOMER_OPEN, found.url))
    return blocks.actions(*buttons, blocks.menu(action_ids.CUSTOMER_MENU, *_copy_and_pin(customer_id, texts)))


def _share_and_refresh(customer_id: str, texts: Texts) -> list[Block]:
    return [
        blocks.button(texts.customer.share, action_ids.CUSTOMER_SHARE, customer_id),
        blocks.button(texts.refresh, action_ids.CUSTOMER_REFRESH, customer_id),
    ]


def _copy_and_pin(customer_id: str, texts: Texts) -> list[Block]:
    """Pin is a toggle whose reply says what it did, so the card is the same for every asker and can be cached."""
    return [
        blocks.option(texts.customer.copy, menu_value(action_ids.MENU_COPY, customer_id)),
        blocks.option(texts.customer.pin, menu_value(action_ids.MENU_PIN, customer_id)),
    ]
