"""Every setting, its unit and its default. Read from the environment and from ``.env``.

Each class holds what one command needs, so that a missing setting is found at the start and the types say
what is there: ``LinkSettings`` (``manifest``) ← ``Settings`` (``lookup``) ← ``SlackSettings`` ← ``ProcessSettings`` ←
``ServeSettings`` and ``SocketSettings``; and ``SlackSettings`` ← ``DoctorSettings``.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    InstanceOf,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.profile import ServiceNetwork
from bot.privacy.policy import BUILT_IN, FieldPolicy
from bot.privacy.policy_file import read_policy

_ADDRESS = re.compile(
    r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?(/[!-\"$->@-~]*)?", re.IGNORECASE | re.ASCII
)
"""Of what can be printed in ASCII, as httpx and aiohttp want it: without user, query and fragment."""

_SQLITE = re.compile(r"sqlite:///[^?#]+", re.IGNORECASE)
_POSTGRES_HOST = r"(\[[0-9a-f:.]+\]|[^\s@/?#:,\[\]]*)(:[0-9]{1,5})?"
_POSTGRES = re.compile(
    rf"postgres(ql)?://([^\s@/?#]*@)?{_POSTGRES_HOST}(,{_POSTGRES_HOST})*(/[^\s?#]*)?(\?[^\s#]*)?", re.IGNORECASE
)
"""As libpq has it: of several hosts, or of none (the local socket). What stands for itself in a password is escaped."""


class WrongSetting(Exception):
    """A setting is missing or wrong. Its text is one line that names the variable and shows no value."""


def _with_scheme_and_host(url: str) -> str:
    """An address, without the slash at its end. One with a user, a query or a fragment is a mistake."""
    if not _ADDRESS.fullmatch(url) or not urlsplit(url).hostname or urlsplit(url).port == 0:
        raise ValueError("must be an address such as https://host")
    return url.rstrip("/")


def _customer_page(template: str) -> str:
    """An address with ``{customer_id}`` behind its host: what stands there is a customer's page."""
    host, _, path = template.partition("://")[2].partition("/")
    if not re.match("https?://", template) or not host or "{" in host or path.count("{customer_id}") != 1:
        raise ValueError("must be an address with {customer_id} in it, such as https://host/customer/{customer_id}")
    if re.search(r"[\s<>|]", template):
        raise ValueError("must not hold blanks, <, > or |")
    return template


def _language(value: object) -> object:
    """LANGUAGE belongs to gettext too, and desktops set it: what is neither zh nor en (``de_AT:de``) is no mistake."""
    if not isinstance(value, str):
        return value
    first = value[:2].lower()
    return first if first in ("zh", "en") else "auto"


def _begins_with(prefix: str) -> Callable[[SecretStr], SecretStr]:
    def check(token: SecretStr) -> SecretStr:
        value = token.get_secret_value()
        if value == prefix or not value.startswith(prefix):
            raise ValueError(f"must begin with {prefix}")
        return token

    return check


def _of_a_database(url: SecretStr) -> SecretStr:
    value = url.get_secret_value()
    if value.lower().startswith("sqlite:"):
        if not _SQLITE.fullmatch(value):
            raise ValueError("must be sqlite:///<file> or sqlite:///:memory:")
    elif not _POSTGRES.fullmatch(value):
        raise ValueError("must be sqlite:///<file> or postgresql://<user>:<password>@<host>/<name> (@ in them as %40)")
    return url


def _slack_ids(value: object) -> object:
    """A comma list of Slack's ids."""
    if not isinstance(value, str):
        return value
    ids = [part.strip() for part in value.split(",") if part.strip()]
    if not all(re.fullmatch("[A-Z][A-Z0-9]{2,}", each) for each in ids):
        raise ValueError("must be a comma list of Slack ids, such as U012AB3CD,U045EF6GH")
    return frozenset(ids)


def _channel_networks(value: object) -> object:
    """``C012=<network id>:2,…``."""
    if not isinstance(value, str):
        return value
    networks = {}
    for part in filter(None, map(str.strip, value.split(","))):
        found = re.fullmatch(r"([A-Z][A-Z0-9]{2,})=([^:=\s]+):([12])", part)
        if found is None or found[1] in networks:
            raise ValueError("must be a comma list such as C012AB3CD=<network id>:2, each channel once")
        networks[found[1]] = ServiceNetwork(found[2], int(found[3]))
    return networks


def _read_policy(value: object) -> object:
    return read_policy(Path(value)) if isinstance(value, str) else value


SlackIds = Annotated[frozenset[str], NoDecode, BeforeValidator(_slack_ids)]
NetworksByChannel = Annotated[Mapping[str, ServiceNetwork], NoDecode, BeforeValidator(_channel_networks)]
PolicyFile = Annotated[InstanceOf[FieldPolicy], NoDecode, BeforeValidator(_read_policy)]
Url = Annotated[str, AfterValidator(_with_scheme_and_host)]
Seconds = Annotated[float, Field(gt=0, le=86_400 * 366)]
Port = Annotated[int, Field(ge=1, le=65_535)]
Secret = Annotated[SecretStr, Field(min_length=1)]
AppToken = Annotated[SecretStr, AfterValidator(_begins_with("xapp-"))]


class LinkSettings(BaseSettings):
    """What the Slack app's manifest needs: nothing has to be set. How all settings are read stands here."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    customer_url_template: Annotated[str, AfterValidator(_customer_page)] | None = None
    """A customer's page in the CRM's own web interface, with ``{customer_id}``; None: cards have no links."""

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Blanks around a pasted token are a mistake that nobody sees; what is blank alone is not set."""
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
    """Wanted by the CRM's lists. None: learnt from a work order, once."""
    eshouhou_timeout_seconds: Annotated[float, Field(gt=0, le=7)] = 5
    """One CRM request. A whole lookup ends after twice that, which has to fit into DRAIN_SECONDS of `bot/app.py`."""

    crm_concurrency: Annotated[int, Field(ge=1, le=100)] = 8
    """How many requests to the CRM may be under way at once; httpx's pool has 100 connections."""
    crm_requests_per_second: Annotated[float, Field(gt=0, le=1_000)] = 5
    """The pace at which a directory sync asks the CRM."""
    directory_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Of the hashes of phones and mail addresses; None: derived from the CRM's secret."""

    cache_max_entries: Annotated[int, Field(gt=0)] = 10_000
    cache_ttl_seconds: Seconds = 300
    """How long a copy counts as fresh."""
    cache_stale_seconds: Seconds = 86_400
    """How long a copy may be shown when the CRM does not answer."""

    field_policy: PolicyFile = Field(default_factory=lambda: BUILT_IN)
    """Who sees which field. In the environment: the path of a TOML file."""
    access_log_days: Annotated[float, Field(gt=0, le=3_660)] = 180
    """How long the access log's rows are kept in the database."""

    database_url: Annotated[SecretStr, AfterValidator(_of_a_database)] = SecretStr("sqlite:///customer-bot.db")
    """sqlite:///<file>, or postgresql:// where several machines share it. A secret: it may hold a password."""

    language: Annotated[Literal["auto", "zh", "en"], BeforeValidator(_language)] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"

    @property
    def service_network(self) -> ServiceNetwork:
        """The service network whose customers the bot sees."""
        return ServiceNetwork(self.eshouhou_service_network_id or "", self.eshouhou_service_network_type)

    @model_validator(mode="after")
    def _has_access_to_the_crm(self) -> Self:
        if self.eshouhou_access_token is None and not (self.eshouhou_app_id and self.eshouhou_app_secret):
            raise ValueError("set ESHOUHOU_APP_ID and ESHOUHOU_APP_SECRET, or ESHOUHOU_ACCESS_TOKEN")
        return self

    @model_validator(mode="after")
    def _outlet_has_an_id(self) -> Self:
        if self.eshouhou_service_network_type == 2 and not self.eshouhou_service_network_id:
            raise ValueError("ESHOUHOU_SERVICE_NETWORK_TYPE=2 needs ESHOUHOU_SERVICE_NETWORK_ID")
        return self

    @model_validator(mode="after")
    def _stale_outlasts_fresh(self) -> Self:
        if self.cache_stale_seconds < self.cache_ttl_seconds:
            raise ValueError("CACHE_STALE_SECONDS must not be below CACHE_TTL_SECONDS")
        return self


class SlackSettings(Settings):
    """What answering in Slack needs besides."""

    slack_bot_token: Annotated[SecretStr, AfterValidator(_begins_with("xoxb-"))]
    slack_api_url: Url = "https://slack.com/api"
    ack_budget_seconds: Annotated[float, Field(gt=0, le=2.5)] = 1.5
    """How long a command may take before "Looking up…" is shown; Slack itself gives up after 3 s."""
    directory_sync_hours: Annotated[float, Field(ge=0, le=24 * 366)] = 24
    """From the end of one directory sync in the background to the beginning of the next; 0: there is none."""
    allowed_users: SlackIds = frozenset()
    allowed_usergroups: SlackIds = frozenset()
    """Who may ask: whoever is in one of the two. Both empty: every member."""
    allowed_channels: SlackIds = frozenset()
    """Where one may ask. Empty: everywhere."""
    admin_users: SlackIds = frozenset()
    """Who may read the access log, and how the bot is."""
    channel_networks: NetworksByChannel = Field(default_factory=dict)
    """By channel: id and type of the service network whose customers alone are seen there."""
    lookups_per_minute: Annotated[int, Field(gt=0)] = 30
    """Of one person."""
    reveals_per_hour: Annotated[int, Field(gt=0)] = 30
    """Of one person."""
    thread_card_cooldown_seconds: Seconds | None = None
    """How long a customer gets no second thread card in a channel; None: as long as the setting of the older name."""
    unfurl_cooldown_seconds: Seconds = 1_800


class ProcessSettings(SlackSettings):
    """What a process that stays needs besides."""

    host: str = "0.0.0.0"
    """Where it listens, if it does."""
    metrics_port: Port | None = None
    """Of the metrics for Prometheus; None: they are not served."""


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
    """What ``customer-bot doctor`` looks at: it says itself if what ``serve`` or ``socket`` needs is missing."""

    slack_signing_secret: Secret | None = None
    slack_app_token: AppToken | None = None


AnySettings = TypeVar("AnySettings", bound=LinkSettings)


def load(kind: type[AnySettings]) -> AnySettings:
    """The settings of this environment.

    Raises WrongSetting for the first one that is missing or wrong.
    """
    try:
        return kind()
    except ValidationError as error:
        raise WrongSetting(_first_complaint(error)) from None
    except UnicodeDecodeError:
        raise WrongSetting(f"{Path('.env').absolute()} is not UTF-8 text") from None
    except OSError as error:
        raise WrongSetting(f"{Path('.env').absolute()} cannot be read: {error.strerror}") from None


def _first_complaint(error: ValidationError) -> str:
    """One line, made of the variable's name and pydantic's words: never of the value, which may be a secret."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    words = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return words
    variable = str(first["loc"][0]).upper()
    if first["type"] == "missing":
        return f"{variable} is not set"
    return f"{variable}: {words[0].lower()}{words[1:]}"
