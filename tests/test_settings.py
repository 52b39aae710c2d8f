"""Settings: the defaults that the README promises, and one line for each mistake, never with a secret in it."""

from pathlib import Path
from typing import Any

import pytest

from bot.settings import ServeSettings, Settings, SlackSettings, SocketSettings, WrongSetting, load

COMPLETE = {
    "ESHOUHOU_APP_ID": "the-app",
    "ESHOUHOU_APP_SECRET": "s3cr3t-app",
    "SLACK_BOT_TOKEN": "xoxb-s3cr3t",
    "SLACK_APP_TOKEN": "xapp-s3cr3t",
    "SLACK_SIGNING_SECRET": "s3cr3t-signing",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Everything that is required is set."""
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def complaint(kind: type[Settings]) -> str:
    with pytest.raises(WrongSetting) as caught:
        load(kind)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("eshouhou_base_url", "https://api.eshouhou.cn"),
        ("eshouhou_access_token", None),
        ("eshouhou_service_network_id", None),
        ("eshouhou_service_network_type", 1),
        ("eshouhou_timeout_seconds", 5),
        ("cache_max_entries", 10_000),
        ("cache_ttl_seconds", 300),
        ("cache_stale_seconds", 86_400),
        ("ack_budget_seconds", 1.5),
        ("slack_api_url", "https://slack.com/api"),
        ("language", "auto"),
        ("host", "0.0.0.0"),
        ("port", 3000),
        ("log_level", "INFO"),
        ("log_format", "json"),
    ],
)
def test_defaults(environment: pytest.MonkeyPatch, name: str, default: Any) -> None:
    assert getattr(load(ServeSettings), name) == default


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (SlackSettings, "SLACK_BOT_TOKEN"),
        (ServeSettings, "SLACK_SIGNING_SECRET"),
        (SocketSettings, "SLACK_APP_TOKEN"),
    ],
)
@pytest.mark.parametrize("how", ["unset", "empty"])
def test_missing_setting_is_named(
    environment: pytest.MonkeyPatch, kind: type[Settings], missing: str, how: str
) -> None:
    if how == "unset":
        environment.delenv(missing)
    else:
        environment.setenv(missing, "")
    assert complaint(kind) == f"{missing} is not set"


@pytest.mark.parametrize("missing", ["ESHOUHOU_APP_ID", "ESHOUHOU_APP_SECRET"])
def test_the_crm_needs_the_pair_or_a_token(environment: pytest.MonkeyPatch, missing: str) -> None:
    environment.delenv(missing)
    assert complaint(Settings) == "set ESHOUHOU_APP_ID and ESHOUHOU_APP_SECRET, or ESHOUHOU_ACCESS_TOKEN"
    environment.setenv("ESHOUHOU_ACCESS_TOKEN", "by-hand")
    token = load(Settings).eshouhou_access_token
    assert token is not None
    assert token.get_secret_value() == "by-hand"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ESHOUHOU_BASE_URL", "api.eshouhou.cn"),
        ("ESHOUHOU_BASE_URL", "ftp://api.eshouhou.cn"),
        ("ESHOUHOU_BASE_URL", "https://"),
        ("ESHOUHOU_BASE_URL", "https://host?access_token=1"),
        ("ESHOUHOU_BASE_URL", "http://[::1"),
        ("ESHOUHOU_BASE_URL", "http://host:port"),
        ("SLACK_API_URL", "slack.com"),
        ("ESHOUHOU_SERVICE_NETWORK_TYPE", "3"),
        ("ESHOUHOU_SERVICE_NETWORK_TYPE", "2"),
        ("ESHOUHOU_TIMEOUT_SECONDS", "0"),
        ("ESHOUHOU_TIMEOUT_SECONDS", "soon"),
        ("ESHOUHOU_TIMEOUT_SECONDS", "nan"),
        ("ESHOUHOU_TIMEOUT_SECONDS", "inf"),
        ("CACHE_MAX_ENTRIES", "0"),
        ("CACHE_TTL_SECONDS", "-1"),
        ("CACHE_STALE_SECONDS", "10"),
        ("ACK_BUDGET_SECONDS", "3"),
        ("SLACK_BOT_TOKEN", "xoxp-s3cr3t"),
        ("PORT", "70000"),
        ("PORT", "http"),
        ("LANGUAGE", "french"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_wrong_setting_is_named_in_one_line_without_secrets(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    words = complaint(ServeSettings)
    assert name in words
    assert "\n" not in words
    assert "s3cr3t" not in words


def test_secrets_are_not_in_the_repr(environment: pytest.MonkeyPatch) -> None:
    assert "s3cr3t" not in repr(load(ServeSettings))


def test_dotenv_is_read_and_the_environment_wins(environment: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("CACHE_TTL_SECONDS=7\nPORT=4000\nUNKNOWN=1\n", "utf-8")
    environment.setenv("PORT", "5000")
    loaded = load(ServeSettings)
    assert (loaded.cache_ttl_seconds, loaded.port) == (7, 5000)


def test_dotenv_that_is_no_text_is_named(environment: pytest.MonkeyPatch) -> None:
    Path(".env").write_bytes(b"PORT=\xff\xfe")
    assert complaint(ServeSettings).endswith(".env is not UTF-8 text")


@pytest.mark.parametrize(
    ("value", "language"),
    [("zh", "zh"), ("en", "en"), ("auto", "auto"), ("en_US:en", "en"), ("zh_CN.UTF-8", "zh"), ("de_AT:de", "auto")],
)
def test_language_understands_what_desktops_set(environment: pytest.MonkeyPatch, value: str, language: str) -> None:
    environment.setenv("LANGUAGE", value)
    assert load(Settings).language == language


def test_addresses_lose_their_last_slash(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ESHOUHOU_BASE_URL", "http://127.0.0.1:8080/crm/")
    assert load(Settings).eshouhou_base_url == "http://127.0.0.1:8080/crm"


def test_outlet_with_its_id_is_fine(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ESHOUHOU_SERVICE_NETWORK_TYPE", "2")
    environment.setenv("ESHOUHOU_SERVICE_NETWORK_ID", "an-outlet")
    assert load(Settings).eshouhou_service_network_type == 2
