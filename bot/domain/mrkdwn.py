"""Slack's mrkdwn: text without its markup, and the parts of a text that are links, code or quotes."""

import re

_LINK = re.compile(r"<(https?://[^<|>]+)(?:\|[^<>]*)?>")
_CONTACT = re.compile(r"<(?:tel|mailto):([^<|>?]+)(?:[|?][^<>]*)?>")
_MENTION = re.compile(r"<[@#!][^<>]*>")
_LINKED = re.compile(r"<[^<>]*>|https?://\S+", re.IGNORECASE)
_CODE_OR_QUOTE = re.compile(r"```.*?```|`[^`\n]+`|^(?:&gt;){3}.*|^&gt;[^\n]*", re.DOTALL | re.MULTILINE)


def unescaped(text: str) -> str:
    """``text`` as it was before Slack escaped its three control characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def without_markup(text: str) -> str:
    """``text`` with links, phones and mail addresses as their bare targets, set apart by blanks, without mentions."""
    addresses = _CONTACT.sub(r" \1 ", _LINK.sub(r" \1 ", text))
    return unescaped(_MENTION.sub(" ", addresses))


def links_in_text(text: str) -> tuple[str, ...]:
    """The URLs that ``text`` links to outside of code and quotes."""
    return tuple(_LINK.findall(_CODE_OR_QUOTE.sub(" ", text)))


def written_openly(text: str) -> str:
    """``text`` without its code, its quotes and its links."""
    return _LINKED.sub(" ", _CODE_OR_QUOTE.sub(" ", text))


def code_and_quotes(text: str) -> tuple[str, ...]:
    """The parts of ``text`` that are code or a quote."""
    return tuple(_CODE_OR_QUOTE.findall(text))
