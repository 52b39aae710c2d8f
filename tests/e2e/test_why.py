"""``/customer why``, end to end: in one line why the last message in this channel got no card, or that it got one."""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cards.action_ids import CUSTOMER_MUTE
from bot.domain.preferences import CardOutcome
from bot.locales import texts_in
from bot.playground.fake_crm.server import Fault, SampleCrm
from bot.playground.fake_slack.server import (
    CHANNEL,
    FOREIGN_CHANNEL,
    GUEST,
    MANAGER,
    OUTSIDER,
    SHARED_CHANNEL,
    Channel,
    InMessage,
    Said,
    StandInSlack,
)
from bot.server.http import WebProcess
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import assert_slack_takes, elements_of, texts_of
from tests.support.surfaces import (
    CLINIC,
    DOCUMENTED,
    FACTORY,
    NO_DATABASE,
    TEMPLATE,
    UNKNOWN,
    customer_values,
    idle,
    link,
    reason,
    why,
)

ZH, EN = texts_in("zh").automatic_cards, texts_in("en").automatic_cards


class House:
    """The bot with its surroundings, for the stories below."""

    def __init__(self, bot: WebProcess, slack: StandInSlack, crm: SampleCrm, database: Path) -> None:
        self.bot = bot
        self.slack = slack
        self.crm = crm
        self.database = database

    async def said(self, text: str, *, channel: str = CHANNEL, **others: Any) -> Said:
        said = await self.slack.post_message(text, channel=channel, **others)
        await idle(self.bot)
        return said

    async def muted(self, choice: str) -> None:
        await self.said(DOCUMENTED)
        await (await self.slack.choose("customer_menu", choice, at=InMessage(self.slack.posts[CHANNEL][0]))).answers(1)


MOST_LOOKUPS = 10


@pytest.fixture
async def bot(start_bot: StartBot) -> WebProcess:
    channels = f"{CHANNEL},{SHARED_CHANNEL}"
    return await start_bot(customer_url_template=TEMPLATE, allowed_channels=channels, lookups_per_minute=MOST_LOOKUPS)


@pytest.fixture
async def house(bot: WebProcess, slack: StandInSlack, crm: SampleCrm, database: str) -> House:
    return House(bot, slack, crm, Path(database.removeprefix("sqlite:///")))


async def posted(house: House) -> str:
    await house.said(DOCUMENTED)
    return CHANNEL


async def no_customer(house: House) -> str:
    await house.said("明天开会")
    return CHANNEL


async def in_code(house: House) -> str:
    await house.said(f"`{DOCUMENTED}`")
    return CHANNEL


async def in_a_quote(house: House) -> str:
    await house.said(f"&gt; {DOCUMENTED}")
    return CHANNEL


async def in_a_forwarded_message(house: House) -> str:
    await house.said("看看", attachments=[{"is_share": True, "text": DOCUMENTED, "fallback": DOCUMENTED}])
    return CHANNEL


async def in_a_mail(house: House) -> str:
    await house.said("", files=[{"mode": "email", "subject": "报修", "plain_text": f"客户 {DOCUMENTED}"}])
    return CHANNEL


async def by_slackbot(house: House) -> str:
    house.slack.people["USLACKBOT"] = house.slack.people[MANAGER]
    await house.said(DOCUMENTED, user="USLACKBOT")
    return CHANNEL


async def by_a_bot(house: House) -> str:
    await house.said(DOCUMENTED, bot_id="B0OTHER")
    return CHANNEL


async def by_who_names_too_many(house: House) -> str:
    for customer_id in [*house.crm.customers][: MOST_LOOKUPS + 1]:
        await house.said(customer_id)
    return CHANNEL


async def unknown_number(house: House) -> str:
    await house.said("CF99999999")
    return CHANNEL


async def unknown_link(house: House) -> str:
    await house.said(link(UNKNOWN))
    return CHANNEL


async def cooldown(house: House) -> str:
    await house.said(DOCUMENTED)
    await house.said(DOCUMENTED)
    return CHANNEL


async def channel_muted(house: House) -> str:
    await house.muted("mute_channel")
    await house.said(FACTORY)
    return CHANNEL


async def person_muted(house: House) -> str:
    await house.muted("mute_me")
    await house.said(link(FACTORY))
    return CHANNEL


async def external(house: House) -> str:
    await house.said(DOCUMENTED, channel=SHARED_CHANNEL)
    return SHARED_CHANNEL


async def unreadable(house: House) -> str:
    house.slack.granted_scopes.remove("channels:read")
    await house.said(DOCUMENTED)
    return CHANNEL


async def by_a_guest(house: House) -> str:
    await house.said(DOCUMENTED, user=GUEST)
    return CHANNEL


async def by_an_outsider(house: House) -> str:
    """In a shared channel, too: that its author may see nothing comes first."""
    await house.said(DOCUMENTED, user=OUTSIDER, channel=SHARED_CHANNEL)
    return SHARED_CHANNEL


async def by_nobody_knows_whom(house: House) -> str:
    house.slack.refuse["users.info"] = ["user_not_found"]
    await house.said(DOCUMENTED)
    return CHANNEL


async def not_here(house: House) -> str:
    house.slack.channels["C0LUNCH"] = Channel("C0LUNCH", "lunch")
    await house.said(DOCUMENTED, channel="C0LUNCH")
    return "C0LUNCH"


async def too_many_links(house: House) -> str:
    await house.said(" ".join(map(link, (DOCUMENTED, FACTORY, CLINIC))))
    return CHANNEL


async def crm_silent(house: House) -> str:
    house.crm.fault = Fault(status=404, body=b"gone")
    await house.said(DOCUMENTED)
    return CHANNEL


async def crm_refuses(house: House) -> str:
    house.crm.fault = Fault(body=b'{"ResultCode": 7, "ErrorMsg": "busy"}')
    await house.said(link(DOCUMENTED))
    return CHANNEL


async def store_silent(house: House) -> str:
    """The table of mutes is gone for a moment: whether cards are wanted here is not known."""
    with sqlite3.connect(house.database) as database:
        database.execute("ALTER TABLE mutes RENAME TO elsewhere")
        database.commit()
        await house.said(DOCUMENTED)
        database.execute("ALTER TABLE elsewhere RENAME TO mutes")
    database.close()
    return CHANNEL


async def slack_refuses(house: House) -> str:
    house.slack.refuse["chat.postMessage"] = ["restricted_action"]
    await house.said(DOCUMENTED)
    return CHANNEL


async def slack_refuses_unfurl(house: House) -> str:
    house.slack.refuse["chat.unfurl"] = ["cannot_unfurl_url"]
    await house.said(link(DOCUMENTED))
    return CHANNEL


Story = Callable[[House], Awaitable[str]]
STORIES: dict[Story, CardOutcome] = {
    posted: CardOutcome.POSTED,
    no_customer: CardOutcome.NO_CUSTOMER,
    in_code: CardOutcome.IN_CODE_OR_QUOTE,
    in_a_quote: CardOutcome.IN_CODE_OR_QUOTE,
    in_a_forwarded_message: CardOutcome.FORWARDED,
    in_a_mail: CardOutcome.FORWARDED,
    by_slackbot: CardOutcome.BOT,
    by_a_bot: CardOutcome.BOT,
    unknown_number: CardOutcome.UNKNOWN_CUSTOMER,
    unknown_link: CardOutcome.UNKNOWN_CUSTOMER,
    cooldown: CardOutcome.COOLDOWN,
    channel_muted: CardOutcome.CHANNEL_MUTED,
    person_muted: CardOutcome.PERSON_MUTED,
    external: CardOutcome.EXTERNAL_CHANNEL,
    unreadable: CardOutcome.UNREADABLE_CHANNEL,
    by_a_guest: CardOutcome.AUTHOR_REFUSED,
    by_an_outsider: CardOutcome.AUTHOR_REFUSED,
    by_who_names_too_many: CardOutcome.AUTHOR_LIMITED,
    by_nobody_knows_whom: CardOutcome.AUTHOR_UNKNOWN,
    not_here: CardOutcome.NOT_HERE,
    too_many_links: CardOutcome.TOO_MANY_LINKS,
    crm_silent: CardOutcome.CRM_SILENT,
    crm_refuses: CardOutcome.CRM_SILENT,
    store_silent: CardOutcome.STORE_SILENT,
    slack_refuses: CardOutcome.SLACK_REFUSED,
    slack_refuses_unfurl: CardOutcome.SLACK_REFUSED,
}
"""What happens, and what is said of it: each gives the channel in which it happened."""


def test_there_is_a_story_of_every_outcome() -> None:
    assert set(STORIES.values()) == set(CardOutcome)


@pytest.mark.parametrize(("story", "outcome"), STORIES.items())
async def test_why_tells_what_became_of_the_last_message(
    house: House, slack: StandInSlack, story: Story, outcome: CardOutcome
) -> None:
    """To the asker alone, in the asker's language, and nothing of any customer."""
    channel = await story(house)
    assert not slack.ephemerals
    said, message = ZH.why[outcome], await why(slack, channel=channel)
    assert said in message.text
    assert not [other for other in CardOutcome if other is not outcome and ZH.why[other] in message.text]
    assert_slack_takes(message)
    assert not [value for value in customer_values() if value in "".join(texts_of(message))]
    assert EN.why[outcome] in (await why(slack, user=MANAGER, channel=channel)).text


async def test_why_can_be_asked_in_either_language(house: House, slack: StandInSlack) -> None:
    await house.said("明天开会")
    for word in ("why", "WHY", " why ", "why?", "Why not?", "为什么", "为什么？", "ｗｈｙ"):
        [message] = await (await slack.command(word)).answers(1)
        assert reason(CardOutcome.NO_CUSTOMER) in message.text


async def test_channel_that_nobody_has_heard_of(house: House, slack: StandInSlack) -> None:
    await house.said("明天开会")
    assert (await why(slack, channel=FOREIGN_CHANNEL)).text == ZH.nothing_seen


async def test_only_the_last_message_counts_and_edits_are_none(house: House, slack: StandInSlack) -> None:
    said = await house.said("明天开会")
    await house.said(DOCUMENTED)
    await slack.edit_message(said, "后天开会")
    await house.said("", subtype="channel_join")
    assert reason(CardOutcome.POSTED) in (await why(slack)).text


async def test_link_elsewhere_is_no_customer(house: House, slack: StandInSlack) -> None:
    """Slack tells nobody of it, so that nobody else says what became of the message."""
    await house.said(DOCUMENTED)
    await house.said(f"https://elsewhere.example.com/customer/{FACTORY}")
    assert reason(CardOutcome.NO_CUSTOMER) in (await why(slack)).text


async def test_when_it_was_is_shown_in_the_readers_own_time(house: House, slack: StandInSlack, clock: Clock) -> None:
    await house.said("明天开会")
    at = int(clock.seconds)
    clock.advance(3_600)
    assert f"<!date^{at}^" in (await why(slack)).text


@pytest.mark.parametrize(
    ("choice", "words"), [("mute_channel", ZH.why_muted_channel), ("mute_me", ZH.why_muted_person)]
)
async def test_mute_that_holds_now_is_shown_with_its_undo(
    house: House, slack: StandInSlack, choice: str, words: str
) -> None:
    """Also where the last message had its card, before the mute."""
    await house.muted(choice)
    message = await why(slack)
    assert ZH.why[CardOutcome.POSTED] in message.text
    assert words in message.text
    [undo] = elements_of(message.blocks)
    assert undo["action_id"] == CUSTOMER_MUTE
    await (await slack.click(undo["action_id"], undo["value"])).answers(1)
    message = await why(slack)
    assert words not in message.text
    assert not elements_of(message.blocks)


async def test_ones_own_mute_is_nobody_elses(house: House, slack: StandInSlack) -> None:
    await house.muted("mute_me")
    assert EN.why_muted_person not in (await why(slack, user=MANAGER)).text


async def test_redelivered_event_does_not_change_the_explanation(house: House, slack: StandInSlack) -> None:
    """A process that gets an event for the second time knows nothing of what became of it."""
    await house.said(DOCUMENTED)
    again = await house.said(DOCUMENTED)
    assert again.message is not None
    await slack.redeliver(again.message)
    await idle(house.bot)
    assert reason(CardOutcome.COOLDOWN) in (await why(slack)).text


async def test_redelivered_link_does_not_change_the_explanation(house: House, slack: StandInSlack) -> None:
    slack.refuse["chat.unfurl"] = ["cannot_unfurl_url"]
    said = await house.said(link(DOCUMENTED))
    assert said.links is not None
    await slack.redeliver(said.links)
    await idle(house.bot)
    assert len(slack.asked_for("chat.unfurl")) == 1
    assert reason(CardOutcome.SLACK_REFUSED) in (await why(slack)).text


async def test_old_message_that_is_delivered_late_is_not_the_last(house: House, slack: StandInSlack) -> None:
    first = await house.said("明天开会")
    await house.said(DOCUMENTED)
    assert first.message is not None
    await slack.redeliver(first.message, retry_num=3)
    await idle(house.bot)
    assert reason(CardOutcome.POSTED) in (await why(slack)).text


async def test_without_a_database_why_says_that_it_cannot_tell(
    start_bot: StartBot, slack: StandInSlack, logs: Logs
) -> None:
    """With the code of the log line; not what is said of customer numbers, and nothing to retry by."""
    await start_bot(database_url=NO_DATABASE, database_opens=False)
    message = await why(slack)
    [line] = logs.lines("store_failed")
    assert line["code"] in message.text
    assert texts_in("zh").store in message.text
    assert_slack_takes(message)


async def test_why_is_no_lookup(house: House, slack: StandInSlack, crm: SampleCrm, logs: Logs) -> None:
    await why(slack)
    assert not crm.asked
    assert not logs.lines("customer_lookup")
