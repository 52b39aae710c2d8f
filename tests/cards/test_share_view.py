"""Sharing: the others' card without what can be clicked, where it goes, and what came of it."""

import pytest
from hypothesis import given, settings

from bot.cards.channel_card import channel_card
from bot.cards.share_view import not_shared_view, posting_view, share_view, shared_view
from bot.domain.inquiry import Audience
from bot.locales import Texts, texts_in
from bot.slack.message import Message, View
from bot.slack.view_state import ViewState, state_in
from tests.support.block_kit import (
    as_message,
    assert_nothing_foreign_acts,
    assert_slack_takes_view,
    elements_of,
    foreign_texts,
    texts_of_view,
)
from tests.support.results import FAILURE, ID, SAMPLES, URL, Row, foreign_rows, found, sample

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
CHANNEL = Audience.CHANNEL


def one_text(view: View) -> str:
    [block] = view["blocks"]
    return str(block["text"]["text"])


@LANGUAGES
@pytest.mark.parametrize("index", range(len(SAMPLES)), ids=lambda index: SAMPLES[index]["shows"])
def test_preview_is_the_card_without_its_buttons(index: int, texts: Texts) -> None:
    """Word for word, in the channel's language, whatever the asker's is."""
    card = channel_card([sample(index, CHANNEL, URL, FAILURE)], ZH, "U012AB")
    view = share_view(card, texts, ViewState(ID, "C012AB"))
    shown = [block for block in card.blocks if block["type"] != "actions"]
    preview = view["blocks"][1 : 1 + len(shown)]
    assert [block.get("text") or block["elements"] for block in preview] == [
        block.get("text") or block["elements"] for block in shown
    ]
    assert elements_of(view["blocks"]) == []
    assert texts.modal.share_buttons in texts_of_view(view)
    assert_slack_takes_view(view)


def test_destination_is_chosen_among_internal_channels() -> None:
    view = share_view(channel_card([sample(0, CHANNEL)], ZH), ZH, ViewState(ID, "C012AB"))
    block = view["blocks"][-1]
    assert (block["block_id"], block["element"]["action_id"]) == ("channel", "channel")
    assert block["element"]["filter"] == {
        "include": ["public", "private"],
        "exclude_external_shared_channels": True,
        "exclude_bot_users": True,
    }
    assert (view["callback_id"], view["submit"]["text"]) == ("customer_share_confirm", "发布")
    assert state_in(view["private_metadata"]) == ViewState(ID, "C012AB")


@pytest.mark.parametrize(("channel", "chosen"), [("C1", "C1"), ("G1", "G1"), ("D1", None), ("", None)])
def test_channel_of_the_card_is_chosen_already_if_it_is_one(channel: str, chosen: str | None) -> None:
    view = share_view(channel_card([sample(0, CHANNEL)], ZH), ZH, ViewState(ID, channel))
    assert view["blocks"][-1]["element"].get("initial_conversation") == chosen
    assert_slack_takes_view(view)


def test_card_that_is_a_text_alone_is_previewed_too() -> None:
    assert "杭州岚峤" in texts_of_view(share_view(Message("杭州岚峤", []), ZH, ViewState()))


@pytest.mark.parametrize(
    ("view", "text"),
    [
        pytest.param(posting_view("C012AB", ZH), "正在发布到 <#C012AB>…", id="posting"),
        pytest.param(posting_view("C012AB", EN), "Posting in <#C012AB>…", id="posting, en"),
        pytest.param(shared_view("C012AB", ZH), ":white_check_mark: 已发布到 <#C012AB>。", id="posted"),
        pytest.param(shared_view("C012AB", EN), ":white_check_mark: Posted in <#C012AB>.", id="posted, en"),
        pytest.param(shared_view("", EN), ":white_check_mark: Posted in the channel.", id="posted somewhere"),
    ],
)
def test_what_came_of_it(view: View, text: str) -> None:
    assert one_text(view) == text
    assert_slack_takes_view(view)


@LANGUAGES
@pytest.mark.parametrize("reason", ["not_in_channel", "channel_not_found", "is_archived", "restricted_action"])
def test_known_refusal_says_what_to_do(reason: str, texts: Texts) -> None:
    view = not_shared_view(reason, "C012AB", texts)
    assert one_text(view).split("\n") == [
        f":warning: *{texts.modal.not_posted}*  <#C012AB>",
        texts.modal.not_posted_advice[reason],
    ]
    assert_slack_takes_view(view)


@LANGUAGES
def test_unknown_refusal_is_reported_in_slacks_word(texts: Texts) -> None:
    view = not_shared_view("team_added_to_org", "C012AB", texts)
    assert one_text(view).split("\n")[1:] == [texts.modal.not_posted_advice[""], texts.code("team_added_to_org")]
    assert_slack_takes_view(view)


@settings(max_examples=30)
@given(foreign_rows(10), foreign_texts())
def test_whatever_is_shared_the_modals_are_whole_and_nothing_acts(rows: list[Row], reason: str) -> None:
    card = channel_card([found(*rows, audience=CHANNEL, url=URL)], ZH, "U012AB")
    for view in (share_view(card, EN, ViewState(ID, "C1")), not_shared_view(reason, reason, EN)):
        assert_slack_takes_view(view)
        assert_nothing_foreign_acts(as_message(view))
