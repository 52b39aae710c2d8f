"""``customer-bot manifest``: manifest.yml for one deployment, as Slack takes it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from typer.testing import CliRunner, Result

from bot.cli.main import cli
from bot.cli.manifest import manifest, request_url
from bot.settings import LinkSettings

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "manifest.yml").read_text("utf-8")
EXAMPLE = "https://customer-bot.example.com/slack/events"
TEMPLATE = "https://CRM.example.org:8443/customer/{customer_id}"
CALLED = "https://bot.example.org/slack/events"
DOMAIN = re.compile(r"(?![.-])[-a-z0-9.]+[a-z0-9]")
"""``unfurl_domains`` in Slack's schema of manifests (slackapi/manifest-schema, 2.0.0)."""

Manifest = dict[str, Any]
Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Runs ``customer-bot manifest`` with the given words."""
    return lambda *words, **env: CliRunner().invoke(cli, ["manifest", *words], env=env)


def parsed(text: str) -> Manifest:
    loaded: Manifest = yaml.safe_load(text)
    return loaded


def expected(calls: str | None, domains: list[str] | None) -> Manifest:
    """manifest.yml with nothing changed but what differs between deployments."""
    source = parsed(SOURCE.replace(EXAMPLE, calls or ""))
    settings = source["settings"]
    settings["socket_mode_enabled"] = calls is None
    if calls is None:
        del source["features"]["slash_commands"][0]["url"]
        del settings["event_subscriptions"]["request_url"]
        del settings["interactivity"]["request_url"], settings["interactivity"]["message_menu_options_url"]
    del source["features"]["unfurl_domains"]
    if domains is not None:
        source["features"]["unfurl_domains"] = domains
    return source


def comments(text: str) -> list[str]:
    return re.findall(r"\S.* # (.*)", text)


# --- The two ways ---------------------------------------------------------------------------------------------------


def test_with_an_address_the_manifest_names_it(run: Run) -> None:
    result = run("--url", "https://bot.example.org", CUSTOMER_URL_TEMPLATE=TEMPLATE)
    assert (result.exit_code, result.stderr) == (0, "")
    assert parsed(result.stdout) == expected(CALLED, ["crm.example.org"])


def test_without_one_it_is_socket_mode_and_there_is_no_address(run: Run) -> None:
    """Slack refuses a manifest with neither request URLs nor Socket Mode, and needs no URL under Socket Mode."""
    result = run(CUSTOMER_URL_TEMPLATE=TEMPLATE)
    assert (result.exit_code, result.stderr) == (0, "")
    assert parsed(result.stdout) == expected(None, ["crm.example.org"])
    assert "/slack/events" not in result.stdout


@pytest.mark.parametrize("words", [["--url", "https://bot.example.org"], []], ids=["HTTP", "Socket Mode"])
def test_reasons_stay_and_nothing_of_the_examples_does(run: Run, words: list[str]) -> None:
    printed = run(*words, CUSTOMER_URL_TEMPLATE=TEMPLATE).stdout
    assert [reason for reason in comments(SOURCE) if "suggested" not in reason] == [
        reason for reason in comments(printed) if "suggested" not in reason
    ]
    assert not re.search(r"example\.com", printed)


def test_command_has_the_manifest_of_the_repository() -> None:
    """One file: what is packaged is a link to it."""
    assert (ROOT / "bot" / "manifest.yml").samefile(ROOT / "manifest.yml")


# --- The address ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_url", "called"),
    [
        ("https://bot.example.org/", CALLED),
        (" HTTPS://Bot.Example.org ", CALLED),
        ("https://bot.example.org/slack/events", CALLED),
        ("https://bot.example.org/slack/events/", CALLED),
        ("https://bot.example.org:8443", "https://bot.example.org:8443/slack/events"),
        ("https://tools.example.org/customer-bot/", "https://tools.example.org/customer-bot/slack/events"),
        ("https://xn--fiqs8s.example.org", "https://xn--fiqs8s.example.org/slack/events"),
        ("https://203.0.113.7", "https://203.0.113.7/slack/events"),
    ],
)
def test_addresses_are_taken_as_people_write_them(run: Run, given_url: str, called: str) -> None:
    """A path is kept: a proxy may serve the bot below one."""
    assert parsed(run("--url", given_url).stdout) == expected(called, None)


@pytest.mark.parametrize(
    "nonsense",
    [
        "http://bot.example.org", "bot.example.org", "https://", "https://localhost", "https://bot", "", "nonsense",
        "https://bot.example.org:0", "https://bot.example.org:65536", "https://bot.example.org:x", "https://b_t.example.org",
        "https://me@bot.example.org", "https://bot.example.org?team=1", "https://bot.example.org#top", "https://[::1]",
        "https://bot.example.org/a b", "https://bot.example.org\nx: y", "https://机器人.example.org", "https://-.example.org",
        "https://bot..example.org", "https://bot.example.org/" + "x" * 3_000,
    ],
)  # fmt: skip
def test_what_slack_cannot_call_is_refused_in_one_line(run: Run, nonsense: str) -> None:
    result = run("--url", nonsense)
    assert (result.exit_code, result.stdout) == (2, "")
    reason = "--url must be an address that Slack can reach, such as https://bot.example.com"
    assert result.stderr == f"customer-bot: {reason}\n"


@given(st.text() | st.from_regex(r"https://[a-zA-Z0-9.:/%~_-]{0,40}", fullmatch=True))
def test_any_text_is_refused_or_is_an_address_over_tls(text: str) -> None:
    try:
        called = request_url(text)
    except ValueError:
        return
    parts = urlsplit(called)
    assert parts.scheme == "https"
    assert parts.hostname
    assert "." in parts.hostname
    assert parts.path.endswith("/slack/events")
    assert not parts.query
    assert not parts.fragment
    assert request_url(called) == called
    assert parsed(manifest(called, None)) == expected(called, None)


# --- The domain of links --------------------------------------------------------------------------------------------


def test_without_a_template_there_are_no_domains_and_it_says_why(run: Run) -> None:
    """Slack refuses an empty list."""
    result = run()
    assert parsed(result.stdout) == expected(None, None)
    assert "# unfurl_domains: links to customers get no cards, as CUSTOMER_URL_TEMPLATE is not set" in result.stdout


@pytest.mark.parametrize(
    ("template", "domain"),
    [
        ("https://crm.example.org/{customer_id}", "crm.example.org"),
        ("http://me:pw@CRM.example.org:80/{customer_id}", "crm.example.org"),
        ("https://客户.example.org/{customer_id}", "xn--ubt06m.example.org"),
    ],
)
def test_domain_is_the_bare_host_of_the_template(run: Run, template: str, domain: str) -> None:
    assert parsed(run(CUSTOMER_URL_TEMPLATE=template).stdout) == expected(None, [domain])


@pytest.mark.parametrize("host", ["10.0.0.1", "localhost:8080", "[::1]", "crm", "crm_1.example.org", "a..example.org"])
def test_hosts_of_whose_links_slack_does_not_tell_are_left_out(run: Run, host: str) -> None:
    printed = run(CUSTOMER_URL_TEMPLATE=f"https://{host}/{{customer_id}}").stdout
    assert parsed(printed) == expected(None, None)
    assert "# unfurl_domains: Slack tells of no links to the host of CUSTOMER_URL_TEMPLATE" in printed


@given(st.text() | st.from_regex(r"https?://\S{0,40}", fullmatch=True))
def test_any_template_that_is_allowed_gives_a_domain_that_slack_takes_or_none(host: str) -> None:
    try:
        template = LinkSettings(customer_url_template=f"{host}/{{customer_id}}").customer_url_template
    except ValidationError:
        return
    domains = parsed(manifest(CALLED, template))["features"].get("unfurl_domains")
    assert domains is None or (len(domains) == 1 and DOMAIN.fullmatch(domains[0]) and len(domains[0]) <= 255)
    assert parsed(manifest(CALLED, template)) == expected(CALLED, domains)


# --- Settings -------------------------------------------------------------------------------------------------------


def test_template_is_read_from_the_file_too_and_no_other_setting_matters(run: Run) -> None:
    """It is printed before there is any token."""
    Path(".env").write_text(f"CUSTOMER_URL_TEMPLATE={TEMPLATE}\nSLACK_BOT_TOKEN=\n", "utf-8")
    result = run(PORT="many", SLACK_BOT_TOKEN="nonsense", ESHOUHOU_TIMEOUT_SECONDS="never")
    assert parsed(result.stdout) == expected(None, ["crm.example.org"])


def test_wrong_template_is_named(run: Run) -> None:
    result = run(CUSTOMER_URL_TEMPLATE="https://crm.example.org/")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("customer-bot: CUSTOMER_URL_TEMPLATE: must be an address with {customer_id} in it")
    assert result.stderr.count("\n") == 1
