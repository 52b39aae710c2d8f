"""``customer-bot doctor``: one line for each thing that was checked, which says ok or what to do."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from bot.__main__ import _examine
from bot.doctor import OPTIONAL_SCOPES, REQUIRED_SCOPES, Verdict, examine, sights
from bot.field_policy import BUILT_IN
from bot.playground.demo import playground_settings
from bot.playground.sample_crm import SampleCrm
from bot.playground.stand_in_slack import BOT_TOKEN, SCOPES, StandInSlack
from bot.policy_file import policy_in
from bot.profile import CustomerProfile, Network, ShowType, profile_field
from tests.conftest import Clock
from tests.store_databases import empty_database, on_server, opened
from tests.surfaces import NO_DATABASE, TEMPLATE
from tests.test_processes import customer_bot, ended, environment

Found = dict[str, Verdict]
Find = Callable[..., Awaitable[Found]]

SLACK = "Slack knows the bot as U0BOT in T0PLAY"
ALL_SCOPES = "all scopes are granted"
NO_LINKS = "CUSTOMER_URL_TEMPLATE is not set: links get no cards, and cards have no link"
DATABASE = "the database can be used"
COUNTS = "the directory has 0 customers, 0 with a phone or mail; last sync: "
NO_SYNC = f"{COUNTS}never. Run customer-bot directory sync, or wait for the bot to do it"
LISTS = "the CRM's lists can be read"


@pytest.fixture(name="crm")
async def crm_of_now() -> AsyncIterator[SampleCrm]:
    """The doctor has the real time, and so has its CRM."""
    async with SampleCrm().open() as crm:
        yield crm


@pytest.fixture
def findings(crm: SampleCrm, slack: StandInSlack, database: str) -> Find:
    """What is found with the given settings: what each line says, and with which verdict."""

    async def find(**settings: Any) -> Found:
        given = playground_settings(crm.address, slack.address, **{"database_url": database, **settings})
        return {text: verdict async for verdict, text in examine(given)}

    return find


async def synced(database: str) -> None:
    async with opened(database, Clock()) as store:
        await (await store.syncs.begin(Network("", 1), 60)).finish()


async def test_all_is_well(findings: Find, database: str) -> None:
    links = "links to customers are on crm.example.com: it has to be in unfurl_domains of manifest.yml"
    await synced(database)
    found = await findings(customer_url_template=TEMPLATE)
    in_sync = f"{COUNTS}2023-11-14 22:13:20+00:00"
    assert found == dict.fromkeys([SLACK, ALL_SCOPES, links, DATABASE, in_sync, LISTS], Verdict.OK)


async def test_without_a_template_links_get_no_cards_and_nothing_has_failed(findings: Find) -> None:
    assert await findings() == {
        SLACK: Verdict.OK,
        ALL_SCOPES: Verdict.OK,
        NO_LINKS: Verdict.NOTE,
        DATABASE: Verdict.OK,
        NO_SYNC: Verdict.NOTE,
        LISTS: Verdict.OK,
    }


@pytest.mark.parametrize("scope", REQUIRED_SCOPES)
async def test_missing_scope_is_named_with_what_it_is_for(findings: Find, slack: StandInSlack, scope: str) -> None:
    slack.granted_scopes.remove(scope)
    need = f"scope {scope} is missing, needed for {REQUIRED_SCOPES[scope]}. Reinstall the app from manifest.yml"
    found = await findings()
    assert found[need] is Verdict.FAILED
    assert ALL_SCOPES not in found
    assert len(found) == 6


async def test_scope_of_user_groups_is_needed_where_they_are_set(findings: Find, slack: StandInSlack) -> None:
    slack.granted_scopes.remove("usergroups:read")
    missing = (
        "scope usergroups:read is missing, needed for ALLOWED_USERGROUPS: nobody is known to be in one of them. "
        "Reinstall the app from manifest.yml"
    )
    assert (await findings(allowed_usergroups="S0SALES"))[missing] is Verdict.FAILED
    assert missing not in await findings()


@pytest.mark.parametrize("declined", [["channels:history"], ["groups:history"], list(OPTIONAL_SCOPES)])
async def test_optional_scope_that_was_declined_is_a_note_of_what_goes_without_it(
    findings: Find, slack: StandInSlack, declined: list[str]
) -> None:
    slack.granted_scopes = [scope for scope in SCOPES if scope not in declined]
    found = await findings()
    notes = {text for text, verdict in found.items() if verdict is Verdict.NOTE} - {NO_LINKS, NO_SYNC}
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
        NO_SYNC: Verdict.NOTE,
        LISTS: Verdict.OK,
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


async def test_database_that_can_only_be_read_cannot_be_used(findings: Find, tmp_path: Path) -> None:
    """Such as a replica, to which an address has been left pointing."""
    async with empty_database("postgresql", tmp_path) as url:
        assert (await findings(database_url=url))[DATABASE] is Verdict.OK
        await on_server(f"ALTER DATABASE {urlsplit(url).path[1:]} SET default_transaction_read_only = on")
        found = await findings(database_url=url)
    assert found["the database refuses: ReadOnlySQLTransactionError: check DATABASE_URL"] is Verdict.FAILED


async def test_without_a_key_phones_are_not_found(findings: Find, crm: SampleCrm, database: str) -> None:
    crm.tokens.add("by hand")
    await synced(database)
    found = await findings(eshouhou_app_secret=None, eshouhou_access_token="by hand")
    advice = f"{COUNTS}2023-11-14 22:13:20+00:00. Set DIRECTORY_KEY to have phones and mails found"
    assert found[advice] is Verdict.NOTE


OF_THE_APP = "ESHOUHOU_APP_ID and ESHOUHOU_APP_SECRET, or ESHOUHOU_ACCESS_TOKEN"
NO_LISTS: dict[str, tuple[dict[str, str], str]] = {
    "a CRM that is not there": (
        {"eshouhou_base_url": "http://127.0.0.1:9"},
        "no connection: All connection attempts failed: check ESHOUHOU_BASE_URL, or try again later",
    ),
    "a wrong secret": ({"eshouhou_app_secret": "wrong"}, f"TokenApi: ResultCode 1002: sign 错误: check {OF_THE_APP}"),
    "a wrong space": (
        {"eshouhou_service_space_id": "wrong"},
        "ResultCode 1003: check ESHOUHOU_SERVICE_SPACE_ID and ESHOUHOU_SERVICE_NETWORK_ID",
    ),
}


@pytest.mark.parametrize(("settings", "reason"), NO_LISTS.values(), ids=NO_LISTS.keys())
async def test_lists_that_cannot_be_read_say_why_and_what_to_check(
    findings: Find, settings: dict[str, str], reason: str
) -> None:
    """The directory's sync and most searches ask for them."""
    found = await findings(**settings)
    assert found[f"the CRM's lists cannot be read: {reason}"] is Verdict.FAILED


async def test_a_space_that_no_work_order_tells_has_to_be_set(findings: Find, crm: SampleCrm) -> None:
    crm.work_orders.clear()
    reason = "no work order tells the service space: set ESHOUHOU_SERVICE_SPACE_ID"
    assert (await findings())[f"the CRM's lists cannot be read: {reason}"] is Verdict.FAILED


# --- The command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "status", "verdict"), [([], 0, "ok"), (["groups:history"], 0, "note"), (["users:read"], 1, "FAILED")]
)
async def test_status_is_one_if_anything_has_failed(
    crm: SampleCrm,
    slack: StandInSlack,
    database: str,
    capsys: pytest.CaptureFixture[str],
    missing: list[str],
    status: int,
    verdict: str,
) -> None:
    slack.granted_scopes = [scope for scope in SCOPES if scope not in missing]
    settings = playground_settings(crm.address, slack.address, database_url=database)
    assert await _examine(settings) == status
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
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
    findings, _, _ = out.partition("\n\n")
    assert [line.split()[0] for line in findings.splitlines()] == ["FAILED", "note", "FAILED", "ok"]
    assert secret not in out + err
    assert BOT_TOKEN not in out + err


async def test_wrong_setting_is_one_line_and_status_two(crm: SampleCrm, slack: StandInSlack) -> None:
    async with customer_bot("doctor", env=environment(crm, slack, SLACK_BOT_TOKEN="xoxp-1")) as process:
        status, out, err = await ended(process)
    assert (status, out, err) == (2, "", "customer-bot: SLACK_BOT_TOKEN: must begin with xoxb-\n")
    assert slack.calls == []


# --- Who sees what ---------------------------------------------------------------------------------------------------


def customer(**values: str) -> CustomerProfile:
    return CustomerProfile("id", tuple(profile_field(key, value, ShowType.PLAIN) for key, value in values.items()))


def test_table_has_a_column_for_each_audience_and_a_line_for_each_field_with_a_value() -> None:
    whole = customer(客户名称="甲乙", 单选="", 联系电话="13800001001", 税号="91110108339719567A", 备注="熟客")
    assert list(sights(whole, BUILT_IN)) == [
        "          private      revealed            channel",
        "客户名称  甲乙         甲乙                甲乙",
        "联系电话  13800001001  13800001001         138****1001",
        "税号      911****567A  91110108339719567A  -",
        "备注      熟客         熟客                -",
    ]


def test_table_follows_the_policy_in_force() -> None:
    policy = policy_in('[private]\nphone = "masked"\n[channel.labels]\n"备注" = "shown"')
    assert list(sights(customer(联系电话="13800001001", 备注="找 13800001001"), policy))[1:] == [
        "联系电话  138****1001     13800001001     138****1001",
        "备注      找 13800001001  找 13800001001  找 138****1001",
    ]


async def test_doctor_prints_who_sees_what_of_the_documented_customer(
    crm: SampleCrm, slack: StandInSlack, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[channel]\naddress = "shown"\n', "utf-8")
    async with customer_bot("doctor", env=environment(crm, slack, FIELD_POLICY=str(policy))) as process:
        status, out, _ = await ended(process)
    assert status == 0
    _, title, table = out.split("\n\n")
    assert title == "Who sees what of the customer in 易售后's documentation (- is left out):"
    lines = {line.split()[0]: line.split()[1:] for line in table.splitlines()}
    assert lines["private"] == ["revealed", "channel"]
    assert lines["联系电话"] == ["18539622352", "18539622352", "185****2352"]
    assert lines["统一社会信用码"] == ["911****567A", "91110108339719567A", "-"]
    assert lines["详细地址"] == ["东郊森林公园-华北树木园"] * 3
