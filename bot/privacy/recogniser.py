"""Find what is private in a text, by its shape and by the words beside it.

One kind after another is taken out of the text: mail addresses; account and official numbers, by a check digit and
what they begin with, or by a keyword before them; phones; accounts of messengers and licence plates. What is surely
harmless (dates, amounts, sizes, orders) is passed over between these steps. A channel sees no long number of the rest.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from bot.domain.official_numbers import (
    MOBILE_AND_MORE,
    SHORTEST,
    is_bank_card,
    is_id_card,
    is_tax_id,
    seems_credit_code,
    seems_id_card,
)
from bot.domain.phones import chinese_phone, phones_in


class Kind(StrEnum):
    """What was found; each is masked in its own way."""

    MAIL = "mail"
    CODE = "code"
    """An account or an official number."""
    NUMBER = "number"
    """A phone, or a number that may be one."""
    NAME = "name"
    """An account of a messenger, a licence plate, a passport."""


class Found(NamedTuple):
    """Where a private part of a text is."""

    start: int
    end: int
    kind: Kind


_PRIVATE, _HARMLESS = "\u9ffe", "\u9fff"
"""Stand for what was recognised already: no signs, no digits, and no characters of any text."""
_BARRIER: Final = f"{_PRIVATE}{_HARMLESS}"


def _any_of(first: str, *patterns: str, flags: int = 0) -> re.Pattern[str]:
    """One of ``patterns``. ``first`` are the characters that they may begin with: all others are passed by at once."""
    return re.compile(f"(?=[{first}])(?:{'|'.join(patterns)})", flags)


# --- What is harmless ------------------------------------------------------------------------------------------------

_YEAR: Final = "(?:19|20)[0-9]{2}"
_MONTH_AND_DAY: Final = "(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_TIME: Final = (
    r"[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?:[.,][0-9]{1,7})?(?: ?[AaPp][Mm])?"
    r"(?:Z| ?[+-][0-9]{2}:?[0-9]{2}(?![0-9]))?"
)
_DATE: Final = (
    rf"(?:{_YEAR} ?年(?: ?[0-9]{{1,2}} ?月(?: ?[0-9]{{1,2}} ?[日号]?)?)?"
    rf"|{_YEAR}(?P<between>[-/.])[0-9]{{1,2}}(?:(?P=between)[0-9]{{1,2}})?"
    rf"|[0-9]{{1,2}}(?P<sign>[-/.])[0-9]{{1,2}}(?P=sign){_YEAR}"
    rf"|{_YEAR}{_MONTH_AND_DAY}(?:(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9])?)?"
    rf"|[0-9]{{1,2}}月[0-9]{{1,2}}[日号]?)"
)
_WHEN: Final = re.compile(rf"(?<![0-9])(?:{_YEAR} ?[-~至到—] ?{_YEAR}|{_DATE}(?:[T ]{{0,2}}{_TIME})?|{_TIME})(?![0-9])")
"""Dates, times, the first and last year of something."""
_NO_MOBILE: Final = "(?!1[3-9][0-9]{9}(?![0-9.]))"
_MONEY: Final = _any_of(
    "¥$€£0-9金合总单报价货尾余全首定订押费预造应实",
    rf"[¥$€£] ?{_NO_MOBILE}[0-9][0-9,]*(?:\.[0-9]+)?",
    r"(?<![0-9.,])[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9,])",
    rf"(?<![0-9.]){_NO_MOBILE}[0-9]{{1,12}}(?:\.[0-9]{{1,4}})? ?"
    r"(?:[万亿千百]?元|[万亿]|块钱|人民币|美元|港[元币]|RMB|CNY|USD|HKD|%|‰)",
    r"(?:金额|合计|总[价额计]|单价|报价|价格|货款|[尾余全首]款|[定订押]金|费用?|预算|造价|余额|[应实][收付])"
    rf"[^0-9\W]{{0,4}}[ :]{{0,2}}{_NO_MOBILE}[0-9]{{1,12}}(?:\.[0-9]{{1,4}})?(?![0-9])",
)
_OF_MONEY: Final = re.compile("[¥$€£,元万亿块民币%‰金额计价款费算造余收付A-Z]")
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_NO_DOTTED_MOBILE: Final = (
    r"(?!1[3-9][0-9]\.[0-9]{3}\.[0-9]{3}\.[0-9]{2}(?![0-9]))|(?=192\.168\.|172\.(?:1[6-9]|2[0-9]|3[01])\.)"
)
"""A mobile in threes looks like an address, and is hidden; those of private networks are addresses."""
_COORDINATE: Final = r"[NSEWnsew]?[0-9]{1,3}\.[0-9]{3,8}°? ?[NSEWnsew]?"
_DOTTED: Final = _any_of(
    "0-9A-Fa-fNSEWnsewVv",
    rf"(?<![0-9.])(?:{_NO_DOTTED_MOBILE})(?:{_OCTET}\.){{3}}{_OCTET}(?::[0-9]{{1,5}}|/[0-9]{{1,2}})?(?![0-9.])",
    r"(?<![0-9A-Fa-f])(?=[0-9-]*[A-Fa-f:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f])",
    rf"(?<![0-9.]){_COORDINATE}[,、/ ]{{1,2}}{_COORDINATE}(?!\.?[0-9])",
    r"(?<![A-Za-z])[Vv](?:er(?:sion)?)?[. ]?[0-9]{1,2}(?:\.[0-9]{1,5})+(?:[-.][0-9A-Za-z]{1,8})*",
)
"""Addresses in networks, coordinates, versions."""
_NUMBER: Final = r"[0-9]{1,6}(?:\.[0-9]{1,6})?"
_UNIT: Final = (
    "(?:mm|cm|dm|km|m[23²³]?|㎡|k?g|mg|ml|[Ll]|k?W|k?VA|[km]?V|m?A|[kMG]?Hz|°C?|℃|Ω|[kM]?Pa|bar|rpm|r/min|[GMT]B"
    "|[米度吨斤升寸元万亿台个件套只次天秒层页室楼栋%‰]|厘米|毫米|公里|公斤|小时|分钟|个月|平米|平方)"
)
_MEASURES: Final = _any_of(
    "0-9VvA-Z第读底示用产里计累流总数-",
    r"(?<![0-9.])-?(?:[0-9]{1,3}\.[0-9]{1,8}|[0-9]{4,7}\.[0-9]{1,2})(?![0-9.])",
    r"(?:读数|底数|示数|用[水电气]量|产量|里程|计数|累计|流量|[总数]量?数?)[ :为]{0,3}"
    r"[0-9]{1,9}(?:\.[0-9]{1,4})?(?![0-9])",
    r"第 ?[0-9]{1,9} ?[次个页批台]",
    r"(?<![0-9.])[0-9]{5,8}(?:\.[0-9]{1,4})? ?(?:[吨件套台个只升]|公[斤里]|小时|分钟|kWh?|kg|m[23])",
    r"(?<![0-9.])[Vv]?[0-9]{1,4}(?:\.[0-9]{1,4}){2,4}(?![0-9.])",
    r"(?:GB|ISO|IEC|YY|JB|HG|HJ|DB|DIN|EN|ASTM|QB|CJ|SH|UL|YD|NB|AQ)(?:/[TZ])? ?[A-Z]?[0-9][0-9.]*(?:[-:/][0-9]{2,5})*",
    rf"(?<![0-9.]){_NUMBER}(?: ?(?:mm|cm|m)? ?[×xX*✕╳] ?{_NUMBER}){{1,3}}(?![0-9])",
    rf"(?<![0-9.]){_NUMBER} ?{_UNIT}? ?[-~/±至到—] ?{_NUMBER} ?{_UNIT}(?![0-9A-Za-z])",
    rf"(?<![0-9.]){_NUMBER} ?{_UNIT}(?![0-9A-Za-z])",
    r"(?<![0-9])[0-9]{1,4}(?:-[0-9]{1,4}){1,3} ?(?:室|号|房|层|楼|户|单元|栋|幢|座)",
)
"""Decimals, versions, standards, sizes, ranges, quantities, rooms."""
_NO_CODE_OF_A_THING: Final = (
    "(?!(?i:telephone|tel|phone|ph|mobile|mob|cellphone|cell|call|fax|weixin|wechat|wx|vx|qq|shouji|sj|dianhua|dh|no)"
    "[^A-Za-z])"
)
"""A word for a phone."""
_CODES_OF_THINGS: Final = _any_of(
    "0-9A-Za-z订工运快物流合采发票序机出整批料货型图零配备部设产商资条追项案报服维保顺圆中韵申京德邮单编",
    "(?:(?:(?:订|工|运|快递|物流|流水|合同|采购|发票|票据|序列|机身|出厂|整机|批[次号]?|物料|料|货|型|图|零件|配件|备件|部件|设备"
    "|机器|产品|商品|资产|条形?|追溯|项目|案|报修|服务|维修|保修|顺丰|圆通|中通|韵达|申通|京东|德邦|邮政)(?:单?编?[号码]码?|单|代码)"
    "|(?:零件|配件|备件|部件|物料|货品)|(?:顺丰|圆通|中通|韵达|申通|京东|德邦|邮政|极兔)(?:快递|速运|物流)?"
    "|快递|运单|订单|工单|单号|编号|流水|邮编|IMEI|ICCID|EAN|ISBN|SKU|[SP]/?N|EMS)"
    r"(?:是|为)?[:# .]{0,3}(?=[A-Za-z_./-]*[0-9])[A-Za-z0-9](?:[A-Za-z0-9_./-]{2,40}[A-Za-z0-9])?(?![0-9A-Za-z]))",
    rf"(?<![0-9A-Za-z]){_NO_CODE_OF_A_THING}(?![A-Za-z]+[0-9]{{1,6}}(?:[-_./][0-9]{{1,6}}){{3}}|[A-Za-z]+[0-9]{{15}})"
    "(?:[A-Z]{2,8}[0-9]|[A-Z]{1,8}-(?:(?:19|20)[0-9]{2}|[0-9]{1,6}(?![0-9])|[0-9]{9})|[A-Za-z]{0,3}[0-9]{1,6}[A-Za-z])"
    "[A-Za-z0-9]*(?:[-_./][A-Za-z0-9]{1,20}){0,4}(?![0-9A-Za-z])",
)
"""Numbers of orders, parcels, machines and parts: by the word before them, or with letters of their own."""

# --- What is private -------------------------------------------------------------------------------------------------

_TOP: Final = r"(?!(?:png|jpe?g|gif|svg|webp|bmp|pdf|docx?|xlsx?|mp4)(?![A-Za-z0-9]))"
"""Not the end of a file's name: logo@2x.png."""
_AT_DOMAIN: Final = re.compile(
    r"[ \t]{0,6}@[ \t]{0,6}(?![0-9.]+(?![A-Za-z0-9.-]))"
    rf"(?:[A-Za-z0-9-]+(?:\.{_TOP}[A-Za-z0-9-]+)+|[^\W_][\w-]*(?:\.{_TOP}[\w-]+)+)"
)
_LOCAL_BACKWARDS: Final = re.compile(rf"[A-Za-z0-9._%+'|/&=!#$?^`{{}}~-]{{1,64}}|[^\s@,;:、()<>\[\]{_BARRIER}]{{1,64}}")
"""What stands before the @: of an address, ASCII; else one run of letters."""
_DOT: Final = r" ?(?:[.。]|点|[(\[]? ?(?:dot|点) ?[)\]]?) ?"
_MAIL_IN_DISGUISE: Final = re.compile(
    r"(?<![A-Za-z0-9.])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}"
    r" ?(?:[(\[{<【] ?(?:at|a|@|艾特|圈a?) ?[)\]}>】]|艾特|爱特|圈a?|[#◎*@]| at |(?-i:(?<=[a-z0-9])AT(?=[a-z0-9]))) ?"
    rf"[A-Za-z0-9-]{{1,63}}(?:{_DOT}[A-Za-z0-9-]{{2,63}}){{0,2}}"
    rf"{_DOT}(?:com|cn|net|org|io|co|top|hk|tw|me|info|edu|gov|example|test)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_AT_IN_DISGUISE: Final = _any_of(
    r"aA(\[{<【艾爱圈#◎*", r"[(\[{<【] ?@", "[aA][tT]", r"[(\[]a[)\]]", "艾特", "爱特", "圈", "[#◎*@]"
)

_CODE: Final = r"[0-9A-Z](?:[ .·-]{0,2}[0-9A-Z]){7,32}(?![0-9A-Za-z])"
_BEFORE_CODE: Final = rf"[^0-9A-Za-z\n{_BARRIER}]"
_KEYWORD: Final = _any_of(
    "账帐帳卡银銀储信工存税稅纳納统注机身证證护通台驾社开打收付汇转对bcaituvp",
    "(?:[账帐帳][号號户戶]|卡[号號]|[银銀]行卡|储蓄卡|信用卡|工资卡|存折|[税稅][号號]|纳税人?(?:识别|编)[号码]|納稅人識別號|税务登记|信用代?[码碼]"
    "|统一代码|注册号|机构代码|身[份分][证證]|[证證]件[号號]?|护照|通行证|台胞证|驾驶证|社保"
    "|(?P<weak>开户行?|打款|收款|付款|汇款|转账|对公)"
    "|(?:bank |card |account )(?:card|account|no|number)|a/c(?: no)?|account|iban|tax ?(?:id|no)|vat ?no"
    r"|id ?(?:card|no|number)|passport|uscc)(?:[号號]?[码碼]|[号號]|编号|信息|no\.?|number)?"
    rf"{_BEFORE_CODE}{{0,12}}(?:[A-Z]{{2,6}}[ :]{{1,2}})?{_BEFORE_CODE}{{0,4}}(?P<private>{_CODE})",
    flags=re.IGNORECASE,
)
"""A number behind a word for accounts and official numbers, with or without a check digit of its own."""
_ANY_CODE: Final = re.compile(f"(?<![0-9A-Za-z]){_CODE}")
_MOBILE: Final = re.compile(r"(?:\+?86)?1[3-9][0-9](?:[ -]?[0-9]){8}")
_OFFICIAL: Final = re.compile("(?=[0-9A-Za-z]{2}[0-9OoIlZ]{6}[0-9A-Za-z]{7})")
_CARD: Final = re.compile("(?=(?:6|5[0-8]|4|35|9558)[0-9]{11})")
_MAY_HOLD_AN_ACCOUNT: Final = re.compile("[0-9](?:[^0-9]{0,12}[0-9]){5}")
_MAY_HOLD_CODES: Final = re.compile(r"[0-9](?:[\W_]{0,12}[0-9A-Za-z]){14}")

_PHONE: Final = re.compile("(?=(?:(?:00)?86)?(?:1[3-9]|0[1-9]|[2-9][0-9]{2})[0-9]{7})")
_LENGTHS_OF_PHONES: Final = (15, 13, 12, 11, 10)
_MAY_BE_A_PHONE: Final = re.compile("[0-9](?:[^0-9]{0,12}[0-9]){9}")
_SIGNS_OF_PHONES: Final = frozenset(" \t.()-—\u00a0")
_SIGNS_OF_SIZES: Final = frozenset("×xX*✕╳")
_SIGNS_OF_LISTS: Final = frozenset(",、;:*×|~")
_BLANKS: Final = frozenset(" \t\u00a0")
_GROUPS_OF_PHONES: Final = frozenset(
    {(11,), (3, 4, 4), (3, 3, 5), (4, 3, 4), (3, 8), (7, 4), (4, 7), (5, 6), (4, 8), (3, 7), (4, 4, 4)}
)
_WORD: Final = rf"[^0-9,;。\n{_BARRIER}]{{1,6}}"
_WITH_WORDS: Final = re.compile(
    rf"(?<![0-9A-Za-z])1[3-9][0-9](?:{_WORD}[0-9]{{4}}{_WORD}[0-9]{{4}}|{_WORD}[0-9]{{8}}|[0-9]{{4}}{_WORD}[0-9]{{4}})"
    "(?![0-9])|(?<![0-9])(?:1[3-9][0-9]{9}){1,4}(?![0-9])"
)
"""Phones with words between their groups; phones in words and right behind one another."""
_LETTERS_AS_DIGITS: Final = str.maketrans("OoQDlIi|!ZzSsBbgq", "00001111122558699")
_WITH_LETTERS: Final = re.compile(r"(?<![0-9A-Za-z])[1lIi|!](?:[ -]?[0-9OoQDlIi|!ZzSsBbgq]){10}(?![0-9A-Za-z])")
_NUMERALS: Final = {
    **dict(zip("〇零○一幺壹二两贰三叁四肆五伍六陆七柒八捌九玖", "00011122233445566778899", strict=True)),
    **{chr(first + value): str(value + 1) for first in (0x2776, 0x2780, 0x278A, 0x24F5) for value in range(9)},
    "⓿": "0",
}
_NUMERAL: Final = re.compile(f"[{''.join(_NUMERALS)}]")
_IN_NUMERALS: Final = re.compile(
    r"(?<![0-9])(?:1[\W_]{0,2}[3-9](?:[\W_]{0,2}[0-9]){9}|0[\W_]{0,2}[1-9](?:[\W_]{0,2}[0-9]){8,10}|[0-9]{8})(?![0-9])"
)

_ID: Final = "[A-Za-z][-_A-Za-z0-9]{5,19}(?![-_A-Za-z0-9@])"
_MESSENGERS_AND_DOCUMENTS: Final = _any_of(
    "微威薇wWvVqQ企扣短小集京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼A-Z",
    "(?:微 ?信|威信|薇信|[wW]ei[xX]in|[wW]e[cC]hat) ?(?:号码?|ID|id)?(?:同号|是|为)?"
    f"(?:[ :]{{0,3}}(?=[A-Za-z_-]*[0-9_-])|[ :]{{1,3}})(?P<private>{_ID})",
    f"(?<![A-Za-z])(?:[wW][xX]|[vV][xX]|[vV])[号信]?[ :]{{0,3}}(?=[A-Za-z_-]*[0-9_-])(?P<short>{_ID})",
    "(?:QQ|qq|Qq|[扣企][扣鹅]|短号|小号|集团号)(?:号码?)?(?:是|为)?[ :]{0,3}(?P<digits>[0-9]{3,11})(?![0-9])",
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·•・. -]?"
    "[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![0-9A-Za-z])",
    "(?<![0-9A-Za-z])(?:[EGDSPHMC][0-9]{8}|E[A-Z][0-9]{7}|[HM][0-9]{10})(?![0-9A-Za-z])",
    r"(?<![0-9A-Za-z])[A-Z]{1,2}[0-9]{6} ?\([0-9A]\)",
)
"""Accounts of messengers, short numbers, licence plates, passports and permits, identity cards of Hong Kong."""
_GAP: Final = r"[ \t\u00a0]{0,4}+(?:(?![*、,;/|~:])(?:[^\w\s]|_)){0,4}+[ \t\u00a0]{0,4}+"
_LONG: Final = re.compile(rf"\+?\d(?:{_GAP}\d){{6,}}")
"""A long number. A sign of lists ends it."""
_BESIDE: Final = re.compile(
    rf"(?<={_PRIVATE})(?:{_GAP}\d(?!\d)){{2,20}}(?:{_GAP}\d+)?|(?<!\d)(?:\d(?!\d){_GAP}){{2,20}}+(?={_PRIVATE})"
)
"""Single digits right beside a number that was found: they may be a part of it."""
_OTHER_DIGITS: Final = re.compile(r"\d+")
_PIECE: Final = re.compile("[0-9]+|[A-Za-z]+")
_RUN: Final = re.compile(r"[0-9A-Za-z](?:[\W_]{0,12}[0-9A-Za-z])*")
_BETWEEN_GROUPS: Final = re.compile(r"[\W_]+")
_LEAST: Final = 10
"""Characters of a phone or a code."""
_MOST_CHECKS: Final = 300
"""Candidates of one kind in one text. What follows them is taken for what it looks like."""
_MAY_BE_PRIVATE: Final = re.compile(
    rf"\d|@|(?:{_NUMERAL.pattern}[\W_]{{0,2}}){{7}}|艾特|圈|微 ?信|威信|薇信|[#◎]"
    "|(?<![A-Za-z])(?:at|wx|vx|weixin|wechat)",
    re.IGNORECASE,
)


def codes_in(text: str, names_an_account: bool = False) -> list[Found]:
    """Account and official numbers in a ``text`` of ordinary characters.

    ``names_an_account``: the label of the text does, so that every long number in it is one.
    """
    if not _MAY_HOLD_AN_ACCOUNT.search(text):
        return []
    search = _Search(text)
    runs = [*_runs_in(text)] if len(text) >= SHORTEST and _MAY_HOLD_CODES.search(text) else []
    search.codes(runs, names_an_account)
    return search.found


def private_parts_of(text: str) -> list[Found]:
    """All that a channel must not see of a ``text`` of ordinary characters."""
    if not _MAY_BE_PRIVATE.search(text):
        return []
    search = _Search(text)
    search.mails()
    search.phones_in_numerals()
    may_hold_some = _MAY_BE_A_PHONE.search(search.left) or _MAY_HOLD_CODES.search(search.left)
    runs = [*_runs_in(search.left, most_glued=2)] if may_hold_some else []
    search.phones_in_usual_groups(runs)
    search.codes(runs, names_an_account=False)
    search.phones(runs)
    search.messengers_and_documents()
    search.long_numbers()
    return search.found


def _runs_in(text: str, most_glued: int = 0) -> Iterator["_Run"]:
    """``most_glued``: digits that may be right behind a code in groups, such as those of the next item of a list."""
    for run in _RUN.finditer(text):
        if run.end() - run.start() >= _LEAST:
            bare: list[str] = []
            starts, ends, length = {}, {}, 0
            for piece in _PIECE.finditer(text, *run.span()):
                starts[length] = piece.start()
                length += len(piece[0])
                for glued in range(min(most_glued + 1, len(piece[0]))):
                    ends[length - glued] = piece.end()
                bare.append(piece[0])
            yield _Run("".join(bare), starts, ends)


class _Run(NamedTuple):
    """Letters and digits with any signs between them, without these; where pieces begin and end in the text."""

    bare: str
    starts: dict[int, int]
    ends: dict[int, int]

    def codes(self, candidates: re.Pattern[str], lengths: Sequence[int]) -> Iterator[tuple[int, int, str]]:
        """What begins and ends with a piece, the longest first: its place in the text, and itself."""
        for candidate in candidates.finditer(self.bare):
            first = candidate.start()
            if first in self.starts:
                for length in lengths:
                    if first + length in self.ends:
                        yield self.starts[first], self.ends[first + length], self.bare[first : first + length]


class _Search:
    """A text out of which one kind of private or harmless parts after another is taken."""

    def __init__(self, text: str) -> None:
        self.found: list[Found] = []
        self.left = text
        self._text = text
        self._removed = 0
        self._may_hold_more_phones = False

    def mails(self) -> None:
        for domain in _AT_DOMAIN.finditer(self.left) if "@" in self.left else ():
            before = self.left[max(0, domain.start() - 64) : domain.start()]
            if local := _LOCAL_BACKWARDS.match(before[::-1]):
                self._note(domain.start() - len(local[0]), domain.end(), Kind.MAIL)
        self._remove_found()
        if _AT_IN_DISGUISE.search(self.left):
            self._take(_MAIL_IN_DISGUISE, Kind.MAIL)

    def phones_in_numerals(self) -> None:
        if _NUMERAL.search(self.left):
            read = _NUMERAL.sub(lambda numeral: _NUMERALS[numeral[0]], self.left)
            for number in _IN_NUMERALS.finditer(read):
                if self.left[number.start() : number.end()] != number[0]:
                    self._note(*number.span(), Kind.NUMBER)
            self._remove_found()

    def phones_in_usual_groups(self, runs: Sequence[_Run]) -> None:
        """Before dates and amounts are passed over: in 138 - 1943 - 1989, no years are meant."""
        for phone in phones_in(self.left):
            if _sizes_of_groups(self.left[phone.start : phone.end]) in _GROUPS_OF_PHONES:
                self._note(phone.start, phone.end, Kind.NUMBER)
            else:
                self._may_hold_more_phones = True
        if runs:
            self._note_codes(runs, _PHONE, _LENGTHS_OF_PHONES, _is_phone_with_odd_signs, Kind.NUMBER)
        self._remove_found()

    def codes(self, runs: Sequence[_Run], names_an_account: bool) -> None:
        if runs:
            self._note_codes(runs, _OFFICIAL, (20, 18, 17, 15), _is_official, Kind.CODE)
        self._pass_over(_WHEN)
        if _OF_MONEY.search(self.left):
            self._pass_over(_MONEY)
        if runs:
            self._note_codes(runs, _CARD, (19, 18, 17, 16), _is_card, Kind.CODE)
        for keyword in _KEYWORD.finditer(self.left):
            self._note_account(keyword["private"], keyword.start("private"), 12 if keyword["weak"] else 8)
        if names_an_account:
            for number in _ANY_CODE.finditer(self.left):
                self._note_account(number[0], number.start(), 8)
        self._remove_found()

    def phones(self, runs: Sequence[_Run]) -> None:
        if "." in self.left or ":" in self.left:
            self._pass_over(_DOTTED)
        for phone in phones_in(self.left) if self._may_hold_more_phones else ():
            self._note(phone.start, phone.end, Kind.NUMBER)
        if runs:
            self._note_codes(runs, _PHONE, _LENGTHS_OF_PHONES, _is_phone, Kind.NUMBER)
        self._remove_found()
        self._take(_WITH_WORDS, Kind.NUMBER)
        for mixed in _WITH_LETTERS.finditer(self.left):
            if sum(map(str.isdecimal, mixed[0])) > 1 and chinese_phone(mixed[0].translate(_LETTERS_AS_DIGITS)):
                self._note(*mixed.span(), Kind.NUMBER)
        self._remove_found()

    def messengers_and_documents(self) -> None:
        self._take(_MESSENGERS_AND_DOCUMENTS, Kind.NAME)

    def long_numbers(self) -> None:
        if _PRIVATE in self.left:
            self._take(_BESIDE, Kind.NUMBER)
        if not _LONG.search(self.left):
            return
        self._pass_over(_MEASURES, most_digits=10)
        self._pass_over(_CODES_OF_THINGS)
        for number in _LONG.finditer(self.left):
            if not _are_steps(_OTHER_DIGITS.findall(number[0])):
                self._note(*number.span(), Kind.NUMBER)

    def _note(self, start: int, end: int, kind: Kind) -> None:
        self.found.append(Found(start, end, kind))

    def _note_account(self, written: str, start: int, least_digits: int) -> None:
        """A mobile behind such a word is a phone: of accounts that are named by it, too."""
        if sum(map(str.isdecimal, written)) >= least_digits and not _MOBILE.fullmatch(written):
            self._note(start, start + len(written), Kind.CODE)

    def _note_codes(
        self,
        runs: Sequence[_Run],
        candidates: re.Pattern[str],
        lengths: Sequence[int],
        is_one: Callable[[str, str], bool],
        kind: Kind,
    ) -> None:
        checks = 0
        for run in runs:
            for start, end, code in run.codes(candidates, lengths):
                checks += 1
                if checks > _MOST_CHECKS:
                    self._note(start, max(run.ends.values()), kind)
                    break
                written = self._text[start:end]
                is_part = written.isalnum() and written != code
                if not is_part and _HARMLESS not in self.left[start:end] and is_one(code, written):
                    self._note(start, end, kind)
        self._remove_found()

    def _take(self, pattern: re.Pattern[str], kind: Kind) -> None:
        """What matches is private, or its named group."""
        for match in pattern.finditer(self.left):
            self._note(*match.span(match.lastgroup or 0), kind)
        self._remove_found()

    def _pass_over(self, pattern: re.Pattern[str], most_digits: int = 40) -> None:
        def passed(match: re.Match[str]) -> str:
            is_long = sum(map(str.isdecimal, match[0])) > most_digits and not _SIGNS_OF_SIZES.intersection(match[0])
            return match[0] if is_long else _HARMLESS * len(match[0])

        self.left = pattern.sub(passed, self.left)

    def _remove_found(self) -> None:
        """Bars in place of what was found. Everything else stays where it is."""
        if self._removed < len(self.found):
            left = list(self.left)
            for start, end, _ in self.found[self._removed :]:
                left[start:end] = _PRIVATE * (end - start)
            self.left = "".join(left)
            self._removed = len(self.found)


def _is_official(code: str, written: str) -> bool:
    """Only a code in one piece may be mistyped. Digits in groups may be dates, times and sizes."""
    if code == written:
        return is_id_card(code) or is_tax_id(code) or seems_id_card(code) or seems_credit_code(code)
    if len(code) != 18 and MOBILE_AND_MORE.match(written):
        return False
    return (not code[:-1].isdecimal() or _is_grouped(written)) and (is_id_card(code) or is_tax_id(code))


def _is_card(code: str, written: str) -> bool:
    return _is_grouped(written) and is_bank_card(code)


def _is_phone(number: str, written: str) -> bool:
    """Whether digits between signs that no phone has look like one all the same."""
    if not chinese_phone(number):
        return False
    signs = set(_PIECE.sub("", written))
    if signs <= _SIGNS_OF_PHONES:
        return True
    if len(signs - _BLANKS) > 1:
        return False
    sizes = _sizes_of_groups(written)
    if signs & _SIGNS_OF_SIZES:
        return sizes == (3, 4, 4) or max(sizes) < 3
    return sizes in _GROUPS_OF_PHONES or _are_alike(sizes)


def _is_phone_with_odd_signs(number: str, written: str) -> bool:
    """Not with colons, as times have."""
    signs = set(_PIECE.sub("", written))
    return not signs <= _SIGNS_OF_PHONES and ":" not in signs and _is_phone(number, written)


def _is_grouped(written: str) -> bool:
    """Whether groups look like those of one number, and not like a list."""
    sizes = _sizes_of_groups(written)
    return (len(sizes) < 4 or _are_alike(sizes) or sizes == (6, 4, 4, 4)) and not _SIGNS_OF_LISTS.intersection(written)


def _sizes_of_groups(written: str) -> tuple[int, ...]:
    return tuple(map(len, _BETWEEN_GROUPS.split(written)))


def _are_alike(sizes: tuple[int, ...]) -> bool:
    """The last group may be shorter."""
    return len(set(sizes[:-1])) == 1


def _are_steps(groups: list[str]) -> bool:
    """Such as 1 2 3 4 5 6 7."""
    if len(groups) == 1 or max(map(len, groups)) > 2:
        return False
    values = [*map(int, groups)]
    return values == [*range(values[0], values[0] + len(values))]
