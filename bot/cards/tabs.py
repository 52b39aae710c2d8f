"""The tabs of a customer's modal: what a click on one asks for, and what stands above every content."""

from typing import NamedTuple

from bot.cards import blocks
from bot.cards.action_ids import (
    CUSTOMER_STEPS,
    CUSTOMER_TAB_CONTACTS,
    CUSTOMER_TAB_DEVICES,
    CUSTOMER_TAB_PROFILE,
    CUSTOMER_TAB_WORK_ORDERS,
    steps_value,
)
from bot.cards.components import HEADER_LENGTH
from bot.cards.escaping import length, plain
from bot.domain.records import Section
from bot.locales import Texts
from bot.slack.message import Block


class Tab(NamedTuple):
    """What a modal shows of a customer; a ``section`` of None is the profile. ``order_id``: of which order the steps.

    ``heading`` is what the modal already says of who it is: finished, "" where it says nothing.
    """

    customer_id: str
    section: Section | None
    order_id: str = ""
    heading: str = ""


def tab_row(customer_id: str, shown: Section | None, texts: Texts) -> Block:
    """A button for each tab. The steps of a work order belong to the work orders."""
    marked = Section.WORK_ORDERS if shown is Section.STEPS else shown
    return blocks.actions(
        *(
            _marked(name, action_id, customer_id, texts)
            if section is marked
            else blocks.button(name, action_id, customer_id)
            for section, action_id, name in _tabs(texts)
        )
    )


def tab_head(tab: Tab, texts: Texts) -> list[Block]:
    """Above a content that is not there (yet)."""
    is_whole = tab.heading and length(tab.heading) <= HEADER_LENGTH
    title = [blocks.header(tab.heading)] if is_whole else []
    return [*title, tab_row(tab.customer_id, tab.section, texts)]


def again_button(tab: Tab, texts: Texts) -> Block:
    """Asks for the same once more."""
    if tab.section is Section.STEPS:
        return blocks.button(texts.retry, CUSTOMER_STEPS, steps_value(tab.customer_id, tab.order_id))
    action_id = next(action_id for section, action_id, _ in _tabs(texts) if section is tab.section)
    return blocks.button(texts.retry, action_id, tab.customer_id)


def _tabs(texts: Texts) -> tuple[tuple[Section | None, str, str], ...]:
    words = texts.related
    return (
        (None, CUSTOMER_TAB_PROFILE, words.profile),
        (Section.CONTACTS, CUSTOMER_TAB_CONTACTS, words.contacts),
        (Section.DEVICES, CUSTOMER_TAB_DEVICES, words.devices),
        (Section.WORK_ORDERS, CUSTOMER_TAB_WORK_ORDERS, words.work_orders),
    )


def _marked(name: str, action_id: str, customer_id: str, texts: Texts) -> Block:
    """By its style, by its text and for screen readers: none of them is seen by everybody."""
    button = blocks.primary_button(texts.related.shown_tab(name), action_id, customer_id)
    return {**button, "accessibility_label": plain(texts.related.shown_tab_aloud(name), 75)}
