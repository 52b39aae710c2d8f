"""Answers and cards that are kept for many askers: whose they are, and when they go."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.render import result_card
from bot.customers.cache import CacheEntry
from bot.customers.lookup import LookupResult
from bot.domain.inquiry import Audience
from bot.domain.links import CustomerLinks
from bot.domain.profile import CustomerProfile
from bot.domain.query import ReadAs
from bot.domain.records import ServiceSummary
from bot.domain.results import CacheState, Found
from bot.inquiries.result_cache import ResultCache
from bot.locales import texts_in
from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER, SampleCrm
from bot.playground.fake_slack.server import MANAGER, USER, StandInSlack
from bot.privacy.policy import BUILT_IN
from bot.server.http import WebProcess
from bot.slack.message import KeptMessage
from tests.conftest import Clock
from tests.support.results import foreign_rows, found

ZH, EN = texts_in("zh"), texts_in("en")
HIT = CacheState.HIT


@pytest.fixture
def results(clock: Clock) -> ResultCache:
    return make_cache(clock)


def make_cache(clock: Clock) -> ResultCache:
    return ResultCache(CustomerLinks(None), BUILT_IN, clock)


def entry_of(*rows: Any) -> CacheEntry:
    return CacheEntry(found(*rows, audience=Audience.REVEALED).profile, 1_700_000_000.0)


ENTRY = entry_of(("客户名称", "蓝海"), ("联系电话", "13800001001"), ("银行账户", "6222021234567890128"))


def test_card_of_one_copy_is_made_once_for_all_askers_of_one_language(results: ResultCache) -> None:
    first, second = (
        result_card(results.found(LookupResult(ENTRY, HIT), Audience.PRIVATE, ReadAs.ID), ZH) for _ in "12"
    )
    assert first is second
    assert isinstance(first, KeptMessage)


def test_each_language_has_its_own_card(results: ResultCache) -> None:
    answer = results.found(LookupResult(ENTRY, HIT), Audience.PRIVATE, ReadAs.ID)
    assert ZH.only_you in str(result_card(answer, ZH).blocks)
    assert EN.only_you in str(result_card(answer, EN).blocks)


def test_another_copy_replaces_the_answer(results: ResultCache) -> None:
    """However alike: a refresh, or another service network's customer of this id."""
    newer = entry_of(("客户名称", "绿洲"))
    shown = [results.found(LookupResult(copy, HIT), Audience.PRIVATE, ReadAs.ID) for copy in (ENTRY, newer, ENTRY)]
    assert [answer.profile.name for answer in shown] == ["蓝海", "绿洲", "蓝海"]


def test_what_has_become_known_of_devices_and_work_orders_is_shown(results: ResultCache) -> None:
    for summary in (None, ServiceSummary(2, 3, 1, True), ServiceSummary(1, 3, 1, True)):
        answer = results.found(LookupResult(ENTRY, HIT), Audience.PRIVATE, ReadAs.ID, summary)
        assert answer.summary == summary


def test_age_is_that_of_the_moment(results: ResultCache, clock: Clock) -> None:
    ages = []
    for _ in range(2):
        ages.append(results.found(LookupResult(ENTRY, HIT), Audience.PRIVATE, ReadAs.ID).age)
        clock.advance(7)
    assert ages[1] - ages[0] == 7


@pytest.mark.parametrize("audience", [Audience.CHANNEL, Audience.REVEALED])
def test_no_other_audience_sees_what_is_kept_or_is_kept_itself(results: ResultCache, audience: Audience) -> None:
    private = results.found(LookupResult(ENTRY, HIT), Audience.PRIVATE, ReadAs.ID)
    other = results.found(LookupResult(ENTRY, HIT), audience, ReadAs.ID)
    again = results.found(LookupResult(ENTRY, HIT), Audience.PRIVATE, ReadAs.ID)
    assert other.memo is None
    assert other.audience is audience
    assert private.profile == again.profile != other.profile


def test_what_a_search_has_found_is_not_kept(results: ResultCache) -> None:
    """It may have been forgotten since the search saw it."""
    assert results.found(LookupResult(ENTRY, HIT), Audience.PRIVATE, ReadAs.NUMBER).memo is None


def test_what_is_forgotten_is_kept_no_longer(results: ResultCache) -> None:
    before = results.found(LookupResult(ENTRY, HIT), Audience.PRIVATE, ReadAs.ID)
    results.drop(ENTRY.profile.customer_id)
    after = results.found(LookupResult(ENTRY, HIT), Audience.PRIVATE, ReadAs.ID)
    assert before.memo is not after.memo


@given(rows=foreign_rows(), texts=st.sampled_from([ZH, EN]))
def test_kept_card_is_the_card(rows: list[Any], texts: Any) -> None:
    """Whatever the CRM sends: nobody sees whether it was kept."""
    results = make_cache(Clock())
    fields = found(*rows, audience=Audience.REVEALED).profile.fields
    copy = CacheEntry(CustomerProfile(DOCUMENTED_CUSTOMER, fields), 1_700_000_000.0)
    fresh: Found = results.found(LookupResult(copy, CacheState.MISS), Audience.PRIVATE, ReadAs.ID)
    kept = [results.found(LookupResult(copy, HIT), Audience.PRIVATE, ReadAs.ID) for _ in "12"]
    assert [result_card(answer, texts) for answer in kept] == [result_card(fresh, texts)] * 2


async def test_two_people_get_the_kept_card_each_in_their_language(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    shown = []
    for user in (USER, MANAGER, USER, MANAGER):
        exchange = await slack.command(DOCUMENTED_CUSTOMER, user=user)
        shown.append(str(exchange.shown[0].blocks))
    assert [ZH.only_you in card for card in shown] == [True, False, True, False]
    assert [EN.only_you in card for card in shown] == [False, True, False, True]
    assert len(crm.asked_for("GetCustomer")) == 1
