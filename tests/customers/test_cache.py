"""Profiles in memory: how old a copy may be, and which one goes when there is no more room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.customers.cache import CacheEntry, ProfileCache
from bot.domain.profile import CustomerKey, CustomerProfile
from tests.conftest import Clock

FRESH = 300
USABLE = 86_400


def key(customer_id: str = "a", network_id: str = "", network_type: int = 1) -> CustomerKey:
    return CustomerKey(network_id, network_type, customer_id)


def profile(customer_id: str = "a") -> CustomerProfile:
    return CustomerProfile(customer_id, ())


@pytest.fixture
def cache(clock: Clock) -> ProfileCache:
    return ProfileCache(3, FRESH, USABLE, clock)


def test_copy_says_when_the_crm_gave_it(cache: ProfileCache, clock: Clock) -> None:
    kept = cache.keep(key(), profile())
    clock.advance(10)
    assert kept == cache.fresh(key()) == cache.usable(key()) == CacheEntry(profile(), clock() - 10)


def test_copy_of_the_future_is_not_fresh(cache: ProfileCache, clock: Clock) -> None:
    """The clock was put back: nobody knows how old it is. In need it may be shown."""
    cache.keep(key(), profile())
    clock.advance(-3_600)
    assert (cache.fresh(key()) is None, cache.usable(key()) is None) == (True, False)


def test_unknown_key_has_no_copy(cache: ProfileCache) -> None:
    assert (cache.fresh(key()), cache.usable(key())) == (None, None)


@pytest.mark.parametrize(
    ("age", "fresh", "usable"),
    [
        (0, True, True),
        (FRESH - 1, True, True),
        (FRESH, False, True),
        (USABLE - 1, False, True),
        (USABLE, False, False),
        (USABLE * 10, False, False),
    ],
)
def test_age_of_a_copy_decides_what_it_is_good_for(
    cache: ProfileCache, clock: Clock, age: float, fresh: bool, usable: bool
) -> None:
    cache.keep(key(), profile())
    clock.advance(age)
    assert (cache.fresh(key()) is not None, cache.usable(key()) is not None) == (fresh, usable)


def test_copy_kept_again_is_as_young_as_the_last(cache: ProfileCache, clock: Clock) -> None:
    cache.keep(key(), profile())
    clock.advance(FRESH)
    cache.keep(key(), profile("b"))
    assert cache.fresh(key()) == CacheEntry(profile("b"), clock())


def test_invalidated_entry_is_gone_and_invalidating_twice_is_no_error(cache: ProfileCache) -> None:
    cache.keep(key(), profile())
    cache.forget(key())
    cache.forget(key())
    assert cache.usable(key()) is None


@pytest.mark.parametrize("other", [key("b"), key(network_id="outlet"), key(network_type=2)], ids=str)
def test_customer_as_another_network_sees_it_is_another_copy(cache: ProfileCache, other: CustomerKey) -> None:
    cache.keep(key(), profile())
    assert cache.usable(other) is None


def test_least_recently_used_copy_goes_first(cache: ProfileCache) -> None:
    """Being shown is being used, fresh or in need."""
    for customer_id in "abc":
        cache.keep(key(customer_id), profile(customer_id))
    cache.fresh(key("a"))
    cache.keep(key("d"), profile("d"))
    cache.usable(key("c"))
    cache.keep(key("e"), profile("e"))
    assert [customer_id for customer_id in "abcde" if cache.usable(key(customer_id))] == ["c", "d", "e"]


def test_copy_kept_again_takes_no_second_place(cache: ProfileCache) -> None:
    for customer_id in "abcccc":
        cache.keep(key(customer_id), profile(customer_id))
    assert all(cache.usable(key(customer_id)) for customer_id in "abc")


@given(
    max_entries=st.integers(1, 4),
    steps=st.lists(st.tuples(st.sampled_from(["keep", "forget", "fresh"]), st.sampled_from("abcdef"))),
)
def test_never_more_copies_than_there_is_room_for_and_the_last_is_one_of_them(
    max_entries: int, steps: list[tuple[str, str]]
) -> None:
    cache = ProfileCache(max_entries, FRESH, USABLE, Clock())
    for step, customer_id in steps:
        if step == "keep":
            cache.keep(key(customer_id), profile(customer_id))
            assert cache.usable(key(customer_id))
        elif step == "forget":
            cache.forget(key(customer_id))
            assert not cache.usable(key(customer_id))
        else:
            cache.fresh(key(customer_id))
    held = [copy.profile.customer_id for customer_id in "abcdef" if (copy := cache.usable(key(customer_id)))]
    assert len(held) <= max_entries
    assert set(held) <= {customer_id for step, customer_id in steps if step == "keep"}
