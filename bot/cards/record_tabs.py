"""The tabs of a customer's modal, and what belongs to the customer in them: loaded, loading, or failed."""

from typing import Final, NamedTuple

from bot.cards import action_ids, blocks
from bot.cards.components import HEADER_LENGTH, LINE_LENGTH, code_line, line
from bot.cards.error_cards import failure_text
from bot.cards.escaping import length, literal, plain
from bot.cards.modal import modal
from bot.cards.record_rows import row_blocks
from bot.domain.records import Section
from bot.domain.results import RelatedRecords, Unavailable
from bot.locales import Texts
from bot.slack.message import Block, View
from bot.slack.view_state import ViewState

_ACTION_IDS: Final[dict[Section | None, str]] = {
    None: action_ids.CUSTOMER_TAB_PROFILE,
    Section.CONTACTS: action_ids.CUSTOMER_TAB_CONTACTS,
    Section.DEVICES: action_ids.CUSTOMER_TAB_DEVICES,
    Section.WORK_ORDERS: action_ids.CUSTOMER_TAB_WORK_ORDERS,
}


class Tab(NamedTuple):
    """What a modal shows of a customer. A ``section`` of None is the profile; ``order_id`` is the order of the steps.

    ``heading`` is the customer as the modal already shows it: finished, "" if it shows none.
    """

    customer_id: str
    section: Section | None
    order_id: str = ""
    heading: str = ""


def records_view(related: RelatedRecords, texts: Texts, state: ViewState) -> View:
    """The customer, the tabs, how many records there are, and a row for each."""
    name, number = plain(related.name, HEADER_LENGTH), plain(related.number, HEADER_LENGTH)
    below = literal(related.number, LINE_LENGTH) if name else ""
    content = [
        blocks.header(name or number or related.customer_id),
        *([blocks.context(below)] if below else []),
        tab_row(related.customer_id, related.section, texts),
        *_records(related, texts),
    ]
    if related.section is Section.STEPS:
        words, tab = texts.records, action_ids.CUSTOMER_TAB_WORK_ORDERS
        content.append(blocks.actions(blocks.button(words.all_work_orders, tab, related.customer_id)))
    content.append(blocks.context(line(f":lock: {texts.only_you}", texts.crm)))
    return modal(content, texts, state._replace(customer_id=related.customer_id))


def tab_loading_view(tab: Tab, texts: Texts, state: ViewState) -> View:
    """What the modal shows until the tab's content is there."""
    return tab_view([blocks.section(f":mag: {texts.modal.loading}")], tab, texts, state)


def tab_failed_view(tab: Tab, result: Unavailable, texts: Texts, state: ViewState) -> View:
    """What happened, what to do, and a button that tries again; the other tabs may well work."""
    if tab.section is Section.STEPS:
        action_id, value = action_ids.CUSTOMER_STEPS, action_ids.steps_value(tab.customer_id, tab.order_id)
    else:
        action_id, value = _ACTION_IDS[tab.section], tab.customer_id
    content = [
        blocks.section(failure_text(result.failure, texts)),
        blocks.actions(blocks.button(texts.retry, action_id, value)),
        blocks.context(code_line(result.failure.code, texts)),
    ]
    return tab_view(content, tab, texts, state)


def tab_view(content: list[Block], tab: Tab, texts: Texts, state: ViewState) -> View:
    """``content`` in place of the tab's own, below the customer, unless it was cut, and the tabs."""
    is_whole = tab.heading and length(tab.heading) <= HEADER_LENGTH
    title = [blocks.header(tab.heading)] if is_whole else []
    shown = [*title, tab_row(tab.customer_id, tab.section, texts), *content]
    return modal(shown, texts, state._replace(customer_id=tab.customer_id))


def tab_row(customer_id: str, shown: Section | None, texts: Texts) -> Block:
    """A button for each tab. The steps of a work order belong to the work orders."""
    words = texts.records
    names = (words.profile, words.contacts, words.devices, words.work_orders)
    buttons = []
    for (section, action_id), name in zip(_ACTION_IDS.items(), names, strict=True):
        if section is (Section.WORK_ORDERS if shown is Section.STEPS else shown):
            # marked by its style, by its text and for screen readers: no one of these reaches every user
            button = blocks.primary_button(words.shown_tab(name), action_id, customer_id)
            buttons.append({**button, "accessibility_label": plain(words.shown_tab_aloud(name), 75)})
        else:
            buttons.append(blocks.button(name, action_id, customer_id))
    return blocks.actions(*buttons)


def _records(related: RelatedRecords, texts: Texts) -> list[Block]:
    words, order_number = texts.records, plain(related.order_number, LINE_LENGTH)
    heading, none = {
        Section.CONTACTS: (words.contacts, words.no_contacts),
        Section.DEVICES: (words.devices, words.no_devices),
        Section.WORK_ORDERS: (words.work_orders, words.no_work_orders),
        Section.STEPS: (words.steps_of(order_number) if order_number else words.steps, words.no_steps),
    }[related.section]
    if not related.rows:
        nothing = blocks.section(words.not_known if related.is_cut else none)
        return [*([blocks.header(heading)] if related.order_number else []), nothing]
    count, rows = len(related.rows), row_blocks(related.rows, related.customer_id, texts)
    if not related.is_cut:
        return [blocks.header(words.count(heading, count)), *rows]
    return [blocks.header(words.first(heading, count)), *rows, blocks.context(words.more)]
