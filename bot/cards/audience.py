"""For whom an answer was made: a card for others refuses to be made of it."""

from bot.domain.inquiry import Audience
from bot.domain.results import Found


def hold_to(audience: Audience, *founds: Found) -> None:
    """Raises ValueError where one of ``founds`` was made for somebody else."""
    for found in founds:
        if found.audience is not audience:
            raise ValueError(f"this answer was made for {found.audience.value}, and not for {audience.value}")
