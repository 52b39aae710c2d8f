# ruff: noqa: E501  # tables, a kind a line
"""How much of what is private is hidden, how much of what is harmless is kept, and how long it takes.

``python -m benchmarks.masking [--kinds]``: after-sales remarks, made up with a seed. ``--kinds`` prints each kind with
examples that went wrong.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from stdnum import luhn
from stdnum.cn import ric, uscc

from benchmarks.budgets import Result, report
from bot.crm.envelope import customer_fields
from bot.playground.fake_crm.server import sample_customers
from bot.privacy.masking import without_codes, without_contacts

EACH: Final = 150
"""Remarks of each kind."""
SEED: Final = 20_261_201
LONGEST: Final = 10_000
AROUND: Final = (
    "{}", "客户说{}", "{}，请尽快处理", "上门前联系：{}", "备注：{}。", "已核实 {}，待回访", "（{}）", "老客户 {} 催单", "{} 已登记",
    "滤芯坏了，{}，下午在家",
)  # fmt: skip

Make = Callable[[random.Random], str]


class Kind(NamedTuple):
    """A kind of values. ``make`` makes one, with the words that it needs around it between bars: ``账号 |6222…|``."""

    name: str
    make: Make


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def mobile(rng: random.Random) -> str:
    return f"1{rng.choice('3456789')}{digits(rng, 9)}"


def grouped(text: str, sizes: tuple[int, ...], sign: str) -> str:
    parts, start = [], 0
    for size in sizes:
        parts.append(text[start : start + size])
        start += size
    return sign.join(filter(None, [*parts, text[start:]]))


def landline(rng: random.Random) -> tuple[str, str]:
    area = rng.choice(["010", "021", "0571", "0755", "028", "0451"])
    return area, f"{rng.choice('5678')}{digits(rng, 7)}"


def day(rng: random.Random) -> datetime:
    return datetime(2015, 1, 1, tzinfo=UTC) + timedelta(days=rng.randrange(3_900), minutes=rng.randrange(1_440))


def id_card(rng: random.Random) -> str:
    body = f"{rng.choice(['330106', '110105', '440304', '510104', '320102'])}{day(rng):%Y%m%d}{digits(rng, 3)}"
    body = body[:6] + str(int(body[6:10]) - rng.randrange(15, 60)) + body[10:]
    return body + ric.calc_check_digit(body + "0")


def credit_code(rng: random.Random) -> str:
    body = f"91330106MA{''.join(rng.choices('0123456789ABCDEFGHJKLMNPQRTUWXY', k=7))}"
    return body + uscc.calc_check_digit(body)


def mistyped(rng: random.Random, text: str) -> str:
    place = rng.randrange(10, len(text) - 1)
    other = rng.choice([digit for digit in "0123456789" if digit != text[place]])
    return text[:place] + other + text[place + 1 :]


def bank_card(rng: random.Random) -> str:
    body = rng.choice(["622202", "621700", "622848", "436742", "520083"])
    body += digits(rng, (15 if body[0] in "45" else rng.choice([15, 18])) - len(body))
    return body + luhn.calc_check_digit(body)


NUMERALS: Final = ("零一二三四五六七八九", "〇一二三四五六七八九", "零幺二三四五六七八九", "零壹贰叁肆伍陆柒捌玖")


def in_numerals(rng: random.Random, text: str) -> str:
    numerals = rng.choice(NUMERALS)
    return "".join(numerals[int(digit)] for digit in text)


def with_letters(rng: random.Random, text: str) -> str:
    letters = {"0": "Oo", "1": "lI", "2": "Z", "5": "S", "8": "B"}
    return "".join(rng.choice(letters[digit]) if digit in letters and rng.random() < 0.7 else digit for digit in text)


def _with_words(rng: random.Random) -> str:
    number, word = mobile(rng), rng.choice(["转", "空格", "杠", "再", "然后", "后面", " 加 ", "-横-"])
    return grouped(number, (3, 4, 4), word)


def _mail(rng: random.Random) -> tuple[str, str]:
    local = rng.choice(["fang", "zhang.san", "li_si", "a123456", "wang-wu"]) + digits(rng, rng.randrange(4))
    return local, rng.choice(["qq.com", "163.com", "example.com", "mail.example.cn"])


PROMISED: Final = (
    Kind("mobile", lambda r: grouped(mobile(r), r.choice([(11,), (3, 4), (3, 4)]), r.choice(" -"))),
    Kind("mobile, +86", lambda r: r.choice(["+86 ", "+86-", "0086", "86 "]) + mobile(r)),
    Kind("mobile, other groups", lambda r: grouped(mobile(r), r.choice([(4, 3), (3, 3), (5,), (4, 4), (1, 2, 4), (3, 2, 3)]), r.choice(" -."))),
    Kind("mobile, odd signs", lambda r: grouped(mobile(r), (3, 4), r.choice(["/", "_", "·", "~", "—", " - ", "*", "…", "+", "=", "、", ","]))),
    Kind("mobile, glued", lambda r: r.choice(["Tel", "张三", "vx", "手机", "VX:", mobile(r)]) + f"|{mobile(r)}|" + r.choice(["", "微信同号", "王"])),
    Kind("mobile with extension", lambda r: mobile(r) + r.choice(["-", "转", " ext ", "分机"]) + digits(r, 4)),
    Kind("landline", lambda r: r.choice(["-", "", " "]).join(landline(r))),
    Kind("landline in brackets", lambda r: "({}){}".format(*landline(r))),
    Kind("landline without area code", lambda r: grouped(landline(r)[1], r.choice([(8,), (4,)]), r.choice(" -"))),
    Kind("phone abroad", lambda r: r.choice([f"+852 9{digits(r, 3)} {digits(r, 4)}", f"+886 912 {digits(r, 3)} {digits(r, 3)}", f"+853 66{digits(r, 2)} {digits(r, 4)}", f"+1 415 555 {digits(r, 4)}"])),
    Kind("mail", lambda r: "@".join(_mail(r))),
    Kind("mail behind Chinese", lambda r: f"邮箱是|{'@'.join(_mail(r))}|请发资料"),
    Kind("id card", lambda r: grouped(id_card(r), r.choice([(18,), (18,), (6, 8), (6, 4, 4)]), " ")),
    Kind("id card, 15", lambda r: "330106" + f"{day(r):%y%m%d}" + digits(r, 3)),
    Kind("bank card", lambda r: grouped(bank_card(r), r.choice([(19,), (4, 4, 4, 4)]), r.choice(" -"))),
    Kind("credit code", credit_code),
    Kind("company account", lambda r: f"{r.choice(['账号', '帐号：', '对公账户 ', '开户行及账号：工行', '银行账号:'])}|{r.choice('1237')}{digits(r, r.randrange(14, 20))}|"),
    Kind("passport, permit", lambda r: r.choice(["E", "G", "H", "M", "C"]) + digits(r, 8)),
    Kind("HKID", lambda r: f"{r.choice('AZKR')}{digits(r, 6)}({r.choice('0123456789A')})"),
    Kind("QQ", lambda r: f"QQ{r.choice([':', ' ', '号'])}|{r.choice('123456789')}{digits(r, r.randrange(6, 10))}|"),
)  # fmt: skip
DISGUISED: Final = (
    Kind("letters for digits", lambda r: with_letters(r, mobile(r))),
    Kind("numerals", lambda r: in_numerals(r, mobile(r))),
    Kind("half in numerals", lambda r: (lambda number: r.choice([in_numerals(r, number[:3]) + number[3:], number[:7] + in_numerals(r, number[7:])]))(mobile(r))),
    Kind("words between groups", _with_words),
    Kind("mail, @ otherwise", lambda r: r.choice(["(at)", "[at]", "#", "艾特", " at ", "（at）"]).join(_mail(r))),
    Kind("id card, mistyped", lambda r: mistyped(r, id_card(r))),
    Kind("credit code, mistyped", lambda r: (lambda code: r.choice([code.replace("0", "O", 1), mistyped(r, code)]))(credit_code(r))),
    Kind("WeChat id", lambda r: f"{r.choice(['微信', '微信号：', 'VX ', '加微信 ', 'wx:'])}|{r.choice(['wang_', 'li-si', 'abc', 'wxid_'])}{digits(r, 4)}|"),
    Kind("licence plate", lambda r: f"{r.choice(['', '车牌', '车牌号：'])}|{r.choice('浙京沪粤苏')}{r.choice('ABCDE')}{r.choice(['', '·'])}{''.join(r.choices('0123456789ABCDEFGH', k=4))}{r.randrange(10)}|"),
    Kind("QQ of five digits", lambda r: f"QQ|{r.choice('123456789')}{digits(r, r.choice([4, 5]))}|"),
)  # fmt: skip


def _amount(rng: random.Random, most: int) -> str:
    value = rng.randrange(most // 1_000, most) + rng.choice([0, 0.5, 0.99])
    return rng.choice([f"¥{value:,.2f}", f"{value:.2f}元", f"{value:,.2f}", f"{int(value)}元", f"￥{int(value)}"])


def _times(rng: random.Random) -> str:
    return "-".join(f"{day(rng):%H:%M}" for _ in range(2))


PLAIN: Final = (
    Kind("date", lambda r: day(r).strftime(r.choice(["%Y-%m-%d", "%Y/%-m/%-d", "%Y.%m.%d"]))),
    Kind("date in Chinese", lambda r: day(r).strftime("%Y年%-m月%-d日")),
    Kind("date and time", lambda r: day(r).strftime("%Y-%m-%d %H:%M:%S")),
    Kind("date and time, with ms or zone", lambda r: day(r).strftime(r.choice(["%Y-%m-%d %H:%M:%S.123", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+08:00"]))),
    Kind("period", lambda r: day(r).strftime(f) + r.choice(["-", "~", " - ", "至", "—", "到"]) + day(r).strftime(f) if (f := r.choice(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"])) else ""),
    Kind("list of dates", lambda r: r.choice("、,，/").join(day(r).strftime("%Y-%m-%d") for _ in range(3))),
    Kind("appointment", lambda r: f"{day(r):%Y-%m-%d} {_times(r)}"),
    Kind("time slots", lambda r: r.choice("、,，").join(_times(r) for _ in range(3))),
    Kind("date 20230307", lambda r: f"{day(r):%Y%m%d}"),
    Kind("day or month first", lambda r: day(r).strftime(r.choice(["%d/%m/%Y", "%m-%d-%Y", "%d.%m.%Y"]))),
    Kind("years", lambda r: f"{2015 + r.randrange(5)}-{2021 + r.randrange(5)}" + r.choice(["学年", "年", ""])),
    Kind("amount", lambda r: _amount(r, 100_000)),
    Kind("amount of a million and more", lambda r: _amount(r, 90_000_000)),
    Kind("size", lambda r: r.choice("*×xX").join(str(r.randrange(100, 3_000)) for _ in range(r.choice([2, 3]))) + r.choice(["", "mm", "cm"])),
    Kind("two sizes", lambda r: " / ".join("*".join(str(r.randrange(100, 3_000)) for _ in range(3)) for _ in range(2))),
    Kind("rating", lambda r: r.choice(["380V/50Hz", "220V 50Hz 1500W", "0.4-0.6MPa", f"{r.randrange(1_000, 3_000)}-{r.randrange(3_000, 9_000)}W", "2.2kW 1450rpm"])),
    Kind("temperature", lambda r: f"{r.randrange(-20, 90)}.{r.randrange(10)}℃"),
    Kind("version", lambda r: r.choice(["V", "v", "", "版本"]) + ".".join(str(r.randrange(30)) for _ in range(3)) + r.choice(["", "-rc1", f".{r.randrange(1_000, 9_999)}"])),
    Kind("network address", lambda r: ".".join(str(r.randrange(1, 255)) for _ in range(4)) + r.choice(["", ":8080", "/24"])),
    Kind("place", lambda r: r.choice([f"{r.randrange(1, 30)}号楼{r.randrange(1, 9)}单元{r.randrange(101, 3_000)}室", f"{r.randrange(1, 30)}-{r.randrange(1, 30)}-{r.randrange(101, 3_000)}室", f"{r.randrange(100_000, 900_000)} 杭州"])),
    Kind("quantities", lambda r: r.choice(["{}台{}件", "{}个、{}套", "共{}箱 {}瓶"]).format(r.randrange(1, 9_999), r.randrange(1, 9_999))),
    Kind("steps", lambda r: r.choice(["1、2、3、4、5、6、7", "1,2,3,4,5,6,7,8", "1 2 3 4 5 6 7"])),
    Kind("percentage", lambda r: f"{r.randrange(100)}.{r.randrange(10, 99)}%"),
    Kind("coordinates", lambda r: f"{r.randrange(100, 130)}.{digits(r, 6)},{r.randrange(20, 50)}.{digits(r, 6)}"),
    Kind("words before an @", lambda r: r.choice(["微信群@所有人", "@王工 明天停机", "3个@120元", "logo@2x.png"])),
    Kind("standard", lambda r: r.choice(["GB/T 2260-2007", "ISO 9001:2015", "GB 4706.1-2005", "YY/T 0316-2016", "IEC 60335-1"])),
    Kind("order number", lambda r: f"{r.choice(['订单号', '淘宝订单：', '订单编号 ', '京东单号'])}|{r.choice('23')}{digits(r, r.randrange(15, 19))}|"),
    Kind("tracking number", lambda r: f"{r.choice(['快递单号', '运单号：', '顺丰单号 '])}|{r.choice(['SF1', '77', 'YT8', '43'])}{digits(r, 12)}|"),
    Kind("CF, CE", lambda r: f"{r.choice(['CF', 'CE'])}{digits(r, 8)}"),
)  # fmt: skip
LETTERED: Final = (
    Kind("work order or contract", lambda r: r.choice([f"GD{day(r):%Y%m%d}{digits(r, 3)}", f"WO-{day(r):%Y%m%d}-{digits(r, 4)}", f"HT-{r.randrange(2018, 2026)}-{digits(r, 4)}", f"XS{digits(r, 10)}"])),
    Kind("model", lambda r: r.choice(["LPR-30", "KFR-35GW/BP3", "XQG100-14BDX", "M3 Pro", "DZ47-63"])),
    Kind("serial number", lambda r: r.choice([f"SN{digits(r, 10)}", f"LPR30-{day(r):%Y%m%d}", f"A{digits(r, 3)}B{digits(r, 6)}", f"SN-{digits(r, 4)}-ABC{digits(r, 1)}", f"HW{day(r):%y%m}X{digits(r, 5)}"])),
    Kind("part number", lambda r: r.choice([f"PN{digits(r, 7)}", f"{digits(r, 4)}-{r.choice('ABC')}{digits(r, 3)}", f"6ES7{digits(r, 3)}-1AB{digits(r, 2)}", f"RO-{digits(r, 5)}", f"物料号{digits(r, 8)}"])),
)  # fmt: skip
KEYWORDS: Final = (
    "账号",
    "帐号：",
    "卡号",
    "银行账户 ",
    "税号",
    "纳税人识别号：",
    "身份证号",
    "身份证：",
    "开户行及账号:",
)
OFFICIAL: Final = (
    Kind("id card", id_card),
    Kind("id card, 15", lambda r: "330106" + f"{day(r):%y%m%d}" + digits(r, 3)),
    Kind("id card, mistyped", lambda r: mistyped(r, id_card(r))),
    Kind("bank card", bank_card),
    Kind("credit code", credit_code),
    Kind("credit code, mistyped", lambda r: (lambda code: r.choice([code.replace("0", "O", 1), mistyped(r, code)]))(credit_code(r))),
    Kind("account behind a keyword", lambda r: f"{r.choice(KEYWORDS)}|{r.choice('1237')}{digits(r, r.randrange(11, 20))}|"),
    Kind("bank card behind a keyword, mistyped", lambda r: f"{r.choice(KEYWORDS)}|{mistyped(r, bank_card(r))}|"),
)  # fmt: skip


class Remark(NamedTuple):
    """A text, and the value in it."""

    text: str
    value: str


def remarks(kind: Kind) -> Iterator[Remark]:
    rng = random.Random(f"{SEED} {kind.name}")
    for _ in range(EACH):
        before, value, after = made.split("|") if (made := kind.make(rng)).count("|") == 2 else ("", made, "")
        yield Remark(rng.choice(AROUND).format(f"{before}{value}{after}"), value)


def is_hidden(remark: Remark, shown: str) -> bool:
    """Neither the value nor most of it can be read."""
    if "@" in remark.value:
        return remark.value.partition("@")[0] not in shown
    bare = "".join(filter(str.isalnum, remark.value))
    seen = "".join(character if character.isalnum() else "*" * (character == "*") for character in shown)
    return not any(bare[start : start + 8] in seen for start in range(max(1, len(bare) - 7)))


def share(
    kinds: Sequence[Kind], mask: Callable[[str], str], is_right: Callable[[Remark, str], bool]
) -> dict[str, float]:
    """Of each kind, the percentage of remarks that are as they should be."""
    shares = {}
    for kind in kinds:
        wrong = [remark for remark in remarks(kind) if not is_right(remark, mask(remark.text))]
        shares[kind.name] = 100 * (1 - len(wrong) / EACH)
        if wrong and "--kinds" in sys.argv:
            print(
                f"    {kind.name}: {shares[kind.name]:.0f} %, as {[(each.text, mask(each.text)) for each in wrong[:3]]}"
            )
    return shares


def is_kept(remark: Remark, shown: str) -> bool:
    return remark.value in shown


def main() -> list[Result]:
    harmless = (*PLAIN, *LETTERED)
    figures = (
        ("channel: promised kinds hidden", share(PROMISED, without_contacts, is_hidden), 100),
        ("channel: disguised ones hidden", share(DISGUISED, without_contacts, is_hidden), 80),
        ("channel: plain harmless kinds kept", share(PLAIN, without_contacts, is_kept), 98),
        ("channel: lettered ones kept", share(LETTERED, without_contacts, is_kept), 85),
        ("asker: accounts and official numbers masked", share(OFFICIAL, without_codes, is_hidden), 97),
        ("asker: harmless kinds kept", share(harmless, without_codes, is_kept), 99.9),
    )
    texts = [remark.text for kind in (*PROMISED, *DISGUISED, *harmless) for remark in remarks(kind)]
    rows = [row for customer in sample_customers() for row in customer["rows"] if isinstance(row, dict)]
    fields = [field.value for field in customer_fields(rows) if field.value]
    results = []
    for what, shares, budget in figures:
        worst = min(shares, key=shares.__getitem__)
        results.append(
            Result(
                what,
                statistics.mean(shares.values()),
                "%",
                budget,
                True,
                f"the worst kind: {worst}, {shares[worst]:.0f} %",
            )
        )
    for audience, mask in (("channel", without_contacts), ("asker", without_codes)):
        slowest = max(_long_texts(), key=lambda text: _taken(mask, text, 1))
        results += [
            Result(
                f"{audience}: one field",
                _median(mask, fields),
                "µs",
                15,
                detail=f"{_median(mask, texts):.0f} µs for one of these remarks",
            ),
            Result(
                f"{audience}: {LONGEST:,} characters",
                1e3 * _taken(mask, slowest),
                "ms",
                20,
                detail=f"the worst repeats {slowest[:12]!r}",
            ),
        ]
    return results


def _long_texts() -> Iterator[str]:
    pieces = (
        "1", "1 ", "1a", "a@", "a@b.", "6", "62 ", "6222 ", "9133", "33", "3301061990", "CF", "1-", "0 ", "0571 ", "138 ", "138转", "账号 ",
        "账号1", "微信a1", "浙A", "一", "一1", "lI", "O1", "2023-", "12:", "1,", "1.", "*1", "¥1", "1*", "V1.", "a#", "at ", "(at)", "A1", "A-", "-", " ",
    )  # fmt: skip
    rng = random.Random(SEED)
    pairs = [first + second for first in pieces for second in pieces]
    for piece in (*pieces, *rng.sample(pairs, 300)):
        yield (piece * LONGEST)[:LONGEST]


def _median(mask: Callable[[str], str], texts: Sequence[str]) -> float:
    return 1e6 * statistics.median(_taken(mask, text) for text in texts)


def _taken(work: Callable[[str], str], text: str, rounds: int = 3) -> float:
    """The least of some rounds, in seconds: other programs only add to it."""
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        work(text)
        taken.append(time.process_time() - began)
    return min(taken)


if __name__ == "__main__":
    sys.exit(report(main()))
