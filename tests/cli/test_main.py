"""The command line: what it prints, where, and with which exit status."""

import json
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from pytest_mock import MockerFixture
from typer.testing import CliRunner, Result

from bot.cli.entry import main
from bot.cli.main import cli
from bot.playground.demo import in_browser
from tests.conftest import Logs
from tests.support.surfaces import NO_DATABASE

Run = Callable[..., Result]

FACTORY = "0473f7ce-9158-4609-9b02-b92437bdff35"
UNKNOWN = "00000000-1111-4222-8333-444444444444"


@pytest.fixture
def run(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``customer-bot`` with the given words. The commands set up logging of their own."""
    monkeypatch.setattr("bot.crm.session.RETRY_WAIT_SECONDS", 0.01)

    def run(*words: str, **env: str) -> Result:
        return CliRunner().invoke(cli, list(words), env=env)

    return run


def test_lookup_prints_the_card_alone(run: Run) -> None:
    result = run("lookup", "--demo", FACTORY)
    assert result.exit_code == 0
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0] == "┃ 杭州岚峤精密机械有限公司"
    assert "┃ 联系电话      138 0000 1001" in lines
    assert all(line.startswith("┃") for line in lines)


def test_lookup_speaks_english_where_it_is_set(run: Run) -> None:
    assert "┃ Phone           138 0000 1001" in run("lookup", "--demo", FACTORY, LANGUAGE="en").stdout


@pytest.mark.parametrize(
    "env",
    [{"LANGUAGE": ""}, {"LANGUAGE": "de"}, {"PORT": "many", "ESHOUHOU_BASE_URL": "nowhere", "CACHE_TTL_SECONDS": "0"}],
    ids=["empty language", "another language", "wrong settings"],
)
def test_demo_lookup_needs_no_setting_and_minds_none(run: Run, env: dict[str, str]) -> None:
    assert run("lookup", "--demo", FACTORY, **env).stdout.startswith("┃ 杭州岚峤精密机械有限公司\n")


def test_lookup_as_json_gives_the_fields_in_order_with_accounts_masked(run: Run) -> None:
    profile = json.loads(run("lookup", "--demo", "--json", FACTORY).stdout)
    assert profile["customer_id"] == FACTORY
    assert profile["fields"][0] == {"key": "客户编号", "value": "CF00000201", "show_type": 0, "role": "number"}
    masked = [field["value"] for field in profile["fields"] if field["role"] in ("tax_id", "bank_account")]
    assert masked
    assert all("****" in value for value in masked)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        pytest.param(UNKNOWN, 1, "没有这个 id 的客户 (E-", id="unknown"),
        pytest.param("CF99999999", 1, "没有这个编号的客户 (E-", id="a number that nobody has"),
        pytest.param("nonsense", 1, "没有这个名称的客户 (E-", id="a name that nobody has"),
        pytest.param("胡", 2, "输入的内容太短", id="too short"),
        pytest.param("", 2, "没有读到要查的客户", id="empty"),
        pytest.param("\udcff\ud83d", 2, "没有读到要查的客户", id="bytes that are no text"),
    ],
)
def test_lookup_that_finds_nobody_is_one_line_on_standard_error(run: Run, query: str, status: int, words: str) -> None:
    result = run("lookup", "--demo", query)
    assert (result.exit_code, result.stdout) == (status, "")
    assert result.stderr.startswith(f"customer-bot: {words}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("query", ["CF00000201", "13800001001", "fang@example.com", "杭州岚峤", "CE00000201"])
def test_lookup_finds_the_customer_by_whatever_one_has(run: Run, query: str) -> None:
    result = run("lookup", "--demo", query)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("┃ 杭州岚峤精密机械有限公司\n")


def test_lookup_that_finds_several_prints_the_list(run: Run) -> None:
    result = run("lookup", "--demo", "13800001027", LANGUAGE="en")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "┃ 2 customers found, read as phone",
        "┃ 阿先生  CF00000227  [Open]",
        "┃ 新疆维吾尔自治区-乌鲁木齐市-天山区",
        "┃ 昌吉天屿棉纺厂  CF00000228  [Open]",
        "┃ 新疆维吾尔自治区-昌吉回族自治州-昌吉市",
        "┃ Not the one? Try a customer number or a serial number",
    ]


def test_lookup_that_finds_several_gives_each_as_json(run: Run) -> None:
    found = json.loads(run("lookup", "--demo", "--json", "13800001027").stdout)
    assert found["total"] == len(found["customers"]) == 2
    numbers = [customer["fields"][0]["value"] for customer in found["customers"]]
    assert numbers == ["CF00000227", "CF00000228"]


@pytest.mark.parametrize("query", [FACTORY, "CF00000201"], ids=["an id", "a number"])
def test_demo_lookup_leaves_nothing_behind(run: Run, query: str) -> None:
    run("lookup", "--demo", query)
    assert not list(Path.cwd().iterdir())


def test_lookup_by_number_without_a_database_fails_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.lookup.OPENING_SECONDS", 0.5)
    result = run("lookup", "CF00000201", ESHOUHOU_ACCESS_TOKEN="t", DATABASE_URL=NO_DATABASE)
    assert (result.exit_code, result.stdout) == (1, "")
    reason = "the database cannot be used: unable to open database file"
    assert re.fullmatch(rf"customer-bot: 客户目录暂时不可用 \(E-....\): {reason}\n", result.stderr)


def test_lookup_by_id_needs_no_database(run: Run) -> None:
    result = run(
        "lookup",
        UNKNOWN,
        ESHOUHOU_BASE_URL="http://127.0.0.1:9",
        ESHOUHOU_ACCESS_TOKEN="t",
        DATABASE_URL="sqlite:///here.db",
    )
    assert "易售后没有回应" in result.stderr
    assert not Path("here.db").exists()


def test_lookup_reads_the_environment_and_fails_in_one_line(run: Run) -> None:
    """Nobody listens at that address; nothing but the reason is printed, as the log would give it."""
    result = run("lookup", UNKNOWN, ESHOUHOU_BASE_URL="http://127.0.0.1:9", ESHOUHOU_ACCESS_TOKEN="t")
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.fullmatch(r"customer-bot: 易售后没有回应 \(E-....\): no connection: .+\n", result.stderr)


def test_lookup_shows_its_log_where_a_level_is_set(run: Run) -> None:
    result = run(
        "lookup", UNKNOWN, ESHOUHOU_BASE_URL="http://127.0.0.1:9", ESHOUHOU_ACCESS_TOKEN="t", LOG_LEVEL="WARNING"
    )
    assert "crm_failed" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("command", ["serve", "socket", "lookup", "doctor"])
def test_missing_setting_is_wrong_usage(run: Run, command: str) -> None:
    words = [command, UNKNOWN] if command == "lookup" else [command]
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("customer-bot: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["serve", "--port", "x"], ["fly"], ["lookup"]])
def test_wrong_usage_is_status_two(run: Run, words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_options_win_over_the_environment(run: Run, mocker: MockerFixture) -> None:
    """Serving itself is tested with real processes: here only what it is given."""
    serve = mocker.patch("bot.server.http.serve")
    result = run(
        "serve",
        "--port",
        "4001",
        PORT="4000",
        HOST="127.0.0.1",
        SLACK_BOT_TOKEN="xoxb-1",
        SLACK_SIGNING_SECRET="s",
        ESHOUHOU_ACCESS_TOKEN="t",
    )
    assert result.exit_code == 0
    [[settings, _], _] = serve.call_args
    assert (settings.host, settings.port) == ("127.0.0.1", 4001)


def test_busy_port_is_one_line(run: Run, mocker: MockerFixture) -> None:
    mocker.patch("bot.server.http.serve", side_effect=OSError(98, "Address already in use"))
    result = run("serve", SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s", ESHOUHOU_ACCESS_TOKEN="t")
    assert result.exit_code == 1
    assert result.stderr == "customer-bot: cannot listen on 0.0.0.0:3000: Address already in use\n"


def test_socket_is_run_with_its_settings(run: Run, mocker: MockerFixture) -> None:
    serve = mocker.patch("bot.server.socket_mode.run")
    result = run("socket", SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1", ESHOUHOU_ACCESS_TOKEN="t")
    assert result.exit_code == 0
    [[settings, _], _] = serve.call_args
    assert settings.slack_app_token.get_secret_value() == "xapp-1"


def test_demo_is_run_at_its_port_and_opens_a_browser_or_does_not(run: Run, mocker: MockerFixture) -> None:
    demo = mocker.patch("bot.playground.demo.run_demo")
    assert run("demo").exit_code == run("demo", "--port", "8123", "--no-browser").exit_code == 0
    assert [call.args for call in demo.call_args_list] == [(8000, in_browser), (8123, str)]


def test_version_is_that_of_the_package(run: Run) -> None:
    """No setting is needed for it, and no command."""
    printed = run("--version")
    assert (printed.exit_code, printed.stdout) == (0, f"customer-bot {version('customer-bot')}\n")


def test_customer_bot_is_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["customer-bot", "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert all(command in printed for command in ("demo", "serve", "socket", "lookup", "doctor"))
