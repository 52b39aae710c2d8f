"""In which language whom is answered, end to end: by their locale in Slack, by the setting, and when nobody knows."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import pytest
from starlette.responses import PlainTextResponse, Response

from bot.cards.action_ids import CUSTOMER_DETAILS, CUSTOMER_MENU, CUSTOMER_SHARE, FIND_CUSTOMER, LOOKUP_IN_MESSAGE
from bot.locales import Texts
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.server import CHANNEL, MANAGER, USER, StandInSlack
from bot.server.http import WebProcess
from tests.conftest import Clock, StartBot
from tests.support.block_kit import texts_of
from tests.support.modals import (  # noqa: F401  # fixtures
    EN,
    ZH,
    Do,
    chosen,
    hang_fixture,
    home_of,
    hurry_fixture,
    limited,
    modal_of,
    only_answer,
    text_of,
    typed,
)
from tests.support.surfaces import DOCUMENTED, TEMPLATE, idle, why

LANGUAGES: Final = {"zh": ZH, "en": EN}


@pytest.fixture
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack is asked again at once, and is not waited for long."""
    monkeypatch.setattr("bot.slack.languages.LOCALE_TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr("bot.access.permissions.TIMEOUT_SECONDS", 0.05)


async def card(bot: WebProcess, slack: StandInSlack, user: str = USER) -> str:
    """The private card, as text."""
    exchange = await slack.command(DOCUMENTED, user=user)
    return "\n".join(texts_of(await only_answer(bot, exchange)))


def in_language(texts: Texts, shown: str) -> bool:
    """Whether a customer is shown in this language and in no other."""
    [other] = [language for language in LANGUAGES.values() if language is not texts]
    return texts.only_you in shown and other.only_you not in shown


# --- By the person's locale ------------------------------------------------------------------------------------------


async def test_answer_is_in_chinese_for_chinese_locales_and_in_english_for_all_others(
    bot: WebProcess, slack: StandInSlack
) -> None:
    """Of a person without a locale in the channel's language, which is Chinese."""
    for locale, texts in (
        ("zh-CN", ZH),
        ("zh-TW", ZH),
        ("zh-Hant-HK", ZH),
        ("ZH", ZH),
        ("", ZH),
        ("en-US", EN),
        ("en-GB", EN),
        ("ja-JP", EN),
        ("de-DE", EN),
        ("pt-BR", EN),
        ("xx", EN),
        ("nonsense", EN),
    ):
        slack.people[USER].locale = locale
        await slack.user_change(USER)
        assert in_language(texts, await card(bot, slack)), locale


async def test_labels_of_the_crm_are_translated_and_its_values_are_not(bot: WebProcess, slack: StandInSlack) -> None:
    english = await card(bot, slack, MANAGER)
    assert "*Contact*\n胡效鑫1" in english
    assert "*Address*\n东郊森林公园-华北树木园" in english
    assert "联系人" not in english
    chinese = await card(bot, slack)
    assert "*联系人*\n胡效鑫1" in chinese


async def test_every_surface_speaks_each_persons_language(bot: WebProcess, slack: StandInSlack) -> None:
    """One after the other, in the same minute, about the same customer."""
    for user, texts in ((USER, ZH), (MANAGER, EN)):
        await slack.click(CUSTOMER_DETAILS, DOCUMENTED, user=user)
        assert in_language(texts, text_of(await modal_of(bot, slack, user)))
        await slack.click(CUSTOMER_SHARE, DOCUMENTED, user=user)
        assert texts.modal.share_where in text_of(await modal_of(bot, slack, user))
        message = {"type": "message", "text": "nobody"}
        await slack.message_shortcut(LOOKUP_IN_MESSAGE, message, user=user)
        assert texts.modal.nothing_found in text_of(await modal_of(bot, slack, user))
        await slack.global_shortcut(FIND_CUSTOMER, user=user)
        modal = await modal_of(bot, slack, user)
        assert texts.modal.input_label in text_of(modal)
        await slack.submit(modal.view_id, typed("nonsense"), user=user)
        assert texts.search.not_found["name"] in text_of(await modal_of(bot, slack, user))
        assert texts.home.greeting in text_of(await home_of(bot, slack, user))
        pinned = await only_answer(bot, await slack.choose(CUSTOMER_MENU, f"pin {DOCUMENTED}", user=user))
        assert pinned.text == texts.pinned("*胡效鑫1 · CF00000179*")
        assert texts.help in (await only_answer(bot, await slack.command("help", user=user))).text
        assert texts.automatic_cards.nothing_seen in (await why(slack, user=user)).text


async def test_waiting_line_speaks_the_language_that_is_known(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, hang: Do
) -> None:
    """Of who was never asked about, the channel's; the answer itself is in their own all the same."""
    await card(bot, slack, MANAGER)
    clock.advance(600)
    hang()
    await slack.click(CUSTOMER_DETAILS, DOCUMENTED, user=MANAGER)
    modal = await slack.until(lambda: slack.modal(MANAGER))
    assert EN.modal.loading in text_of(modal)
    crm.release()
    assert in_language(EN, text_of(await modal_of(bot, slack, MANAGER)))


async def test_person_is_asked_about_once_an_hour(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    """However many clicks, and however many at once."""
    await asyncio.gather(*(card(bot, slack) for _ in range(5)))
    await home_of(bot, slack)
    assert len(slack.asked_for("users.info")) == 1
    clock.advance(3_601)
    await card(bot, slack)
    assert len(slack.asked_for("users.info")) == 2


async def test_changed_language_takes_effect_at_once(bot: WebProcess, slack: StandInSlack) -> None:
    assert in_language(ZH, await card(bot, slack))
    slack.people[USER].locale = "en-US"
    assert in_language(ZH, await card(bot, slack))
    await slack.user_change(USER)
    assert in_language(EN, await card(bot, slack))


# --- What a channel sees ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("setting", "texts"), [("auto", ZH), ("zh", ZH), ("en", EN)])
async def test_channel_has_the_language_of_the_setting(
    start_bot: StartBot, slack: StandInSlack, setting: str, texts: Texts
) -> None:
    """For every author and sharer there, whatever they read themselves."""
    bot = await start_bot(customer_url_template=TEMPLATE, language=setting)
    for user in (USER, MANAGER):
        await slack.click(CUSTOMER_SHARE, DOCUMENTED, user=user)
        modal = await modal_of(bot, slack, user)
        await slack.submit(modal.view_id, chosen(CHANNEL), user=user)
        await idle(bot)
    await slack.post_message(DOCUMENTED, user=MANAGER)
    await idle(bot)
    assert len(slack.posts[CHANNEL]) == 3
    for posted in slack.posts[CHANNEL]:
        assert texts.customer.view_details in texts_of(posted.message)


@pytest.mark.parametrize(("setting", "texts"), [("zh", ZH), ("en", EN)])
async def test_setting_that_names_a_language_is_everybodys(
    start_bot: StartBot, slack: StandInSlack, setting: str, texts: Texts
) -> None:
    """Whatever their locale is."""
    bot = await start_bot(customer_url_template=TEMPLATE, language=setting)
    for user in (USER, MANAGER):
        assert in_language(texts, await card(bot, slack, user))
        await slack.click(CUSTOMER_DETAILS, DOCUMENTED, user=user)
        assert in_language(texts, text_of(await modal_of(bot, slack, user)))


# --- When Slack does not say -----------------------------------------------------------------------------------------


Ask = Callable[[WebProcess, StandInSlack], Awaitable[str]]


async def by_command(bot: WebProcess, slack: StandInSlack) -> str:
    exchange = await slack.command(DOCUMENTED, user=MANAGER)
    return "\n".join(texts_of((await exchange.answers(1))[-1]))


async def by_details(bot: WebProcess, slack: StandInSlack) -> str:
    await slack.click(CUSTOMER_DETAILS, DOCUMENTED, user=MANAGER)
    return text_of(await slack.until(lambda: slack.modal(MANAGER)))


@pytest.mark.usefixtures("_short_waits")
@pytest.mark.parametrize("ask", [by_command, by_details])
async def test_slow_slack_costs_the_customer_and_not_the_answer(bot: WebProcess, slack: StandInSlack, ask: Ask) -> None:
    """A refusal in the channel's language; once Slack has said who it is, the customer in the person's own."""
    held = slack.hold["users.info"] = asyncio.Event()
    assert ZH.denied["unknown_person"] in await ask(bot, slack)
    held.set()
    await idle(bot)
    slack.modals.clear()
    assert in_language(EN, await ask(bot, slack))
    assert len(slack.asked_for("users.info")) == 1


@pytest.mark.usefixtures("_short_waits")
async def test_refusal_costs_the_customer_and_not_the_answer(bot: WebProcess, slack: StandInSlack) -> None:
    """And is not remembered: the next time Slack is asked again."""
    refusals: tuple[Response | str, ...] = (
        "missing_scope",
        "user_not_found",
        limited("3600"),
        PlainTextResponse("", 503),
        PlainTextResponse("<html>"),
    )
    for refusal in refusals:
        await slack.user_change(MANAGER)
        slack.refuse["users.info"] = [refusal] * 3
        assert ZH.denied["unknown_person"] in await card(bot, slack, MANAGER), refusal
        slack.refuse["users.info"].clear()
        assert in_language(EN, await card(bot, slack, MANAGER)), refusal


@pytest.mark.usefixtures("_short_waits")
async def test_rate_limit_is_waited_for_until_the_timeout(bot: WebProcess, slack: StandInSlack) -> None:
    """The question goes on without the answer: the next one is in the person's language."""
    slack.refuse["users.info"] = [limited("0")]
    await card(bot, slack, MANAGER)
    await idle(bot)
    assert in_language(EN, await card(bot, slack, MANAGER))
    assert len(slack.asked_for("users.info")) == 2
