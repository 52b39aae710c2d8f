"""``customer-bot doctor``: one line for each thing that was checked, which says ok or what to do."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from bot.__main__ import _examine
from bot.doctor import OPTIONAL_SCOPES, REQUIRED_SCOPES, Verdict, examine
from bot.playground.demo import playground_settings
from bot.playground.sample_crm import SampleCrm
from bot.playground.stand_in_slack import BOT_TOKEN, SCOPES, StandInSlack
from tests.surfaces import NO_DATABASE, TEMPLATE
from tests.test_processes import customer_bot, ended, environment

Found = dict[str, Verdict]
Find = Callable[..., Awaitable[Found]]

SLACK = "Slack knows the bot as U0BOT in T0PLAY"
ALL_SCOPES = "all scopes are granted"
NO_LINKS = "CUSTOMER_URL_TEMPLATE is not set: links get no cards, and cards have no link"
DATABASE = "the database can be used"


@pytest.fixture
def findings(slack: StandInSlack, database: str) -> Find:
    """What is found with the given settings: what each line says, and with which verdict."""

    async def find(**settings: Any) -> Found:
        given = playground_settings("http://nowhere", slack.address, **{"database_url": database, **settings})
        return {text: verdict async for verdict, text in examine(given)}

    return find


async def test_all_is_well(findings: Find) -> None:
    links = "links to customers are on crm.example.com: it has to be in unfurl_domains of manifest.yml"
    found = await findings(customer_url_template=TEMPLATE)
    assert found == dict.fromkeys([SLACK, ALL_SCOPES, links, DATABASE], Verdict.OK)


async def test_without_a_template_links_get_no_cards_and_nothing_has_failed(findings: Find) -> None:
    assert await findings() == {
        SLACK: Verdict.OK,
        ALL_SCOPES: Verdict.OK,
        NO_LINKS: Verdict.NOTE,
        DATABASE: Verdict.OK,
    }


@pytest.mark.parametrize("scope", REQUIRED_SCOPES)
async def test_missing_scope_is_named_with_what_it_is_for(findings: Find, slack: StandInSlack, scope: str) -> None:
    slack.granted_scopes.remove(scope)
    need = f"scope {scope} is missing, needed for {REQUIRED_SCOPES[scope]}. Reinstall the app from manifest.yml"
    found = await findings()
    assert found[need] is Verdict.FAILED
    assert ALL_SCOPES not in found
    assert len(found) == 4


@pytest.mark.parametrize("declined", [["channels:history"], ["groups:history"], list(OPTIONAL_SCOPES)])
async def test_optional_scope_that_was_declined_is_a_note_of_what_goes_without_it(
    findings: Find, slack: StandInSlack, declined: list[str]
) -> None:
    slack.granted_scopes = [scope for scope in SCOPES if scope not in declined]
    found = await findings()
    notes = {text for text, verdict in found.items() if verdict is Verdict.NOTE} - {NO_LINKS}
    assert notes == {
        f"optional scope {scope} was declined: {OPTIONAL_SCOPES[scope]}. Reinstall the app to allow it"
        for scope in declined
    }
    assert Verdict.FAILED not in found.values()


async def test_scopes_that_slack_does_not_tell_are_not_said_to_be_missing(findings: Find, slack: StandInSlack) -> None:
    """A proxy may leave the header out."""
    slack.auth_answers = [JSONResponse({"ok": True, "team_id": "T0PLAY", "user_id": "U0BOT"})]
    found = await findings()
    assert found["Slack does not say which scopes are granted: ask it without a proxy"] is Verdict.NOTE
    assert Verdict.FAILED not in found.values()


TOKEN, ADDRESS = "SLACK_BOT_TOKEN", "SLACK_API_URL, or try again later"
REFUSALS: dict[str, tuple[Response | str, str, str]] = {
    "a wrong token": ("invalid_auth", "invalid_auth", TOKEN),
    "a token that was revoked": ("token_revoked", "token_revoked", TOKEN),
    "an app that was removed": ("account_inactive", "account_inactive", TOKEN),
    "trouble of Slack's own": ("internal_error", "internal_error", ADDRESS),
    "a proxy's page": (HTMLResponse("<html>"), "HTTP 200", ADDRESS),
    "a proxy's error": (HTMLResponse("<html>", 502), "HTTP 502", ADDRESS),
    "a proxy's text": (PlainTextResponse("log in"), "a text", "SLACK_API_URL"),
    "broken JSON": (Response(b"{", media_type="application/json"), "something that is no JSON", ADDRESS),
}


@pytest.mark.parametrize(("refusal", "word", "check"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_refusal_of_slack_says_what_to_check_and_nothing_of_scopes(
    findings: Find, slack: StandInSlack, refusal: Response | str, word: str, check: str
) -> None:
    """The rest is examined all the same."""
    slack.auth_answers = [refusal]
    assert await findings() == {
        f"Slack answers auth.test with {word}: check {check}": Verdict.FAILED,
        NO_LINKS: Verdict.NOTE,
        DATABASE: Verdict.OK,
    }


async def test_slack_that_cannot_be_reached_says_what_to_check(findings: Find) -> None:
    found = await findings(slack_api_url="http://127.0.0.1:9/api")
    [failed] = [text for text, verdict in found.items() if verdict is Verdict.FAILED]
    assert failed == "Slack cannot be reached (ClientConnectorError): check SLACK_API_URL"
    assert found[DATABASE] is Verdict.OK


async def test_database_that_cannot_be_used_says_why_and_what_to_check(findings: Find) -> None:
    found = await findings(database_url=NO_DATABASE)
    [failed] = [text for text, verdict in found.items() if verdict is Verdict.FAILED]
    assert failed == "the database cannot be used: unable to open database file: check DATABASE_URL"
    assert found[SLACK] is Verdict.OK


# --- The command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "status", "verdict"), [([], 0, "ok"), (["groups:history"], 0, "note"), (["users:read"], 1, "FAILED")]
)
async def test_status_is_one_if_anything_has_failed(
    slack: StandInSlack,
    database: str,
    capsys: pytest.CaptureFixture[str],
    missing: list[str],
    status: int,
    verdict: str,
) -> None:
    slack.granted_scopes = [scope for scope in SCOPES if scope not in missing]
    settings = playground_settings("http://nowhere", slack.address, database_url=database)
    assert await _examine(settings) == status
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert {line.split()[0] for line in lines} <= {"ok", "note", "FAILED"}
    assert lines[1].startswith(f"{verdict:<6}  ")


@pytest.mark.parametrize("level", ["", "DEBUG"])
async def test_doctor_prints_a_line_for_each_check_and_no_secret(
    crm: SampleCrm, slack: StandInSlack, level: str
) -> None:
    """As an operator runs it: a password in DATABASE_URL is none of the report's business, nor of a log asked for."""
    slack.auth_answers = ["invalid_auth"]
    secret = "s3cr3t"
    url = f"postgresql://user:{secret}@127.0.0.1:9/name"
    env = environment(crm, slack, DATABASE_URL=url, LOG_LEVEL=level)
    async with customer_bot("doctor", env=env) as process:
        status, out, err = await ended(process)
    assert (status, bool(err)) == (1, bool(level))
    assert [line.split()[0] for line in out.splitlines()] == ["FAILED", "note", "FAILED"]
    assert secret not in out + err
    assert BOT_TOKEN not in out + err


async def test_wrong_setting_is_one_line_and_status_two(crm: SampleCrm, slack: StandInSlack) -> None:
    async with customer_bot("doctor", env=environment(crm, slack, SLACK_BOT_TOKEN="xoxp-1")) as process:
        status, out, err = await ended(process)
    assert (status, out, err) == (2, "", "customer-bot: SLACK_BOT_TOKEN: must begin with xoxb-\n")
    assert slack.calls == []
