"""In which language whom to answer: the setting's, else the reader's own, and never late for that."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

import pytest

from bot.locales import Texts, texts_in
from bot.playground.fake_slack.server import MANAGER, USER, StandInSlack
from bot.slack.languages import Languages
from bot.slack.users import Users
from tests.conftest import Clock
from tests.support.slack_layer import eventually, layer

ZH, EN = texts_in("zh"), texts_in("en")


@pytest.fixture
async def users(slack: StandInSlack, clock: Clock) -> AsyncIterator[Users]:
    async with layer(slack.address) as parts:
        yield Users(parts.api, parts.background, clock)


@pytest.fixture
def auto(users: Users) -> Languages:
    return Languages("auto", users)


@pytest.mark.parametrize(("setting", "texts"), [("zh", ZH), ("en", EN)])
async def test_setting_holds_for_everybody(
    users: Users, slack: StandInSlack, setting: Literal["zh", "en"], texts: Texts
) -> None:
    """And Slack is not asked."""
    languages = Languages(setting, users)
    assert languages.channel is texts
    for user in (USER, MANAGER, ""):
        assert await languages.of(user) is texts
        assert await languages.of(user, "fr-FR") is texts
        assert languages.known(user) is texts
    assert slack.calls == []


def test_channel_reads_chinese_unless_set_otherwise(auto: Languages) -> None:
    assert auto.channel is ZH


async def test_reader_has_the_language_of_their_slack(auto: Languages) -> None:
    assert await auto.of(USER) is ZH
    assert await auto.of(MANAGER) is EN


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        ("zh-CN", ZH), ("zh-TW", ZH), ("zh", ZH), ("ZH-HANT", ZH), ("en-US", EN), ("en-GB", EN), ("ja-JP", EN),
        ("de", EN),
    ],
)  # fmt: skip
async def test_who_reads_no_chinese_reads_english(
    auto: Languages, slack: StandInSlack, locale: str, texts: Texts
) -> None:
    slack.people[USER].locale = locale
    assert await auto.of(USER) is texts
    assert await auto.of(MANAGER, locale) is texts


async def test_locale_of_an_event_is_taken_without_asking(auto: Languages, slack: StandInSlack) -> None:
    assert await auto.of(USER, "en-US") is EN
    assert slack.calls == []


async def test_reader_without_a_locale_reads_what_the_channel_reads(auto: Languages, slack: StandInSlack) -> None:
    slack.people[MANAGER].locale = ""
    assert await auto.of(MANAGER) is ZH


async def test_nobody_is_asked_for_what_is_known_already(auto: Languages, slack: StandInSlack) -> None:
    assert auto.known(MANAGER) is ZH
    await auto.of(MANAGER)
    assert auto.known(MANAGER) is EN
    assert await auto.of(MANAGER) is EN
    assert len(slack.calls) == 1


async def test_slack_that_refuses_to_say_gives_the_channels_language(auto: Languages, slack: StandInSlack) -> None:
    slack.refuse["users.info"] = ["missing_scope"]
    assert await auto.of(MANAGER) is ZH
    assert await auto.of(MANAGER) is EN


async def test_slack_that_cannot_be_reached_gives_the_channels_language(clock: Clock) -> None:
    async with layer("http://127.0.0.1:9") as parts:
        assert await Languages("auto", Users(parts.api, parts.background, clock)).of(MANAGER) is ZH


async def test_nobody_waits_long_for_slack(
    auto: Languages, slack: StandInSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says after all is there the next time."""
    monkeypatch.setattr("bot.slack.languages.LOCALE_TIMEOUT_SECONDS", 0.03)
    said = slack.hold["users.info"] = asyncio.Event()
    async with asyncio.timeout(1):
        assert await auto.of(MANAGER) is ZH
    said.set()
    await eventually(lambda: auto.known(MANAGER) is EN)
    assert len(slack.calls) == 1
