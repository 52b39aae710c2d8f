"""Who sees which field of a customer, as a table."""

from collections.abc import Iterator

from rich.cells import cell_len

from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile, ProfileField
from bot.privacy.filter import visible_profile
from bot.privacy.policy import FieldPolicy


def sights(profile: CustomerProfile, policy: FieldPolicy) -> Iterator[str]:
    """A table, line by line: what each audience would see of every field of ``profile`` that has a value."""
    fields = [field for field in profile.fields if field.value]
    rows = [("", *(audience.value for audience in Audience))]
    rows += [(field.key, *(_sight(field, audience, policy) for audience in Audience)) for field in fields]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _sight(field: ProfileField, audience: Audience, policy: FieldPolicy) -> str:
    seen = visible_profile(CustomerProfile("", (field,)), audience, policy).fields
    return seen[0].value if seen else "-"
