"""What the search box suggests while the user types: names with their numbers, as Slack takes options."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Option

from bot.cards.limits import option_violations
from bot.cards.search_view import suggestion_options
from bot.domain.directory import Suggestion
from tests.support.block_kit import escaped, foreign_texts, is_tidy, units
from tests.support.results import ID


@pytest.mark.parametrize(
    ("name", "number", "shown"),
    [
        pytest.param("胡效鑫1", "CF00000179", "胡效鑫1 · CF00000179", id="name and number"),
        pytest.param("", "CF00000179", "CF00000179", id="no name"),
        pytest.param("胡效鑫1", "", "胡效鑫1", id="no number"),
        pytest.param("\u200b", "", ID, id="nothing that can be seen: the id"),
        pytest.param("名" * 200, "CF00000179", "名" * 61 + "… · CF00000179", id="a long name is cut, not the number"),
        pytest.param("名" * 200, "", "名" * 74 + "…", id="a long name alone"),
        pytest.param("a & <b>", "1", "a &amp; &lt;b&gt; · 1", id="what Slack reads as mark-up"),
        pytest.param("甲", "9" * 200, "甲 · " + "9" * 29 + "…", id="a long number"),
    ],
)
def test_option_is_the_name_and_the_number(name: str, number: str, shown: str) -> None:
    """The number distinguishes those of one name; what comes back is the customer id alone."""
    [option] = suggestion_options([Suggestion(ID, name, number)])
    assert option == {"text": {"type": "plain_text", "text": shown, "emoji": False}, "value": ID}


def test_nobody_is_no_option() -> None:
    assert suggestion_options([]) == []


def test_slack_takes_a_hundred_options() -> None:
    assert len(suggestion_options([Suggestion(f"id-{number}", "甲", "") for number in range(150)])) == 100


@given(st.lists(st.tuples(foreign_texts(), foreign_texts()), max_size=5))
def test_whatever_customers_are_called_slack_takes_the_options(customers: list[tuple[str, str]]) -> None:
    options = suggestion_options([Suggestion(f"id-{i}", *customer) for i, customer in enumerate(customers)])
    for option in options:
        text = option["text"]["text"]
        assert list(option_violations(option)) == []
        assert units(text) <= 75
        assert is_tidy(text)
        assert not set("<>") & set(text)
        assert escaped(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) == text
        Option(text=option["text"], value=option["value"]).validate_json()
