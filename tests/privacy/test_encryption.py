"""Queries in buttons: nobody but this bot reads them, and not for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.action_ids import page_value
from bot.domain.query import Query, ReadAs
from bot.privacy.encryption import SEALED_SECONDS, SealedQueries, is_sealed
from tests.conftest import Clock
from tests.support.block_kit import foreign_texts

KEY = bytes(range(32))
MAX_BUTTON_VALUE = 2_000
"""Slack's."""


@pytest.fixture
def sealed(clock: Clock) -> SealedQueries:
    return SealedQueries(KEY, clock)


@given(read_as=st.sampled_from(ReadAs), identifier=foreign_texts(100))
def test_what_was_sealed_is_opened(read_as: ReadAs, identifier: str) -> None:
    """Also by another process with the same key; and it fits into a button, with the place of a page."""
    query = Query(read_as, identifier[:100])
    value = SealedQueries(KEY, Clock()).seal(query)
    assert SealedQueries(KEY, Clock()).open(value) == query
    assert is_sealed(value)
    assert len(page_value(45, value)) <= MAX_BUTTON_VALUE


def test_value_shows_nothing_of_what_is_in_it(sealed: SealedQueries) -> None:
    value = sealed.seal(Query(ReadAs.PHONE, "+8613800001001"))
    assert "13800001001" not in value
    assert value != sealed.seal(Query(ReadAs.PHONE, "+8613800001001")), "the same phone twice looks different"


def test_value_of_another_key_is_not_opened(sealed: SealedQueries, clock: Clock) -> None:
    value = SealedQueries(bytes(32), clock).seal(Query(ReadAs.NAME, "温先生"))
    assert sealed.open(value) is None


def test_value_expires(sealed: SealedQueries, clock: Clock) -> None:
    value = sealed.seal(Query(ReadAs.NAME, "温先生"))
    clock.advance(SEALED_SECONDS)
    assert sealed.open(value) is not None
    clock.advance(2)
    assert sealed.open(value) is None


@given(st.text())
def test_what_nobody_sealed_is_not_opened(text: str) -> None:
    sealed = SealedQueries(KEY, Clock())
    assert sealed.open(text) is None
    assert sealed.open(f"sealed {text}") is None


@given(foreign_texts(100))
def test_every_text_is_distinguished_from_a_sealed_one(text: str) -> None:
    """Half a character has no encoding."""
    assert not is_sealed(f"sealed {text}")
    assert SealedQueries(KEY, Clock()).open(f"sealed gAAAAA{text}") is None


@pytest.mark.parametrize("text", ["", "CF00000179", "温先生", "sealing wax", "sealed air", "sealed gAAAAA 公司"])
def test_what_people_type_is_not_sealed(text: str) -> None:
    assert not is_sealed(text)
