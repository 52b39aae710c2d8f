"""What was measured, against the budget it has, as one line each."""

from collections.abc import Iterable
from typing import NamedTuple


class Result(NamedTuple):
    """One row: ``measured`` in ``unit`` ("× bare Bolt", "µs", …), which is to be at most, or at least, ``budget``."""

    what: str
    measured: float
    unit: str
    budget: float
    is_least: bool = False
    detail: str = ""
    """The figures behind a ratio."""

    @property
    def holds(self) -> bool:
        return self.measured >= self.budget if self.is_least else self.measured <= self.budget

    def __str__(self) -> str:
        bound = "≥" if self.is_least else "≤"
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        line = f"{self.what:<52}{self.measured:>9.3g} {self.unit:<13} {bound} {self.budget:<6g} {verdict}"
        return f"{line}\n    {self.detail}" if self.detail else line


def report(results: Iterable[Result]) -> int:
    """Print them; the exit status: 1 where a budget does not hold."""
    status = 0
    for result in results:
        print(result, flush=True)
        status = status if result.holds else 1
    return status
