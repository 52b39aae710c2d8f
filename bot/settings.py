"""Every setting, its unit and its default. Read from the environment and from ``.env``.

Each class holds what one command needs, so that a missing setting is found at the start and the types say what is
there: ``LinkSettings`` (``manifest``) ← ``Settings`` (``lookup``) ← ``SlackSettings`` ← ``ProcessSettings`` ←
``ServeSettings`` and ``SocketSettings``; and ``SlackSettings`` ← ``DoctorSettings``.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.profile import ServiceNetwork
from bot.domain.query import CUSTOMER_NUMBERS
from bot.privacy.policy import BUILT_IN, FieldPolicy
from bot.privacy.policy_file import read_policy

_ADDRESS = re.compile(
    r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?(/[!-\"$->@-~]*)?", re.IGNORECASE | re.ASCII
)
"""Printable ASCII, as httpx and aiohttp want it, without user, query and fragment."""
_SQLITE = re.compile(r"sqlite:///[^?#]+", re.IGNORECASE)
_POSTGRES_HOST = r"(\[[0-9a-f:.]+\]|[^\s@/?#:,\[\]]*)(:[0-9]{1,5})?"
_POSTGRES = re.compile(
    rf"postgres(ql)?://([^\s@/?#]*@)?{_POSTGRES_HOST}(,{_POSTGRES_HOST})*(/[^\s?#]*)?(\?[^\s#]*)?", re.IGNORECASE
)
"""As libpq has it: with several hosts, or none (the local socket). Delimiters in a password have to be escaped."""


class WrongSetting(Exception):
    """A setting is missing or wrong. The message is one line that names the variable and shows no value."""


def _address(url: str) -> str:
    """Without the slash at its end; with a user, a query or a fragment it is a mistake."""
    if not _ADDRESS.fullmatch(url) or not urlsplit(url).hostname or urlsplit(url).port == 0:
        raise ValueError("must be an address such as https://host")
    return url.rstrip("/")


def _customer_page(template: str) -> str:
    """An address with ``{customer_id}`` once, and behind its host."""
    found = re.fullmatch(r"https?://[^/{]+/(.*)", template, re.DOTALL)
    if found is None or found[1].count("{customer_id}") != 1:
        raise ValueError("must be an address with {customer_id} in it, such as https://host/customer/{customer_id}")
    if re.search(r"[\s<>|]", template):
        raise ValueError("must not hold blanks, <, > or |")
    return template


def _token(prefix: str, token: SecretStr) -> SecretStr:
    value = token.get_secret_value()
    if value == prefix or not value.startswith(prefix):
        raise ValueError(f"must begin with {prefix}")
    return token


def _database_url(url: SecretStr) -> SecretStr:
    value = url.get_secret_value()
    if value.lower().startswith("sqlite:"):
        if not _SQLITE.fullmatch(value):
            raise ValueError("must be sqlite:///<file> or sqlite:///:memory:")
    elif not _POSTGRES.fullmatch(value):
        raise ValueError("must be sqlite:///<file> or postgresql://<user>:<password>@<host>/<name> (@ in them as %40)")
    return url


def _read_with(parse: Callable[[str], object]) -> BeforeValidator:
    """Read the text of a variable with ``parse``; defaults and tests give values that are none."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


def _comma_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _slack_ids(text: str) -> frozenset[str]:
    ids = _comma_list(text)
    if not all(re.fullmatch("[A-Z][A-Z0-9]{2,}", each) for each in ids):
        raise ValueError("must be a comma list of Slack ids, such as U012AB3CD,U045EF6GH")
    return frozenset(ids)


def _number_pattern(pattern: str) -> str:
    try:
        found = re.compile(f"(?P<number>{pattern})", re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"must be a regular expression: {error}") from None
    if found.search("") or any(found.fullmatch(word) for word in ("a", "客户", "1")):
        raise ValueError("must match customer numbers alone, such as KH-[0-9]{6}")
    return pattern


def _channel_networks(text: str) -> dict[str, ServiceNetwork]:
    networks: dict[str, ServiceNetwork] = {}
    for part in _comma_list(text):
        found = re.fullmatch(r"([A-Z][A-Z0-9]{2,})=([^:=\s]+):([12])", part)
        if found is None or found[1] in networks:
            raise ValueError("must be a comma list such as C012AB3CD=<network id>:2, each channel once")
        networks[found[1]] = ServiceNetwork(found[2], int(found[3]))
    return networks


Url = Annotated[str, AfterValidator(_address)]
CustomerPage = Annotated[str, AfterValidator(_customer_page)]
BotToken = Annotated[SecretStr, AfterValidator(partial(_token, "xoxb-"))]
AppToken = Annotated[SecretStr, AfterValidator(partial(_token, "xapp-"))]
Secret = Annotated[SecretStr, Field(min_length=1)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
NumberPattern = Annotated[str, AfterValidator(_number_pattern)]
SlackIds = Annotated[frozenset[str], NoDecode, _read_with(_slack_ids)]
NetworksByChannel = Annotated[Mapping[str, ServiceNetwork], NoDecode, _read_with(_channel_networks)]
PolicyFile = Annotated[InstanceOf[FieldPolicy], NoDecode, _read_with(lambda path: read_policy(Path(path)))]
Language = Annotated[
    # LANGUAGE belongs to gettext too, and desktops set it: another language, such as de_AT:de, is no mistake
    Literal["auto", "zh", "en"], _read_with(lambda text: {"zh": "zh", "en": "en"}.get(text[:2].lower(), "auto"))
]  # fmt: skip
Seconds = Annotated[float, Field(gt=0, le=86_400 * 366)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class LinkSettings(BaseSettings):
    """What the Slack app's manifest needs, none of it required; and how all settings are read."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    customer_url_template: CustomerPage | None = None
    """A customer's page in the CRM's own web interface, with ``{customer_id}``; None: cards have no links."""

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Strip the blanks that are pasted with a token and cannot be seen; a blank variable is not set."""
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != ""}


class Settings(LinkSettings):
    """What a lookup needs."""

    eshouhou_base_url: Url = "https://api.eshouhou.cn"
    eshouhou_app_id: str | None = None
    eshouhou_app_secret: Secret | None = None
    eshouhou_access_token: Secret | None = None
    eshouhou_service_network_id: str | None = None
    """None: the head office's, asked of the CRM once."""
    eshouhou_service_network_type: Annotated[int, Field(ge=1, le=2)] = 1
    """1 head office, 2 outlet."""
    eshouhou_service_space_id: str | None = None
    """What the CRM's lists are asked with. None: learnt once, from a work order."""
    eshouhou_timeout_seconds: Annotated[float, Field(gt=0, le=7)] = 5
    """The timeout of one CRM request. A lookup may take twice that, which fits into DRAIN_SECONDS of `bot/app.py`."""

    crm_concurrency: Annotated[int, Field(ge=1, le=100)] = 8
    """The number of concurrent requests to the CRM; httpx's pool has 100 connections."""
    crm_requests_per_second: Annotated[float, Field(gt=0, le=1_000)] = 5
    """The rate limit of a directory sync."""
    directory_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    """The key of the hashes of phones and mail addresses; None: derived from the CRM's secret."""

    cache_max_entries: Annotated[int, Field(gt=0)] = 10_000
    cache_ttl_seconds: Seconds = 300
    """How long a cached profile is fresh."""
    cache_stale_seconds: Seconds = 86_400
    """How long a cached profile may be shown when the CRM does not respond."""

    customer_number_pattern: NumberPattern = CUSTOMER_NUMBERS
    """What a word looks like that is read as a customer's number: a regular expression."""
    field_policy: PolicyFile = Field(default_factory=lambda: BUILT_IN)
    """Who sees which field; in the environment, the path of a TOML file."""
    access_log_days: Annotated[float, Field(gt=0, le=3_660)] = 180
    """How long the access log's rows are kept in the database."""

    database_url: DatabaseUrl = SecretStr("sqlite:///customer-bot.db")
    """sqlite:///<file>, or postgresql:// where several machines share it. A secret: it may hold a password."""

    language: Language = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"

    @property
    def service_network(self) -> ServiceNetwork:
        """The service network whose customers the bot sees."""
        return ServiceNetwork(self.eshouhou_service_network_id or "", self.eshouhou_service_network_type)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.eshouhou_access_token is None and not (self.eshouhou_app_id and self.eshouhou_app_secret):
            raise ValueError("set ESHOUHOU_APP_ID and ESHOUHOU_APP_SECRET, or ESHOUHOU_ACCESS_TOKEN")
        if self.eshouhou_service_network_type == 2 and not self.eshouhou_service_network_id:
            raise ValueError("ESHOUHOU_SERVICE_NETWORK_TYPE=2 needs ESHOUHOU_SERVICE_NETWORK_ID")
        if self.cache_stale_seconds < self.cache_ttl_seconds:
            raise ValueError("CACHE_STALE_SECONDS must not be below CACHE_TTL_SECONDS")
        return self


class SlackSettings(Settings):
    """What answering in Slack needs as well."""

    slack_bot_token: BotToken
    slack_api_url: Url = "https://slack.com/api"
    ack_budget_seconds: Annotated[float, Field(gt=0, le=2.5)] = 1.5
    """How long a command may take before "Looking up…" is shown; Slack itself gives up after 3 s."""
    directory_sync_hours: Annotated[float, Field(ge=0, le=24 * 366)] = 24
    """From the end of one directory sync in the background to the start of the next; 0: no sync."""
    allowed_users: SlackIds = frozenset()
    allowed_usergroups: SlackIds = frozenset()
    """Who may ask: users in either of the two. Both empty: every member."""
    allowed_channels: SlackIds = frozenset()
    """Where the bot may be asked. Empty: everywhere."""
    admin_users: SlackIds = frozenset()
    """Who may read the access log and the health check."""
    channel_networks: NetworksByChannel = Field(default_factory=dict)
    """The service network whose customers alone are seen in a channel, by channel."""
    lookups_per_minute: Annotated[int, Field(gt=0)] = 30
    """Per user."""
    reveals_per_hour: Annotated[int, Field(gt=0)] = 30
    """Per user."""
    thread_card_cooldown_seconds: Seconds | None = None
    """For how long a channel gets no second thread card of the same customer; None: as the older name below says."""
    unfurl_cooldown_seconds: Seconds = 1_800


class ProcessSettings(SlackSettings):
    """What a long-running process needs as well."""

    host: str = "0.0.0.0"
    """The address to listen on."""
    metrics_port: Port | None = None
    """Where Prometheus reads the metrics; None: they are not served."""


class ServeSettings(ProcessSettings):
    """What ``customer-bot serve`` needs."""

    slack_signing_secret: Secret
    port: Port = 3000

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        if self.metrics_port == self.port:
            raise ValueError("METRICS_PORT must be another port than PORT")
        return self


class SocketSettings(ProcessSettings):
    """What ``customer-bot socket`` needs."""

    slack_app_token: AppToken


class DoctorSettings(SlackSettings):
    """What ``customer-bot doctor`` checks: it reports itself if what ``serve`` or ``socket`` needs is missing."""

    slack_signing_secret: Secret | None = None
    slack_app_token: AppToken | None = None


AnySettings = TypeVar("AnySettings", bound=LinkSettings)


def load(kind: type[AnySettings]) -> AnySettings:
    """The settings of this environment.

    Raises WrongSetting for the first one that is missing or wrong, in pydantic's words and without its value, which
    may be a secret.
    """
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    except UnicodeDecodeError:
        raise WrongSetting(f"{Path('.env').absolute()} is not UTF-8 text") from None
    except OSError as error:
        raise WrongSetting(f"{Path('.env').absolute()} cannot be read: {error.strerror}") from None
    words = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        raise WrongSetting(words)
    variable = str(first["loc"][0]).upper()
    if first["type"] == "missing":
        raise WrongSetting(f"{variable} is not set")
    raise WrongSetting(f"{variable}: {words[0].lower()}{words[1:]}")
