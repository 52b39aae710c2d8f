"""How long it takes to read what a person has typed, and the worst that 40,000 characters can cost.

``python -m benchmarks.reading``: in the CPU time of this process. The worst text is looked for: pieces that nearly are
identifiers, alone and in pairs, are repeated, and the slowest are extended.
"""

import itertools
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from benchmarks.budgets import Result, report
from bot.domain.query import MAX_TEXT_LENGTH, QueryReader

COMMAND_BUDGET_US: Final = 60
LONGEST_BUDGET_MS: Final = 20
TYPED: Final = (
    "CF00000179", "CF00000179-王", "【CF00000179_回访】", "_CF00000179_", "CF179", "cf-179", "00000179", "13800001001",
    "138 0000 1001", "13800001001-1234", "(0537)-8888 9999-1234", "TEL13800001001", "13800001001——急",
    "fang@example.com",
    "SN：SN-7788-ABC9", "设备序列号 SN-7788-ABC9", "LPR30-20230042", "GD20230101001", "2023-03-0012", "峤砚口腔",
    "1. 峤砚口腔",
    "（峤砚口腔）", "古丽米热●艾比布力", "O’Brien贸易", "胡效鑫先生", "北京峤砚医疗科技有限公司", "帮我查一下峤砚口腔",
    "寻客 自动化", "help!", "dc540ce7-5bc5-4275-b8fa-2004eb5839e3",
    "https://crm.example.com/customer/dc540ce7-5bc5-4275-b8fa-2004eb5839e3",
    "CF00000179 13900000021 fang@example.com", "8888 1234", "@Acme", "<tel:+8613800001001|138 0000 1001>",
)  # fmt: skip
PIECES: Final = (
    "1", "1 ", "1-", "+1", "0", "0 ", "00 8 ", "0571", "0571-8888", "138", "138 0000 ", "13800001001 ", "86 ", "400 ",
    "(", "+",
    "a", "a.", "a@", "a@a.", "@", "CF", "CF1", "CF-", "CF00000179", "CF00000179 ", "CE1234 ", "GD123456 ", "SN",
    "SN ", "SN:1",
    "序列号", "序列号 a", "机", "http://", "https://a/", "www.", "dc540ce7-", "dc540ce7-5bc5-4275-b8fa-2004eb5839e3",
    "customer/",
    "<", "<@", "<a|", "<tel:", "<tel:1", "<mailto:a?", "<https://", "<https://a|", ">", "&amp;", "&gt;", "*", "_",
    "~", "`", ":a",
    ":", "-", "—", "，", "（", "“", "转", "x1", "峤", "总", "公司", "帮我", "客户", "ＣＦ", "㌖", "ﷺ", "é", "⻓",
    "\u200b", "🎉", "\n", " ",
)  # fmt: skip
KEPT: Final = 12
"""How many of the slowest pieces are combined with all others."""


def main() -> list[Result]:
    reader = QueryReader()
    commands = {text: _taken(partial(reader.parse, text), 300) for text in TYPED}
    slowest = max(commands, key=commands.__getitem__)
    worst, seconds = _search(reader.parse)
    return [
        Result(
            "one command read",
            1e6 * statistics.median(commands.values()),
            "µs",
            COMMAND_BUDGET_US,
            detail=f"the median of {len(TYPED)} texts; {1e6 * commands[slowest]:.0f} µs for {slowest!r}",
        ),
        Result(
            f"any {MAX_TEXT_LENGTH:,} characters read",
            1e3 * seconds,
            "ms",
            LONGEST_BUDGET_MS,
            detail=f"the worst that was found repeats {worst!r}",
        ),
    ]


def _search(read: Callable[[str], object]) -> tuple[str, float]:
    """The piece whose repetition takes longest, and how long."""

    def cost(piece: str, rounds: int = 1) -> float:
        return _taken(partial(read, (piece * MAX_TEXT_LENGTH)[:MAX_TEXT_LENGTH]), rounds)

    alone = sorted(PIECES, key=cost, reverse=True)[:KEPT]
    pairs = {"".join(pair) for one, other in itertools.product(alone, PIECES) for pair in ((one, other), (other, one))}
    likely = sorted({*alone, *pairs}, key=cost, reverse=True)[:KEPT]
    return max(((piece, cost(piece, 5)) for piece in likely), key=lambda found: found[1])


def _taken(work: Callable[[], object], rounds: int) -> float:
    """The least of these rounds, in seconds: other programs only add to it."""
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


if __name__ == "__main__":
    sys.exit(report(main()))
