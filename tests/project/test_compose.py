"""compose.yml: what it says fits the bot's settings, its draining and its image. There is no Docker in tests."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from typer.main import get_command

from bot.cli.main import cli
from bot.runtime.shutdown import HARD_END_SECONDS
from bot.settings import ServeSettings
from tests.project.test_dockerfile import last

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yml").read_text("utf-8")
PASSWORD = "0123456789abcdef"
SETTINGS = {name.upper() for name in ServeSettings.model_fields}
VARIABLE = re.compile(r"\$\{([A-Z_]+)(:[-?])([^}]*)\}")
BOTS = ["web", "worker"]

Service = dict[str, Any]


def interpolated(text: str, **env: str) -> str:
    """With the variables filled in as Compose does it. Raises KeyError for one that is wanted and empty."""

    def value(found: re.Match[str]) -> str:
        name, operator, words = found.groups()
        return env.get(name) or (words if operator == ":-" else env[name])

    return VARIABLE.sub(value, text)


def services(**env: str) -> dict[str, Service]:
    loaded: dict[str, Service] = yaml.safe_load(interpolated(TEXT, POSTGRES_PASSWORD=PASSWORD, **env))["services"]
    return loaded


def seconds(duration: str) -> int:
    found = re.fullmatch("([0-9]+)s", duration)
    assert found
    return int(found[1])


def test_password_comes_from_outside_and_nothing_starts_without_one() -> None:
    """Nothing secret stands in the file."""
    with pytest.raises(KeyError, match="POSTGRES_PASSWORD"):
        interpolated(TEXT)
    fields = [line for line in TEXT.splitlines() if re.search("PASSWORD|SECRET|TOKEN|KEY", line.partition("#")[0])]
    assert len(fields) == 2
    assert all("${POSTGRES_PASSWORD:?" in line for line in fields)


@pytest.mark.parametrize("name", BOTS)
def test_bot_may_finish_what_it_acknowledged(name: str) -> None:
    assert seconds(services()[name]["stop_grace_period"]) > HARD_END_SECONDS
    assert services()[name]["init"] is True


@pytest.mark.parametrize("name", BOTS)
def test_bot_waits_for_the_database_and_comes_back_by_itself(name: str) -> None:
    bot = services()[name]
    assert bot["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert bot["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", BOTS)
def test_bot_is_set_by_the_file_and_by_what_compose_knows_better(name: str) -> None:
    bot = services()[name]
    assert bot["env_file"] == ".env"
    assert bot["environment"].keys() <= SETTINGS
    assert (ROOT / bot["build"] / "Dockerfile").exists()


def test_database_is_the_one_that_is_started() -> None:
    """The address is one that the bot takes, and names the user of the server."""
    database = services()["database"]["environment"]
    url = services()["web"]["environment"]["DATABASE_URL"]
    settings = ServeSettings(
        database_url=url, eshouhou_access_token="t", slack_bot_token="xoxb-t", slack_signing_secret="s"
    )
    assert settings.database_url.get_secret_value() == url
    parts = urlsplit(url)
    assert (parts.scheme, parts.hostname) == ("postgresql", "database")
    assert (parts.username, parts.password, parts.path) == (
        database["POSTGRES_USER"],
        database["POSTGRES_PASSWORD"],
        "/" + database["POSTGRES_DB"],
    )


def test_database_is_kept_and_looked_after() -> None:
    """Of its major version, whose directory this is (18 has another one)."""
    database = services()["database"]
    assert re.fullmatch("postgres:1[4-7]", database["image"])
    [(volume, path)] = [mount.split(":") for mount in database["volumes"]]
    assert volume in yaml.safe_load(TEXT)["volumes"]
    assert path == "/var/lib/postgresql/data"
    check = database["healthcheck"]
    assert check["test"][:2] == ["CMD", "pg_isready"]
    assert {f"--username={database['environment']['POSTGRES_USER']}", "--host=127.0.0.1"} <= set(check["test"])
    assert database["restart"] == "unless-stopped"


def test_only_this_machine_reaches_the_bot_past_its_proxy() -> None:
    web = services()["web"]
    assert web["ports"] == [f"127.0.0.1:3000:{web['environment']['PORT']}"]
    assert web["environment"]["PORT"] == last("EXPOSE")
    assert "ports" not in services()["database"]


def test_several_processes_have_a_port_each() -> None:
    """As many as the range has: Docker gives each one of it."""
    assert services(WEB_PORTS="3000-3001")["web"]["ports"] == ["127.0.0.1:3000-3001:3000"]


def test_socket_mode_is_started_by_its_name_alone() -> None:
    """It listens nowhere: the image's check would call it ill."""
    worker = services()["worker"]
    assert worker["profiles"]
    assert not any("profiles" in services()[name] for name in ("web", "database"))
    assert worker["healthcheck"] == {"disable": True}
    assert worker["command"] == ["socket"]
    assert "socket" in vars(get_command(cli))["commands"]


def test_example_of_settings_has_what_there_is() -> None:
    """Settings of the bot, and what compose.yml wants."""
    text = (ROOT / ".env.example").read_text("utf-8")
    names = set(re.findall("^(?:# )?([A-Z_]+)=", text, re.MULTILINE))
    wanted = {name for name, operator, _ in VARIABLE.findall(TEXT) if operator == ":?"}
    assert names <= SETTINGS | {"SLACK_APP_TOKEN"} | wanted
    assert wanted <= names
