"""What a piece of typed or pasted text may mean."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from bot.domain.mrkdwn import code_and_quotes, without_markup, written_openly
from bot.domain.normalise import GUID, MAIL, canonical_id, e164, mail_address, plain_characters

MAX_TEXT_LENGTH = 4_000
"""Characters of a text that are read; no identifier begins later."""
MAX_NAME_LENGTH: Final = 100
_MIN_NAME_LENGTH: Final = 2
"""Letters and digits: the signs between them do not count."""

_AROUND = " \"'`“”„‟‘’‚‛«»‹›「」『』《》〈〉.,;:。、"
"""What stands around a word that was quoted, or at the end of a sentence."""
_WEB_ADDRESS = re.compile(r"(?:https?://|(?<![0-9a-z])www\.)\S+", re.IGNORECASE)
_GUID = re.compile(rf"(?<![0-9a-z-]){GUID}(?![0-9a-z-])", re.IGNORECASE)
_PLAIN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An id in its one spelling already, as it is copied and as buttons hold it: most questions are nothing else."""
_CUSTOMER_GUID = re.compile(rf"customer(?:_?id)?[=/]({GUID})(?![0-9a-z-])", re.IGNORECASE)
_CODE = r"(?<![0-9A-Za-z_-]){}[0-9]{{5,12}}(?![0-9A-Za-z_-])"
"""A number that the CRM gives: of a customer, such as CF00000179 in the vendor's documentation, or of a device."""
_PHONE = (
    r"(?<![0-9A-Za-z])(?<![0-9][.+])(?<![0-9A-Za-z][_-])"
    r"(?:(?:(?:\+|00)?86[ .-]?)?0?1[3-9][0-9](?:[ .-]?[0-9]{4}){2}"
    r"|(?:(?:\+|00)?86[ .-]?)?\(?0[0-9]{2,3}\)?[ .-]?[2-8][0-9]{2,3}[ .-]?[0-9]{4}(?:-[0-9]{1,6})?"
    r"|[48]00(?:[ .-]?[0-9]{3,4}){2}"
    r"|\+[1-9](?:[ ().-]{0,2}[0-9]){7,14})"
    r"(?![0-9A-Za-z])(?!\.[0-9])(?![_-][0-9A-Za-z])"
)
"""A phone as people write one inside a text: no part of a longer number, of a date or of a code."""
_TOKEN = re.compile(
    rf"(?P<link>https?://\S+)|(?<![A-Za-z0-9._%+-])\.*(?P<email>(?!\.){MAIL})"
    rf"|(?P<id>{_GUID.pattern})|(?P<number>{_CODE.format('CF')})|(?P<device>{_CODE.format('CE')})"
    rf"|(?P<phone>{_PHONE})",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9._/-]{2,58}[A-Za-z0-9]")


class ReadAs(StrEnum):
    """How a text was read; the words of the access log."""

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
        """Whether GetCustomer can be asked at once."""
        return self in (ReadAs.ID, ReadAs.LINK)

    @property
    def is_open(self) -> bool:
        """Whether it says nothing of a customer: a button may hold it as it is."""
        return self.names_the_id or self is ReadAs.NUMBER


class Query(NamedTuple):
    """Which customer a text names, and how it was found.

    ``identifier`` is in its one spelling: a customer id in lower case with dashes (ID, LINK), a customer number
    (CF…) or a device number (CE…) in capitals, a phone in E.164, a mail address in lower case, a serial number or a
    name as typed, without what surrounds it.
    """

    read_as: ReadAs
    identifier: str


class Unread(StrEnum):
    """Why a text is no question."""

    NOTHING = "nothing"
    """Nothing in it can be read as a customer."""
    SEVERAL = "several"
    """It names several customers."""
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


def normalise(text: str) -> str:
    """What was meant, without what phones, web pages and Slack add to it, and without the quotes around it."""
    return _trimmed(without_markup(plain_characters(text[:MAX_TEXT_LENGTH])))


def read(text: str) -> Query | None:
    """The one customer that ``text`` asks for, as is most likely meant; None for none or several (see ``unread``).

    An id, a link or a customer number anywhere in it counts most, then a phone, a mail address or a device number.
    What is none of these is a serial number if it is one word with digits, else a name.
    """
    if _PLAIN_ID.fullmatch(text):
        return Query(ReadAs.ID, text)
    meant = normalise(text)
    named = _named(meant)
    if named:
        return named[0] if len(named) == 1 else None
    words = _words(meant)
    return _serial(words) or _name(words)


def unread(text: str) -> Unread:
    """Why ``read`` finds nothing in ``text``."""
    meant = normalise(text)
    if _named(meant):
        return Unread.SEVERAL
    length = _length(_words(meant))
    if length >= _MIN_NAME_LENGTH:
        return Unread.TOO_LONG
    return Unread.TOO_SHORT if length else Unread.NOTHING


def other_readings(text: str) -> tuple[Query, ...]:
    """How else ``text`` can be read, the most likely first.

    A word is a phone, a mail address or a number by its look alone: it may be a serial number or a name too.
    """
    best, word = read(text), _words(normalise(text))
    if best is None or best.read_as not in _OTHERWISE or " " in word:
        return ()
    other = _OTHERWISE[best.read_as](word)
    return (other,) if other else ()


def read_all(text: str) -> tuple[Query, ...]:
    """Every customer that ``text`` names by id, link or number, each once, in the order of the text."""
    return tuple(query for query in read_mentions(text) if query.read_as.is_open)


def read_mentions(text: str) -> tuple[Query, ...]:
    """The same with phones, mail addresses and device numbers: all that can be told from the words around it."""
    return _mentions(normalise(text))


def read_message(text: str) -> tuple[Query, ...]:
    """The customers that a message in a channel names openly: not in code, not in a quote, not in a link.

    ``text`` is as Slack sends it: escaped, in mrkdwn.
    """
    return read_all(written_openly(text[:MAX_TEXT_LENGTH]))


def has_set_apart(text: str) -> bool:
    """Whether ``text``, in mrkdwn, names a customer in code or in a quote."""
    return any(read_all(part) for part in code_and_quotes(text[:MAX_TEXT_LENGTH]))


def _trimmed(text: str) -> str:
    return " ".join(text.split()).strip(_AROUND)


def _words(meant: str) -> str:
    """``meant`` without addresses of the web."""
    return _trimmed(_WEB_ADDRESS.sub(" ", meant))


def _named(meant: str) -> tuple[Query, ...]:
    """The customers that ``meant`` names; if there are none, whatever else in it leads to one."""
    phone = e164(meant)
    if phone:
        return (Query(ReadAs.PHONE, phone),)
    mentions = _mentions(meant)
    return tuple(query for query in mentions if query.read_as.is_open) or mentions


def _mentions(meant: str) -> tuple[Query, ...]:
    found: dict[str, Query] = {}
    for token in _TOKEN.finditer(meant):
        kind = str(token.lastgroup)
        read_as = ReadAs(kind)
        identifier = _SPELLINGS[read_as](token[kind])
        if identifier:
            found.setdefault(identifier, Query(read_as, identifier))
    return tuple(found.values())


def _id_in_link(link: str) -> str | None:
    """The id behind ``customer/`` or ``customerId=``; else the last: pages put a thing after its parents."""
    named = _CUSTOMER_GUID.findall(link)
    found = named or _GUID.findall(link)
    return canonical_id(found[-1]) if found else None


def _serial(words: str) -> Query | None:
    return Query(ReadAs.SERIAL, words) if _SERIAL.fullmatch(words) else None


def _name(words: str) -> Query | None:
    fits = len(words) <= MAX_NAME_LENGTH and _length(words) >= _MIN_NAME_LENGTH
    return Query(ReadAs.NAME, words) if fits else None


def _length(words: str) -> int:
    return sum(map(str.isalnum, words))


_SPELLINGS: Mapping[ReadAs, Callable[[str], str | None]] = {
    ReadAs.LINK: _id_in_link,
    ReadAs.EMAIL: mail_address,
    ReadAs.ID: canonical_id,
    ReadAs.NUMBER: str.upper,
    ReadAs.DEVICE: str.upper,
    ReadAs.PHONE: e164,
}
_OTHERWISE: Mapping[ReadAs, Callable[[str], Query | None]] = {
    ReadAs.NUMBER: _serial,
    ReadAs.PHONE: _serial,
    ReadAs.DEVICE: _serial,
    ReadAs.EMAIL: _name,
    ReadAs.SERIAL: _name,
}
