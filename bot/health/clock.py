"""When two clocks count as apart, and how that is told."""

from typing import Final

from bot.domain.health import Fact, Phrase, Span

WORTH_TELLING_SECONDS: Final = 30.0
"""More than requests take, less than anybody refuses."""


def far_apart(skew_seconds: float) -> bool:
    return abs(skew_seconds) >= WORTH_TELLING_SECONDS


def spelt(skew_seconds: float) -> dict[str, Fact]:
    """By how much, and which way, this machine's clock is off."""
    return {"span": Span(abs(skew_seconds)), "way": Phrase("ahead" if skew_seconds > 0 else "behind")}
