"""Settings: the documented defaults, and one line for each mistake, never with a secret in it."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bot.app import DRAIN_SECONDS
from bot.crm.transport import CrmTransport
from bot.domain.links import CustomerLinks
from bot.settings import ServeSettings, Settings, SlackSettings, SocketSettings, Url, WrongSetting, load

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
        ("customer_url_template", None),
        ("ack_budget_seconds", 1.5),
        ("thread_card_cooldown_seconds", None),
        ("unfurl_cooldown_seconds", 1_800),
        ("slack_api_url", "https://slack.com/api"),
        ("language", "auto"),
        ("host", "0.0.0.0"),
        ("port", 3000),
        ("metrics_port", None),
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
        ("ESHOUHOU_BASE_URL", "http://host:99999"),
        ("ESHOUHOU_BASE_URL", "http://host:0"),
        ("ESHOUHOU_BASE_URL", "http://two hosts"),
        ("ESHOUHOU_BASE_URL", "http://user:s3cr3t@host"),
        ("ESHOUHOU_BASE_URL", "http://主机"),
        ("SLACK_API_URL", "slack.com"),
        ("ESHOUHOU_SERVICE_NETWORK_TYPE", "3"),
        ("ESHOUHOU_SERVICE_NETWORK_TYPE", "2"),
        ("ESHOUHOU_SERVICE_NETWORK_TYPE", "head office"),
        ("ESHOUHOU_TIMEOUT_SECONDS", "0"),
        ("ESHOUHOU_TIMEOUT_SECONDS", "7.1"),
        ("ESHOUHOU_TIMEOUT_SECONDS", "soon"),
        ("ESHOUHOU_TIMEOUT_SECONDS", "nan"),
        ("ESHOUHOU_TIMEOUT_SECONDS", "inf"),
        ("CACHE_MAX_ENTRIES", "0"),
        ("CACHE_TTL_SECONDS", "-1"),
        ("CACHE_STALE_SECONDS", "10"),
        ("CACHE_STALE_SECONDS", "1e9"),
        ("ACK_BUDGET_SECONDS", "0"),
        ("ACK_BUDGET_SECONDS", "2.6"),
        ("UNFURL_COOLDOWN_SECONDS", "0"),
        ("THREAD_CARD_COOLDOWN_SECONDS", "0"),
        ("METRICS_PORT", "0"),
        ("METRICS_PORT", "65536"),
        ("METRICS_PORT", "on"),
        ("METRICS_PORT", "3000"),
        ("UNFURL_COOLDOWN_SECONDS", "half an hour"),
        ("CUSTOMER_URL_TEMPLATE", "https://crm.example.com/customer/"),
        ("CUSTOMER_URL_TEMPLATE", "https://crm.example.com/{customer_id}/{customer_id}"),
        ("CUSTOMER_URL_TEMPLATE", "https://{customer_id}.example.com/"),
        ("CUSTOMER_URL_TEMPLATE", "https:///customer/{customer_id}"),
        ("CUSTOMER_URL_TEMPLATE", "crm.example.com/customer/{customer_id}"),
        ("CUSTOMER_URL_TEMPLATE", "javascript:alert({customer_id})"),
        ("CUSTOMER_URL_TEMPLATE", "https://crm.example.com/a b/{customer_id}"),
        ("CUSTOMER_URL_TEMPLATE", "https://crm.example.com/{customer_id}|here"),
        ("CUSTOMER_URL_TEMPLATE", "https://crm.example.com/{customer_id}><!channel"),
        ("SLACK_BOT_TOKEN", "xoxp-s3cr3t"),
        ("DATABASE_URL", "mysql://user:s3cr3t@host/name"),
        ("DATABASE_URL", "s3cr3t"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:s3cr3t.db"),
        ("DATABASE_URL", "sqlite://s3cr3t.db"),
        ("DATABASE_URL", "sqlite:///s3cr3t.db?mode=ro"),
        ("DATABASE_URL", "postgresql+asyncpg://user:s3cr3t@host/name"),
        ("DATABASE_URL", "postgresql://user:s3cr3t/1@host/name"),
        ("DATABASE_URL", "postgresql://user:s3cr3t#1@host/name"),
        ("DATABASE_URL", "postgresql://user:s3cr3t@1@host/name"),
        ("DATABASE_URL", "postgresql://user:s3cr3t@host:port/name"),
        ("DATABASE_URL", "postgresql:user:s3cr3t@host"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("PORT", "http"),
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
    [
        ("zh", "zh"),
        ("en", "en"),
        ("auto", "auto"),
        ("en_US:en", "en"),
        ("zh_CN.UTF-8", "zh"),
        ("EN", "en"),
        ("de_AT:de", "auto"),
        ("fr", "auto"),
        ("C", "auto"),
    ],
)
def test_language_understands_what_desktops_set(environment: pytest.MonkeyPatch, value: str, language: str) -> None:
    environment.setenv("LANGUAGE", value)
    assert load(Settings).language == language


def test_addresses_lose_their_last_slash(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ESHOUHOU_BASE_URL", "http://127.0.0.1:8080/crm/")
    assert load(Settings).eshouhou_base_url == "http://127.0.0.1:8080/crm"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///customer-bot.db",
        "sqlite:////var/lib/customer bot/客户.db",
        "sqlite:///:memory:",
        "postgresql://user:s3cr3t%40@host:5432/name?sslmode=require&channel_binding=require",
        "postgres://host/name",
        "postgresql:///name?host=/run/postgresql",
        "postgresql://user@[::1]:5432,second:5433/name",
    ],
)
def test_database_is_a_file_or_a_server(environment: pytest.MonkeyPatch, url: str) -> None:
    environment.setenv("DATABASE_URL", url)
    loaded = load(SlackSettings)
    assert loaded.database_url.get_secret_value() == url
    assert url not in repr(loaded)


@pytest.mark.parametrize(
    "template",
    [
        "https://crm.example.com/customer/{customer_id}",
        "http://10.0.0.7:8080/#/customer?id={customer_id}&tab=1",
        "https://crm.example.com/客户/{customer_id}.html",
    ],
)
def test_customers_have_a_page_of_their_own(environment: pytest.MonkeyPatch, template: str) -> None:
    """The template is kept as it is: links are made of it, and found by it again."""
    environment.setenv("CUSTOMER_URL_TEMPLATE", f" {template} ")
    taken = load(Settings).customer_url_template
    assert taken == template
    customer_id = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
    links = CustomerLinks(taken)
    assert links.customer_id(links.url(customer_id)) == customer_id


def test_without_a_database_url_it_is_a_file_here(environment: pytest.MonkeyPatch) -> None:
    assert load(SlackSettings).database_url.get_secret_value() == "sqlite:///customer-bot.db"


def test_outlet_with_its_id_is_fine(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ESHOUHOU_SERVICE_NETWORK_TYPE", "2")
    environment.setenv("ESHOUHOU_SERVICE_NETWORK_ID", "an-outlet")
    assert load(Settings).eshouhou_service_network_type == 2


def test_blanks_around_a_value_are_not_part_of_it(environment: pytest.MonkeyPatch) -> None:
    """A token is pasted with what stood around it, and only the first request would show it."""
    environment.setenv("SLACK_SIGNING_SECRET", " s3cr3t-signing \n")
    assert load(ServeSettings).slack_signing_secret.get_secret_value() == "s3cr3t-signing"
    environment.setenv("SLACK_SIGNING_SECRET", "  ")
    assert complaint(ServeSettings) == "SLACK_SIGNING_SECRET is not set"


def test_token_is_more_than_its_beginning(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLACK_BOT_TOKEN", "xoxb-")
    assert complaint(SlackSettings) == "SLACK_BOT_TOKEN: must begin with xoxb-"


def test_dotenv_that_may_not_be_read_is_named(environment: pytest.MonkeyPatch) -> None:
    class Unreadable(Settings):
        """As pydantic-settings does where the process is another user's."""

        def __init__(self) -> None:
            raise PermissionError(13, "Permission denied")

    assert complaint(Unreadable).endswith(".env cannot be read: Permission denied")


def test_app_token_is_no_bot_token(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLACK_APP_TOKEN", "xoxb-s3cr3t")
    assert complaint(SocketSettings) == "SLACK_APP_TOKEN: must begin with xapp-"


def test_empty_variable_counts_as_unset(environment: pytest.MonkeyPatch) -> None:
    for name in (
        "PORT", "LANGUAGE", "ESHOUHOU_ACCESS_TOKEN", "ESHOUHOU_SERVICE_NETWORK_ID", "CACHE_TTL_SECONDS",
        "CUSTOMER_URL_TEMPLATE", "DATABASE_URL",
    ):  # fmt: skip
        environment.setenv(name, "")
    loaded = load(ServeSettings)
    assert (loaded.port, loaded.language, loaded.cache_ttl_seconds) == (3000, "auto", 300)
    assert (loaded.eshouhou_access_token, loaded.eshouhou_service_network_id) == (None, None)
    assert loaded.customer_url_template is None
    assert loaded.database_url.get_secret_value() == "sqlite:///customer-bot.db"


def test_lookup_needs_no_setting_of_slacks(environment: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        environment.delenv(name)
    assert load(Settings).eshouhou_app_id == "the-app"


HOSTS = st.sampled_from(["localhost", "[::1]", "[::", "a..b", "-", "ß.de", "\x00", "\ud800", "a" * 300]) | st.text(
    max_size=8
)
PORTS = st.sampled_from(["", ":", ":1", ":99999", ":x", ":٣", ":-1"])
PATHS = st.sampled_from(["", "/", "/crm/"]) | st.text(max_size=5)


@given(st.builds("{}://{}{}{}".format, st.sampled_from(["http", "https", "HTTP", ""]), HOSTS, PORTS, PATHS))
def test_any_address_is_refused_or_can_be_asked(address: str) -> None:
    """What passes the start does not fail in the first request."""
    with suppress(ValidationError):
        taken = TypeAdapter(Url).validate_python(address)
        assert isinstance(CrmTransport(taken, 1), CrmTransport)


def test_lookup_that_may_take_longest_fits_into_the_drain() -> None:
    """A lookup takes twice the time of a request; what was acknowledged has to be answered before the end."""
    [longest] = [
        limit.le for limit in Settings.model_fields["eshouhou_timeout_seconds"].metadata if hasattr(limit, "le")
    ]
    assert 2 * longest < DRAIN_SECONDS
