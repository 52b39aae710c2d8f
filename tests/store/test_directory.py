"""What the database keeps of customers, and how it is searched, on SQLite and on PostgreSQL alike."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from bot.domain.directory import DirectoryStats, Record, Row, Suggestion, row_of, searchable
from bot.domain.profile import CustomerKey, ServiceNetwork
from bot.store.database import Database
from bot.store.schema import MIGRATIONS
from bot.store.store import Store
from tests.conftest import Clock
from tests.support.databases import SQLITE_AND_POSTGRES, empty_database, opened, store_of_each  # noqa: F401

HEAD_OFFICE = ServiceNetwork("", 1)
OUTLET = ServiceNetwork("outlet-7", 2)


def record(
    customer_id: str, name: str = "", number: str = "", contact: str = "", hashes: Iterable[bytes] = ()
) -> Record:
    return Record(customer_id, number, name, contact, frozenset(hashes), "key-1")


def rows(*records: Record) -> list[Row]:
    return [row_of(each) for each in records]


async def found(store: Store, typed: str, most: int = 20, network: ServiceNetwork = HEAD_OFFICE) -> list[str]:
    matching = await store.directory.search(network, [searchable(typed)], most)
    return [suggestion.customer_id for suggestion in matching]


async def test_what_was_kept_comes_back(store: Store) -> None:
    known = [record("a", "胡效鑫", "CF00000179", "胡", [b"1", b"2"]), record("b"), record("c", hashes=[b"1"])]
    await store.directory.keep(HEAD_OFFICE, rows(*known))
    assert await store.directory.records(HEAD_OFFICE, ["a", "b", "c", "d"]) == {
        each.customer_id: each for each in known
    }
    assert await store.directory.records(OUTLET, ["a"]) == {}


async def test_what_is_kept_again_is_changed_and_its_hashes_are_added(store: Store) -> None:
    await store.directory.keep(HEAD_OFFICE, rows(record("a", "old", hashes=[b"1"])))
    await store.directory.keep(HEAD_OFFICE, rows(record("a", "new", hashes=[b"2"])))
    assert await store.directory.records(HEAD_OFFICE, ["a"]) == {"a": record("a", "new", hashes=[b"1", b"2"])}
    assert await found(store, "old") == []


async def test_what_is_replaced_has_its_own_hashes_alone(store: Store) -> None:
    for network in (HEAD_OFFICE, OUTLET):
        await store.directory.keep(network, rows(record("a", hashes=[b"1"]), record("b", hashes=[b"1"])))
    await store.directory.replace(HEAD_OFFICE, rows(record("a", hashes=[b"2"]))[0])
    assert await store.directory.ids_by_contact(HEAD_OFFICE, b"1") == ("b",)
    assert await store.directory.ids_by_contact(HEAD_OFFICE, b"2") == ("a",)
    assert set(await store.directory.ids_by_contact(OUTLET, b"1")) == {"a", "b"}


async def test_two_customers_may_have_one_number_until_one_is_seen_with_another(store: Store) -> None:
    await store.directory.keep(HEAD_OFFICE, rows(record("a", number="CF00000179"), record("b", number="CF00000179")))
    await store.directory.keep(OUTLET, rows(record("c", number="CF00000179")))
    assert set(await store.directory.ids_by_number(HEAD_OFFICE, "CF00000179")) == {"a", "b"}
    await store.directory.replace(HEAD_OFFICE, rows(record("a", number="CF00000180"))[0])
    assert await store.directory.ids_by_number(HEAD_OFFICE, "CF00000179") == ("b",)


async def test_who_is_forgotten_is_found_by_nothing(store: Store) -> None:
    for network in (HEAD_OFFICE, OUTLET):
        await store.directory.keep(network, rows(record("a", "胡效鑫", "CF00000179", hashes=[b"1"])))
    await store.directory.forget(CustomerKey(*HEAD_OFFICE, "a"))
    assert await found(store, "hxx") == []
    assert await store.directory.ids_by_number(HEAD_OFFICE, "CF00000179") == ()
    assert await store.directory.ids_by_contact(HEAD_OFFICE, b"1") == ()
    assert await store.directory.ids_by_contact(OUTLET, b"1") == ("a",)


async def test_hashes_of_other_keys_are_dropped(store: Store) -> None:
    """Nor is the customer then known by any key: a process that goes back to the old one asks for its phones again."""
    await store.directory.keep(HEAD_OFFICE, rows(record("a", hashes=[b"1"])))
    await store.directory.drop_hashes_of_other_keys("key-1")
    assert await store.directory.ids_by_contact(HEAD_OFFICE, b"1") == ("a",)
    await store.directory.drop_hashes_of_other_keys("key-2")
    assert await store.directory.ids_by_contact(HEAD_OFFICE, b"1") == ()
    assert await store.directory.known(HEAD_OFFICE, ["a"], "key-1") == frozenset()
    assert await store.directory.known(HEAD_OFFICE, ["a"], "key-2") == frozenset()


async def test_customers_are_counted_in_their_network(store: Store) -> None:
    assert await store.directory.stats(HEAD_OFFICE, "key-1") == DirectoryStats(0, 0, 0, 0)
    known = [record("a", number="CF00000179", hashes=[b"1", b"2"]), record("b", hashes=[b"1"]), record("c", "name")]
    await store.directory.keep(HEAD_OFFICE, rows(*known))
    await store.directory.keep(OUTLET, rows(record("d", number="CF00000180", hashes=[b"3"])))
    assert await store.directory.stats(HEAD_OFFICE, "key-1") == DirectoryStats(
        customers=3, with_number=1, with_contacts=2, hashes=3
    )
    assert (await store.directory.stats(HEAD_OFFICE, "key-2")).hashes == 0


async def test_the_closest_come_first(store: Store) -> None:
    """The whole name, then a name that begins so, then a number or pinyin that does, then what holds it."""
    await store.directory.keep(
        HEAD_OFFICE,
        rows(
            record("inside", "新华夏"),
            record("begins", "华夏机械"),
            record("whole", "华夏"),
            record("contact", "某公司", contact="华夏生"),
        ),
    )
    assert await found(store, "华夏") == ["whole", "begins", "contact", "inside"]
    assert await found(store, "华夏", most=2) == ["whole", "begins"]


async def test_the_closest_come_first_where_very_many_match(store: Store) -> None:
    """No more of them leave the database than are needed."""
    many = [record(f"id-{place:04}", f"杭州第{place}机械厂", f"CF{place:08}") for place in range(1_000)]
    closest = [record("z-begins", "机械厂二"), record("z-whole", "机械厂")]
    await store.directory.keep(HEAD_OFFICE, rows(*many, *closest))
    assert (await found(store, "机械厂"))[:2] == ["z-whole", "z-begins"]
    assert len(await found(store, "机械厂")) == 20
    assert len(await found(store, "h", most=300)) == 300


async def test_suggestions_tell_name_and_number(store: Store) -> None:
    await store.directory.keep(HEAD_OFFICE, rows(record("a", "胡效鑫", "CF00000179"), record("b", contact="胡工")))
    matching = await store.directory.search(HEAD_OFFICE, ["胡"], 20)
    assert matching == (Suggestion("b", "", ""), Suggestion("a", "胡效鑫", "CF00000179"))


async def test_nobody_of_another_network_is_found(store: Store) -> None:
    await store.directory.keep(OUTLET, rows(record("a", "胡效鑫")))
    assert await found(store, "胡") == []
    assert await found(store, "胡", network=OUTLET) == ["a"]


async def test_words_may_stand_apart(store: Store) -> None:
    known = [record("a", "杭州寻客自动化"), record("b", "寻客餐饮"), record("c", "自动化研究所")]
    await store.directory.keep(HEAD_OFFICE, rows(*known))
    matching = await store.directory.search(HEAD_OFFICE, ["寻客", "自动化"], 20)
    assert [match.customer_id for match in matching] == ["a"]


async def test_search_texts_of_an_older_version_are_made_anew(store: Store) -> None:
    """Some at a time, in every network; those of this version stay as they are."""
    known = [record(f"id-{place}", f"屿麦{place}") for place in range(5)]
    for network in (HEAD_OFFICE, OUTLET):
        await store.directory.keep(network, rows(*known))
    older = "UPDATE customers SET search = 'old', spelling = NULL WHERE customer_id > 'id-0'"
    await store.database.write(lambda connection: connection.execute(text(older)))
    assert len(await found(store, "屿麦")) == 1
    after: str | None = ""
    while after is not None:
        after = await store.directory.respell(after, 2)
    assert len(await found(store, "屿麦")) == len(await found(store, "屿麦", network=OUTLET)) == 5
    current = "UPDATE customers SET search = 'as it is'"
    await store.database.write(lambda connection: connection.execute(text(current)))
    assert await store.directory.respell("", 2) is None
    assert await found(store, "屿麦") == []


@pytest.mark.parametrize("kind", SQLITE_AND_POSTGRES)
async def test_whatever_a_name_holds_is_found_and_nothing_else(kind: str, tmp_path: Path, clock: Clock) -> None:
    """On every database alike, in whatever language."""
    async with empty_database(kind, tmp_path) as url, opened(url, clock) as store:
        loop = asyncio.get_running_loop()

        async def check(names: list[str], typed: str) -> None:
            known = [record(f"id-{place}", name) for place, name in enumerate(names)]
            kept = rows(*known)
            await store.database.write(lambda connection: connection.execute(text("DELETE FROM customers")))
            await store.directory.keep(HEAD_OFFICE, kept)
            wanted = searchable(typed)
            expected = {row.record.customer_id for row in kept if wanted in row.search}
            assert {match.customer_id for match in await store.directory.search(HEAD_OFFICE, [wanted], 50)} == expected

        words = st.text(st.sampled_from("胡效鑫重庆aAzZ%_\\/vVüÜéÉ ßİı'1"), min_size=1, max_size=6)

        @settings(max_examples=40, suppress_health_check=list(HealthCheck))
        @given(st.lists(words, min_size=1, max_size=8), words.filter(searchable))
        def search(names: list[str], typed: str) -> None:
            asyncio.run_coroutine_threadsafe(check(names, typed), loop).result(10)

        await asyncio.to_thread(search)


async def test_numbers_that_older_versions_knew_are_known(url: str, clock: Clock) -> None:
    """Of a customer with several the last; its contacts were never seen."""
    database = Database(url)
    await database.write(_first_revision, 30)
    await database.write(
        lambda connection: connection.execute(
            text("INSERT INTO numbers (network_id, network_type, number, customer_id) VALUES (:n, :t, :number, :id)"),
            [
                {"n": "", "t": 1, "number": "CF00000178", "id": "a"},
                {"n": "", "t": 1, "number": "CF00000179", "id": "a"},
                {"n": "outlet-7", "t": 2, "number": "CF00000179", "id": "b"},
            ],
        )
    )
    await database.close()
    async with opened(url, clock) as store:
        assert await store.directory.ids_by_number(HEAD_OFFICE, "CF00000179") == ("a",)
        assert await store.directory.ids_by_number(OUTLET, "CF00000179") == ("b",)
        assert await store.directory.ids_by_number(HEAD_OFFICE, "CF00000178") == ()
        assert await found(store, "cf0000017") == ["a"]
        kept = (await store.directory.records(HEAD_OFFICE, ["a"]))["a"]
        assert kept == Record("a", "CF00000179", "", "", frozenset(), None)
        [row] = rows(kept)
        search = await store.database.read(
            lambda connection: connection.scalar(text("SELECT search FROM customers WHERE customer_id = 'a'"))
        )
        assert search == row.search
        assert await store.directory.known(HEAD_OFFICE, ["a"], "") == frozenset()


def _first_revision(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "0001")


async def test_two_processes_keep_the_same_customers_at_once(store: Store, url: str, clock: Clock) -> None:
    """In whatever order each was given them."""
    known = [record(f"id-{place:03}", f"name {place}", hashes=[bytes([place])]) for place in range(100)]
    async with opened(url, clock) as other:
        await asyncio.gather(
            *(store.directory.keep(HEAD_OFFICE, rows(*known)) for _ in range(3)),
            *(other.directory.keep(HEAD_OFFICE, rows(*reversed(known))) for _ in range(3)),
        )
    assert (await store.directory.stats(HEAD_OFFICE, "key-1")).customers == 100
