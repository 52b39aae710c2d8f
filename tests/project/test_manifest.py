"""manifest.yml and Procfile say what the code does: nothing more, nothing less."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from slack_bolt.app.async_app import AsyncApp

from bot.app import build_app
from bot.cards import action_ids
from bot.cards.channel_card import channel_card
from bot.cards.details_view import details_view
from bot.cards.home_view import home_view
from bot.cards.notices import muted_notice
from bot.cards.record_tabs import records_view
from bot.cards.render import result_card
from bot.cards.search_view import search_view
from bot.cards.share_view import share_view
from bot.domain.inquiry import Audience
from bot.domain.preferences import Mute, Remembered, SavedCustomers
from bot.domain.query import ReadAs
from bot.domain.records import Section, WorkOrder
from bot.domain.results import NotFound, OtherReading, RelatedRecords, Several, Unavailable
from bot.health.slack_check import OPTIONAL_SCOPES, REQUIRED_SCOPES
from bot.locales import texts_in
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.server import SCOPES, StandInSlack
from bot.playground.settings import playground_settings
from bot.server.http import WebProcess
from bot.slack.view_state import ViewState
from tests.support.results import FAILURE, ID, URL, sample

ROOT = Path(__file__).parents[2]
REGISTERS = (
    "event", "message", "function", "command", "shortcut", "global_shortcut", "message_shortcut", "action",
    "block_action", "attachment_action", "dialog_submission", "dialog_suggestion", "dialog_cancellation", "view",
    "view_submission", "view_closed", "options", "block_suggestion",
)  # fmt: skip
"""What AsyncApp registers listeners with."""
SCOPES_OF_EVENTS = {
    "app_home_opened": set(),
    "channel_shared": {"channels:read", "groups:read"},
    "channel_unshared": {"channels:read", "groups:read"},
    "entity_details_requested": set(),
    "link_shared": {"links:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "user_change": {"users:read"},
}  # fmt: skip
"""https://docs.slack.dev/reference/events"""
SCOPES_OF_METHODS: dict[str, set[str]] = {
    "apps.connections.open": set(),  # of the app-level token, which no manifest grants
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.unfurl": {"links:write"},
    "conversations.info": {"channels:read", "groups:read"},
    "entity.presentDetails": set(),
    "usergroups.users.list": {"usergroups:read"},
    "users.info": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.push": set(),
    "views.update": set(),
}
"""https://docs.slack.dev/reference/methods"""
METHOD = re.compile(
    r'"((?:apps|bookmarks|canvases|chat|conversations|entity|files|pins|reactions|team|usergroups|users|views)\.[a-zA-Z.]+)"'
)

Manifest = dict[str, Any]


class Listener(NamedTuple):
    """How it was registered (``event``, ``action``, …), and for what."""

    kind: str
    of: Any


def recording(kind: str, register: Callable[..., Any], seen: list[Listener]) -> Callable[..., Any]:
    def registered(app: AsyncApp, of: Any = "", *args: Any, **kwargs: Any) -> Any:
        seen.append(Listener(kind, of))
        return register(app, of, *args, **kwargs)

    return registered


@pytest.fixture
async def listeners(
    crm: SampleCrm, slack: StandInSlack, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[Listener]]:
    """All that the bot's app has: as many as Bolt knows, so that none came in by another way."""
    seen: list[Listener] = []
    for kind in REGISTERS:
        monkeypatch.setattr(AsyncApp, kind, recording(kind, getattr(AsyncApp, kind), seen))
    async with build_app(playground_settings(crm.address, slack.address)) as bot:
        assert len(seen) == len(bot.bolt._async_listeners)
        yield seen


@pytest.fixture
def manifest() -> Manifest:
    loaded: Manifest = yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))
    return loaded


def those(kind: str, listeners: list[Listener]) -> list[Any]:
    """What the listeners of one kind are for."""
    return [listener.of for listener in listeners if listener.kind == kind]


def everything_shown() -> list[Any]:
    """Of each kind of message, modal and Home one."""
    texts, state = texts_in("zh"), ViewState()
    private, public = sample(0, url=URL), sample(0, Audience.CHANNEL)
    saved = SavedCustomers(recent=(Remembered(ID, "甲"),))
    card = channel_card([public], texts)
    return [
        result_card(private, texts).blocks,
        result_card(Unavailable(ID, FAILURE, ID), texts).blocks,
        result_card(Several(ReadAs.NAME, (private,), 5, 6, 12, False, "sealed q"), texts).blocks,
        result_card(NotFound("x", "E-1", ReadAs.SERIAL, (OtherReading(ReadAs.NAME, "sealed q"),)), texts).blocks,
        card.blocks,
        channel_card([public, public], texts).blocks,
        muted_notice(Mute("C1", "U1"), texts).blocks,
        details_view(replace(private, is_masked=True), texts, state),
        records_view(RelatedRecords(ID, Section.WORK_ORDERS, (WorkOrder(ID, ID),)), texts, state),
        search_view(saved, texts, state),
        home_view(saved, [Mute("", "U1")], texts),
        share_view(card, texts, state),
    ]


def objects_in(part: Any) -> Iterator[dict[str, Any]]:
    """Every object in a message or view, at any depth."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from objects_in(inner)


def events_of(manifest: Manifest) -> list[str]:
    events: list[str] = manifest["settings"]["event_subscriptions"]["bot_events"]
    return events


def scopes_of(manifest: Manifest) -> set[str]:
    return set(manifest["oauth_config"]["scopes"]["bot"])


# --- Declared and handled -------------------------------------------------------------------------------------------


async def test_every_listener_is_of_a_kind_that_is_held_against_the_manifest(listeners: list[Listener]) -> None:
    """Of another kind it would be handled, and never declared or looked for here."""
    assert {listener.kind for listener in listeners} == {"command", "event", "shortcut", "action", "view", "options"}


async def test_commands_are_those_that_are_handled(manifest: Manifest, listeners: list[Listener]) -> None:
    declared = [command["command"] for command in manifest["features"]["slash_commands"]]
    assert declared == those("command", listeners)


async def test_events_are_those_that_are_handled(manifest: Manifest, listeners: list[Listener]) -> None:
    """Those of messages are declared by the kind of channel, and handled by one listener."""
    declared = {event.partition(".")[0] for event in events_of(manifest)}
    assert sorted(declared) == sorted(those("event", listeners))


def test_shortcuts_are_called_on_the_playgrounds_page_as_in_slack(manifest: Manifest) -> None:
    """In each of its languages: Slack knows one name alone."""
    words = (ROOT / "bot" / "playground" / "page" / "texts.js").read_text("utf-8")
    names = [shortcut["name"] for shortcut in manifest["features"]["shortcuts"]]
    assert [words.count(f'"{name}"') for name in names] == [2, 2]


async def test_shortcuts_are_those_that_are_handled(manifest: Manifest, listeners: list[Listener]) -> None:
    types = {"message": "message_action", "global": "shortcut"}
    declared = [
        {"type": types[shortcut["type"]], "callback_id": shortcut["callback_id"]}
        for shortcut in manifest["features"]["shortcuts"]
    ]
    assert declared == those("shortcut", listeners)


async def test_every_id_that_cards_may_carry_is_handled_and_no_other(listeners: list[Listener]) -> None:
    """Clicks are no part of the manifest: their ids are an API of their own, in one place."""
    ids = {value for name, value in vars(action_ids).items() if name.isupper() and not name.startswith(("_", "MENU_"))}
    shortcuts = [shortcut["callback_id"] for shortcut in those("shortcut", listeners)]
    assert {*those("action", listeners), *those("view", listeners), *shortcuts} == ids


async def test_whatever_can_be_clicked_or_submitted_is_handled(listeners: list[Listener]) -> None:
    """On every message, modal and Home that there is, but for the inputs, which tell nothing by themselves."""
    shown = list(objects_in(everything_shown()))
    clickable = {part["action_id"] for part in shown if part.get("type") in ("button", "overflow", "external_select")}
    assert clickable == set(those("action", listeners)) - {action_ids.CUSTOMER_PIN}  # a button of older versions
    assert {part["callback_id"] for part in shown if "submit" in part} == set(those("view", listeners))


async def test_every_box_that_suggests_is_answered_while_one_types(listeners: list[Listener]) -> None:
    shown = objects_in(everything_shown())
    assert {part["action_id"] for part in shown if part.get("type") == "external_select"} == set(
        those("options", listeners)
    )


def test_clicks_and_modals_are_switched_on(manifest: Manifest) -> None:
    assert manifest["settings"]["interactivity"]["is_enabled"] is True


async def test_whatever_is_declared_is_answered(manifest: Manifest, bot: WebProcess, slack: StandInSlack) -> None:
    """By signed requests, and as bare as they can be."""
    message = {"text": "", "ts": "1700000000.000100"}
    exchanges = [
        *[await slack.command("", command["command"]) for command in manifest["features"]["slash_commands"]],
        *[await slack.event({"type": event.partition(".")[0]}) for event in events_of(manifest)],
        *[
            await slack.global_shortcut(shortcut["callback_id"])
            if shortcut["type"] == "global"
            else await slack.message_shortcut(shortcut["callback_id"], message)
            for shortcut in manifest["features"]["shortcuts"]
        ],
    ]
    assert [exchange.status for exchange in exchanges] == [200] * len(exchanges)


def test_everything_arrives_at_the_one_address(manifest: Manifest) -> None:
    """Commands, clicks, suggestions and events are all served at /slack/events, over TLS."""
    settings = manifest["settings"]
    addresses = {command["url"] for command in manifest["features"]["slash_commands"]}
    addresses |= {settings["interactivity"]["request_url"], settings["event_subscriptions"]["request_url"]}
    addresses.add(settings["interactivity"]["message_menu_options_url"])
    [address] = addresses
    assert address.startswith("https://")
    assert address.endswith("/slack/events")


# --- Scopes ---------------------------------------------------------------------------------------------------------


def test_scopes_are_those_that_the_doctor_knows(manifest: Manifest) -> None:
    """It says what does not work without each."""
    assert scopes_of(manifest) == {*REQUIRED_SCOPES, *OPTIONAL_SCOPES}
    assert not set(REQUIRED_SCOPES) & set(OPTIONAL_SCOPES)
    assert manifest["oauth_config"]["scopes"]["bot_optional"] == list(OPTIONAL_SCOPES)


def test_scopes_are_asked_for_once(manifest: Manifest) -> None:
    asked = manifest["oauth_config"]["scopes"]["bot"]
    assert len(asked) == len(set(asked))


def test_no_scope_is_asked_for_that_nothing_uses_and_none_is_missing(manifest: Manifest) -> None:
    """What the declared events need, and the methods whose names stand in the code; ``commands`` for the rest."""
    sources = [path.read_text("utf-8") for part in ("bot/slack", "handlers") for path in (ROOT / part).glob("*.py")]
    methods = {method for source in sources for method in METHOD.findall(source)}
    used = set().union(*(SCOPES_OF_EVENTS[event] for event in events_of(manifest)))
    assert methods == set(SCOPES_OF_METHODS)
    assert scopes_of(manifest) == used.union(*SCOPES_OF_METHODS.values(), {"commands"})


def test_only_what_cards_in_channels_need_may_be_declined(manifest: Manifest) -> None:
    """Without the optional scopes the events that need them do not come, and no call is refused.

    But for the one call that nobody makes without ALLOWED_USERGROUPS.
    """
    needed_by_calls = set().union(*SCOPES_OF_METHODS.values())
    assert needed_by_calls & set(OPTIONAL_SCOPES) == {"usergroups:read"}
    dependent = {event for event in events_of(manifest) if SCOPES_OF_EVENTS[event] & set(OPTIONAL_SCOPES)}
    assert dependent == {"message.channels", "message.groups"}


def test_direct_messages_are_nobodys_business(manifest: Manifest) -> None:
    """Neither read nor offered: App Home's messages tab is off."""
    words = {word for name in (*events_of(manifest), *scopes_of(manifest)) for word in re.split("[.:]", name)}
    assert not words & {"im", "mpim"}
    assert manifest["features"]["app_home"] == {"home_tab_enabled": True, "messages_tab_enabled": False}


def test_stand_in_grants_what_the_manifest_asks_for(manifest: Manifest) -> None:
    """What the tests show to work works with these scopes."""
    assert set(SCOPES) == scopes_of(manifest)


def test_every_scope_is_explained() -> None:
    text = (ROOT / "manifest.yml").read_text("utf-8")
    section = text[text.index("    bot:\n") : text.index("\nsettings:")]
    scopes = [line for line in section.splitlines() if line.startswith("      - ")]
    assert len(scopes) == len(REQUIRED_SCOPES) + 2 * len(OPTIONAL_SCOPES)
    assert all("#" in line for line in scopes)


# --- Links ----------------------------------------------------------------------------------------------------------


def test_work_objects_are_switched_on_for_the_type_that_is_sent(manifest: Manifest) -> None:
    sent = set(re.findall(r'"(slack#/entities/\w+)"', (ROOT / "bot/cards/work_objects.py").read_text("utf-8")))
    assert manifest["features"]["rich_previews"] == {"is_active": True, "entity_types": sorted(sent)}


def test_domains_of_links_are_plain_host_names(manifest: Manifest) -> None:
    domains = manifest["features"]["unfurl_domains"]
    assert 1 <= len(domains) <= 5
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,253}[a-z0-9]", domain) for domain in domains)


# --- Slack's limits -------------------------------------------------------------------------------------------------


def test_texts_are_within_slacks_limits(manifest: Manifest) -> None:
    """As the manifest reference gives them: https://docs.slack.dev/reference/app-manifest."""
    about, features = manifest["display_information"], manifest["features"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert 175 <= len(about["long_description"]) <= 4_000
    assert len(features["bot_user"]["display_name"]) <= 80
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/\S{1,31}", command["command"])
        assert 1 <= len(command["description"]) <= 2_000
        assert 1 <= len(command["usage_hint"]) <= 1_000


def test_shortcuts_are_within_slacks_limits(manifest: Manifest) -> None:
    shortcuts = manifest["features"]["shortcuts"]
    for kind in ("message", "global"):
        assert sum(shortcut["type"] == kind for shortcut in shortcuts) <= 5
    for shortcut in shortcuts:
        assert 1 <= len(shortcut["name"]) <= 24
        assert 1 <= len(shortcut["description"]) <= 150
        assert 1 <= len(shortcut["callback_id"]) <= 255


# --- Procfile -------------------------------------------------------------------------------------------------------


def test_processes_are_commands_of_the_bot() -> None:
    processes = yaml.safe_load((ROOT / "Procfile").read_text("utf-8"))
    assert processes == {"web": "customer-bot serve", "worker": "customer-bot socket"}
