"""How long it takes to take out of a profile what its asker may not see, and to make the card of the rest.

``python -m benchmarks.rendering``: of all the playground's customers, in the CPU time of this process. Keeping the
answers of the customers asked for most is not counted: this is what the first answer costs.
"""

import statistics
import sys
import time
from typing import Final

from benchmarks.budgets import Result, report
from bot.cards.render import result_card
from bot.crm.envelope import customer_fields
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile
from bot.domain.results import CacheState, Found
from bot.locales import texts_in
from bot.playground.fake_crm.server import sample_customers
from bot.privacy.filter import visible_profile
from bot.privacy.policy import BUILT_IN

ROUNDS: Final = 300
BUDGET_US: Final = 50
MICROSECONDS: Final = 1_000_000


def main() -> list[Result]:
    profiles = [CustomerProfile(entry["id"], customer_fields(entry["rows"])) for entry in sample_customers()]
    taken = sorted(_each(profile) for profile in profiles)
    detail = f"the median of {len(profiles)} customers; {taken[-1]:.0f} µs for the one with the most text"
    return [Result("a profile filtered and rendered", statistics.median(taken), "µs", BUDGET_US, detail=detail)]


def _each(profile: CustomerProfile) -> float:
    """The median of the rounds in µs."""
    texts = texts_in("zh")
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        seen = visible_profile(profile, Audience.PRIVATE, BUILT_IN)
        result_card(Found(seen, 1_700_000_000.0, 1.0, CacheState.MISS), texts)
        taken.append(time.process_time() - began)
    return MICROSECONDS * statistics.median(taken)


if __name__ == "__main__":
    sys.exit(report(main()))
