"""What clicks bring back: read from any version of the bot, and holding nothing of a customer but the id."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.action_ids import (
    menu_choice,
    menu_value,
    muted_channel,
    page_choice,
    page_value,
    steps_of,
    steps_value,
    unmute_value,
)
from bot.domain.inquiry import Surface
from bot.slack.view_state import ViewState, state_in

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
ORDER = "4cda4c70-9d53-47c6-8641-c9e50d078c09"


@pytest.mark.parametrize(
    ("value", "choice"),
    [
        pytest.param(f"copy {ID}", ("copy", ID), id="copy"),
        pytest.param(f"pin {ID}", ("pin", ID), id="pin"),
        pytest.param(f"open {ID}", ("open", ID), id="a link"),
        pytest.param("mute_day", ("mute_day", ""), id="pause"),
        pytest.param("mute_channel", ("mute_channel", ""), id="turn off"),
        pytest.param("mute_me", ("mute_me", ""), id="never for me"),
        pytest.param("copy", ("copy", ""), id="without its argument"),
        pytest.param("reveal x", ("", ""), id="of another version"),
        pytest.param("", ("", ""), id="nothing"),
    ],
)
def test_choice_from_a_menu(value: str, choice: tuple[str, str]) -> None:
    assert menu_choice(value) == choice


def test_choice_is_read_as_it_was_written() -> None:
    assert menu_choice(menu_value("pin", ID)) == ("pin", ID)


@pytest.mark.parametrize(
    ("value", "channel"),
    [
        pytest.param("channel C012AB", "C012AB", id="a channel's"),
        pytest.param("person", "", id="the person's own"),
        pytest.param("channel ", None, id="no channel"),
        pytest.param("everything", None, id="of another version"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_undo_of_a_mute(value: str, channel: str | None) -> None:
    assert muted_channel(value) == channel


@pytest.mark.parametrize("channel", ["C012AB", ""])
def test_undo_is_read_as_it_was_written(channel: str) -> None:
    assert muted_channel(unmute_value(channel)) == channel


@pytest.mark.parametrize(
    ("value", "choice"),
    [
        pytest.param("5 sealed gAAA", (5, "sealed gAAA"), id="a page"),
        pytest.param("0 CF00000179", (0, "CF00000179"), id="the first"),
        pytest.param("sealed gAAA", (0, ""), id="no place"),
        pytest.param("-1 sealed gAAA", (0, ""), id="no place that there is"),
        pytest.param("9999999 sealed gAAA", (0, ""), id="a place beyond all"),
        pytest.param("5 ", (0, ""), id="no query"),
        pytest.param("", (0, ""), id="nothing"),
    ],
)
def test_page_of_a_list(value: str, choice: tuple[int, str]) -> None:
    assert page_choice(value) == choice


def test_page_is_read_as_it_was_written() -> None:
    assert page_choice(page_value(45, "sealed gAAA")) == (45, "sealed gAAA")


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        pytest.param(steps_value(ID, ORDER), (ID, ORDER), id="as it was written"),
        pytest.param(steps_value(ID, ORDER.upper()), (ID, ORDER.upper()), id="in capitals"),
        pytest.param(ID, None, id="a customer alone"),
        pytest.param(f"{ID} {ORDER} {ORDER}", None, id="three"),
        pytest.param(f"{ID} 17", None, id="no id"),
        pytest.param(f"{ID} ../../TokenApi?appid=1&sign=2345", None, id="a path"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_steps_of_a_work_order(value: str, ids: tuple[str, str] | None) -> None:
    assert steps_of(value) == ids


@given(st.text())
def test_whatever_comes_back_is_read(value: str) -> None:
    assert page_choice(value)[1] in ("", value.partition(" ")[2])
    assert menu_choice(value)[0] in ("", "copy", "pin", "open", "mute_day", "mute_channel", "mute_me")
    assert muted_channel(value) is None or muted_channel(value) == value.removeprefix("channel ").strip()
    assert isinstance(state_in(value), ViewState)


def test_state_of_a_modal_comes_back_as_it_was() -> None:
    state = ViewState(ID, "C012AB", Surface.MESSAGE_SHORTCUT)
    assert state_in(state.dump()) == state


@pytest.mark.parametrize(
    ("kept", "state"),
    [
        pytest.param({}, ViewState(), id="nothing"),
        pytest.param({"channel": "C1", "more": 1}, ViewState(channel="C1"), id="of a later version"),
        pytest.param({"customer_id": 1, "channel": None}, ViewState(), id="of other types"),
        pytest.param({"surface": "moon"}, ViewState(), id="an unknown surface"),
        pytest.param({"surface": ["home"]}, ViewState(), id="a surface that is none"),
        pytest.param([], ViewState(), id="a list"),
        pytest.param(None, ViewState(), id="null"),
    ],
)
def test_state_of_another_version(kept: object, state: ViewState) -> None:
    assert state_in(json.dumps(kept)) == state


JSON = st.recursive(
    st.none() | st.text(max_size=5) | st.integers(),
    lambda part: st.lists(part, max_size=2) | st.dictionaries(st.text(max_size=5), part, max_size=2),
    max_leaves=4,
)


@settings(max_examples=50)
@given(JSON)
def test_whatever_json_comes_back_is_a_state(kept: object) -> None:
    state_in(json.dumps(kept))
    state = state_in(json.dumps({"customer_id": kept, "channel": kept, "surface": kept}))
    assert isinstance(state.channel, str)
    assert isinstance(state.surface, Surface)
