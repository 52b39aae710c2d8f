"""The updates of one open modal, in the order of the clicks that ask for them."""

import asyncio

from bot.slack.payloads import OpenView


class ModalUpdates:
    """Lives as long as any update of its modal is under way; the last click wins.

    Clicks on one state of the modal carry one hash, and Slack accepts only the first update made with it: each further
    one is made with the hash that the last update returned. Updates are made while ``lock`` is held.
    """

    def __init__(self, view: OpenView) -> None:
        self.lock = asyncio.Lock()
        self._view = view
        self._hashes: list[str] = []
        self._clicks = 0

    @property
    def view(self) -> OpenView:
        return self._view._replace(hash=self._hashes[-1])

    def click(self, on_hash: str) -> int:
        """Count a click and return its number. An unknown hash is that of an update which was made elsewhere."""
        if on_hash not in self._hashes:
            self._hashes.append(on_hash)
        self._clicks += 1
        return self._clicks

    def is_last(self, click: int) -> bool:
        return click == self._clicks

    def updated(self, to_hash: str) -> None:
        """``to_hash`` is "" if the outcome of an update is unknown: the next one is then made without a hash."""
        self._hashes.append(to_hash)
