"""What the store keeps: claims, mutes, shelves, silences, on SQLite and on PostgreSQL alike."""

import asyncio

from sqlalchemy import text

from bot.domain.preferences import CardOutcome, LastMessage, Mute, Remembered, SavedCustomers
from bot.store.saved_customers import MAX_PINS, MAX_RECENTS
from bot.store.store import Store
from tests.conftest import Clock, Logs
from tests.support.databases import opened, store_of_each  # noqa: F401

ACME, BOLT, CORP = Remembered("id-a", "Acme"), Remembered("id-b", "Bolt"), Remembered("id-c", "Corp")


def many(count: int) -> list[Remembered]:
    return [Remembered(f"id-{number}", f"Name {number}") for number in range(count)]


async def count(store: Store, table: str) -> int:
    database = store.database
    return await database.read(
        lambda connection: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    )


async def test_a_name_is_claimed_once_among_all_processes(store: Store, url: str, clock: Clock) -> None:
    async with opened(url, clock) as other:
        claims = [one.claims.claim("event Ev1", 900) for one in (store, other) for _ in range(10)]
        assert sorted(await asyncio.gather(*claims)) == [False] * 19 + [True]


async def test_a_claim_ends_after_its_seconds(store: Store, clock: Clock) -> None:
    assert await store.claims.claim("event Ev1", 900)
    clock.advance(899)
    assert not await store.claims.claim("event Ev1", 900)
    clock.advance(1)
    assert await store.claims.claim("event Ev1", 900)
    assert not await store.claims.claim("event Ev1", 900)


async def test_who_loses_a_claim_does_not_lengthen_it(store: Store, clock: Clock) -> None:
    assert await store.claims.claim("event Ev1", 10)
    assert not await store.claims.claim("event Ev1", 900)
    clock.advance(10)
    assert await store.claims.claim("event Ev1", 10)


async def test_an_expired_claim_is_won_once(store: Store, url: str, clock: Clock) -> None:
    assert await store.claims.claim("event Ev1", 1)
    clock.advance(1)
    async with opened(url, clock) as other:
        claims = [one.claims.claim("event Ev1", 900) for one in (store, other) for _ in range(10)]
        assert sum(await asyncio.gather(*claims)) == 1


async def test_a_released_name_can_be_claimed_again(store: Store) -> None:
    assert await store.claims.claim("card C1 id-a", 900)
    await store.claims.release("card C1 id-a")
    await store.claims.release("never claimed")
    assert await store.claims.claim("card C1 id-a", 900)


async def test_expired_claims_do_not_pile_up(store: Store, clock: Clock) -> None:
    for number in range(5):
        await store.claims.claim(f"event {number}", 900)
    clock.advance(4_000)
    await store.claims.claim("event now", 900)
    assert await count(store, "claims") == 1


async def test_a_muted_channel_is_muted_for_everybody_until_its_time_is_over(store: Store, clock: Clock) -> None:
    until = clock() + 60
    await store.mutes.mute_channel("T1", "C1", "U1", until)
    assert await store.mutes.effective("T1", "C1", "U2") == Mute("C1", "U1", until)
    assert await store.mutes.effective("T1", "C2", "U1") is None
    assert await store.mutes.effective("T2", "C1", "U1") is None
    clock.advance(60)
    assert await store.mutes.effective("T1", "C1", "U2") is None
    assert await store.mutes.of("T1", "U1") == ()


async def test_a_muted_user_is_muted_everywhere_and_alone(store: Store) -> None:
    await store.mutes.mute_person("T1", "U1")
    assert await store.mutes.effective("T1", "C1", "U1") == Mute("", "U1")
    assert await store.mutes.effective("T1", "C1", "U2") is None
    await store.mutes.unmute_person("T1", "U1")
    assert await store.mutes.effective("T1", "C1", "U1") is None


async def test_mute_of_the_channel_precedes_the_users(store: Store) -> None:
    await store.mutes.mute_channel("T1", "C1", "U2", None)
    await store.mutes.mute_person("T1", "U1")
    assert await store.mutes.effective("T1", "C1", "U1") == Mute("C1", "U2")
    await store.mutes.unmute_channel("T1", "C1")
    assert await store.mutes.effective("T1", "C1", "U1") == Mute("", "U1")


async def test_a_persons_mutes_are_their_own_and_the_channels_they_muted(store: Store, clock: Clock) -> None:
    await store.mutes.mute_channel("T1", "C1", "U1", None)
    clock.advance(1)
    await store.mutes.mute_person("T1", "U1")
    clock.advance(1)
    await store.mutes.mute_channel("T1", "C2", "U1", clock() + 60)
    await store.mutes.mute_channel("T1", "C3", "U2", None)
    assert await store.mutes.of("T1", "U1") == (Mute("C2", "U1", clock() + 60), Mute("", "U1"), Mute("C1", "U1"))


async def test_muting_a_channel_again_replaces_its_mute(store: Store, clock: Clock) -> None:
    await store.mutes.mute_channel("T1", "C1", "U1", None)
    await store.mutes.mute_channel("T1", "C1", "U2", clock() + 5)
    assert await store.mutes.effective("T1", "C1", "U3") == Mute("C1", "U2", clock() + 5)
    assert await store.mutes.of("T1", "U1") == ()


async def test_recents_are_the_newest_of_one_person_each_once(store: Store) -> None:
    for customer in (ACME, BOLT, ACME, CORP):
        await store.saved_customers.remember("T1", "U1", customer)
    assert await store.saved_customers.of("T1", "U1") == SavedCustomers((), (CORP, ACME, BOLT))
    assert await store.saved_customers.of("T1", "U2") == await store.saved_customers.of("T2", "U1") == SavedCustomers()


async def test_a_person_has_so_many_recents(store: Store) -> None:
    for customer in many(MAX_RECENTS + 3):
        await store.saved_customers.remember("T1", "U1", customer)
    assert (await store.saved_customers.of("T1", "U1")).recent == tuple(many(MAX_RECENTS + 3)[:2:-1])
    assert await count(store, "recents") == MAX_RECENTS


async def test_a_customers_new_name_is_taken_up_by_recents_and_pins(store: Store) -> None:
    renamed = Remembered(ACME.customer_id, "Acme Ltd")
    await store.saved_customers.remember("T1", "U1", ACME)
    await store.saved_customers.toggle_pin("T1", "U1", ACME)
    await store.saved_customers.remember("T1", "U1", renamed)
    assert await store.saved_customers.of("T1", "U1") == SavedCustomers((renamed,), (renamed,))


async def test_pinning_is_a_toggle_that_says_what_it_did(store: Store) -> None:
    assert await store.saved_customers.toggle_pin("T1", "U1", ACME)
    assert await store.saved_customers.toggle_pin("T1", "U1", BOLT)
    assert not await store.saved_customers.toggle_pin("T1", "U1", ACME)
    assert await store.saved_customers.of("T1", "U1") == SavedCustomers((BOLT,), ())


async def test_pins_toggled_at_once_end_as_the_last_answer_says(store: Store, url: str, clock: Clock) -> None:
    async with opened(url, clock) as other:
        said = await asyncio.gather(*(one.saved_customers.toggle_pin("T1", "U1", ACME) for one in (store, other)))
    assert True in said
    assert (await store.saved_customers.of("T1", "U1")).pinned == ((ACME,) if all(said) else ())


async def test_a_pin_too_many_moves_the_oldest_to_the_recents(store: Store) -> None:
    for customer in many(MAX_PINS + 1):
        assert await store.saved_customers.toggle_pin("T1", "U1", customer)
    assert await store.saved_customers.of("T1", "U1") == SavedCustomers(tuple(many(MAX_PINS + 1)[:0:-1]), (many(1)[0],))


async def test_clearing_recents_leaves_pins_and_other_people(store: Store) -> None:
    await store.saved_customers.toggle_pin("T1", "U1", ACME)
    for user in ("U1", "U2"):
        await store.saved_customers.remember("T1", user, BOLT)
    await store.saved_customers.clear_recents("T1", "U1")
    assert await store.saved_customers.of("T1", "U1") == SavedCustomers((ACME,), ())
    assert await store.saved_customers.of("T1", "U2") == SavedCustomers((), (BOLT,))
    await store.saved_customers.remember("T1", "U1", BOLT)
    assert (await store.saved_customers.of("T1", "U1")).recent == (BOLT,)


async def test_names_that_no_database_can_hold_are_kept_as_well_as_they_can(store: Store, logs: Logs) -> None:
    """The CRM's names are foreign text, and no name is logged, not even at DEBUG."""
    await store.saved_customers.remember("T1", "U1", Remembered("id-\0", "Zhang\0San \ud83d 张三" + "x" * 10_000))
    (kept,) = (await store.saved_customers.of("T1", "U1")).recent
    assert kept.customer_id == "id-�"
    assert kept.name.startswith("Zhang�San ? 张三xxx")
    assert "Zhang" not in logs.text


async def test_the_last_outcome_of_a_channel_is_kept_with_its_time(store: Store, clock: Clock) -> None:
    assert await store.card_outcomes.last("T1", "C1") is None
    await store.card_outcomes.record("T1", "C1", CardOutcome.BOT, clock())
    clock.advance(5)
    await store.card_outcomes.record("T1", "C1", CardOutcome.COOLDOWN, clock())
    assert await store.card_outcomes.last("T1", "C1") == LastMessage(CardOutcome.COOLDOWN, clock())
    assert await store.card_outcomes.last("T1", "C2") is None


async def test_late_outcome_of_an_older_message_changes_nothing(store: Store, clock: Clock) -> None:
    await store.card_outcomes.record("T1", "C1", CardOutcome.POSTED, clock())
    await store.card_outcomes.record("T1", "C1", CardOutcome.BOT, clock() - 1)
    assert await store.card_outcomes.last("T1", "C1") == LastMessage(CardOutcome.POSTED, clock())


async def test_an_outcome_that_only_a_newer_version_knows_is_none(store: Store, clock: Clock) -> None:
    await store.card_outcomes.record("T1", "C1", CardOutcome.BOT, clock())
    await store.database.write(lambda connection: connection.execute(text("UPDATE silences SET silence = 'x'")))
    assert await store.card_outcomes.last("T1", "C1") is None


async def test_everything_outlives_the_process(url: str, clock: Clock) -> None:
    async with opened(url, clock) as store:
        await store.claims.claim("event Ev1", 900)
        await store.mutes.mute_person("T1", "U1")
        await store.saved_customers.toggle_pin("T1", "U1", ACME)
        await store.saved_customers.remember("T1", "U1", BOLT)
        await store.card_outcomes.record("T1", "C1", CardOutcome.POSTED, clock())
    async with opened(url, clock) as store:
        assert not await store.claims.claim("event Ev1", 900)
        assert await store.mutes.of("T1", "U1") == (Mute("", "U1"),)
        assert await store.saved_customers.of("T1", "U1") == SavedCustomers((ACME,), (BOLT,))
        assert await store.card_outcomes.last("T1", "C1") == LastMessage(CardOutcome.POSTED, clock())
