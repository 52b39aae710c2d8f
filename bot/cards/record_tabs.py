"""What belongs to a customer, in the tabs of its details; while it is loaded, and where it does not come."""

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_TAB_WORK_ORDERS
from bot.cards.components import HEADER_LENGTH, LINE_LENGTH, code_line, line
from bot.cards.escaping import literal, plain
from bot.cards.modal import modal
from bot.cards.record_rows import row_blocks
from bot.cards.tabs import Tab, again_button, tab_head, tab_row
from bot.domain.records import Section
from bot.domain.results import RelatedRecords, Unavailable
from bot.locales import Texts
from bot.slack.message import Block, View
from bot.slack.view_state import ViewState


def records_view(related: RelatedRecords, texts: Texts, state: ViewState) -> View:
    """Who it is, the tabs, how many there are, and a row for each."""
    content = [*_head(related, texts), *_body(related, texts)]
    content.append(blocks.context(line(f":lock: {texts.only_you}", texts.crm)))
    return modal(content, texts, state._replace(customer_id=related.customer_id))


def tab_loading_view(tab: Tab, texts: Texts, state: ViewState) -> View:
    """What the modal shows until the tab's content is there."""
    content = [*tab_head(tab, texts), blocks.section(f":mag: {texts.modal.loading}")]
    return modal(content, texts, state._replace(customer_id=tab.customer_id))


def tab_failed_view(tab: Tab, result: Unavailable, texts: Texts, state: ViewState) -> View:
    """What happened, what to do, and a button that tries again; the other tabs may well work."""
    failure = result.failure
    said = literal(failure.error_msg, 300)
    lines = (
        f":warning: *{texts.trouble[failure.trouble]}*",
        texts.crm_says(said) if said else "",
        texts.trouble_advice[failure.trouble],
    )
    content = [
        *tab_head(tab, texts),
        blocks.section("\n".join(filter(None, lines))),
        blocks.actions(again_button(tab, texts)),
        blocks.context(code_line(failure.code, texts)),
    ]
    return modal(content, texts, state._replace(customer_id=tab.customer_id))


def _head(related: RelatedRecords, texts: Texts) -> list[Block]:
    name, number = plain(related.name, HEADER_LENGTH), plain(related.number, HEADER_LENGTH)
    below = literal(related.number, LINE_LENGTH) if name else ""
    return [
        blocks.header(name or number or related.customer_id),
        *([blocks.context(below)] if below else []),
        tab_row(related.customer_id, related.section, texts),
    ]


def _body(related: RelatedRecords, texts: Texts) -> list[Block]:
    if related.section is not Section.STEPS:
        return _list(related, texts)
    back = blocks.button(texts.related.all_work_orders, CUSTOMER_TAB_WORK_ORDERS, related.customer_id)
    return [*_list(related, texts), blocks.actions(back)]


def _list(related: RelatedRecords, texts: Texts) -> list[Block]:
    words = texts.related
    heading, none = {
        Section.CONTACTS: (words.contacts, words.no_contacts),
        Section.DEVICES: (words.devices, words.no_devices),
        Section.WORK_ORDERS: (words.work_orders, words.no_work_orders),
        Section.STEPS: (_steps_of(related.order_number, texts), words.no_steps),
    }[related.section]
    if not related.rows:
        nothing = blocks.section(words.not_told if related.is_cut else none)
        return [*([blocks.header(heading)] if related.order_number else []), nothing]
    count, rows = len(related.rows), row_blocks(related.rows, related.customer_id, texts)
    if not related.is_cut:
        return [blocks.header(words.count(heading, count)), *rows]
    return [blocks.header(words.first(heading, count)), *rows, blocks.context(words.more)]


def _steps_of(order_number: str, texts: Texts) -> str:
    number = plain(order_number, LINE_LENGTH)
    return texts.related.steps_of(number) if number else texts.related.steps
