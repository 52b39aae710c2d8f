"""Dockerfile: there is no Docker where tests run, so each of its steps is taken, or held against what it relies on."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest

from bot.access.audit_writer import LAST_SECONDS
from bot.app import DRAIN_SECONDS
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.server import StandInSlack
from bot.server.http import FINISH_REQUESTS_SECONDS
from bot.settings import ServeSettings
from bot.store.database import CLOSING_SECONDS
from tests.processes.test_processes import customer_bot, ended, environment, free_port, listening

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


class Step(NamedTuple):
    """``FROM``, ``COPY``, …, and what stands behind it."""

    instruction: str
    words: str


def steps() -> list[Step]:
    lines = [line for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [Step(*line.split(maxsplit=1)) for line in joined if line.strip()]


def last(instruction: str) -> str:
    """Of several, the last one holds."""
    return [step.words for step in steps() if step.instruction == instruction][-1]


def copied() -> list[str]:
    """What is taken from the repository."""
    copies = [step.words.split() for step in steps() if step.instruction == "COPY" and "--from" not in step.words]
    return [source for words in copies for source in words[:-1]]


def variables() -> dict[str, str]:
    return dict(word.split("=", 1) for word in last("ENV").split())


def health_check() -> list[str]:
    command: list[str] = json.loads(last("HEALTHCHECK").partition(" CMD ")[2])
    return command


async def health(**env: str) -> int:
    """What the image's check says."""
    python, *words = health_check()
    assert python == "python"
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, env=env, stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    return await process.wait()


# --- What goes in ---------------------------------------------------------------------------------------------------


def test_nothing_is_sent_to_the_builder_but_what_is_copied() -> None:
    """No .env, no .git, no virtual environment, no database: everything is left out, and then these are added."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert sorted(line[1:] for line in rules if line.startswith("!")) == sorted(copied())
    assert [line for line in rules[1:] if not line.startswith("!")] == ["**/__pycache__"]
    assert all((ROOT / source).exists() for source in copied())


def test_python_is_one_that_the_bot_runs_on() -> None:
    """Pinned by its minor version, and the same in both stages."""
    python, required = re.fullmatch(r"PYTHON=3\.([0-9]+)", last("ARG")), PROJECT["requires-python"]
    assert python
    assert int(python[1]) >= int(required.removeprefix(">=3."))
    images = [step.words.split()[0] for step in steps() if step.instruction == "FROM"]
    assert images == ["python:${PYTHON}-slim"] * 2


# --- How it runs ----------------------------------------------------------------------------------------------------


def test_it_is_not_root() -> None:
    """By a number: Kubernetes' runAsNonRoot cannot tell by a name."""
    assert int(last("USER")) > 0


def test_signals_reach_the_bot_itself() -> None:
    """Without a shell in between, which would keep SIGTERM to itself."""
    assert json.loads(last("ENTRYPOINT")) == list(PROJECT["scripts"])
    assert json.loads(last("CMD")) == ["serve"]
    assert last("STOPSIGNAL") == "SIGTERM"


def test_database_is_in_the_volume_which_the_user_may_write() -> None:
    settings = {name.upper() for name in ServeSettings.model_fields}
    assert {"DATABASE_URL", "PORT"} <= settings & variables().keys()
    volume = last("VOLUME")
    assert last("WORKDIR") == volume  # where an empty DATABASE_URL puts it, too
    assert variables()["DATABASE_URL"].removeprefix("sqlite:///").startswith(f"{volume}/")
    [made] = [step.words for step in steps() if step.instruction == "RUN" and "useradd" in step.words]
    name = made.split(" && ")[0].split()[-1]
    assert f"--uid {last('USER')} " in made
    assert f"--owner={name} {volume}" in made


def test_bot_ends_before_it_is_killed() -> None:
    """The 25 s of the Dockerfile, and of compose.yml's 30."""
    assert FINISH_REQUESTS_SECONDS + DRAIN_SECONDS + LAST_SECONDS + CLOSING_SECONDS == 25


async def test_health_is_that_of_the_process(crm: SampleCrm, slack: StandInSlack) -> None:
    """Healthy while it listens, whatever proxies the bot is to use; not before, and not after."""
    port = str(free_port())
    proxies = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    assert await health(PORT=port) != 0
    async with customer_bot("serve", env=environment(crm, slack, PORT=port)) as process:
        await listening(int(port))
        assert await health(PORT=port, **proxies) == 0
        process.terminate()
        assert (await ended(process))[0] == 0
    assert await health(PORT=port) != 0


def test_health_is_asked_for_where_serve_listens_by_itself() -> None:
    """An empty PORT counts as not set for both."""
    default = ServeSettings.model_fields["port"].default
    assert variables()["PORT"] == str(default) == last("EXPOSE")
    assert f"os.environ.get('PORT') or {default}" in health_check()[-1]


# --- What is installed ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made of what the Dockerfile copies, and of nothing else of the repository."""
    source, out = tmp_path_factory.mktemp("src"), tmp_path_factory.mktemp("wheel")
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(source))
    [made] = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Beside what it depends on, which is there already."""
    site = tmp_path_factory.mktemp("site")
    _pip("install", "--no-deps", "--target", str(site), str(wheel))
    return site


def _pip(*words: str) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, words[0], "--no-index", *words[1:]], check=True, capture_output=True)


def _run(installed: Path, *words: str, **env: str) -> str:
    """What the installed command prints, somewhere outside the repository."""
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed)}
    ran = subprocess.run(
        [str(installed / "bin" / "customer-bot"), *words],
        env={**own, **env},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert ran.stderr == ""
    return ran.stdout


def test_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    """Texts, the playground's JSON, migrations, the manifest: what is read when the bot runs."""
    sources = [path for package in ("bot", "handlers") for path in (ROOT / package).rglob("*") if path.is_file()]
    files = {path.relative_to(ROOT).as_posix() for path in sources if "__pycache__" not in path.parts}
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == files


def test_manifest_in_the_wheel_is_the_repositorys(wheel: Path) -> None:
    """The file, and not the link that stands in its place."""
    assert ZipFile(wheel).read("bot/manifest.yml") == (ROOT / "manifest.yml").read_bytes()


def test_installed_commands_work_outside_the_repository(installed: Path) -> None:
    """The manifest, the sample CRM, the texts; and a database that is made from nothing."""
    assert "socket_mode_enabled: true" in _run(installed, "manifest")
    assert "胡效鑫1" in _run(installed, "lookup", "--demo", "CF00000179")
    empty = _run(installed, "directory", "stats", ESHOUHOU_ACCESS_TOKEN="t")
    assert re.search(r"^customers +0$", empty, re.MULTILINE)
    where = [sys.executable, "-c", "import bot; print(bot.__file__)"]
    printed = subprocess.run(where, env={"PYTHONPATH": str(installed)}, capture_output=True, text=True, check=True)
    assert printed.stdout.startswith(str(installed))
