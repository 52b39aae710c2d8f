"""``customer-bot manifest``: ``manifest.yml`` for this deployment, as Slack takes it.

It is edited as text, so that the comments that say why each scope is requested are kept.
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
"""Slack sends no events for links to IP addresses and hosts without a dot:
https://docs.slack.dev/messaging/unfurling-links-in-messages."""


def print_manifest(url: str | None) -> None:
    """For HTTP at ``url``, or for Socket Mode if it is None. Ends the command, with status 2, if the url is wrong."""
    try:
        address = request_url(url) if url is not None else None
    except ValueError as error:
        fail(f"--url {error}", 2)
    typer.echo(manifest(address, load(LinkSettings).customer_url_template), nl=False)


def request_url(address: str) -> str:
    """The URL that Slack calls if the bot is at ``address``, which may end with slashes or with the path.

    Raises ValueError if Slack cannot call it: it has to be https, and the host has to be public.
    """
    found = _ADDRESS.fullmatch(address.strip())
    if found is None or not 0 < int(found["port"] or 443) <= 65_535 or len(address) + len(EVENTS) > MAX_URL:
        raise ValueError("must be an address that Slack can reach, such as https://bot.example.com")
    host = found["host"].lower() + (f":{int(found['port'])}" if found["port"] else "")
    return f"https://{host}{found['path'].rstrip('/').removesuffix(EVENTS).rstrip('/')}{EVENTS}"


def manifest(url: str | None, template: str | None) -> str:
    """YAML. ``url`` is what Slack calls, None for Socket Mode; ``template`` is CUSTOMER_URL_TEMPLATE."""
    way = f"over HTTP, called at {url}" if url else "over Socket Mode"
    heading = (
        f"# The Slack app of customer-bot, {way}.\n"
        "# A new app: https://api.slack.com/apps → Create New App → From a manifest. An old one: its App Manifest.\n"
    )
    lines = resources.files("bot").joinpath("manifest.yml").read_text("utf-8").splitlines(keepends=True)
    body = heading + "".join(dropwhile(lambda line: line.startswith("#"), lines))
    body = body.replace(_EXAMPLE_DOMAINS, _unfurl_domains(template))
    if url:
        return body.replace(_EXAMPLE_URL, url)
    body = "".join(line for line in body.splitlines(keepends=True) if _EXAMPLE_URL not in line)
    return body.replace("socket_mode_enabled: false", "socket_mode_enabled: true")


def _unfurl_domains(template: str | None) -> str:
    """The lines of ``unfurl_domains``, or a comment that says why there are none: Slack rejects an empty list."""
    if template is None:
        return "  # unfurl_domains: links to customers get no cards, as CUSTOMER_URL_TEMPLATE is not set\n"
    host = re.match(r"https?://(?:[^/?#]*@)?([^/?#:]*)", template)
    try:
        domain = host[1].lower().encode("idna").decode("ascii") if host else ""
    except UnicodeError:
        domain = ""
    if not _DOMAIN.fullmatch(domain):
        return "  # unfurl_domains: Slack tells of no links to the host of CUSTOMER_URL_TEMPLATE\n"
    return f"  unfurl_domains:\n    - {domain}\n"
