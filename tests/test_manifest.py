"""manifest.yml and Procfile say what the code does: nothing more, nothing less."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from handlers.commands import COMMAND

ROOT = Path(__file__).parent.parent


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))
    return loaded


def test_the_one_command_is_declared(manifest: dict[str, Any]) -> None:
    [command] = manifest["features"]["slash_commands"]
    assert command["command"] == COMMAND


def test_everything_arrives_at_the_one_address(manifest: dict[str, Any]) -> None:
    """Commands and clicks are both served at /slack/events, over TLS."""
    addresses = {
        manifest["features"]["slash_commands"][0]["url"],
        manifest["settings"]["interactivity"]["request_url"],
    }
    assert len(addresses) == 1
    [address] = addresses
    assert address.startswith("https://")
    assert address.endswith("/slack/events")


def test_no_scope_is_asked_for_that_nothing_uses(manifest: dict[str, Any]) -> None:
    assert manifest["oauth_config"]["scopes"] == {"bot": ["commands"]}
    assert "event_subscriptions" not in manifest["settings"]


def test_texts_are_within_slacks_limits(manifest: dict[str, Any]) -> None:
    """As the manifest reference gives them: name 35, description 140, long description 175 to 4,000."""
    about = manifest["display_information"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert 175 <= len(about["long_description"]) <= 4_000


def test_every_scope_is_explained() -> None:
    lines = (ROOT / "manifest.yml").read_text("utf-8").splitlines()
    scopes = [line for line in lines[lines.index("    bot:") + 1 :] if line.startswith("      - ")]
    assert scopes
    assert all("#" in line for line in scopes)


def test_processes_are_commands_of_the_bot() -> None:
    processes = yaml.safe_load((ROOT / "Procfile").read_text("utf-8"))
    assert processes == {"web": "customer-bot serve", "worker": "customer-bot socket"}
