"""How many customers the cache holds in a MB of this process's memory, everything counted.

``python -m benchmarks.cached_profiles``. Each is read from JSON as the CRM sends it, with values of its own, so that
none is shared which would not be; the answers and cards of the hottest are made and kept as for askers.
"""

import gc
import json
import random
import sys
import uuid
from pathlib import Path
from typing import Any, Final

from benchmarks.budgets import Result, report
from bot.cards.render import result_card
from bot.crm.envelope import customer_fields
from bot.customers.cache import ProfileCache
from bot.customers.lookup import LookupResult
from bot.domain.inquiry import Audience
from bot.domain.links import CustomerLinks
from bot.domain.profile import CustomerKey, CustomerProfile
from bot.domain.query import ReadAs
from bot.domain.results import CacheState
from bot.inquiries.result_cache import ResultCache
from bot.locales import texts_in
from bot.playground.fake_crm.server import sample_customers
from bot.privacy.policy import BUILT_IN

CUSTOMERS: Final = 10_000
"""As many as CACHE_MAX_ENTRIES."""
WARMING: Final = 200
BUDGET: Final = 200


def main() -> list[Result]:
    invented = random.Random(6)
    _fill(ProfileCache(WARMING, 300, 86_400, lambda: 0.0), WARMING, invented)
    gc.collect()
    before = _resident_mb()
    cache = ProfileCache(CUSTOMERS, 300, 86_400, lambda: 0.0)
    results = _fill(cache, CUSTOMERS, invented)
    gc.collect()
    used = _resident_mb() - before
    assert results is not None
    rows = len(sample_customers()[0]["rows"])
    detail = f"{used:.1f} MB for {CUSTOMERS} customers of {rows} fields, the kept answers of the hottest among them"
    return [Result("cached profiles in a MB", CUSTOMERS / used, "", BUDGET, is_least=True, detail=detail)]


def _fill(cache: ProfileCache, customers: int, invented: random.Random) -> ResultCache:
    results = ResultCache(CustomerLinks(None), BUILT_IN, _now)
    template = sample_customers()[0]["rows"]
    for number in range(customers):
        customer_id = str(uuid.UUID(int=invented.getrandbits(128)))
        answer = json.loads(json.dumps([_own(row, number) for row in template]))
        key = CustomerKey("", 1, customer_id)
        entry = cache.keep(key, CustomerProfile(customer_id, customer_fields(answer)))
        result = LookupResult(entry, CacheState.HIT)
        result_card(results.found(result, Audience.PRIVATE, ReadAs.ID), texts_in("zh"))
    return results


def _own(row: dict[str, Any], number: int) -> dict[str, Any]:
    """The row with a value of this customer's own, as long as it was; tags and the like recur, here too."""
    value = row.get("Value")
    if not isinstance(value, str) or len(value) < 4:
        return row
    digits = str(10_000 + number)[-4:]
    return {**row, "Value": value[:-4] + digits}


def _now() -> float:
    return 1.0


def _resident_mb() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS:"))


if __name__ == "__main__":
    sys.exit(report(main()))
