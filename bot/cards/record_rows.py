"""Contacts, devices, work orders and their steps as rows. All their texts are foreign."""

from collections.abc import Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_STEPS, steps_of, steps_value
from bot.cards.components import chunks, line, lines
from bot.cards.escaping import literal, mail_link, phone_link
from bot.domain.records import Contact, Device, RecordRow, Warranty, WorkOrder, WorkStep
from bot.locales import Texts
from bot.slack.message import Block

NAME_LENGTH: Final = 100
SHORT_LENGTH: Final = 60
DESCRIPTION_LENGTH: Final = 120
STEP_LENGTH: Final = 200
COLUMNS: Final = 2


def row_blocks(rows: Sequence[RecordRow], customer_id: str, texts: Texts) -> list[Block]:
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
    words, value = texts.records, steps_value(customer_id, order.order_id)
    state, pending = words.state[order.state], words.pending.get(order.pending, "")
    text = lines(
        f"{_bold(order.number)}  {line(state, pending if pending != state else '')}",
        line(literal(order.created, SHORT_LENGTH), literal(order.product_name, NAME_LENGTH)),
        literal(order.description, DESCRIPTION_LENGTH),
    )
    if steps_of(value) is None:
        return blocks.section(text)
    return blocks.section(text, blocks.named_button(words.steps, CUSTOMER_STEPS, value, words.steps_of(order.number)))


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
