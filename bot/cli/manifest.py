"""``customer-bot manifest``: ``manifest.yml`` for this deployment, as Slack takes it.

It is edited as text: what is pasted keeps the comments that say why each scope is asked for.
"""

import re
from importlib import resources
from itertools import dropwhile
from typing import Final

import typer

from bot.cli.output import fail, load
from bot.settings import LinkSettings

EVENTS: Final = "/slack/events"
MAX_URL: Final = 3_000
"""Characters of a command's ``url``: https://docs.slack.dev/reference/app-manifest."""

_EXAMPLE_URL: Final = f"https://customer-bot.example.com{EVENTS}"
_EXAMPLE_DOMAINS: Final = "  unfurl_domains:\n    - crm.example.com\n"
"""As they stand in manifest.yml."""

_LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS: Final = re.compile(
    rf"https://(?P<host>(?:{_LABEL}\.)+{_LABEL})(?::(?P<port>[0-9]{{1,5}}))?(?P<path>(?:/[a-z0-9._~%-]*)*)",
    re.IGNORECASE | re.ASCII,
)
_DOMAIN: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+(?=[0-9-]*[a-z]){_LABEL}", re.ASCII)
"""Slack tells of no links to IP addresses and hosts without a dot:
https://docs.slack.dev/messaging/unfurling-links-in-messages."""


def print_manifest(url: str | None) -> None:
    """For HTTP at ``url``; None: for Socket Mode. Ends the command, with status 2, if one cannot be made of the url."""
    try:
        calls = request_url(url) if url is not None else None
    except ValueError as error:
        fail(f"--url {error}", 2)
    typer.echo(manifest(calls, load(LinkSettings).customer_url_template), nl=False)


def request_url(address: str) -> str:
    """What Slack calls, when the bot is to be reached at ``address``: with or without slashes or the path at its end.

    Raises ValueError if Slack cannot call that: it wants TLS, and a host that is known to all.
    """
    found = _ADDRESS.fullmatch(address.strip())
    if found is None or not 0 < int(found["port"] or 443) <= 65_535 or len(address) + len(EVENTS) > MAX_URL:
        raise ValueError("must be an address that Slack can reach, such as https://bot.example.com")
    host = found["host"].lower() + (f":{int(found['port'])}" if found["port"] else "")
    return f"https://{host}{found['path'].rstrip('/').removesuffix(EVENTS).rstrip('/')}{EVENTS}"


def manifest(calls: str | None, template: str | None) -> str:
    """YAML. ``calls`` is the address that Slack calls; None: it calls none. ``template`` is CUSTOMER_URL_TEMPLATE."""
    lines = resources.files("bot").joinpath("manifest.yml").read_text("utf-8").splitlines(keepends=True)
    body = "".join(dropwhile(lambda line: line.startswith("#"), lines)).replace(_EXAMPLE_DOMAINS, _domains(template))
    return _heading(calls) + (body.replace(_EXAMPLE_URL, calls) if calls else _over_socket_mode(body))


def _heading(calls: str | None) -> str:
    way = f"over HTTP, called at {calls}" if calls else "over Socket Mode"
    return (
        f"# The Slack app of customer-bot, {way}.\n"
        "# A new app: https://api.slack.com/apps → Create New App → From a manifest. An old one: its App Manifest.\n"
    )


def _over_socket_mode(body: str) -> str:
    """Slack takes no addresses then."""
    lines = [line for line in body.splitlines(keepends=True) if _EXAMPLE_URL not in line]
    return "".join(lines).replace("socket_mode_enabled: false", "socket_mode_enabled: true")


def _domains(template: str | None) -> str:
    """The lines of ``unfurl_domains``, or one that says why there is none: an empty list is refused."""
    if template is None:
        return "  # unfurl_domains: links to customers get no cards, as CUSTOMER_URL_TEMPLATE is not set\n"
    domain = _domain(template)
    if not _DOMAIN.fullmatch(domain):
        return "  # unfurl_domains: Slack tells of no links to the host of CUSTOMER_URL_TEMPLATE\n"
    return f"  unfurl_domains:\n    - {domain}\n"


def _domain(template: str) -> str:
    """The host, as domains are written in ASCII; "" if it cannot be."""
    host = re.match(r"https?://(?:[^/?#]*@)?([^/?#:]*)", template)
    try:
        return host[1].lower().encode("idna").decode("ascii") if host else ""
    except UnicodeError:
        return ""
