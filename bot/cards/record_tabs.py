"""The tabs of a customer's modal, and what belongs to the customer in them: loaded, loading, or failed."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from bot.cards import action_ids, blocks
from bot.cards.components import HEADER_LENGTH, LINE_LENGTH, chunks, code_line, line, lines
from bot.cards.error_cards import failure_text
from bot.cards.escaping import length, literal, mail_link, phone_link, plain
from bot.cards.modal import modal
from bot.domain.records import Contact, Device, RecordRow, Section, Warranty, WorkOrder, WorkStep
from bot.domain.results import RelatedRecords, Unavailable
from bot.locales import Texts
from bot.slack.message import Block, View
from bot.slack.view_state import ViewState

NAME_LENGTH: Final = 100
SHORT_LENGTH: Final = 60
DESCRIPTION_LENGTH: Final = 120
STEP_LENGTH: Final = 200
COLUMNS: Final = 2
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
    """``content`` in place of the tab's own, below the tabs and the heading, which is left out if it was cut."""
    title = [blocks.header(tab.heading)] if 0 < length(tab.heading) <= HEADER_LENGTH else []
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
            button = blocks.primary_button(f"· {name} ·", action_id, customer_id)
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
    count, rows = len(related.rows), _row_blocks(related.rows, related.customer_id, texts)
    if not related.is_cut:
        return [blocks.header(words.count(heading, count)), *rows]
    return [blocks.header(words.first(heading, count)), *rows, blocks.context(words.more)]


def _row_blocks(rows: Sequence[RecordRow], customer_id: str, texts: Texts) -> list[Block]:
    """The rows of one section, in their order. Contacts and devices, which are narrow, stand side by side."""
    narrow, wide = [], []
    for row in rows:
        match row:
            case Contact():
                narrow.append(_contact(row, texts))
            case Device():
                narrow.append(_device(row, texts))
            case WorkOrder():
                wide.append(_work_order(row, customer_id, texts))
            case WorkStep():
                wide.append(_step(row, texts))
    return [*map(blocks.fields, chunks(narrow, COLUMNS)), *wide]


def _contact(contact: Contact, texts: Texts) -> str:
    return lines(
        _bold(contact.name),
        line(literal(contact.title, SHORT_LENGTH), texts.records.main_contact if contact.is_main else ""),
        phone_link(contact.telephone) or literal(contact.telephone, SHORT_LENGTH),
        mail_link(contact.mail) or literal(contact.mail, NAME_LENGTH),
    )


def _device(device: Device, texts: Texts) -> str:
    """The warranty is in words: an emoji never stands alone."""
    words, serial_number = texts.records, literal(device.serial_number, SHORT_LENGTH)
    ends = literal(device.warranty_ends, SHORT_LENGTH)
    match device.warranty:
        case Warranty.IN:
            warranty = f"{words.warranty_until(ends) if ends else words.in_warranty} :white_check_mark:"
        case Warranty.OUT:
            warranty = f"{words.warranty_ended(ends) if ends else words.out_of_warranty} :warning:"
        case Warranty.UNKNOWN:
            warranty = words.warranty_unclear(ends) if ends else words.warranty_unknown
    return lines(
        _bold(device.product_name),
        line(literal(device.brand, SHORT_LENGTH), literal(device.product_type, SHORT_LENGTH)),
        literal(device.number, SHORT_LENGTH),
        words.serial_number(serial_number) if serial_number else "",
        warranty,
    )


def _work_order(order: WorkOrder, customer_id: str, texts: Texts) -> Block:
    """A work order with the button to its steps, if a button can hold its id."""
    words, value = texts.records, action_ids.steps_value(customer_id, order.order_id)
    state, pending = words.state[order.state], words.pending.get(order.pending, "")
    text = lines(
        f"{_bold(order.number)}  {line(state, pending if pending != state else '')}",
        line(literal(order.created, SHORT_LENGTH), literal(order.product_name, NAME_LENGTH)),
        literal(order.description, DESCRIPTION_LENGTH),
    )
    button = blocks.named_button(words.steps, action_ids.CUSTOMER_STEPS, value, words.steps_of(order.number))
    return blocks.section(text, button if action_ids.steps_of(value) else None)


def _step(step: WorkStep, texts: Texts) -> Block:
    deadline = literal(step.deadline, SHORT_LENGTH)
    late = texts.records.late_after(deadline) if deadline else texts.records.late
    text = lines(
        line(_bold(step.action), f"{late} :warning:" if step.is_late else ""),
        line(literal(step.handed_at, SHORT_LENGTH), literal(step.outlet, NAME_LENGTH)),
        literal(step.description, STEP_LENGTH),
    )
    return blocks.section(text)


def _bold(name: str) -> str:
    return f"*{literal(name, NAME_LENGTH) or '…'}*"
