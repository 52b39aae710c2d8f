"""What a piece of typed or pasted text may mean."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from bot.domain.mrkdwn import without_markup
from bot.domain.normalise import GUID, MAIL, canonical_id, mail_address, plain_characters
from bot.domain.phones import e164, phones_in

MAX_TEXT_LENGTH: Final = 40_000
"""Characters of a text that are read: as many as a message of Slack may have."""
MAX_NAME_LENGTH: Final = 100
MAX_MENTIONS: Final = 500
"""Identifiers of one text that are read."""
MAX_AT_ONCE: Final = 5
"""Identifiers of one text that are looked up."""
CUSTOMER_NUMBERS: Final = "CF[0-9]{5,12}"
"""The CRM's numbers of customers, such as CF00000179 in the vendor's documentation: CUSTOMER_NUMBER_PATTERN."""
_LONGEST_WORDS: Final = 1_000
"""Characters of a text that may be a name beside links and signs."""
_MIN_NAME_LENGTH: Final = 2
"""Letters and digits; punctuation does not count."""
_NUMBER_DIGITS: Final = 8
"""Digits of the CRM's own numbers, with the zeros that people leave out."""

_NO_PART_AFTER: Final = "(?![0-9A-Za-z])(?![_-][0-9A-Za-z])"
"""A dash or an underscore joins two letters or digits to one code; else it is punctuation, or formatting (_CF…_)."""
_NOT_IN_MAIL: Final = r"(?<![A-Za-z0-9_%+][.-])(?<![A-Za-z0-9][._%+-])(?<![A-Za-z0-9][._%+-]{2})"
"""Behind a sign or two of an address, only a part of it begins: that is tried at its beginning, and not again here."""
_WEB_ADDRESS = re.compile(r"(?:https?://|(?<![0-9a-z])www\.)\S+", re.IGNORECASE)
_GUID_INSIDE: Final = rf"(?<![0-9a-z]-){GUID}(?![0-9a-z])(?!-[0-9a-z])"
_GUID = re.compile(rf"(?<![0-9a-z]){_GUID_INSIDE}", re.IGNORECASE)
_PLAIN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An id in its canonical form, as people copy it and as buttons hold it: most texts are exactly this."""
_CUSTOMER_GUID = re.compile(rf"customer(?:_?id)?[=/]({GUID})(?![0-9a-z-])", re.IGNORECASE)
_LONG_LIGATURES = re.compile("[\u3300-\u3357\ufdf0-\ufdff]")
"""Japanese words and Arabic phrases in one character, each of which stands for up to eighteen."""
_EMOJI = re.compile(r"(?<!\S):[a-z0-9_+'-]+:(?!\S)")
_SERIAL_WORD = "[A-Za-z0-9](?:[A-Za-z0-9._/-]{2,58}[A-Za-z0-9])"
_AFTER_LABEL = "[ :#.=是为]{0,4}"
_LABELLED = rf"(?=[A-Za-z._/-]{{0,59}}[0-9]){_SERIAL_WORD}(?![0-9A-Za-z])"
_SERIAL_LABEL = rf"(?:S[/.]?N|serial(?: ?(?:no|number))?)(?:[码号]|(?![0-9A-Za-z-])){_AFTER_LABEL}"
_SERIAL_LABEL_IN_CHINESE = f"(?:(?:序列|机身|机器|整机|出厂)(?:号码?|编号|码)|(?<!手)机号){_AFTER_LABEL}"
"""A serial number after a word that says so."""
_ORDER = "(?:GD|WO)[ -]?[0-9]{6,20}"
"""The number of a work order."""
_SERIAL = re.compile(rf"(?=[^0-9]*[0-9]){_SERIAL_WORD}")
_SERIAL_IN_NAME = re.compile(rf"(?<![0-9A-Za-z])(?=[A-Za-z0-9._/-]*[0-9])(?=[A-Za-z0-9._/-]{{6}}){_SERIAL_WORD}")
_SHORT_NUMBER = re.compile(
    rf"(?<![0-9A-Za-z])(?<![0-9A-Za-z][_-])(CF|CE|GD)(?:[ #_.:-]|No){{0,3}}([0-9]{{1,20}}){_NO_PART_AFTER}",
    re.IGNORECASE,
)
"""A number as people shorten it: without its zeros, with a sign inside."""
_TAIL_OF_ORDER = re.compile(r"工单(?:编号|号码?)?[ :#.是为]*([0-9]{1,20})(?![0-9A-Za-z])")
_TAIL = re.compile(r"([0-9]{1,12})号?")
_END_OF_PHONE = re.compile(
    r"^[0-9][0-9 -]{2,9}[0-9]$|[0-9]{2,4}[*xX]{2,}[0-9]{2,8}(?![0-9A-Za-z])|[0-9]{3,8}(?:结尾|尾号)"
    r"|(?:尾[号数]|结尾|[后末][三四五六七八3-8]位(?:数字?)?|last (?:four|[3-8])(?: digits)?|ending(?: in| with)?)"
    r"[ :是为]{0,3}[0-9]{3,8}(?![0-9A-Za-z])",
    re.IGNORECASE,
)
"""A few digits, or what says that they are the last ones: 尾号2352, 185****2352."""
_LABEL_OF_NUMBER = re.compile(
    r"^(?:(?:客户|设备)?(?:编号|编码|号码?)|客户|number|no\.?)[ :#.]*(?=[A-Za-z0-9])", re.IGNORECASE
)
_LABELS = re.compile(
    r"^(?:(?:(?:客户|设备|联系|备用|固定)?(?:电话|手机|座机|邮箱|邮件|编号|编码|号码?|方式|人)|客户|设备|工单"
    r"|tel|phone|mobile|e?-?mail)\W*)+$",
    re.IGNORECASE,
)
"""All that may stand beside an identifier without being a name."""
_LIST_MARK = re.compile(r"^\(?[0-9]{1,2}(?:[.)、] ?|(?<=[0-9]\)) )(?=[^\W\d])")
_LETTER = re.compile("[^\\W_]|[\ue000-\uf8ff\U000f0000-\U0010fffd]")
"""A letter or a digit; private characters are what old systems have for rare ones in names."""
_BRACKETS: Final = {"(": ")", "[": "]", "【": "】", "《": "》", "「": "」"}
_OPENING: Final = {closing: opening for opening, closing in _BRACKETS.items()}
_ASKING = re.compile(
    r"^(?:[0-9]{1,2}(?=[\u4e00-\u9fff]))?(?:你好|请问?|麻烦|帮忙|帮我|帮|我要|我想|想|能不能|可以|[ ,])*"
    r"(?:查询?|找|搜索?|看)?(?:一下|一查|下)?"
    r"(?:(?:look ?up|find|search(?: for)?|who is|show(?: me)?) +)?"
    r"(?:(?:客户|顾客|用户|公司|单位)?(?:名称?|姓名|名字)(?=[ :])|客户|顾客|用户)?[ :]*(?:(?:mrs?|ms|miss|dr)\b[. ]*)?",
    re.IGNORECASE,
)
_ASKED_FOR = re.compile(
    r"(?:(?:的(?:联系)?|联系)(?:电话|手机|方式|地址|邮箱|信息|资料|情况|工单|设备|人)|(?:电话|手机|地址|信息|资料)(?=\W|$|[是号多在]))?"
    r"(?:号码?)?(?:是?多少|是?什么|在哪里?|有吗|吗|呢)*(?:\W*(?:谢谢|多谢|thanks?|please))?$",
    re.IGNORECASE,
)
"""What a person wants to know of the customer."""
_TITLE = re.compile(
    r"\W*(?:先生|女士|小姐|太太|阿姨|大[哥姐]|董事长|老?总|总?经理|主[任管]|老板娘?|师傅|老师|医生|会计|助理|书记|工程师|[院店厂部处科局校行队组会站所]长"
    r"|[哥姐叔董处工]|\bmrs?|\bms)[.)\]】]*$",
    re.IGNORECASE,
)
_FAMILIAR = re.compile("[老小阿](?=[\u4e00-\u9fff]$)")
_COMPANY_FORM = re.compile(
    r"(?:(?:股份|控股|责任|集团)*有限(?:责任)?公司|(?:集团|控股|总|分)?公司|集团|(?:co\.?,? ?)?ltd\.?|inc\.?)$",
    re.IGNORECASE,
)


class ReadAs(StrEnum):
    """What kind of identifier a text is read as; the audit log stores these words."""

    ID = "id"
    LINK = "link"
    NUMBER = "number"
    PHONE = "phone"
    EMAIL = "email"
    DEVICE = "device"
    SERIAL = "serial"
    ORDER = "order"
    NAME = "name"

    @property
    def names_the_id(self) -> bool:
        """Whether the identifier is the customer id, which GetCustomer wants: no search is needed."""
        return self in (ReadAs.ID, ReadAs.LINK)

    @property
    def is_open(self) -> bool:
        """Whether the identifier reveals nothing about the customer, so that a button may hold it unsealed."""
        return self.names_the_id or self is ReadAs.NUMBER


class Query(NamedTuple):
    """Which customer a text names, and by what.

    ``identifier`` is normalised: a customer id in lower case with dashes (ID, LINK), the number of a customer (CF…), a
    device (CE…) or a work order (GD…) in capitals, a phone in E.164, a mail address in lower case, a serial number or
    a name as typed, without what stands around it.
    """

    read_as: ReadAs
    identifier: str


class Unread(StrEnum):
    """Why a text names no customer."""

    NOTHING = "nothing"
    """Nothing in it can be an identifier or a name."""
    SEVERAL = "several"
    """It names several customers: too many, or where one is wanted."""
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


class Parsed(NamedTuple):
    """What a text means.

    ``queries`` are what it names: usually one, at most MAX_AT_ONCE; () with the reason in ``unread``. ``fallbacks`` are
    tried in their order when one query finds no customer. ``others`` are less likely: a person chooses them.
    """

    queries: tuple[Query, ...] = ()
    unread: Unread = Unread.NOTHING
    fallbacks: tuple[Query, ...] = ()
    others: tuple[Query, ...] = ()
    may_end_a_phone: bool = False
    """The text is a few digits, as people type the last ones of a phone."""

    @property
    def query(self) -> Query | None:
        """What the text names, if that is one."""
        return self.queries[0] if len(self.queries) == 1 else None


class Mention(NamedTuple):
    """What a part of a text names, and where that part is."""

    start: int
    end: int
    query: Query


def normalise(text: str) -> str:
    """``text`` without invisible characters, Slack's markup, repeated blanks and the punctuation around it."""
    return _trimmed(_plain(text))


class QueryReader:
    """Reads texts. ``number_pattern`` is CUSTOMER_NUMBER_PATTERN: what the number of a customer looks like."""

    def __init__(self, number_pattern: str = CUSTOMER_NUMBERS) -> None:
        self._tokens = _tokens(number_pattern)
        self._has_crm_numbers = number_pattern == CUSTOMER_NUMBERS

    def parse(self, text: str) -> Parsed:
        """Find what ``text`` names.

        Every id, link, number, phone, mail address and labelled serial number in it counts. A text with none of these
        is a number without its zeros, a serial number if it is one word with digits, or else a name.
        """
        if _PLAIN_ID.fullmatch(text):
            return Parsed((Query(ReadAs.ID, text),))
        plain = _plain(text)
        phone = e164(plain)
        mentions = [Mention(0, len(plain), Query(ReadAs.PHONE, phone))] if phone else self._mentions(plain)
        named = _distinct(mentions)
        if len(named) > 1:
            return Parsed(named if len(named) <= MAX_AT_ONCE else (), Unread.SEVERAL)
        is_short = len(plain) <= _LONGEST_WORDS
        words = _trimmed(_WEB_ADDRESS.sub(" ", plain)) if is_short else plain
        if named:
            rest = _LABELS.sub("", _trimmed(_without(plain, mentions)[:_LONGEST_WORDS].replace("|", " ")))
            alone = (
                _name(words) if named[0].read_as is ReadAs.EMAIL else _serial("".join(words[:_LONGEST_WORDS].split()))
            )
            likely, others = self._completed(named[0]), [_name(rest) if rest else alone]
        else:
            likely, others = self._readings(_LIST_MARK.sub("", words)) if is_short else ([], [])
        if not likely:
            length = _length(words)
            too_short_or_nothing = Unread.TOO_SHORT if length else Unread.NOTHING
            return Parsed(unread=Unread.TOO_LONG if length >= _MIN_NAME_LENGTH else too_short_or_nothing)
        offered = tuple(dict.fromkeys(other for other in others if other and other not in likely))
        ends_a_phone = is_short and _END_OF_PHONE.search(words) is not None
        return Parsed((likely[0],), Unread.NOTHING, tuple(likely[1:]), offered, ends_a_phone)

    def mentions(self, text: str) -> tuple[Query, ...]:
        """What ``text`` names by an identifier, each once, in the order of the text."""
        return _distinct(self._mentions(_plain(text)))

    def customers_in(self, text: str) -> tuple[Query, ...]:
        """Of ``mentions``, the customers that are named by id, link or number."""
        tokens = islice(self._tokens_in(_plain(text)), MAX_MENTIONS)
        return _distinct(token for token in tokens if token.query.read_as.is_open and token.query.identifier)

    def _mentions(self, plain: str) -> list[Mention]:
        tokens = [*islice(self._tokens_in(plain), MAX_MENTIONS)]
        rest = _without(plain, tokens) if tokens else plain
        found = islice(phones_in(rest), MAX_MENTIONS)
        phones = [Mention(phone.start, phone.end, Query(ReadAs.PHONE, phone.e164)) for phone in found]
        return sorted([*(token for token in tokens if token.query.identifier), *phones])

    def _tokens_in(self, plain: str) -> Iterator[Mention]:
        """All but phones; with an empty identifier what is a link without an id, in which nothing else is read."""
        for token in self._tokens.finditer(plain):
            kind = str(token.lastgroup)
            written, read_as = token[kind], ReadAs.SERIAL if kind == "labelled" else ReadAs(kind)
            normal_form = _NORMALISED.get(read_as, str.upper)
            yield Mention(token.start(), token.end(), Query(read_as, normal_form(written) or ""))

    def _readings(self, words: str) -> tuple[list[Query], list[Query | None]]:
        """The likely readings of a text without an identifier, then those to offer."""
        word = _LABEL_OF_NUMBER.sub("", words)
        serial, name = _serial(word), _name(words)
        if short := _SHORT_NUMBER.search(word):
            of_short = self._completed(Query(_KIND_OF_CODE[short[1].upper()], f"{short[1]}{short[2]}".upper()))
            if short[0] == word:
                return of_short[-1:], [_serial("".join(word.split())), name]
            return [*of_short[-1:], *([name] if name else [])], [serial]
        if order := _TAIL_OF_ORDER.search(words):
            return [Query(ReadAs.ORDER, _filled(f"GD{order[1]}")), Query(ReadAs.ORDER, order[1])], [name]
        if self._has_crm_numbers and (tail := _TAIL.fullmatch(word)):
            number = Query(ReadAs.NUMBER, _filled(f"CF{tail[1]}"))
            of_digits = [number, serial or name] if len(word) <= _NUMBER_DIGITS else [serial, number]
            return [query for query in of_digits if query], [name]
        if serial:
            return [serial], [name]
        if name is None:
            return [], []
        in_it = _SERIAL_IN_NAME.search(words)
        shorter = [Query(ReadAs.NAME, other) for other in _shorter_names(words)]
        return [name, *shorter], [Query(ReadAs.SERIAL, in_it[0])] if in_it else []

    def _completed(self, query: Query) -> list[Query]:
        """``query``, and a number of the CRM with the zeros that may have been left out."""
        kind, number = query
        if kind is ReadAs.ORDER:
            number = number.replace("-", "")
        if kind in (ReadAs.DEVICE, ReadAs.ORDER) or (kind is ReadAs.NUMBER and self._has_crm_numbers):
            return list(dict.fromkeys((query, Query(kind, _filled(number)))))
        return [query]


def read_id(text: str) -> str | None:
    """The customer id that ``text`` names, if it names one customer by its id or a link."""
    query = QueryReader().parse(text).query
    return query.identifier if query and query.read_as.names_the_id else None


_KIND_OF_CODE: Final = {"CF": ReadAs.NUMBER, "CE": ReadAs.DEVICE, "GD": ReadAs.ORDER}


@cache
def _tokens(number_pattern: str) -> re.Pattern[str]:
    """All identifiers but phones. Each begins a word, so that most characters of a long text are passed by at once."""
    codes = {ReadAs.NUMBER: number_pattern, ReadAs.DEVICE: "CE[0-9]{5,12}", ReadAs.ORDER: _ORDER}
    each = (
        r"(?P<link>https?://\S+)",
        rf"{_NOT_IN_MAIL}(?P<email>{MAIL})",
        f"(?P<id>{_GUID_INSIDE})",
        *(rf"(?<![0-9A-Za-z][_-])(?P<{kind}>{code}){_NO_PART_AFTER}" for kind, code in codes.items()),
        f"{_SERIAL_LABEL}(?P<serial>{_LABELLED})",
    )
    in_chinese = f"(?=[序机整出]){_SERIAL_LABEL_IN_CHINESE}(?P<labelled>{_LABELLED})"
    return re.compile(f"(?<![0-9A-Za-z])(?=[0-9A-Za-z])(?:{'|'.join(each)})|{in_chinese}", re.IGNORECASE)


def _distinct(mentions: Iterable[Mention]) -> tuple[Query, ...]:
    """Each once: an id in a link and alone is the same."""
    found: dict[str, Query] = {}
    for mention in mentions:
        found.setdefault(mention.query.identifier, mention.query)
    return tuple(found.values())


def _plain(text: str) -> str:
    written = _EMOJI.sub(" ", _LONG_LIGATURES.sub(" ", text[:MAX_TEXT_LENGTH]))
    return " ".join(without_markup(plain_characters(written)[:MAX_TEXT_LENGTH]).split())


def _trimmed(text: str) -> str:
    """``text`` from its first to its last letter or digit, and a bracket there whose other half is inside."""
    text = " ".join(text.split())
    head, tail = _LETTER.search(text), _LETTER.search(text[::-1])
    if not head or not tail:
        return ""
    first, last = head.start(), len(text) - tail.start()
    while last < len(text) and unicodedata.combining(text[last]):
        last += 1
    core = text[first:last]
    before, after = text[first - 1 : first], text[last : last + 1]
    if before in _BRACKETS and core.count(_BRACKETS[before]) > core.count(before):
        core = before + core
    opening = _OPENING.get(after)
    return core + after if opening and core.count(opening) > core.count(after) else core


def _without(plain: str, mentions: list[Mention]) -> str:
    """``plain`` with bars in place of ``mentions``: everything else stays where it is."""
    parts, end = [], 0
    for start, stop, _ in mentions:
        parts += [plain[end:start], "|" * (stop - start)]
        end = stop
    return "".join([*parts, plain[end:]])


def _id_in_link(link: str) -> str | None:
    """The id behind ``customer/`` or ``customerId=``; else the last id: web pages put a thing after its parents."""
    found = _CUSTOMER_GUID.findall(link) or _GUID.findall(link)
    return canonical_id(found[-1]) if found else None


def _filled(number: str) -> str:
    """A number of the CRM with as many zeros as it gives its own."""
    return number[:2] + number[2:].zfill(_NUMBER_DIGITS)


def _serial(words: str) -> Query | None:
    return Query(ReadAs.SERIAL, words) if _SERIAL.fullmatch(words) else None


def _name(words: str) -> Query | None:
    fits = len(words) <= MAX_NAME_LENGTH and _length(words) >= _MIN_NAME_LENGTH
    return Query(ReadAs.NAME, words) if fits else None


def _shorter_names(words: str) -> Iterator[str]:
    """``words`` without what asks, and then without a title or the form of a company: what the CRM's name may lack."""
    asked = _trimmed(_ASKED_FOR.sub("", _ASKING.sub("", words)))
    core = _trimmed(_COMPANY_FORM.sub("", _TITLE.sub("", asked)))
    for name in dict.fromkeys((asked, core, _FAMILIAR.sub("", core))):
        if name and name != words:
            yield name


def _length(words: str) -> int:
    """Letters and digits; of a text that is too long for a name, of its beginning."""
    return sum(map(str.isalnum, words[: MAX_NAME_LENGTH + 1]))


_NORMALISED: Mapping[ReadAs, Callable[[str], str | None]] = {
    ReadAs.LINK: _id_in_link,
    ReadAs.EMAIL: mail_address,
    ReadAs.ID: canonical_id,
    ReadAs.ORDER: lambda written: written.upper().replace(" ", ""),
    ReadAs.SERIAL: str,
}
"""The normal form of what is written in several ways; of all others, the capitals."""
