"""What a piece of typed or pasted text may mean."""

import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

MAX_TEXT_LENGTH = 4_000
"""Characters of a text that are read; no identifier begins later."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_SLACK_LINK = re.compile(r"<(https?://[^<|>]+)(?:\|[^<>]*)?>")
GUID = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
_NUMBER = r"(?<![0-9A-Za-z_-])CF[0-9]{5,12}(?![0-9A-Za-z_-])"
"""A customer number, such as CF00000179 in the vendor's documentation."""
_GUID = re.compile(rf"(?<![0-9a-z-]){GUID}(?![0-9a-z-])", re.IGNORECASE)
_CUSTOMER_GUID = re.compile(rf"customer(?:_?id)?[=/]({GUID})(?![0-9a-z-])", re.IGNORECASE)
_SHORTEST_GUID = 32
_TOKEN = re.compile(rf"https?://\S+|{_GUID.pattern}|{_NUMBER}", re.IGNORECASE)
_CODE_OR_QUOTE = re.compile(r"```.*?```|`[^`\n]+`|^(?:&gt;){3}.*|^&gt;[^\n]*", re.DOTALL | re.MULTILINE)
_LINKED = re.compile(r"<[^<>]*>|https?://\S+", re.IGNORECASE)


class ReadAs(StrEnum):
    """How a text was read; the words of the access log."""

    ID = "id"
    LINK = "link"
    NUMBER = "number"


class Reading(NamedTuple):
    """Which customer a text names, and how it was found.

    ``identifier`` is a customer id in its canonical form (lower case, with dashes) or, where ``read_as`` is NUMBER,
    a customer number in capitals.
    """

    read_as: ReadAs
    identifier: str


def plain_characters(text: str) -> str:
    """``text`` with ordinary characters for full-width ones and for all dashes, and without invisible ones."""
    return _DASHES.sub("-", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).strip()


def normalise(text: str) -> str:
    """What was meant, without what phones, web pages and Slack add to it.

    Slack's ``<https://…|label>`` becomes the address alone, apart from what it touches.
    """
    return _SLACK_LINK.sub(r" \1 ", plain_characters(text[:MAX_TEXT_LENGTH])).strip()


def read(text: str) -> Reading | None:
    """The one customer that ``text`` names, by its id, its number or a link; None for none or several."""
    found = read_all(text)
    return found[0] if len(found) == 1 else None


def read_all(text: str) -> tuple[Reading, ...]:
    """Every customer that ``text`` names, each once, in the order of the text."""
    found: dict[str, Reading] = {}
    for token in _TOKEN.finditer(normalise(text)):
        reading = _reading(token[0])
        if reading is not None:
            found.setdefault(reading.identifier, reading)
    return tuple(found.values())


def read_message(text: str) -> tuple[Reading, ...]:
    """The customers that a message in a channel names openly: not in code, not in a quote, not in a link.

    ``text`` is as Slack sends it: escaped, in mrkdwn.
    """
    return read_all(_LINKED.sub(" ", _set_apart(text)))


def canonical_id(guid: str) -> str:
    """``guid`` in lower case with its dashes: one customer, one spelling."""
    digits = guid.replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def has_set_apart(text: str) -> bool:
    """Whether ``text``, in mrkdwn, names a customer in code or in a quote."""
    return any(read_all(part) for part in _CODE_OR_QUOTE.findall(text[:MAX_TEXT_LENGTH]))


def links_in_text(text: str) -> tuple[str, ...]:
    """The addresses that ``text``, in mrkdwn, links to, outside of code."""
    return tuple(_SLACK_LINK.findall(_set_apart(text)))


def _set_apart(text: str) -> str:
    """``text`` without its code and its quotes."""
    return _CODE_OR_QUOTE.sub(" ", text[:MAX_TEXT_LENGTH])


def _reading(token: str) -> Reading | None:
    if token[:4].lower() == "http":
        linked = _id_in_link(token)
        return Reading(ReadAs.LINK, linked) if linked else None
    if token[:2].upper() == "CF" and len(token) < _SHORTEST_GUID:
        return Reading(ReadAs.NUMBER, token.upper())
    return Reading(ReadAs.ID, canonical_id(token))


def _id_in_link(link: str) -> str | None:
    """The id behind ``customer/`` or ``customerId=``; else the last: pages put a thing after its parents."""
    named = _CUSTOMER_GUID.findall(link)
    found = named or _GUID.findall(link)
    return canonical_id(found[-1]) if found else None
