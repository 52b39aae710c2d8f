"""Foreign text (the CRM's, a user's) on its way into a card: cleaned, cut, escaped, and kept from formatting.

Slack escapes with three entities and has none for its formatting characters: where one of those would take
effect it is replaced by a character that looks like it.
"""

import re
import unicodedata
from typing import Final
from urllib.parse import quote, urlsplit

from bot.domain.field_roles import dialable
from bot.domain.normalise import mail_address, plain_characters

_CONTROLS: Final = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f]")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff]"
)
"""What hides or reorders text. The joiners U+200C and U+200D stay: scripts and emoji are written with them."""
_BLANKS: Final = re.compile(r"\s+")
_UNTIDY: Final = re.compile(f"{_CONTROLS.pattern}|{_INVISIBLE.pattern}|[\t\n]|\\s\\s|[^\\S ]")
"""Most texts match nothing here, and need no cleaning."""

_ORDINARY: Final = re.compile("[0-9A-Za-z\u4e00-\u9fff.,/()-]*")
"""Most texts are no more than this, and are shown as they are."""
_MARK: Final = re.compile("[*_~`:]")
_EDGE_MARK: Final = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`")
_EMOJI_CODE: Final = re.compile(r":(?=(?![0-9]{1,2}:)[\w+'-]+:)")
"""Names are of any script, and there are ``:100:`` and ``:+1:``; two digits are those of a time."""
_LOOKALIKES: Final = {"*": "∗", "_": "＿", "~": "∼", "`": "ˋ"}
_LONGEST_ENTITY: Final = len("&amp;")
_JOINING: Final = ("Mn", "Mc", "Me", "Cf")
_JOINER: Final = "\u200d"
_MOBILE: Final = re.compile(r"1[0-9]{10}")
_MAX_ADDRESS_LENGTH: Final = 3_000
_MAX_MAIL_LENGTH: Final = 100
_IN_ADDRESSES: Final = "%/:?#@!$&'()*+,;=[]~"
_SLACK_ID: Final = re.compile(r"[A-Z][A-Z0-9]{1,30}")


def clean(text: str) -> str:
    """``text`` on one line, without what cannot be seen."""
    if _UNTIDY.search(text):
        text = _BLANKS.sub(" ", _INVISIBLE.sub("", _CONTROLS.sub(" ", text)))
    return text.strip()


def plain(text: str, limit: int) -> str:
    """``text`` for a place without formatting (header, button, ``text``): at most ``limit`` long once escaped."""
    return _fitted(clean(text), limit)


def literal(text: str, limit: int) -> str:
    """``text`` for mrkdwn, where it is shown as it is: it cannot format, mention or link."""
    if len(text) <= limit and _ORDINARY.fullmatch(text):
        return text
    tame = clean(text)
    if _MARK.search(tame):
        tame = _EMOJI_CODE.sub("：", _EDGE_MARK.sub(lambda mark: _LOOKALIKES[mark.group()], tame))
    if tame.startswith(">"):
        tame = "›" + tame[1:]
    return _fitted(tame, limit)


def fits(text: str, limit: int) -> bool:
    """Whether ``plain`` and ``literal`` show ``text`` without cutting it."""
    return length(_escaped(clean(text))) <= limit


def bare(text: str, limit: int) -> str:
    """``text`` for a place whose mark-up Slack does not document: angle brackets are replaced."""
    tame = clean(text).replace("<", "‹").replace(">", "›")
    return tame if length(tame) <= limit else _beginning(tame, limit - 1) + "…"


def web_address(value: str) -> str | None:
    """``value`` as an address that Slack can open: https, with a host and without a password; None if it is none."""
    if not value.startswith("https://") or _UNTIDY.search(value) or set(' "<>\\^`{|}') & set(value):
        return None
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        address = quote(value, safe=_IN_ADDRESSES)
    except ValueError:
        return None
    sound = "." in host and host.isascii() and "@" not in parts.netloc
    return address if sound and len(address) <= _MAX_ADDRESS_LENGTH else None


def web_link(url: str, text: str) -> str:
    """``text``, which is finished, linked to ``url``."""
    return f"<{_escaped(url).replace('|', '%7C')}|{text.replace('|', '｜')}>"


def channel_link(channel: str) -> str:
    """The mention of a channel by its id; "" if ``channel`` is none."""
    return f"<#{channel}>" if _SLACK_ID.fullmatch(channel) else ""


def user_link(user: str) -> str:
    """The mention of a user by their id; "" if ``user`` is none."""
    return f"<@{user}>" if _SLACK_ID.fullmatch(user) else ""


def phone_link(value: str) -> str | None:
    """A number that phones can dial, in groups as people read it; None if ``value`` is no number."""
    digits = dialable(value)
    if digits is None:
        return None
    shown = f"{digits[:3]} {digits[3:7]} {digits[7:]}" if _MOBILE.fullmatch(digits) else clean(value)
    return f"<tel:{digits}|{literal(shown, 40)}>"


def mail_link(value: str) -> str | None:
    """An address that opens a new mail; None if ``value`` is none."""
    address = plain_characters(value) if len(value) <= _MAX_MAIL_LENGTH else ""
    return f"<mailto:{address}|{literal(address, _MAX_MAIL_LENGTH)}>" if mail_address(address) else None


def length(text: str) -> int:
    """The length in UTF-16 units, the most that Slack may count: an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fitted(text: str, limit: int) -> str:
    """``text``, escaped; or as much of it as is at most ``limit`` long once escaped, and then "…"."""
    whole = _escaped(text[: limit + 1])
    if len(text) * _LONGEST_ENTITY <= limit or length(whole) <= limit:
        return whole
    return _escaped(_beginning(text, limit - 1)) + "…"


def _beginning(text: str, limit: int) -> str:
    """As much of ``text`` as is at most ``limit`` long once escaped, without a torn last character.

    ``text`` is longer than that. No mark is left at the end either: what follows would make it one of formatting.
    """
    fits = used = 0
    while (used := used + length(_escaped(text[fits]))) <= limit:
        fits += 1
    while fits and _are_joined(text[fits - 1], text[fits]):
        fits -= 1
    return text[:fits].rstrip("*_~ ")


def _are_joined(before: str, after: str) -> bool:
    """Whether the two are seen as one character: accents, families, the skin tone of a hand."""
    return before == _JOINER or unicodedata.category(after) in _JOINING or "\U0001f3fb" <= after <= "\U0001f3ff"
