"""A customer as plain text, to paste into a chat or a ticket."""

from typing import Final

from bot.cards import blocks
from bot.cards.audience import hold_to
from bot.cards.components import lock_screen_line
from bot.cards.escaping import clean, plain
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
from bot.domain.profile import ProfileField
from bot.domain.results import Found
from bot.locales import Texts
from bot.slack.message import Message

MAX_LENGTH: Final = 2_900
_VALUE_LENGTH: Final = 300
_ROLES: Final = (
    (Role.NAME,),
    (Role.NUMBER,),
    (Role.CONTACT, Role.PHONE, Role.LANDLINE, Role.EMAIL),
    (Role.ADDRESS,),
    (Role.OUTLET,),
    (Role.OWNER,),
    (Role.LAST_SERVICE,),
)
"""What is copied, in this order; contacts stay with their phones. Nothing of money or papers."""


def copy_card(found: Found, texts: Texts) -> Message:
    """One block of "label: value" lines, with the values as the CRM gives them, and nothing else.

    Raises ValueError for an answer that was not made for the asker's own card.
    """
    hold_to(Audience.PRIVATE, found)
    fields = [field for roles in _ROLES for field in found.profile.fields if field.role in roles and clean(field.value)]
    lines = "\n".join(_line(field, texts) for field in fields) or found.profile.customer_id
    return Message(lock_screen_line(found.profile), [blocks.plain_section(_fitted(lines))])


def _line(field: ProfileField, texts: Texts) -> str:
    return f"{plain(texts.label(field.key), 60) or texts.unnamed}: {plain(field.value, _VALUE_LENGTH)}"


def _fitted(lines: str) -> str:
    """Whole lines alone: half an address is worse than none."""
    fitting = ""
    for line in lines.split("\n"):
        if len(fitting.encode("utf-16-le")) // 2 + len(line.encode("utf-16-le")) // 2 + 3 > MAX_LENGTH:
            return f"{fitting}\n…"
        fitting = f"{fitting}\n{line}" if fitting else line
    return fitting
