"""Every mark on both sides of every kind of identifier, over HTTP on all three surfaces.

What a text means is held by the tests of the reader; here every surface is seen to ask it.
"""

from itertools import zip_longest
from typing import Final

import pytest

from bot.cards.action_ids import CUSTOMER_REFRESH, LOOKUP_IN_MESSAGE
from bot.domain.query import ReadAs
from bot.playground.fake_slack.server import CHANNEL, MANAGER, USER, StandInSlack
from bot.server.http import WebProcess
from tests.conftest import Clock, StartBot
from tests.domain.test_marks import AFTER, BEFORE
from tests.support.modals import element, modal_of
from tests.support.surfaces import DOCUMENTED, TEMPLATE, idle

CARD: Final = "胡效鑫1  CF00000179"
WRITTEN: Final = {
    ReadAs.ID: DOCUMENTED,
    ReadAs.LINK: f"<{TEMPLATE.format(customer_id=DOCUMENTED)}>",
    ReadAs.NUMBER: "CF00000179",
    ReadAs.PHONE: "18539622352",
    ReadAs.EMAIL: "903146517@qq.com",
    ReadAs.DEVICE: "CE00000154",
    ReadAs.ORDER: "GD00000930",
}
"""What names the customer of the documentation, as Slack sends it."""
KINDS: Final = pytest.mark.parametrize("kind", WRITTEN)


def texts_with(kind: ReadAs) -> list[str]:
    """Its identifier between two of each mark, and between those that stand at one side only."""
    return [f"{before}{WRITTEN[kind]}{after}" for before, after in zip_longest(BEFORE, AFTER, fillvalue="")]


@pytest.fixture
async def bot(start_bot: StartBot, slack: StandInSlack) -> WebProcess:
    """A bot that knows the customer. A channel may get the same card again after a second."""
    bot = await start_bot(customer_url_template=TEMPLATE, thread_card_cooldown_seconds=1)
    await slack.command(DOCUMENTED, user=MANAGER)
    await idle(bot)
    return bot


@KINDS
async def test_command_answers_with_the_customer(bot: WebProcess, slack: StandInSlack, kind: ReadAs) -> None:
    for text in texts_with(kind):
        [answer, *_] = await (await slack.command(text)).answers(1)
        assert answer.text == CARD, text


@KINDS
async def test_message_shortcut_shows_the_customer(bot: WebProcess, slack: StandInSlack, kind: ReadAs) -> None:
    for text in texts_with(kind):
        message = {"type": "message", "user": MANAGER, "text": text, "ts": "1700000000.000100"}
        await slack.message_shortcut(LOOKUP_IN_MESSAGE, message)
        modal = await modal_of(bot, slack, USER)
        assert element(modal, CUSTOMER_REFRESH)["value"] == DOCUMENTED, text
        await slack.close(modal.view_id)


@pytest.mark.parametrize("kind", [ReadAs.ID, ReadAs.NUMBER])
async def test_message_in_a_channel_gets_the_card(
    bot: WebProcess, slack: StandInSlack, clock: Clock, kind: ReadAs
) -> None:
    for text in texts_with(kind):
        if "\n" not in text:
            slack.posts[CHANNEL].clear()
            clock.advance(2)
            await slack.post_message(text)
            await idle(bot)
            assert [posted.message.text for posted in slack.posts[CHANNEL]] == [CARD], text
