"""What a modal keeps for itself between two clicks: Slack hands ``private_metadata`` back as it was given."""

import json
from typing import NamedTuple

from bot.domain.inquiry import Surface


class ViewState(NamedTuple):
    """``channel`` and ``surface`` are where the first modal was opened from: a modal has no channel of its own."""

    customer_id: str = ""
    channel: str = ""
    surface: Surface = Surface.BUTTON

    def dump(self) -> str:
        return json.dumps(self._asdict())


def state_in(metadata: str) -> ViewState:
    """What ``metadata`` says, as far as it can be read: the modal may be of any version of the bot."""
    try:
        kept = json.loads(metadata)
    except (ValueError, RecursionError):
        return ViewState()
    if not isinstance(kept, dict):
        return ViewState()
    surface = _text(kept.get("surface"))
    return ViewState(
        _text(kept.get("customer_id")),
        _text(kept.get("channel")),
        Surface(surface) if surface in set(Surface) else Surface.BUTTON,
    )


def _text(kept: object) -> str:
    return kept if isinstance(kept, str) else ""
