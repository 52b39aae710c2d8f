"""What a piece of typed or pasted text may mean."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from bot.domain.mrkdwn import code_and_quotes, without_markup, written_openly
from bot.domain.normalise import GUID, MAIL, canonical_id, e164, mail_address, plain_characters

MAX_TEXT_LENGTH = 4_000
"""Characters of a text that are read."""
MAX_NAME_LENGTH: Final = 100
_MIN_NAME_LENGTH: Final = 2
"""Letters and digits; punctuation does not count."""

_AROUND = " \"'`“”„‟‘’‚‛«»‹›「」『』《》〈〉.,;:。、"
"""Quotation marks, and the punctuation after a word."""
_WEB_ADDRESS = re.compile(r"(?:https?://|(?<![0-9a-z])www\.)\S+", re.IGNORECASE)
_GUID = re.compile(rf"(?<![0-9a-z-]){GUID}(?![0-9a-z-])", re.IGNORECASE)
_PLAIN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An id in its canonical form, as people copy it and as buttons hold it: most texts are exactly this."""
_CUSTOMER_GUID = re.compile(rf"customer(?:_?id)?[=/]({GUID})(?![0-9a-z-])", re.IGNORECASE)
_CODE = r"(?<![0-9A-Za-z_-]){}[0-9]{{5,12}}(?![0-9A-Za-z_-])"
"""The CRM's number of a customer, such as CF00000179 in the vendor's documentation, or of a device (CE…)."""
_PHONE = (
    r"(?<![0-9A-Za-z])(?<![0-9][.+])(?<![0-9A-Za-z][_-])"
    r"(?:(?:(?:\+|00)?86[ .-]?)?0?1[3-9][0-9](?:[ .-]?[0-9]{4}){2}"
    r"|(?:(?:\+|00)?86[ .-]?)?\(?0[0-9]{2,3}\)?[ .-]?[2-8][0-9]{2,3}[ .-]?[0-9]{4}(?:-[0-9]{1,6})?"
    r"|[48]00(?:[ .-]?[0-9]{3,4}){2}"
    r"|\+[1-9](?:[ ().-]{0,2}[0-9]){7,14})"
    r"(?![0-9A-Za-z])(?!\.[0-9])(?![_-][0-9A-Za-z])"
)
"""A phone as people write it inside a text; not a part of a longer number, a date or a code."""
_TOKEN = re.compile(
    rf"(?P<link>https?://\S+)|(?<![A-Za-z0-9._%+-])\.*(?P<email>(?!\.){MAIL})"
    rf"|(?P<id>{_GUID.pattern})|(?P<number>{_CODE.format('CF')})|(?P<device>{_CODE.format('CE')})"
    rf"|(?P<phone>{_PHONE})",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9._/-]{2,58}[A-Za-z0-9]")


class ReadAs(StrEnum):
    """What kind of identifier a text is read as; the audit log stores these words."""

    ID = "id"
    LINK = "link"
    NUMBER = "number"
    PHONE = "phone"
    EMAIL = "email"
    DEVICE = "device"
    SERIAL = "serial"
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

    ``identifier`` is normalised: a customer id in lower case with dashes (ID, LINK), a customer number (CF…) or a
    device number (CE…) in capitals, a phone in E.164, a mail address in lower case, a serial number or a name as
    typed, without quotation marks around it.
    """

    read_as: ReadAs
    identifier: str


class Unread(StrEnum):
    """Why a text names no customer."""

    NOTHING = "nothing"
    """Nothing in it can be an identifier or a name."""
    SEVERAL = "several"
    """It names several customers."""
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


class Parsed(NamedTuple):
    """What a text means.

    ``meant`` is the normalised text. ``query`` is the most likely customer; None where the text names none or several,
    and ``unread`` is the reason. ``others`` are the less likely queries, the most likely first.
    """

    meant: str
    query: Query | None = None
    unread: Unread = Unread.NOTHING
    others: tuple[Query, ...] = ()


def normalise(text: str) -> str:
    """``text`` without invisible characters, Slack's markup, repeated blanks and the quotation marks around it."""
    plain = plain_characters(text[:MAX_TEXT_LENGTH])[:MAX_TEXT_LENGTH]  # one character may stand for eighteen
    return _trimmed(without_markup(plain))


def parse(text: str) -> Parsed:
    """Find the one customer that ``text`` names.

    An id, a link or a customer number anywhere in it counts most, then a phone, a mail address or a device number. A
    text with none of these is a serial number if it is one word with digits, else a name. One word that looks like a
    phone, a mail address or a number may be a serial number or a name instead.
    """
    if _PLAIN_ID.fullmatch(text):
        return Parsed(text, Query(ReadAs.ID, text))
    meant = normalise(text)
    words = _trimmed(_WEB_ADDRESS.sub(" ", meant))
    phone = e164(meant)
    mentions = (Query(ReadAs.PHONE, phone),) if phone else _mentions(meant)
    named = tuple(query for query in mentions if query.read_as.is_open) or mentions
    if len(named) > 1:
        return Parsed(meant, unread=Unread.SEVERAL)
    query = named[0] if named else _serial(words) or _name(words)
    if query is None:
        length = _length(words)
        too_short_or_nothing = Unread.TOO_SHORT if length else Unread.NOTHING
        return Parsed(meant, unread=Unread.TOO_LONG if length >= _MIN_NAME_LENGTH else too_short_or_nothing)
    read_otherwise = None if " " in words else _OTHERWISE.get(query.read_as)
    other = read_otherwise(words) if read_otherwise else None
    return Parsed(meant, query, others=(other,) if other else ())


def read(text: str) -> Query | None:
    """The one customer that ``text`` most likely names; see ``parse``."""
    return parse(text).query


def read_all(text: str) -> tuple[Query, ...]:
    """Every customer that ``text`` names by id, link or number, each once, in the order of the text."""
    return tuple(query for query in read_mentions(text) if query.read_as.is_open)


def read_mentions(text: str) -> tuple[Query, ...]:
    """As ``read_all``, with phones, mail addresses and device numbers too."""
    return _mentions(normalise(text))


def read_message(text: str) -> tuple[Query, ...]:
    """The customers that a message names outside of code, quotes and links. ``text`` is escaped mrkdwn."""
    return read_all(written_openly(text[:MAX_TEXT_LENGTH]))


def has_set_apart(text: str) -> bool:
    """Whether ``text``, in mrkdwn, names a customer in code or in a quote."""
    return any(read_all(part) for part in code_and_quotes(text[:MAX_TEXT_LENGTH]))


def _trimmed(text: str) -> str:
    return " ".join(text.split()).strip(_AROUND)


def _mentions(meant: str) -> tuple[Query, ...]:
    found: dict[str, Query] = {}
    for token in _TOKEN.finditer(meant):
        kind = str(token.lastgroup)
        read_as = ReadAs(kind)
        identifier = _NORMALISED[read_as](token[kind])
        if identifier:
            found.setdefault(identifier, Query(read_as, identifier))
    return tuple(found.values())


def _id_in_link(link: str) -> str | None:
    """The id behind ``customer/`` or ``customerId=``; else the last id: web pages put a thing after its parents."""
    found = _CUSTOMER_GUID.findall(link) or _GUID.findall(link)
    return canonical_id(found[-1]) if found else None


def _serial(words: str) -> Query | None:
    return Query(ReadAs.SERIAL, words) if _SERIAL.fullmatch(words) else None


def _name(words: str) -> Query | None:
    fits = len(words) <= MAX_NAME_LENGTH and _length(words) >= _MIN_NAME_LENGTH
    return Query(ReadAs.NAME, words) if fits else None


def _length(words: str) -> int:
    return sum(map(str.isalnum, words))


_NORMALISED: Mapping[ReadAs, Callable[[str], str | None]] = {
    ReadAs.LINK: _id_in_link,
    ReadAs.EMAIL: mail_address,
    ReadAs.ID: canonical_id,
    ReadAs.NUMBER: str.upper,
    ReadAs.DEVICE: str.upper,
    ReadAs.PHONE: e164,
}
_OTHERWISE: Mapping[ReadAs, Callable[[str], Query | None]] = {
    **dict.fromkeys((ReadAs.NUMBER, ReadAs.PHONE, ReadAs.DEVICE), _serial),
    **dict.fromkeys((ReadAs.EMAIL, ReadAs.SERIAL), _name),
}
