"""``customer-bot doctor``: one line for each thing that was checked, which says ok or what to do."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from bot.cli.doctor import fresh_context, print_report, print_visibility, visibility_table
from bot.cli.output import utc_time
from bot.domain.health import CheckResult, Part, Verdict, describe
from bot.domain.profile import CustomerProfile, ServiceNetwork, ShowType, profile_field
from bot.health.context import HealthContext
from bot.health.health_check import CHECKS, run_checks
from bot.health.slack_check import OPTIONAL_SCOPES, REQUIRED_SCOPES
from bot.locales import texts_in
from bot.playground.fake_crm.server import FAULTS, Fault, SampleCrm
from bot.playground.fake_slack.server import APP_TOKEN, BOT_TOKEN, SCOPES, SIGNING_SECRET, StandInSlack
from bot.playground.settings import playground_settings
from bot.privacy.policy import BUILT_IN
from bot.privacy.policy_file import policy_in
from bot.settings import DoctorSettings
from bot.slack.api import REFUSES_TOKEN
from tests.conftest import Logs
from tests.processes.test_processes import customer_bot, ended, environment
from tests.support.databases import empty_database, on_server, opened
from tests.support.surfaces import NO_DATABASE, TEMPLATE

Found = dict[str, Verdict]
Checked = Callable[..., Awaitable[Found]]

EN = texts_in("en").health
FINE = "no setting contradicts another"
SLACK = "Slack knows the bot as U0BOT in T0PLAY, and answers in N ms"
SLACK_CLOCK = "the clocks of this machine and of Slack agree"
ALL_SCOPES = "all scopes are granted"
NO_LINKS = "`CUSTOMER_URL_TEMPLATE` is not set: links get no cards, and cards have no link"
CRM = "易售后 answers in N ms"
TOKEN = "the token lives for 119 minutes more, and is renewed in 95 minutes"
CRM_CLOCK = "the clocks of this machine and of 易售后 agree"
LISTS = "the CRM's lists can be read"
DATABASE = "SQLite can be read and written, in N ms"
COUNTS = "0 customers, 0 with a phone or mail; last sync: "
NO_SYNC = f"{COUNTS}never. Run `customer-bot directory sync`, or wait for the bot to do it"
VERSION = "customer-bot 0.1.0"
REINSTALL = "Give the app the manifest that `customer-bot manifest` prints, and reinstall it"
OVER_HTTP = "set up for HTTP, by `SLACK_SIGNING_SECRET`: run `customer-bot serve`"
OF_SETTINGS = {FINE, NO_LINKS, OVER_HTTP}
OF_SLACK = {SLACK, ALL_SCOPES, SLACK_CLOCK}
OF_CRM = {CRM, TOKEN, CRM_CLOCK, LISTS}
OF_DATABASE = {DATABASE, NO_SYNC}
ALL = OF_SETTINGS | OF_SLACK | OF_CRM | OF_DATABASE | {VERSION}
"""What is said with the settings of these tests, where nothing is wrong."""


@pytest.fixture(name="crm")
async def crm_of_now() -> AsyncIterator[SampleCrm]:
    """The doctor has the real time, and so has its CRM."""
    async with SampleCrm().open() as crm:
        yield crm


@pytest.fixture(name="slack")
async def slack_of_now() -> AsyncIterator[StandInSlack]:
    async with StandInSlack().open() as slack:
        yield slack


@pytest.fixture
def checked(crm: SampleCrm, slack: StandInSlack, database: str) -> Checked:
    """What is found with the given settings: what each line says, and with which verdict."""

    async def find(**settings: Any) -> Found:
        given = {"database_url": database, "admin_users": "U0ADMIN", **settings}
        async with fresh_context(doctor_settings(crm, slack, **given)) as context:
            report = await run_checks(context)
        return {said(result): result.verdict for result in report.results}

    return find


def doctor_settings(crm: SampleCrm, slack: StandInSlack, **given: Any) -> DoctorSettings:
    """Those for HTTP, unless ``given`` says otherwise; nothing of the environment's."""
    entrances = {"slack_signing_secret": SIGNING_SECRET, "slack_app_token": None}
    others = {name: value for name, value in given.items() if name not in entrances}
    whole = dict(playground_settings(crm.address, slack.address, **others))
    return DoctorSettings.model_validate({**whole, **entrances, **given})


def said(result: CheckResult) -> str:
    return re.sub(r"\d+ ms", "N ms", describe(result, EN, str, utc_time))


def those(found: Found, verdict: Verdict) -> set[str]:
    return {text for text in found if found[text] is verdict}


async def synced(database: str, at: float) -> None:
    async with opened(database, lambda: at) as store:
        await (await store.sync_state.acquire(ServiceNetwork("", 1), 60)).finish()


# --- The whole report ------------------------------------------------------------------------------------------------


async def test_all_is_well(checked: Checked, database: str) -> None:
    links = (
        "links to customers are on crm.example.com: it has to be in `unfurl_domains` of the app's manifest, "
        "as `customer-bot manifest` prints it"
    )
    at = time.time()
    await synced(database, at)
    found = await checked(customer_url_template=TEMPLATE)
    assert found == dict.fromkeys({*(ALL - {NO_LINKS, NO_SYNC}), links, f"{COUNTS}{utc_time(at)}"}, Verdict.OK)


async def test_what_is_not_set_yet_is_no_failure(checked: Checked) -> None:
    found = await checked()
    assert set(found) == ALL
    assert those(found, Verdict.NOTE) == {NO_LINKS, NO_SYNC}
    assert not those(found, Verdict.FAILED)


@pytest.mark.parametrize("part", [Part.SLACK, Part.CRM, Part.DATABASE])
async def test_check_that_does_not_end_or_has_a_bug_is_a_line_and_the_others_are_made(
    crm: SampleCrm, slack: StandInSlack, database: str, logs: Logs, part: Part
) -> None:
    """The bug's code is in the log."""

    async def endless(context: HealthContext) -> list[CheckResult]:
        await asyncio.Event().wait()
        return []

    async def buggy(context: HealthContext) -> list[CheckResult]:
        raise KeyError(part)

    settings = doctor_settings(crm, slack, database_url=database)
    async with fresh_context(settings) as context:
        late = await run_checks(context._replace(timeout_seconds=0.15), {**CHECKS, part: endless})
        broken = await run_checks(context, {**CHECKS, part: buggy})
    [line] = logs.lines("check_failed")
    expected = (
        (late, "no answer within 0 seconds: try again, and look into the log if it stays like this"),
        (broken, f"this check has a bug, code {line['code']}: look it up in the log"),
    )
    for report, text in expected:
        assert [said(result) for result in report.results if result.part is part] == [text]
        assert {result.part for result in report.results} >= {Part.PROCESS, Part.SETTINGS, Part.SLACK, Part.CRM}


# --- Settings --------------------------------------------------------------------------------------------------------

CONTRADICTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "no admins": (
        {"admin_users": ""},
        "`ADMIN_USERS` is empty: nobody may use `/customer doctor` and `/customer log`. Put Slack ids there",
    ),
    "admins who may not ask": (
        {"admin_users": "U0B,U0A,U0C", "allowed_users": "U0C"},
        "`ADMIN_USERS` who are not in `ALLOWED_USERS` see neither customers nor their log: U0A, U0B. Put them there",
    ),
    "outlets where nobody may ask": (
        {"channel_networks": "C0A=n1:2,C0B=n2:2", "allowed_channels": "C0B"},
        "`CHANNEL_NETWORKS` has channels that are not in `ALLOWED_CHANNELS`, where nobody may ask: C0A. "
        "Put them there, or take them out",
    ),
    "two ways into the CRM": (
        {"eshouhou_access_token": "by hand"},
        "`ESHOUHOU_ACCESS_TOKEN` is set beside `ESHOUHOU_APP_ID` and `ESHOUHOU_APP_SECRET`, and wins: "
        "nobody renews it. Take it out",
    ),
    "a database that ends with the process": (
        {"database_url": "sqlite:///:memory:"},
        "`DATABASE_URL` is in memory: pins, mutes, the directory and the access log end with the process",
    ),
    "no syncs": (
        {"directory_sync_hours": 0},
        "`DIRECTORY_SYNC_HOURS` is 0: the directory is filled by `customer-bot directory sync` alone",
    ),
    "tokens that everybody can read on their way": (
        {"slack_api_url": "http://x.invalid/api"},
        "`SLACK_API_URL` begins with http: tokens travel as they are. Use https",
    ),
}


@pytest.mark.parametrize(("settings", "text"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
async def test_settings_that_are_no_mistake_and_hardly_meant_are_noted(
    checked: Checked, crm: SampleCrm, settings: dict[str, Any], text: str
) -> None:
    crm.tokens.add("by hand")
    found = await checked(**settings)
    assert found[text] is Verdict.NOTE
    assert FINE not in found


@pytest.mark.parametrize(
    "settings",
    [
        {"allowed_users": "U0B", "allowed_usergroups": "S0SALES"},
        {"allowed_users": "U0ADMIN,U0B"},
        {"channel_networks": "C0A=n1:2"},
        {"channel_networks": "C0A=n1:2", "allowed_channels": "C0A,C0B"},
        {"eshouhou_base_url": "http://localhost:9"},
    ],
)
async def test_settings_that_may_be_meant_are_not_noted(checked: Checked, settings: dict[str, Any]) -> None:
    """Who is in a user group, Slack alone knows; nobody reads what stays on this machine."""
    assert (await checked(**settings))[FINE] is Verdict.OK


WAYS: dict[str, tuple[dict[str, str | None], str, Verdict]] = {
    "neither": (
        {"slack_signing_secret": None},
        "Slack cannot reach the bot: set `SLACK_SIGNING_SECRET` for `customer-bot serve`, "
        "or `SLACK_APP_TOKEN` for `customer-bot socket`",
        Verdict.FAILED,
    ),
    "HTTP": ({}, OVER_HTTP, Verdict.OK),
    "Socket Mode": (
        {"slack_signing_secret": None, "slack_app_token": APP_TOKEN},
        "set up for Socket Mode, by `SLACK_APP_TOKEN`: run `customer-bot socket`",
        Verdict.OK,
    ),
    "both": (
        {"slack_app_token": APP_TOKEN},
        "`SLACK_SIGNING_SECRET` and `SLACK_APP_TOKEN` are both set: run `customer-bot socket` if the app in Slack is "
        "in Socket Mode, else `customer-bot serve`",
        Verdict.NOTE,
    ),
}


@pytest.mark.parametrize(("settings", "text", "verdict"), WAYS.values(), ids=WAYS.keys())
async def test_connection_mode_is_reported(
    checked: Checked, settings: dict[str, str | None], text: str, verdict: Verdict
) -> None:
    """Without either it is never asked anything, however well the rest is."""
    found = await checked(**settings)
    of_the_token = {"Slack takes `SLACK_APP_TOKEN`"} if "slack_app_token" in settings else set()
    assert found[text] is verdict
    assert set(found) == {*(ALL - {OVER_HTTP}), text, *of_the_token}


# --- Slack -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", REQUIRED_SCOPES)
async def test_missing_scope_is_named_with_what_it_is_for(checked: Checked, slack: StandInSlack, scope: str) -> None:
    slack.granted_scopes.remove(scope)
    use = EN.phrases[f"needs {scope}"]
    need = f"scope {scope} is missing, needed for {use}. {REINSTALL}"
    found = await checked()
    assert found[need] is Verdict.FAILED
    assert set(found) == {*(ALL - {ALL_SCOPES}), need}


async def test_scope_of_user_groups_is_needed_where_they_are_set(checked: Checked, slack: StandInSlack) -> None:
    slack.granted_scopes.remove("usergroups:read")
    missing = (
        "scope usergroups:read is missing, needed for ALLOWED_USERGROUPS: nobody is known to be in one of them. "
        f"{REINSTALL}"
    )
    assert (await checked(allowed_usergroups="S0SALES"))[missing] is Verdict.FAILED
    assert missing not in await checked()


@pytest.mark.parametrize("declined", [["channels:history"], ["groups:history"], list(OPTIONAL_SCOPES)])
async def test_optional_scope_that_was_declined_is_a_note_of_what_goes_without_it(
    checked: Checked, slack: StandInSlack, declined: list[str]
) -> None:
    slack.granted_scopes = [scope for scope in SCOPES if scope not in declined]
    found = await checked()
    notes = those(found, Verdict.NOTE) - {NO_LINKS, NO_SYNC}
    assert notes == {
        f"optional scope {scope} was declined: {EN.phrases[f'lacks {scope}']}. Reinstall the app to allow it"
        for scope in declined
    }
    assert Verdict.FAILED not in found.values()


async def test_scopes_that_slack_does_not_tell_are_not_said_to_be_missing(
    checked: Checked, slack: StandInSlack
) -> None:
    """A proxy may leave the header out."""
    slack.auth_answers = [JSONResponse({"ok": True, "team_id": "T0PLAY", "user_id": "U0BOT"})]
    found = await checked()
    assert found["Slack does not say which scopes are granted: ask it without a proxy"] is Verdict.NOTE
    assert Verdict.FAILED not in found.values()


BOTS_TOKEN = "check `SLACK_BOT_TOKEN`, reinstall the app if need be, and restart"
ADDRESS = "check `SLACK_API_URL`, or try again later"
REFUSALS: dict[str, tuple[Response | str, str, str]] = {
    "a wrong token": ("invalid_auth", "invalid_auth", BOTS_TOKEN),
    "a token that was revoked": ("token_revoked", "token_revoked", BOTS_TOKEN),
    "an app that was removed": ("account_inactive", "account_inactive", BOTS_TOKEN),
    "trouble of Slack's own": ("internal_error", "internal_error", ADDRESS),
    "a proxy's page": (HTMLResponse("<html>"), "HTTP 200", ADDRESS),
    "a proxy's error": (HTMLResponse("<html>", 502), "HTTP 502", ADDRESS),
    "a proxy's text": (PlainTextResponse("log in"), "a text", ADDRESS),
    "broken JSON": (Response(b"{", media_type="application/json"), "something that is no JSON", ADDRESS),
}


@pytest.mark.parametrize(("refusal", "word", "check"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_refusal_of_slack_says_what_to_check_and_nothing_of_scopes(
    checked: Checked, slack: StandInSlack, refusal: Response | str, word: str, check: str
) -> None:
    """The rest is examined all the same."""
    slack.auth_answers = [refusal]
    found = await checked()
    expected = f"Slack answers auth.test with {word}: {check}"
    assert set(found) == {*(ALL - OF_SLACK), expected}
    assert those(found, Verdict.FAILED) == {expected}


async def test_every_word_for_a_refused_token_says_to_check_the_token(checked: Checked, slack: StandInSlack) -> None:
    """The doctor reads the same table as /readyz."""
    for word in REFUSES_TOKEN:
        slack.auth_answers = [word]
        assert f"Slack answers auth.test with {word}: {BOTS_TOKEN}" in await checked()


async def test_slack_that_cannot_be_reached_says_what_to_check(checked: Checked) -> None:
    found = await checked(slack_api_url="http://127.0.0.1:9/api")
    expected = "Slack cannot be reached (ClientConnectorError): check `SLACK_API_URL` and the network"
    assert those(found, Verdict.FAILED) == {expected}
    assert set(found) == {*(ALL - OF_SLACK), expected}


async def test_slack_that_does_not_answer_says_so(
    checked: Checked, slack: StandInSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.health.context.REQUEST_SHARE", 0.02)
    slack.hold["auth.test"] = asyncio.Event()
    found = await checked()
    assert "Slack cannot be reached (no answer in time): check `SLACK_API_URL` and the network" in found


OPENING = "apps.connections.open"
OF_THE_APP_TOKEN = "Slack answers apps.connections.open with invalid_auth: check `SLACK_APP_TOKEN`"


async def test_app_token_that_slack_refuses_is_a_failure_and_opens_nothing(
    checked: Checked, slack: StandInSlack
) -> None:
    """Asked once, and reported beside what is wrong with the bot's token."""
    slack.auth_answers = ["invalid_auth"]
    found = await checked(slack_app_token="xapp-wrong")
    failed = those(found, Verdict.FAILED)
    assert sum(text.startswith(OF_THE_APP_TOKEN) for text in failed) == 1
    assert len(failed) == 2
    assert "xapp-wrong" not in "".join(found)
    assert [name for name, _ in slack.calls].count(OPENING) == 1
    assert len(slack.sockets) == 0


async def test_app_token_is_not_asked_for_without_one(checked: Checked, slack: StandInSlack) -> None:
    await checked()
    assert OPENING not in [name for name, _ in slack.calls]


async def test_app_token_of_which_slack_does_not_tell_is_a_note(checked: Checked) -> None:
    found = await checked(slack_app_token=APP_TOKEN, slack_api_url="http://127.0.0.1:9/api")
    expected = "whether Slack takes `SLACK_APP_TOKEN` is not known (ClientConnectorError): try again later"
    assert found[expected] is Verdict.NOTE


SLACKS_CLOCK = {
    -3_630: ("60 minutes behind", "of Slack's: what Slack signs is refused over HTTP. Set it by NTP", Verdict.FAILED),
    3_630: ("60 minutes ahead", "of Slack's: what Slack signs is refused over HTTP. Set it by NTP", Verdict.FAILED),
    150: (
        "2 minutes ahead",
        "of Slack's; from 5 minutes on what Slack signs is refused over HTTP. Set it by NTP",
        Verdict.NOTE,
    ),
}


@pytest.mark.parametrize("seconds", SLACKS_CLOCK)
async def test_clock_skew_is_reported(checked: Checked, slack: StandInSlack, seconds: int) -> None:
    """Slack signs the time, and the bot holds it against its own."""
    slack.now = lambda: time.time() - seconds
    how, what, verdict = SLACKS_CLOCK[seconds]
    found = await checked()
    text = next(text for text in found if "Slack's" in text)
    assert (found[text], text) == (verdict, f"this machine's clock is {how} {what}")
    assert SLACK_CLOCK not in found
    assert CRM_CLOCK in found


# --- The CRM ---------------------------------------------------------------------------------------------------------

OF_THE_APP = "Check `ESHOUHOU_APP_ID` and `ESHOUHOU_APP_SECRET`, or `ESHOUHOU_ACCESS_TOKEN`, and this machine's clock"
OF_THE_NETWORK = "Old copies are shown meanwhile. Check the network and `ESHOUHOU_BASE_URL`, or try again later"
OF_THE_SPACE = "Check `ESHOUHOU_SERVICE_SPACE_ID` and `ESHOUHOU_SERVICE_NETWORK_ID`"
NO_ANSWER = "易售后 has no answer that can be used"
AWAY: dict[str, tuple[dict[str, str], Fault | None, str]] = {
    "a CRM that is not there": (
        {"eshouhou_base_url": "http://127.0.0.1:9"},
        None,
        f"{NO_ANSWER}: no connection: All connection attempts failed. {OF_THE_NETWORK}",
    ),
    "a CRM that is down": ({}, FAULTS["down"], f"{NO_ANSWER}: HTTP 503. {OF_THE_NETWORK}"),
    "a wrong secret": (
        {"eshouhou_app_secret": "wrong"},
        None,
        f"{NO_ANSWER}: TokenApi: ResultCode 1002: sign 错误. {OF_THE_APP}",
    ),
    "a token that is refused": (
        {},
        FAULTS["refused"],
        f"{NO_ANSWER}: ResultCode 1001: access_token 无效. {OF_THE_APP}",
    ),
    "a page of something between": (
        {},
        FAULTS["html"],
        "the answer of 易售后 cannot be read: the answer is no JSON object. Check `ESHOUHOU_BASE_URL`",
    ),
}


@pytest.mark.parametrize(("settings", "fault", "text"), AWAY.values(), ids=AWAY.keys())
async def test_crm_without_an_answer_says_why_and_what_to_check_once(
    checked: Checked, crm: SampleCrm, settings: dict[str, str], fault: Fault | None, text: str
) -> None:
    """Nothing more is said of its lists then."""
    crm.fault = fault
    found = await checked(**settings)
    assert those(found, Verdict.FAILED) == {text}
    assert set(found) - {text} >= ALL - OF_CRM


async def test_crm_that_hangs_says_so(checked: Checked, crm: SampleCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.health.context.REQUEST_SHARE", 0.02)
    crm.fault = FAULTS["hang"]
    found = await checked()
    assert f"{NO_ANSWER}: no answer before the deadline. {OF_THE_NETWORK}" in found


async def test_wrong_space_is_reported_for_the_lists_alone(checked: Checked) -> None:
    """The directory's sync and most searches ask for them."""
    text = f"the CRM's lists cannot be read: ResultCode 1003. {OF_THE_SPACE}"
    found = await checked(eshouhou_service_space_id="wrong")
    assert those(found, Verdict.FAILED) == {text}
    assert CRM in found


async def test_a_space_that_no_work_order_tells_has_to_be_set(checked: Checked, crm: SampleCrm) -> None:
    crm.work_orders.clear()
    reason = "no work order tells the service space: set ESHOUHOU_SERVICE_SPACE_ID"
    assert (await checked())[f"the CRM's lists cannot be read: {reason}"] is Verdict.FAILED


async def test_token_made_by_hand_is_noted_as_it_will_end(checked: Checked, crm: SampleCrm) -> None:
    """TokenApi gives none that lives longer than a day (documented)."""
    crm.tokens.add("by hand")
    found = await checked(eshouhou_app_secret=None, eshouhou_access_token="by hand")
    text = (
        "`ESHOUHOU_ACCESS_TOKEN` was made by hand: it ends after 24 hours at most, and nobody renews it. "
        "Set `ESHOUHOU_APP_ID` and `ESHOUHOU_APP_SECRET` instead"
    )
    assert found[text] is Verdict.NOTE
    assert TOKEN not in found


@pytest.mark.parametrize(("behind", "way"), [(3_630, "ahead"), (-3_630, "behind")])
async def test_clock_is_named_where_tokenapi_refuses_because_of_it(
    checked: Checked, crm: SampleCrm, behind: int, way: str
) -> None:
    """Its signature holds the time. A refusal has the CRM's time too."""
    crm.now = lambda: time.time() - behind
    found = await checked()
    [refused] = [text for text in found if text.startswith(NO_ANSWER)]
    assert "TokenApi" in refused
    [clock] = [text for text in found if "clock is" in text]
    assert re.fullmatch(f"this machine's clock is 60 minutes {way} of that of 易售后: most likely why .*", clock)
    assert {found[refused], found[clock]} == {Verdict.FAILED}


async def test_clock_that_the_crm_bears_is_noted(checked: Checked, crm: SampleCrm) -> None:
    crm.now = lambda: time.time() - 300
    found = await checked()
    [clock] = [text for text in found if "clock is" in text]
    assert "which may refuse to renew the token" in clock
    assert found[clock] is Verdict.NOTE
    assert CRM in found


# --- The database ----------------------------------------------------------------------------------------------------


async def test_database_that_cannot_be_used_says_why_and_what_to_check(checked: Checked) -> None:
    found = await checked(database_url=NO_DATABASE)
    expected = (
        "the database cannot be used: unable to open database file: check `DATABASE_URL` and the database. "
        "Look-ups by id go on without it"
    )
    assert those(found, Verdict.FAILED) == {expected}
    assert set(found) == {*(ALL - OF_DATABASE), expected}


async def test_database_that_can_only_be_read_cannot_be_used(checked: Checked, tmp_path: Path) -> None:
    """Such as a replica, to which an address has been left pointing."""
    async with empty_database("postgresql", tmp_path) as url:
        assert (await checked(database_url=url))["PostgreSQL can be read and written, in N ms"] is Verdict.OK
        await on_server(f"ALTER DATABASE {urlsplit(url).path[1:]} SET default_transaction_read_only = on")
        found = await checked(database_url=url)
    [failed] = those(found, Verdict.FAILED)
    assert failed.startswith("the database refuses: ReadOnlySQLTransactionError: check `DATABASE_URL`")


async def test_without_a_key_phones_are_not_found(checked: Checked, crm: SampleCrm, database: str) -> None:
    crm.tokens.add("by hand")
    at = time.time()
    await synced(database, at)
    found = await checked(eshouhou_app_secret=None, eshouhou_access_token="by hand")
    advice = f"{COUNTS}{utc_time(at)}. Set `DIRECTORY_KEY` to have phones and mails found"
    assert found[advice] is Verdict.NOTE


async def test_sync_that_is_long_overdue_is_noted(checked: Checked, database: str) -> None:
    """Twice its period after the last one, however long it takes; never where there are none."""
    at = time.time() - 11 * 3_600
    await synced(database, at)
    overdue = (
        f"{COUNTS}{utc_time(at)}, and the next one is overdue. Run `customer-bot directory sync`, and see what it says"
    )
    assert (await checked(directory_sync_hours=5))[overdue] is Verdict.NOTE
    assert overdue not in await checked(directory_sync_hours=6)
    assert overdue not in await checked(directory_sync_hours=0)


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
    settings = doctor_settings(crm, slack, database_url=database)
    assert await print_report(settings) == status
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(ALL)
    assert {line.split()[0] for line in lines} <= {"ok", "note", "FAILED"}
    assert next(line for line in lines if "scope" in line).startswith(f"{verdict:<6}  ")
    assert "`" not in "".join(lines)


@pytest.mark.parametrize(("language", "fine"), [("auto", FINE), ("en", FINE), ("zh", "各项设置没有矛盾")])
async def test_report_is_english_unless_language_is_chinese(
    crm: SampleCrm,
    slack: StandInSlack,
    database: str,
    capsys: pytest.CaptureFixture[str],
    language: str,
    fine: str,
) -> None:
    settings = doctor_settings(crm, slack, database_url=database, language=language, admin_users="U0ADMIN")
    assert await print_report(settings) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"ok      {fine}"


def test_heading_of_the_table_follows_language(
    crm: SampleCrm, slack: StandInSlack, capsys: pytest.CaptureFixture[str]
) -> None:
    print_visibility(doctor_settings(crm, slack, language="zh"))
    assert capsys.readouterr().out.splitlines()[1] == texts_in("zh").health.visibility_heading


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
    checked, _, _ = out.partition("\n\n")
    verdicts = [line.split()[0] for line in checked.splitlines()]
    assert verdicts == ["note", "note", "note", "FAILED", "ok", "ok", "ok", "ok", "ok", "FAILED", "ok"]
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
    assert list(visibility_table(whole, BUILT_IN)) == [
        "          private      revealed            channel",
        "客户名称  甲乙         甲乙                甲乙",
        "联系电话  13800001001  13800001001         138****1001",
        "税号      911****567A  91110108339719567A  -",
        "备注      熟客         熟客                -",
    ]


def test_table_follows_the_policy_in_force() -> None:
    policy = policy_in('[private]\nphone = "masked"\n[channel.labels]\n"备注" = "shown"')
    assert list(visibility_table(customer(联系电话="13800001001", 备注="找 13800001001"), policy))[1:] == [
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
    assert title == EN.visibility_heading == "Who sees what of the customer in 易售后's documentation (- is left out):"
    lines = {line.split()[0]: line.split()[1:] for line in table.splitlines()}
    assert lines["private"] == ["revealed", "channel"]
    assert lines["联系电话"] == ["18539622352", "18539622352", "185****2352"]
    assert lines["统一社会信用码"] == ["911****567A", "91110108339719567A", "-"]
    assert lines["详细地址"] == ["东郊森林公园-华北树木园"] * 3
