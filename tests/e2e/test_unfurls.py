"""Links to customers, end to end: what comes under a link in a message, and when nothing does."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.cards.action_ids import CUSTOMER_DETAILS, CUSTOMER_MENU, CUSTOMER_MUTE
from bot.domain.preferences import CardOutcome
from bot.playground.fake_crm.server import Fault, SampleCrm
from bot.playground.fake_slack.server import (
    CHANNEL,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    MANAGER,
    PRIVATE_CHANNEL,
    SHARED_CHANNEL,
    USER,
    Ephemeral,
    OnUnfurl,
    StandInSlack,
    Unfurl,
)
from bot.server.http import WebProcess
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import (
    assert_slack_takes,
    assert_slack_takes_entity,
    assert_slack_takes_view,
    elements_of,
    texts_of,
    texts_of_view,
)
from tests.support.surfaces import (
    CLINIC,
    DOCUMENTED,
    FACTORY,
    HOTEL,
    NO_DATABASE,
    TEMPLATE,
    UNKNOWN,
    digits_in,
    everything_in,
    idle,
    link,
    long_numbers,
    private_values,
    reason,
    why,
)

NAME = "胡效鑫1"
GONE = Fault(status=404, body=b"gone")


async def unfurls_of(bot: WebProcess, slack: StandInSlack, text: str, **message: Any) -> dict[str, Unfurl]:
    """What stands under the links of a message, by link, once nothing more can come."""
    said = await slack.post_message(text, **message)
    assert said.links is None or said.links.status == 200
    await idle(bot)
    return slack.unfurls[said.ts]


def shown(unfurl: Unfurl) -> str:
    return "\n".join(texts_of(unfurl.message))


# --- How many -------------------------------------------------------------------------------------------------------


async def test_one_link_gets_the_whole_channel_card_and_a_work_object(bot: WebProcess, slack: StandInSlack) -> None:
    unfurls = await unfurls_of(bot, slack, f"请看 {link(DOCUMENTED)} 谢谢")
    [(url, unfurl)] = unfurls.items()
    assert url == link(DOCUMENTED)
    assert "CF00000179" in shown(unfurl)
    assert "北京市-北京市-通州区" in shown(unfurl)
    assert [element["action_id"] for element in elements_of(unfurl.message.blocks)] == [CUSTOMER_MENU, CUSTOMER_DETAILS]
    assert_slack_takes(unfurl.message._replace(text="text"))
    assert unfurl.entity is not None
    assert unfurl.entity["entity_type"] == "slack#/entities/item"
    assert unfurl.entity["external_ref"] == {"id": DOCUMENTED, "type": "customer"}
    assert unfurl.entity["entity_payload"]["attributes"]["title"]["text"] == NAME
    assert_slack_takes_entity(unfurl.entity)
    assert not slack.posts[CHANNEL]
    assert len(slack.asked_for("chat.unfurl")) == 1


async def test_two_links_get_a_line_each(bot: WebProcess, slack: StandInSlack) -> None:
    unfurls = await unfurls_of(bot, slack, f"{link(DOCUMENTED)} 和 {link(FACTORY)}")
    assert list(unfurls) == [link(DOCUMENTED), link(FACTORY)]
    for unfurl, name, customer_id in zip(
        unfurls.values(), (NAME, "杭州岚峤精密机械有限公司"), (DOCUMENTED, FACTORY), strict=True
    ):
        assert len(unfurl.message.blocks) == 1
        assert "\n" not in unfurl.message.blocks[0]["text"]["text"]
        assert name in shown(unfurl)
        [menu] = elements_of(unfurl.message.blocks)
        assert [option["value"] for option in menu["options"]] == [
            f"details {customer_id}",
            "mute_day",
            "mute_channel",
            "mute_me",
        ]
        assert unfurl.entity is not None
        assert unfurl.entity["external_ref"]["id"] == customer_id
    assert len(slack.asked_for("chat.unfurl")) == 1


@pytest.mark.parametrize("customers", [(DOCUMENTED, FACTORY, CLINIC), (DOCUMENTED, FACTORY, CLINIC, HOTEL, UNKNOWN)])
async def test_three_links_and_more_get_nothing(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, customers: tuple[str, ...]
) -> None:
    assert not await unfurls_of(bot, slack, " ".join(map(link, customers)))
    assert not slack.asked_for("chat.unfurl")
    assert not crm.asked
    assert reason(CardOutcome.TOO_MANY_LINKS) in (await why(slack)).text


async def test_customer_that_is_linked_twice_counts_once(bot: WebProcess, slack: StandInSlack) -> None:
    """However the links are spelt; the card stands under the first."""
    spelt = (
        f"{link(DOCUMENTED)} {link(DOCUMENTED)}/orders {link(DOCUMENTED.upper())} {link(DOCUMENTED.replace('-', ''))}"
    )
    [(url, unfurl)] = (await unfurls_of(bot, slack, spelt)).items()
    assert url == link(DOCUMENTED)
    assert CUSTOMER_MENU in [element["action_id"] for element in elements_of(unfurl.message.blocks)]


async def test_two_customers_in_three_links_get_a_line_each(bot: WebProcess, slack: StandInSlack) -> None:
    unfurls = await unfurls_of(bot, slack, f"{link(DOCUMENTED)} {link(FACTORY)} {link(DOCUMENTED)}?tab=2")
    assert list(unfurls) == [link(DOCUMENTED), link(FACTORY)]
    assert [len(unfurl.message.blocks) for unfurl in unfurls.values()] == [1, 1]


async def test_known_customer_beside_an_unknown_one_gets_a_line(bot: WebProcess, slack: StandInSlack) -> None:
    unfurls = await unfurls_of(bot, slack, f"{link(UNKNOWN)} {link(DOCUMENTED)}")
    assert list(unfurls) == [link(DOCUMENTED)]
    assert len(unfurls[link(DOCUMENTED)].message.blocks) == 1


# --- Which links ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"{link(DOCUMENTED)}?tab=orders&page=2", id="parameters"),
        pytest.param(f"{link(DOCUMENTED)}/orders/7", id="a page below"),
        pytest.param(f"{link(DOCUMENTED)}#contacts", id="a place on the page"),
        pytest.param(link(DOCUMENTED.upper()), id="upper case"),
        pytest.param(link(DOCUMENTED).replace("https", "http"), id="http"),
    ],
)
async def test_link_to_a_customer_is_one_however_it_goes_on(bot: WebProcess, slack: StandInSlack, url: str) -> None:
    """The Work Object says of its own address what the template says, and of the link what was posted."""
    [(under, unfurl)] = (await unfurls_of(bot, slack, url)).items()
    assert under == url
    assert unfurl.entity is not None
    assert (unfurl.entity["app_unfurl_url"], unfurl.entity["url"]) == (url, link(DOCUMENTED))


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://crm.example.com/", id="the front page"),
        pytest.param(f"https://crm.example.com/order/{DOCUMENTED}", id="an order"),
        pytest.param(f"https://crm.example.com/customers?next=/customer/{DOCUMENTED}", id="somewhere behind"),
        pytest.param("https://crm.example.com/customer/CF00000179", id="no id"),
        pytest.param(f"{link(DOCUMENTED)}0", id="an id that goes on"),
        pytest.param(f"https://test.crm.example.com/customer/{DOCUMENTED}", id="another host"),
        pytest.param(f"https://crm.example.com:8443/customer/{DOCUMENTED}", id="another port"),
    ],
)
async def test_other_pages_of_the_domain_get_nothing(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, url: str
) -> None:
    said = await slack.post_message(url)
    assert said.links is not None
    assert said.links.status == 200
    await idle(bot)
    assert not slack.asked_for("chat.unfurl")
    assert not crm.asked


async def test_without_a_template_no_link_is_a_customers(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm
) -> None:
    bot = await start_bot()
    assert not await unfurls_of(bot, slack, link(DOCUMENTED))
    assert not crm.asked


async def test_unknown_customer_gets_nothing(bot: WebProcess, slack: StandInSlack) -> None:
    assert not await unfurls_of(bot, slack, link(UNKNOWN))
    assert not slack.asked_for("chat.unfurl")
    assert reason(CardOutcome.UNKNOWN_CUSTOMER) in (await why(slack)).text


@pytest.mark.parametrize("sends_unfurl_ids", [True, False])
async def test_card_comes_under_links_in_threads_and_by_either_address(
    bot: WebProcess, slack: StandInSlack, sends_unfurl_ids: bool
) -> None:
    """Enterprise organisations' events name no unfurl: the message is named then."""
    slack.sends_unfurl_ids = sends_unfurl_ids
    first = await slack.post_message("有人在吗")
    unfurls = await unfurls_of(bot, slack, link(DOCUMENTED), thread_ts=first.ts)
    assert list(unfurls) == [link(DOCUMENTED)]
    [call] = slack.asked_for("chat.unfurl")
    assert {"unfurl_id", "source", "channel", "ts"} & set(call) == (
        {"unfurl_id", "source"} if sends_unfurl_ids else {"channel", "ts"}
    )


async def test_composer_gets_nothing(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """Nobody knows who will read it; once it is sent it is a link like any other."""
    said = await slack.compose(link(DOCUMENTED))
    assert said.links is not None
    assert said.links.status == 200
    await idle(bot)
    assert not slack.asked_for("chat.unfurl")
    assert not crm.asked
    assert await unfurls_of(bot, slack, link(DOCUMENTED))


COMPOSERS: tuple[dict[str, Any], ...] = (
    {"channel": "COMPOSER"},
    {"channel_id": "COMPOSER"},
    {"channel": CHANNEL, "source": "composer", "unfurl_id": "u1"},
    {},
)
"""As in the reference, as in the guide, with a channel, and without any."""


async def test_composer_gets_nothing_however_the_event_names_it(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    links = [{"url": link(DOCUMENTED), "domain": "crm.example.com"}]
    for where in COMPOSERS:
        event = {"type": "link_shared", "user": USER, "message_ts": "composer-1", "links": links, **where}
        assert (await slack.event(event)).status == 200
    await idle(bot)
    assert {method for method, _ in slack.calls} <= {"auth.test", "users.info"}
    assert not crm.asked


ODD_LINKS: tuple[Any, ...] = (
    None, {}, "links", [], [None], ["link"], [{}], [{"url": None}], [{"url": 5}], [{"domain": "crm.example.com"}],
)  # fmt: skip


async def test_odd_links_are_nobodys_and_no_bug(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    """Slack never sends them: answered, or refused as no request of Slack's."""
    for links in ODD_LINKS:
        event = {"type": "link_shared", "user": USER, "channel": CHANNEL, "message_ts": "1.1", "links": links}
        assert (await slack.event(event)).status in (200, 400)
    await idle(bot)
    assert not slack.asked_for("chat.unfurl")
    assert not logs.lines("event_failed")


async def test_refresh_goes_past_the_cache(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    said = await slack.post_message(link(DOCUMENTED))
    await idle(bot)
    rows = [dict(row, Value="新名字") if row["Key"] == "客户名称" else row for row in crm.customers[DOCUMENTED]]
    crm.customers[DOCUMENTED] = rows
    again = await unfurls_of(bot, slack, link(DOCUMENTED))
    assert NAME in shown(again[link(DOCUMENTED)])
    await slack.refresh_unfurl(said)
    await idle(bot)
    assert "新名字" in shown(slack.unfurls[said.ts][link(DOCUMENTED)])
    assert crm.asked["GetCustomer"] == 2


# --- Where, and for whom --------------------------------------------------------------------------------------------


async def test_link_in_an_internal_channel_without_the_bot_gets_its_card(bot: WebProcess, slack: StandInSlack) -> None:
    """Slack sends links wherever they are posted; /customer why knows of it there too."""
    assert await unfurls_of(bot, slack, link(DOCUMENTED), channel=FOREIGN_CHANNEL)
    assert reason(CardOutcome.POSTED) in (await why(slack, channel=FOREIGN_CHANNEL)).text


def shared(slack: StandInSlack) -> str:
    return SHARED_CHANNEL


def pending(slack: StandInSlack) -> str:
    slack.channels[CHANNEL].is_pending_ext_shared = True
    return CHANNEL


def hidden(slack: StandInSlack) -> str:
    return PRIVATE_CHANNEL


def direct(slack: StandInSlack) -> str:
    return DIRECT_MESSAGE


def unscoped(slack: StandInSlack) -> str:
    slack.granted_scopes.remove("channels:read")
    return CHANNEL


def silent(slack: StandInSlack) -> str:
    slack.refuse["conversations.info"] = [PlainTextResponse("", 500) for _ in range(3)]
    return CHANNEL


def vague(slack: StandInSlack) -> str:
    slack.refuse["conversations.info"] = [JSONResponse({"ok": True, "channel": {"id": CHANNEL}})]
    return CHANNEL


@pytest.mark.parametrize(
    ("channel", "outcome"),
    [
        (shared, CardOutcome.EXTERNAL_CHANNEL),
        (pending, CardOutcome.EXTERNAL_CHANNEL),
        (hidden, CardOutcome.UNREADABLE_CHANNEL),
        (direct, CardOutcome.UNREADABLE_CHANNEL),
        (unscoped, CardOutcome.UNREADABLE_CHANNEL),
        (silent, CardOutcome.UNREADABLE_CHANNEL),
        (vague, CardOutcome.UNREADABLE_CHANNEL),
    ],
)
async def test_channel_that_is_not_known_to_be_internal_gets_nothing(
    bot: WebProcess,
    slack: StandInSlack,
    crm: SampleCrm,
    monkeypatch: pytest.MonkeyPatch,
    channel: Callable[[StandInSlack], str],
    outcome: CardOutcome,
) -> None:
    """And the CRM is not even asked."""
    monkeypatch.setattr("bot.slack.api.RETRY_WAIT_SECONDS", 0.01)
    where = channel(slack)
    assert not await unfurls_of(bot, slack, link(DOCUMENTED), channel=where)
    assert not slack.asked_for("chat.unfurl")
    assert not crm.asked
    assert reason(outcome) in (await why(slack, channel=where)).text


async def test_doubt_about_a_channel_is_not_remembered(bot: WebProcess, slack: StandInSlack) -> None:
    slack.refuse["conversations.info"] = ["ratelimited"]
    assert not await unfurls_of(bot, slack, link(DOCUMENTED))
    assert await unfurls_of(bot, slack, link(DOCUMENTED))


async def test_channel_is_asked_about_once_in_five_minutes(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    for _ in range(3):
        await unfurls_of(bot, slack, link(DOCUMENTED))
    assert len(slack.asked_for("conversations.info")) == 1
    clock.advance(301)
    await unfurls_of(bot, slack, link(DOCUMENTED))
    assert len(slack.asked_for("conversations.info")) == 2


async def test_menu_turns_links_off_for_a_channel_and_undo_on_again(bot: WebProcess, slack: StandInSlack) -> None:
    """Anybody's links there, and nowhere else. What was posted before stays."""
    said = await slack.post_message(link(DOCUMENTED))
    await idle(bot)
    at = OnUnfurl(CHANNEL, said.ts, link(DOCUMENTED))
    [notice] = await (await slack.choose(CUSTOMER_MENU, "mute_channel", user=MANAGER, at=at)).answers(1)
    [undo] = elements_of(notice.blocks)
    assert undo["action_id"] == CUSTOMER_MUTE
    assert not await unfurls_of(bot, slack, link(DOCUMENTED))
    assert reason(CardOutcome.CHANNEL_MUTED) in (await why(slack)).text
    assert await unfurls_of(bot, slack, link(DOCUMENTED), channel=FOREIGN_CHANNEL)
    await (await slack.click(CUSTOMER_MUTE, undo["value"], at=Ephemeral(CHANNEL))).answers(1)
    assert await unfurls_of(bot, slack, link(DOCUMENTED))


async def test_pause_for_a_day_ends_after_a_day(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    said = await slack.post_message(link(DOCUMENTED))
    await idle(bot)
    at = OnUnfurl(CHANNEL, said.ts, link(DOCUMENTED))
    await (await slack.choose(CUSTOMER_MENU, "mute_day", at=at)).answers(1)
    clock.advance(86_399)
    assert not await unfurls_of(bot, slack, link(DOCUMENTED))
    clock.advance(2)
    assert await unfurls_of(bot, slack, link(DOCUMENTED))


async def test_menu_turns_ones_own_links_off_everywhere(bot: WebProcess, slack: StandInSlack) -> None:
    said = await slack.post_message(link(DOCUMENTED))
    await idle(bot)
    at = OnUnfurl(CHANNEL, said.ts, link(DOCUMENTED))
    await (await slack.choose(CUSTOMER_MENU, "mute_me", at=at)).answers(1)
    for channel in (CHANNEL, FOREIGN_CHANNEL):
        assert not await unfurls_of(bot, slack, link(DOCUMENTED), channel=channel)
        assert reason(CardOutcome.PERSON_MUTED) in (await why(slack, channel=channel)).text
        assert await unfurls_of(bot, slack, link(DOCUMENTED), channel=channel, user=MANAGER)


async def test_refresh_in_a_muted_channel_changes_nothing(bot: WebProcess, slack: StandInSlack) -> None:
    said = await slack.post_message(link(DOCUMENTED))
    await idle(bot)
    await (await slack.choose(CUSTOMER_MENU, "mute_channel", at=OnUnfurl(CHANNEL, said.ts, link(DOCUMENTED)))).answers(
        1
    )
    await slack.refresh_unfurl(said)
    await idle(bot)
    assert len(slack.asked_for("chat.unfurl")) == 1


async def test_details_open_the_private_view_for_who_clicked(bot: WebProcess, slack: StandInSlack) -> None:
    """In that person's own language."""
    said = await slack.post_message(link(DOCUMENTED))
    await idle(bot)
    for user, label in ((MANAGER, "Phone"), (USER, "联系电话")):
        at = OnUnfurl(CHANNEL, said.ts, link(DOCUMENTED))
        assert (await slack.click(CUSTOMER_DETAILS, DOCUMENTED, user=user, at=at)).status == 200
        await idle(bot)
        modal = slack.modal(user)
        assert modal is not None
        assert "185 3962 2352" in "\n".join(texts_of_view(modal.view))
        assert label in "\n".join(texts_of_view(modal.view))
        assert_slack_takes_view(modal.view)
    assert not slack.posts[CHANNEL]


async def test_details_of_a_line_are_in_its_menu(bot: WebProcess, slack: StandInSlack) -> None:
    said = await slack.post_message(f"{link(DOCUMENTED)} {link(FACTORY)}")
    await idle(bot)
    at = OnUnfurl(CHANNEL, said.ts, link(FACTORY))
    assert (await slack.choose(CUSTOMER_MENU, f"details {FACTORY}", user=MANAGER, at=at)).status == 200
    await idle(bot)
    modal = slack.modal(MANAGER)
    assert modal is not None
    assert "138 0000 1001" in "\n".join(texts_of_view(modal.view))
    assert not slack.ephemerals


@pytest.mark.parametrize(("language", "words"), [("auto", "查看详情"), ("zh", "查看详情"), ("en", "View details")])
async def test_channel_has_the_language_of_the_setting(
    start_bot: StartBot, slack: StandInSlack, language: str, words: str
) -> None:
    """Not the author's: others read it too."""
    bot = await start_bot(customer_url_template=TEMPLATE, language=language)
    [unfurl] = (await unfurls_of(bot, slack, link(DOCUMENTED), user=MANAGER)).values()
    assert words in shown(unfurl)


async def test_nothing_private_is_in_any_unfurl(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """No phone, mail, address, account or number of a card of any sample customer, in whatever field and spelling."""
    for customer_id in crm.customers:
        await slack.post_message(link(customer_id))
        await slack.post_message(f"{link(customer_id)} {link(UNKNOWN)}")
    await idle(bot)
    unfurls = [unfurl for under in slack.unfurls.values() for unfurl in under.values()]
    assert len(unfurls) == 2 * len(crm.customers)
    for unfurl in unfurls:
        assert unfurl.entity is not None
        assert_slack_takes_entity(unfurl.entity)
        assert_slack_takes(unfurl.message._replace(text="text"))
    texts = everything_in(unfurls)
    digits = digits_in(texts)
    assert not [number for number in long_numbers() if number in digits]
    assert not [value for value in private_values() if value in texts]
    assert NAME in texts


# --- When something fails -------------------------------------------------------------------------------------------


async def test_with_the_crm_down_nothing_comes_without_a_copy_and_an_old_copy_says_so(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    crm.fault = GONE
    assert not await unfurls_of(bot, slack, link(DOCUMENTED))
    assert reason(CardOutcome.CRM_SILENT) in (await why(slack)).text
    crm.fault = None
    await unfurls_of(bot, slack, link(DOCUMENTED))
    crm.fault = GONE
    clock.advance(600)
    [unfurl] = (await unfurls_of(bot, slack, link(DOCUMENTED))).values()
    assert "这是 10 分钟前的副本" in shown(unfurl)
    assert "这是 10 分钟前的副本" in everything_in(unfurl.entity)


async def test_without_a_database_nothing_comes_and_why_says_so(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm
) -> None:
    """Nobody can tell then whether cards are wanted here."""
    bot = await start_bot(customer_url_template=TEMPLATE, database_url=NO_DATABASE, database_opens=False)
    assert not await unfurls_of(bot, slack, link(DOCUMENTED))
    assert not crm.asked
    assert "数据库" in (await why(slack)).text


async def test_database_that_goes_away_stops_the_cards(bot: WebProcess, slack: StandInSlack) -> None:
    assert await unfurls_of(bot, slack, link(DOCUMENTED))
    assert bot.bot is not None
    await bot.bot.store.close()
    assert not await unfurls_of(bot, slack, link(DOCUMENTED))


REFUSED = {
    "the Work Object": ["error_processing_metadata"],
    "the Work Object, by another word": ["invalid_metadata_format"],
    "the blocks, once": ["invalid_blocks"],
    "arguments, once": ["invalid_arguments"],
}


@pytest.mark.parametrize("refusals", REFUSED.values(), ids=REFUSED.keys())
async def test_blocks_go_alone_where_slack_refuses_the_work_object(
    bot: WebProcess, slack: StandInSlack, logs: Logs, refusals: list[Response | str]
) -> None:
    slack.refuse["chat.unfurl"] = list(refusals)
    [unfurl] = (await unfurls_of(bot, slack, link(DOCUMENTED))).values()
    assert unfurl.message.blocks
    assert unfurl.entity is None
    assert [line["level"] for line in logs.lines("blocks_refused")] == ["error"]
    assert reason(CardOutcome.POSTED) in (await why(slack)).text


@pytest.mark.parametrize("word", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"])
async def test_texts_go_alone_where_slack_refuses_the_blocks_too(
    bot: WebProcess, slack: StandInSlack, word: str
) -> None:
    slack.refuse["chat.unfurl"] = [word, word]
    unfurls = await unfurls_of(bot, slack, f"{link(DOCUMENTED)} {link(FACTORY)}")
    assert [unfurl.message.text for unfurl in unfurls.values()] == [
        "胡效鑫1  CF00000179",
        "杭州岚峤精密机械有限公司  CF00000201",
    ]
    assert not any(unfurl.message.blocks or unfurl.entity for unfurl in unfurls.values())


async def test_warning_beside_an_ok_is_logged(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    """Slack drops a Work Object that it cannot read, and says so there alone."""
    slack.refuse["chat.unfurl"] = [JSONResponse({"ok": True, "warning": "invalid_metadata_format"})]
    await unfurls_of(bot, slack, link(DOCUMENTED))
    assert [(line["level"], line["warning"]) for line in logs.lines("slack_warning")] == [
        ("warning", "invalid_metadata_format")
    ]
    assert len(slack.asked_for("chat.unfurl")) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(PlainTextResponse("oops", 500), id="HTTP 500"),
        pytest.param(PlainTextResponse("", 503), id="HTTP 503"),
        pytest.param(PlainTextResponse("<html>", 200), id="no JSON"),
        pytest.param("internal_error", id="an error inside of Slack"),
        pytest.param("cannot_unfurl_url", id="a refusal"),
    ],
)
async def test_unfurl_that_may_have_arrived_is_not_sent_again(
    bot: WebProcess, slack: StandInSlack, logs: Logs, refusal: Response | str
) -> None:
    slack.refuse["chat.unfurl"] = [refusal]
    await unfurls_of(bot, slack, link(DOCUMENTED))
    assert len(slack.asked_for("chat.unfurl")) == 1
    assert [line["level"] for line in logs.lines("unfurl_refused")] == ["error"]
    assert reason(CardOutcome.SLACK_REFUSED) in (await why(slack)).text


async def test_unfurl_that_is_limited_is_sent_again_after_retry_after(bot: WebProcess, slack: StandInSlack) -> None:
    limited = JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "0"})
    slack.refuse["chat.unfurl"] = [limited, limited]
    assert await unfurls_of(bot, slack, link(DOCUMENTED))
    assert len(slack.asked_for("chat.unfurl")) == 3


async def test_access_log_says_whose_link_was_answered(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    await unfurls_of(bot, slack, link(DOCUMENTED))
    [line] = logs.lines("customer_lookup")
    assert {name: line[name] for name in ("team", "user", "channel", "surface", "customer_id", "outcome", "cache")} == {
        "team": "T0PLAY",
        "user": "U0SALES",
        "channel": "C0GENERAL",
        "surface": "link_unfurl",
        "customer_id": DOCUMENTED,
        "outcome": "found",
        "cache": "miss",
    }
