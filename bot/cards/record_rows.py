"""Contacts, devices, work orders and their steps as rows. All their texts are foreign."""

from collections.abc import Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_STEPS, steps_of, steps_value
from bot.cards.components import line
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
                wide.append(blocks.section(_work_order(row, texts), _steps(row, customer_id, texts)))
            case WorkStep():
                wide.append(blocks.section(_step(row, texts)))
    return [*_side_by_side(narrow), *wide]


def _contact(contact: Contact, texts: Texts) -> str:
    return _lines(
        _bold(contact.name),
        line(literal(contact.title, SHORT_LENGTH), texts.related.main_contact if contact.is_main else ""),
        phone_link(contact.telephone) or literal(contact.telephone, SHORT_LENGTH),
        mail_link(contact.mail) or literal(contact.mail, NAME_LENGTH),
    )


def _device(device: Device, texts: Texts) -> str:
    serial_number = literal(device.serial_number, SHORT_LENGTH)
    return _lines(
        _bold(device.product_name),
        line(literal(device.brand, SHORT_LENGTH), literal(device.product_type, SHORT_LENGTH)),
        literal(device.number, SHORT_LENGTH),
        texts.related.serial_number(serial_number) if serial_number else "",
        _warranty(device, texts),
    )


def _warranty(device: Device, texts: Texts) -> str:
    """In words; what stands behind them is never alone."""
    words, ends = texts.related, literal(device.warranty_ends, SHORT_LENGTH)
    match device.warranty:
        case Warranty.IN:
            return f"{words.warranty_until(ends) if ends else words.in_warranty} :white_check_mark:"
        case Warranty.OUT:
            return f"{words.warranty_ended(ends) if ends else words.out_of_warranty} :warning:"
        case Warranty.UNKNOWN:
            return words.warranty_unclear(ends) if ends else words.warranty_unknown


def _work_order(order: WorkOrder, texts: Texts) -> str:
    return _lines(
        f"{_bold(order.number)}  {_state(order, texts)}",
        line(literal(order.created, SHORT_LENGTH), literal(order.product_name, NAME_LENGTH)),
        literal(order.description, DESCRIPTION_LENGTH),
    )


def _state(order: WorkOrder, texts: Texts) -> str:
    """Where it stands and what it waits for, which for what is over are the same."""
    state = texts.related.state[order.state]
    pending = texts.related.pending.get(order.pending, "")
    return state if pending == state else line(state, pending)


def _steps(order: WorkOrder, customer_id: str, texts: Texts) -> Block | None:
    value = steps_value(customer_id, order.order_id)
    if steps_of(value) is None:
        return None
    return blocks.named_button(texts.related.steps, CUSTOMER_STEPS, value, texts.related.steps_of(order.number))


def _step(step: WorkStep, texts: Texts) -> str:
    return _lines(
        line(_bold(step.action), _late(step, texts)),
        line(literal(step.handed_at, SHORT_LENGTH), literal(step.outlet, NAME_LENGTH)),
        literal(step.description, STEP_LENGTH),
    )


def _late(step: WorkStep, texts: Texts) -> str:
    if not step.is_late:
        return ""
    deadline = literal(step.deadline, SHORT_LENGTH)
    return f"{texts.related.late_after(deadline) if deadline else texts.related.late} :warning:"


def _bold(name: str) -> str:
    return f"*{literal(name, NAME_LENGTH) or '…'}*"


def _lines(*lines: str) -> str:
    return "\n".join(text for text in lines if text)


def _side_by_side(texts: Sequence[str]) -> list[Block]:
    return [blocks.fields(texts[start : start + COLUMNS]) for start in range(0, len(texts), COLUMNS)]
