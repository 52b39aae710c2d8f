"""Links to customers' pages in the CRM's own web interface, which every tenant has at its own address."""

import re
import unicodedata
from typing import Final, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from bot.domain.mrkdwn import unescaped
from bot.domain.normalise import GUID, canonical_id

PLACEHOLDER: Final = "{customer_id}"
LONGEST_LINK: Final = 3_000
"""Characters: more is no page of a CRM."""
_PORTS: Final = {"http": 80, "https": 443}
_MOST_PARAMETERS: Final = 100


class CustomerLinks:
    """``template`` is CUSTOMER_URL_TEMPLATE, which contains ``{customer_id}``; None: there are no links."""

    def __init__(self, template: str | None) -> None:
        self._template = template or ""
        self._page = _parsed(self._template)

    def url(self, customer_id: str) -> str:
        """The address of the customer's page; "" without a template."""
        return self._template.replace(PLACEHOLDER, customer_id)

    def customer_id(self, url: str) -> str | None:
        """The id of the customer whose page ``url`` is; None for other pages.

        Addresses are compared, not texts: http is https, a host has two spellings, characters may be encoded,
        parameters have no order. What follows the id in a path says which page of the customer it is. ``url`` is as
        Slack sends it, escaped.
        """
        page, link = self._page, _parsed(unescaped(url[:LONGEST_LINK]))
        if page is None or link is None or link.host != page.host:
            return None
        if page.fragment.holds_the_id:
            return page.fragment.id_in(link.fragment) if page.rest.is_like(link.rest) else None
        return page.rest.id_in(link.rest)


class _Place(NamedTuple):
    """A path and its parameters, decoded: of an address, or of its fragment, where many web pages have their own."""

    path: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]

    @property
    def holds_the_id(self) -> bool:
        return any(PLACEHOLDER in part for part in (*self.path, *(value for _, value in self.parameters)))

    def is_like(self, link: "_Place") -> bool:
        """Whether ``link`` has this path, and these parameters among its own."""
        return link.path == self.path and set(self.parameters) <= set(link.parameters)

    def id_in(self, link: "_Place") -> str | None:
        """The id that ``link`` has where this place, of the template, has the placeholder."""
        fixed = {(name, value) for name, value in self.parameters if PLACEHOLDER not in value}
        if not fixed <= set(link.parameters):
            return None
        for name, value in self.parameters:
            if PLACEHOLDER in value:
                found = [_id_at(value, given) for key, given in link.parameters if key == name]
                return next(filter(None, found), None) if link.path == self.path else None
        before = next(place for place, part in enumerate(self.path) if PLACEHOLDER in part)
        if len(link.path) <= before or link.path[:before] != self.path[:before]:
            return None
        return _id_at(self.path[before], link.path[before])


class _Address(NamedTuple):
    """``host`` has its port, if that is not the usual one."""

    host: str
    rest: _Place
    fragment: _Place


def _parsed(url: str) -> _Address | None:
    """The parts of a web address; None for what is none, or names a user."""
    try:
        parts = urlsplit(url)
        host = _host(parts)
        fragment, _, parameters = parts.fragment.partition("?")
        if host is None or url[:1].isspace():
            return None
        return _Address(host, _place(parts.path, parts.query), _place(fragment, parameters))
    except ValueError:  # a port that is none, brackets in a host, too many parameters
        return None


def _host(parts: SplitResult) -> str | None:
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    host = parts.hostname.rstrip(".").encode("idna").decode()
    return host if parts.port in (None, _PORTS[parts.scheme]) else f"{host}:{parts.port}"


def _place(written: str, query: str) -> _Place:
    path = tuple(part for part in _spelt(unquote(written)).split("/") if part)
    parameters = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    named = ((name, value) if value else ("", name) for name, value in parameters)  # ?<id> has no name
    return _Place(path, tuple((_spelt(name), _spelt(value)) for name, value in named))


def _spelt(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _id_at(template: str, given: str) -> str | None:
    """The id in ``given``, a part of a path or the value of a parameter; it may go on after the template's own end."""
    before, _, after = template.partition(PLACEHOLDER)
    found = re.compile(rf"{re.escape(before)}({GUID}){re.escape(after) or '(?![0-9a-z-])'}").match(given)
    return canonical_id(found[1]) if found else None
