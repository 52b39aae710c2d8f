"""What cards show of a customer, as finished texts: name, number, tags, fields, devices, and how old the data is."""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar

from bot.cards.escaping import literal, mail_link, phone_link, plain, web_link
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
from bot.domain.phones import as_written
from bot.domain.profile import CustomerProfile, ProfileField
from bot.domain.records import ServiceSummary
from bot.domain.results import Found
from bot.locales import Texts
from bot.privacy.masking import number_without_contacts, without_contacts

MAX_TAGS: Final = 6
HEADER_LENGTH: Final = 150
LABEL_LENGTH: Final = 60
TAG_LENGTH: Final = 40
LINE_LENGTH: Final = 100
DOT: Final = "  ·  "

T = TypeVar("T")


def require_audience(audience: Audience, *customers: Found) -> None:
    """Raises ValueError if one of ``customers`` was filtered for another audience."""
    for found in customers:
        if found.audience is not audience:
            raise ValueError(f"this result was made for {found.audience.value}, and not for {audience.value}")


def title(profile: CustomerProfile) -> str:
    """The name, for a header; the number or the id of a customer without a name."""
    return plain(profile.name, HEADER_LENGTH) or plain(profile.number, HEADER_LENGTH) or profile.customer_id


def name_and_number(found: Found) -> str:
    """The name in bold, linked to the customer's page if there is one, and the number."""
    profile = found.profile
    number = literal(profile.number, LINE_LENGTH)
    name = literal(profile.name, LINE_LENGTH)
    shown = name or number or profile.customer_id
    linked = f"*{web_link(found.url, shown) if found.url else shown}*"
    return f"{linked}  {number}" if name and number else linked


def lock_screen_line(profile: CustomerProfile) -> str:
    """Name and number, with no phone in them, as a locked phone shows them. Slack reads this as mrkdwn."""
    name, number = without_contacts(profile.name), number_without_contacts(profile.number)
    return "  ".join(filter(None, (literal(name, 100), literal(number, LINE_LENGTH)))) or profile.customer_id


def looked_for(asked: str) -> str:
    """What a user asked for, which the bot keeps normalised, as people write it."""
    return literal(as_written(asked), LINE_LENGTH)


def line(*parts: str) -> str:
    """The parts that are not empty, on one line."""
    return DOT.join(filter(None, parts))


def lines(*parts: str) -> str:
    """The parts that are not empty, one a line."""
    return "\n".join(filter(None, parts))


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def code_line(code: str, texts: Texts) -> str:
    """The code that finds the incident in the log, ready to be copied."""
    return texts.code(f"`{code}`")


def tags(profile: CustomerProfile, texts: Texts, most: int = MAX_TAGS) -> str:
    named = profile.tags
    chips = [f"`{tag}`" for tag in (literal(tag, TAG_LENGTH) for tag in named[:most]) if tag]
    if len(named) > most:
        chips.append(f"+{len(named) - most}")
    return " ".join(chips)


def picture_count(profile: CustomerProfile, texts: Texts) -> str:
    """How many pictures there are; "" if there are none."""
    count = len(profile.pictures)
    return texts.pictures(count) if count else ""


def short(profile: CustomerProfile, role: Role) -> str:
    """The first value of ``role``, for a line."""
    return literal(profile.first(role), LINE_LENGTH)


def fields_below(profile: CustomerProfile, head: Iterable[Role]) -> list[ProfileField]:
    """The fields with a value, but for the first of each role of ``head``, which a card shows above them."""
    above = set(head)
    below = []
    for field in profile.fields:
        if field.value and field.role in above:
            above.remove(field.role)
        elif field.value:
            below.append(field)
    return below


def labelled(field: ProfileField, texts: Texts, limit: int) -> str:
    """Label and value in one field, as phones may show one column. A phone or an email address becomes a link."""
    link = None
    if field.role in (Role.PHONE, Role.LANDLINE):
        link = phone_link(field.value)
    elif field.role is Role.EMAIL:
        link = mail_link(field.value)
    return f"*{label(field, texts)}*\n{link or literal(field.value, limit) or '…'}"


def label(field: ProfileField, texts: Texts) -> str:
    return literal(texts.label(field.key), LABEL_LENGTH) or texts.unnamed


def service_line(summary: ServiceSummary | None, texts: Texts) -> str:
    """Open work orders, and devices out of warranty; "" if neither is known. For the asker alone."""
    if summary is None:
        return ""
    words, count, expired = texts.records, summary.devices, summary.devices_out_of_warranty
    orders = "" if summary.open_work_orders is None else words.open_work_orders(summary.open_work_orders)
    if count is None or expired is None:
        devices = ""
    elif not summary.are_warranties_clear:
        devices = words.devices_unclear(expired, count)
    else:
        devices = words.devices_out(expired, count) if expired else words.devices_in(count)
    return line(orders, devices)


def warning(found: Found, texts: Texts) -> str:
    """Why stale data is shown, and how old it is; "" for fresh data."""
    if found.failure is None:
        return ""
    stale = texts.stale(texts.trouble[found.failure.trouble], texts.age(found.age))
    return f":warning: {stale}{DOT}{texts.code(found.failure.code)}"


def origin(found: Found, texts: Texts) -> str:
    """Where the data comes from, and as of when."""
    return line(texts.crm, texts.as_of(date(found.as_of)))


def date(epoch: float) -> str:
    """A token that Slack shows in each reader's own time zone; old clients show what stands after the bar."""
    fallback = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(epoch))
    return f"<!date^{int(epoch)}^{{date_short_pretty}} {{time}}|{fallback}>"
