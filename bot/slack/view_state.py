"""The state of a modal between two clicks: Slack returns ``private_metadata`` unchanged."""

import json
from typing import NamedTuple

from bot.domain.inquiry import Surface


class ViewState(NamedTuple):
    """``channel`` and ``surface`` are those from which the first modal was opened: a modal has no channel."""

    customer_id: str = ""
    channel: str = ""
    surface: Surface = Surface.BUTTON

    def dump(self) -> str:
        return json.dumps(self._asdict())


def state_in(metadata: str) -> ViewState:
    """What can be read from ``metadata``: any version of the bot may have opened the modal."""
    try:
        state = json.loads(metadata)
    except (ValueError, RecursionError):
        state = None
    kept = {name: text for name, text in state.items() if isinstance(text, str)} if isinstance(state, dict) else {}
    name = kept.get("surface", "")
    surface = Surface(name) if name in set(Surface) else Surface.BUTTON
    return ViewState(kept.get("customer_id", ""), kept.get("channel", ""), surface)
