"""What is said of mutes, and why a message got no card."""

import pytest
from hypothesis import given

from bot.cards.notices import muted_notice, unmuted_notice, why_card
from bot.domain.preferences import CardOutcome, LastMessage, Mute
from bot.locales import Texts, texts_in
from bot.slack.message import Message
from tests.support.block_kit import assert_nothing_foreign_acts, assert_slack_takes, elements_of, foreign_texts
from tests.support.results import AS_OF, DATE

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
FOR_A_DAY, FOR_GOOD, OWN = Mute("C1", "U1", AS_OF), Mute("C1", "U1"), Mute("", "U1")


def text(message: Message) -> str:
    return str(message.blocks[0]["text"]["text"])


@pytest.mark.parametrize(
    ("mute", "texts", "said"),
    [
        (
            FOR_A_DAY,
            ZH,
            f":no_bell: 在 {DATE} 之前，<#C1> 里任何人的消息和链接都不再自动带出客户卡片。查询和分享不受影响。",
        ),
        (
            FOR_A_DAY,
            EN,
            f":no_bell: No customer cards by themselves in <#C1> until {DATE}, whoever writes. "
            "Look-ups and sharing work as before.",
        ),
        (
            FOR_GOOD,
            EN,
            ":no_bell: No customer cards by themselves in <#C1> from now on, whoever writes. "
            "Look-ups and sharing work as before.",
        ),
        (OWN, ZH, f":no_bell: {ZH.automatic_cards.muted_person}"),
        (OWN, EN, f":no_bell: {EN.automatic_cards.muted_person}"),
    ],
)
def test_mute_says_whose_cards_stay_away_and_until_when(mute: Mute, texts: Texts, said: str) -> None:
    message = muted_notice(mute, texts)
    assert (text(message), message.text) == (said, said)
    assert_slack_takes(message)


@LANGUAGES
@pytest.mark.parametrize(("mute", "value"), [(FOR_A_DAY, "channel C1"), (OWN, "person")])
def test_mute_can_be_undone(mute: Mute, value: str, texts: Texts) -> None:
    for message in (muted_notice(mute, texts), why_card(None, mute, texts)):
        [undo] = elements_of(message.blocks)
        assert (undo["action_id"], undo["value"], undo["text"]["text"]) == (
            "customer_mute",
            value,
            texts.automatic_cards.undo,
        )


@pytest.mark.parametrize(
    ("mute", "texts", "said"),
    [
        (FOR_GOOD, ZH, ":bell: <#C1> 里又会自动出现客户卡片。"),
        (FOR_GOOD, EN, ":bell: Customer cards come by themselves in <#C1> again."),
        (OWN, ZH, ":bell: 你的消息又会自动带出客户卡片。"),
        (OWN, EN, ":bell: Your messages get customer cards by themselves again."),
    ],
)
def test_undone_mute_says_what_is_so_again(mute: Mute, texts: Texts, said: str) -> None:
    message = unmuted_notice(mute, texts)
    assert text(message) == said
    assert elements_of(message.blocks) == []
    assert_slack_takes(message)


@LANGUAGES
@pytest.mark.parametrize("outcome", list(CardOutcome))
def test_every_outcome_is_one_line_with_its_time(outcome: CardOutcome, texts: Texts) -> None:
    message = why_card(LastMessage(outcome, AS_OF), None, texts)
    assert text(message) == texts.automatic_cards.last_message(DATE, texts.automatic_cards.why[outcome])
    assert "\n" not in text(message)
    assert_slack_takes(message)


@LANGUAGES
@pytest.mark.parametrize("mute", [FOR_GOOD, OWN])
def test_mute_that_holds_now_is_shown_too(mute: Mute, texts: Texts) -> None:
    now = texts.automatic_cards.why_muted_channel if mute.channel else texts.automatic_cards.why_muted_person
    before = texts.automatic_cards.last_message(DATE, texts.automatic_cards.why["cooldown"])
    assert text(why_card(LastMessage(CardOutcome.COOLDOWN, AS_OF), mute, texts)) == f"{before}\n{now}"
    assert text(why_card(None, mute, texts)) == now


@LANGUAGES
def test_where_nothing_was_seen_the_bot_is_to_be_invited(texts: Texts) -> None:
    message = why_card(None, None, texts)
    assert text(message) == texts.automatic_cards.nothing_seen
    assert "/invite" in message.text
    assert_slack_takes(message)


@given(foreign_texts())
def test_what_is_no_channel_is_not_linked(channel: str) -> None:
    for message in (muted_notice(Mute(channel, "U1"), EN), unmuted_notice(Mute(channel, "U1"), EN)):
        assert_nothing_foreign_acts(message)
        assert channel == "" or "this channel" in message.text or f"<#{channel}>" in message.text
