"""What a piece of typed or pasted text may mean."""

import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

MAX_TEXT_LENGTH = 4_000
"""Characters of a text that are read; no identifier begins later."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_SLACK_LINK = re.compile(r"<(https?://[^|>]+)(?:\|[^>]*)?>")
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_HEX_GROUPS = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
_GUID = re.compile(rf"(?<![0-9a-z-]){_HEX_GROUPS}(?![0-9a-z-])", re.IGNORECASE)
_CUSTOMER_GUID = re.compile(rf"customer(?:_?id)?[=/]({_HEX_GROUPS})(?![0-9a-z-])", re.IGNORECASE)


class ReadAs(StrEnum):
    """How a text was read; the words of the access log."""

    ID = "id"
    LINK = "link"


class Reading(NamedTuple):
    """A customer id in its canonical form (lower case, with dashes) and where it was found."""

    read_as: ReadAs
    customer_id: str


def plain_characters(text: str) -> str:
    """``text`` with ordinary characters for full-width ones and for all dashes, and without invisible ones."""
    return _DASHES.sub("-", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).strip()


def normalise(text: str) -> str:
    """What was meant, without what phones, web pages and Slack add to it.

    Slack's ``<https://…|label>`` becomes the address alone, apart from what it touches.
    """
    return _SLACK_LINK.sub(r" \1 ", plain_characters(text[:MAX_TEXT_LENGTH])).strip()


def read(text: str) -> Reading | None:
    """The one customer that ``text`` names, by its id or by a link that holds it; None for none or several."""
    text = normalise(text)
    linked = {customer_id for link in _URL.findall(text) if (customer_id := _id_in_link(link))}
    typed = {canonical_id(found) for found in _GUID.findall(_URL.sub(" ", text))}
    named = linked | typed
    return Reading(ReadAs.LINK if linked else ReadAs.ID, named.pop()) if len(named) == 1 else None


def canonical_id(guid: str) -> str:
    """``guid`` in lower case with its dashes: one customer, one spelling."""
    digits = guid.replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _id_in_link(link: str) -> str | None:
    """The id behind ``customer/`` or ``customerId=``; else the last: pages put a thing after its parents."""
    named = _CUSTOMER_GUID.findall(link)
    found = named or _GUID.findall(link)
    return canonical_id(found[-1]) if found else None
