"""Customers as inquiries answer them: from rows as the CRM gives them, seen by an audience."""

import json
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from bot.crm.envelope import customer_fields
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile, ShowType, profile_field
from bot.domain.results import CacheState, Failure, Found
from bot.errors import Trouble
from bot.privacy.filter import visible_profile
from bot.privacy.policy import BUILT_IN, FieldPolicy
from tests.support.block_kit import foreign_texts

ID: Final = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
URL: Final = f"https://crm.example.com/customer/{ID}"
AS_OF: Final = 1_700_000_000.0
DATE: Final = "<!date^1700000000^{date_short_pretty} {time}|2023-11-14 22:13 UTC>"
FAILURE: Final = Failure(Trouble.NO_ANSWER, "E-7F3A")
SAMPLES: Final[list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[2] / "bot/playground/fake_crm/sample_customers.json").read_text("utf-8")
)

Row = tuple[str, Any] | tuple[str, Any, int]


def found(
    *rows: Row,
    audience: Audience = Audience.PRIVATE,
    url: str = "",
    failure: Failure | None = None,
    age: float = 7_200.0,
    policy: FieldPolicy = BUILT_IN,
) -> Found:
    """A customer whose rows (label, value, ShowType) the CRM gives so."""
    answer = [dict(zip(("Key", "Value", "ShowType"), row, strict=False)) for row in rows]
    return _found(ID, answer, audience, url, failure, age, policy)


def oversized(*rows: tuple[str, str, int]) -> Found:
    """More than the CRM's client would let through."""
    fields = tuple(profile_field(key, value, ShowType(show_type)) for key, value, show_type in rows)
    return Found(CustomerProfile(ID, fields), AS_OF, 0.0, CacheState.MISS)


def sample(index: int, audience: Audience = Audience.PRIVATE, url: str = "", failure: Failure | None = None) -> Found:
    """One of the playground's customers."""
    entry = SAMPLES[index]
    return _found(entry["id"], entry["rows"], audience, url, failure, 7_200.0, BUILT_IN)


def _found(
    customer_id: str,
    rows: Any,
    audience: Audience,
    url: str,
    failure: Failure | None,
    age: float,
    policy: FieldPolicy,
) -> Found:
    profile = visible_profile(CustomerProfile(customer_id, customer_fields(rows)), audience, policy)
    cache = CacheState.STALE if failure else CacheState.MISS
    return Found(profile, AS_OF, age, cache, failure, audience, url)


_LABELS: Final = (
    "客户名称", "客户编号", "联系人", "联系电话", "邮箱", "客户标签", "客户等级", "所属区域", "详细地址", "备注",
    "默认服务网点", "最近服务日期", "银行账户", "联系人2", "",
)  # fmt: skip


def foreign_rows(max_rows: int = 30) -> st.SearchStrategy[list[Row]]:
    """Rows such as no CRM should give: any label, any value, any ShowType, and all of it very long."""
    keys = st.sampled_from(_LABELS) | foreign_texts(20)
    values = foreign_texts() | st.lists(foreign_texts(10), max_size=5).map("、".join)
    return st.lists(st.tuples(keys, values, st.integers(0, 7)), max_size=max_rows)
