"""A modal in which people go from tab to tab, faster than the tabs are there."""

import asyncio
from weakref import WeakValueDictionary

from bot.slack.payloads import OpenView


class TurningModal:
    """One modal, for as long as the content of any click in it is under way.

    Clicks on one state of the modal have one hash, and Slack takes only the first change that is made with it: each
    further one goes on from the hash that the last change left. ``changing`` is held by whoever makes one.
    """

    def __init__(self, shown: OpenView) -> None:
        self.changing = asyncio.Lock()
        self._shown = shown
        self._hashes: list[str] = []
        self._clicks = 0

    @property
    def shown(self) -> OpenView:
        return self._shown._replace(hash=self._hashes[-1])

    def click(self, on_hash: str) -> int:
        """A click, by its number. A hash that is not known yet is that of a change which was made elsewhere."""
        if on_hash not in self._hashes:
            self._hashes.append(on_hash)
        self._clicks += 1
        return self._clicks

    def is_last(self, click: int) -> bool:
        return click == self._clicks

    def changed(self, to_hash: str) -> None:
        """``to_hash`` is "" where nobody knows whether the modal has changed: the next change is made in any case."""
        self._hashes.append(to_hash)


class TurningModals:
    """Those in which something is under way, by their view id."""

    def __init__(self) -> None:
        self._modals: WeakValueDictionary[str, TurningModal] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._modals)

    def of(self, shown: OpenView) -> TurningModal:
        modal = self._modals.get(shown.view_id)
        if modal is None:
            modal = self._modals[shown.view_id] = TurningModal(shown)
        return modal
