"""The desk: an answer to every inquiry, and one line in the access log that tells who asked for whom, and no values."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.answers import (
    Answer,
    Asker,
    CacheState,
    Denied,
    Failure,
    Found,
    Inquiry,
    Invalid,
    NotFound,
    Refusal,
    Surface,
    Unavailable,
)
from bot.background import Background
from bot.cache import ProfileCache
from bot.desk import Desk, Guard, Network
from bot.directory import Directory
from bot.errors import CrmRejected, CrmUnreachable, StoreUnavailable, Trouble
from bot.links import CustomerLinks
from bot.lookup import CustomerLookup
from bot.preferences import Remembered, Shelf
from bot.privacy import Audience
from bot.profile import CustomerKey, CustomerProfile, ShowType, profile_field
from bot.store.store import Store
from tests.blocks import foreign_texts
from tests.conftest import Clock, Logs

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
VALUES = {
    "客户名称": "杭州岚峤",
    "联系电话": "13800001001",
    "银行账户": "6222021234567890128",
    "结算方式": "月结30天",
}


def customer(**others: str) -> CustomerProfile:
    """A customer with the values above, and others."""
    values = {**VALUES, **others}
    return CustomerProfile(ID, tuple(profile_field(key, value, ShowType.PLAIN) for key, value in values.items()))


PROFILE = customer()
TTL_SECONDS = 300
NUMBER = "CF00000201"
NETWORK = Network("network-1", 2)
TEMPLATE = "https://crm.example.com/customer/{customer_id}"
ASKER = Asker("T0PLAY", "U0SALES", "C0GENERAL")


class FakeCrm:
    """Gives what it is told to give, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.answer: CustomerProfile | Exception | None = PROFILE
        self.asked: list[CustomerKey] = []

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        self.asked.append(key)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def source() -> FakeCrm:
    return FakeCrm()


class FakeGuard:
    """Knows the people and the channels that it is told of; of all others it knows nothing."""

    def __init__(self) -> None:
        self.people = {ASKER.user}
        self.channels = {ASKER.channel}

    async def person(self, asker: Asker) -> Refusal | None:
        return None if asker.user in self.people else Refusal.OUTSIDER

    async def channel(self, asker: Asker) -> Refusal | None:
        return None if asker.channel in self.channels else Refusal.UNREADABLE_CHANNEL


@pytest.fixture
def guard() -> FakeGuard:
    return FakeGuard()


@pytest.fixture
async def background() -> AsyncIterator[Background]:
    background = Background()
    yield background
    await background.drain(1.0)


def make_desk(
    source: FakeCrm, store: Store, guard: Guard, background: Background, clock: Clock, template: str | None = TEMPLATE
) -> Desk:
    cache = ProfileCache(10, TTL_SECONDS, 86_400, clock)
    lookup = CustomerLookup(source, cache, background, 1.0, clock)
    directory = Directory(store, background)
    return Desk(lookup, directory, CustomerLinks(template), store, background, NETWORK, guard, clock)


@pytest.fixture
def desk(source: FakeCrm, store: Store, guard: FakeGuard, background: Background, clock: Clock) -> Desk:
    return make_desk(source, store, guard, background, clock)


@pytest.fixture
def cut_off(source: FakeCrm, guard: FakeGuard, background: Background, clock: Clock) -> Desk:
    """A desk whose database has never been opened."""
    return make_desk(source, Store("sqlite:///:memory:", clock), guard, background, clock)


def inquiry(text: str = ID, refresh: bool = False) -> Inquiry:
    return Inquiry(text, Surface.COMMAND, ASKER, refresh)


def access_line(logs: Logs) -> dict[str, Any]:
    """The access log's last line without what differs from run to run."""
    line = logs.lines("customer_lookup")[-1]
    assert line.pop("ms") >= 0
    assert line.pop("timestamp")
    assert (line.pop("level"), line.pop("logger"), line.pop("event")) == (
        "info",
        "customer_bot.access",
        "customer_lookup",
    )
    return line


def expected(**others: object) -> dict[str, object]:
    return {
        "team": "T0PLAY",
        "user": "U0SALES",
        "channel": "C0GENERAL",
        "surface": "command",
        "read_as": "id",
        "customer_id": ID,
        "cache": None,
        "code": None,
        **others,
    }


async def test_customer_from_the_crm(desk: Desk, clock: Clock, logs: Logs) -> None:
    answer = await desk.ask(inquiry())
    assert isinstance(answer, Found)
    assert (answer.as_of, answer.age, answer.cache, answer.failure) == (clock.seconds, 0.0, CacheState.MISS, None)
    assert answer.profile.name == "杭州岚峤"
    assert access_line(logs) == expected(outcome="found", cache="miss")


async def test_customer_from_the_cache(desk: Desk, clock: Clock, source: FakeCrm, logs: Logs) -> None:
    await desk.ask(inquiry())
    clock.advance(TTL_SECONDS - 1)
    answer = await desk.ask(inquiry())
    assert isinstance(answer, Found)
    assert (answer.age, answer.cache) == (TTL_SECONDS - 1, CacheState.HIT)
    assert access_line(logs) == expected(outcome="found", cache="hit")
    assert len(source.asked) == 1


async def test_refresh_goes_past_the_cache(desk: Desk, source: FakeCrm, logs: Logs) -> None:
    await desk.ask(inquiry())
    await desk.ask(inquiry(refresh=True))
    assert access_line(logs) == expected(outcome="found", cache="miss")
    assert len(source.asked) == 2


async def test_old_copy_carries_the_code_of_the_failure(desk: Desk, clock: Clock, source: FakeCrm, logs: Logs) -> None:
    await desk.ask(inquiry())
    clock.advance(7_200)
    source.answer = CrmUnreachable("no answer in time")
    answer = await desk.ask(inquiry())
    [warning] = logs.lines("crm_failed")
    assert isinstance(answer, Found)
    assert (answer.age, answer.cache) == (7_200.0, CacheState.STALE)
    assert answer.failure == Failure(Trouble.NO_ANSWER, warning["code"], reason=warning["reason"])
    assert access_line(logs) == expected(outcome="found", cache="stale", code=warning["code"])


async def test_unknown_customer_has_a_code(desk: Desk, source: FakeCrm, logs: Logs) -> None:
    source.answer = None
    answer = await desk.ask(inquiry())
    assert isinstance(answer, NotFound)
    assert answer.asked == ID
    assert access_line(logs) == expected(outcome="not_found", code=answer.code)


async def test_failing_crm_has_the_code_of_its_log_line(desk: Desk, source: FakeCrm, logs: Logs) -> None:
    source.answer = CrmRejected("7", "忙")
    answer = await desk.ask(inquiry())
    [warning] = logs.lines("crm_failed")
    assert answer == Unavailable(ID, Failure(Trouble.REJECTED, warning["code"], "忙", warning["reason"]))
    assert access_line(logs) == expected(outcome="unavailable", code=warning["code"])


async def test_text_that_names_no_customer(desk: Desk, source: FakeCrm, logs: Logs) -> None:
    """What was typed goes back to its asker; the log does not keep it, and the CRM is not asked."""
    answer = await desk.ask(inquiry("杭州岚峤 13800001001"))
    assert answer == Invalid("杭州岚峤 13800001001")
    assert access_line(logs) == expected(outcome="invalid", read_as=None, customer_id=None)
    assert "13800001001" not in logs.text
    assert source.asked == []


async def test_link_is_logged_as_one(desk: Desk, logs: Logs) -> None:
    """With the id that was in it, and nothing else of the link."""
    await desk.ask(inquiry(f"https://crm.example.com/customer/{ID.upper()}?session=secret"))
    assert access_line(logs) == expected(outcome="found", cache="miss", read_as="link")
    assert "session" not in logs.text


async def test_surfaces_and_missing_ids_are_logged_as_they_are(desk: Desk, logs: Logs) -> None:
    await desk.ask(Inquiry(ID, Surface.CLI))
    assert access_line(logs) == expected(outcome="found", cache="miss", surface="cli", team="", user="", channel="")


async def test_customer_is_asked_for_as_the_service_network_sees_it(desk: Desk, source: FakeCrm) -> None:
    await desk.ask(inquiry(ID.upper()))
    assert source.asked == [CustomerKey("network-1", 2, ID)]


async def test_protected_values_are_masked_for_whoever_asks(desk: Desk) -> None:
    """On every way to the customer: from the CRM, from the cache, refreshed."""
    for refresh in (False, False, True):
        answer = await desk.ask(inquiry(refresh=refresh))
        assert isinstance(answer, Found)
        assert [field.value for field in answer.profile.fields] == [
            "杭州岚峤",
            "13800001001",
            "622****0128",
            "月结30天",
        ]


async def test_clock_that_was_set_back_makes_no_copy_younger_than_now(desk: Desk, clock: Clock) -> None:
    await desk.ask(inquiry())
    clock.advance(-60)
    answer = await desk.ask(inquiry())
    assert isinstance(answer, Found)
    assert answer.age == 0.0


async def test_bug_in_the_lookup_is_answered_with_the_code_of_its_traceback(
    desk: Desk, source: FakeCrm, logs: Logs
) -> None:
    source.answer = ZeroDivisionError("a bug")
    answer = await desk.ask(inquiry())
    [line] = logs.lines("inquiry_failed")
    assert answer == Unavailable(ID, Failure(Trouble.INTERNAL, line["code"]))
    assert (line["level"], line["surface"]) == ("error", "command")
    assert "ZeroDivisionError: a bug" in line["exception"]
    assert access_line(logs) == expected(outcome="unavailable", code=line["code"])


async def test_bug_before_the_id_is_read_is_answered_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("bot.desk.read", broken)
    answer = await desk.ask(inquiry())
    assert isinstance(answer, Unavailable)
    assert (answer.asked, answer.failure.trouble) == (None, Trouble.INTERNAL)


OUTCOMES: dict[str, Callable[[], CustomerProfile | Exception | None]] = {
    "found": lambda: PROFILE,
    "not found": lambda: None,
    "rejected": lambda: CrmRejected("7", "忙"),
    "a bug": lambda: ZeroDivisionError("a bug"),
}


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES.keys())
async def test_log_never_holds_a_value(
    desk: Desk, source: FakeCrm, logs: Logs, outcome: Callable[[], CustomerProfile | Exception | None]
) -> None:
    """Whatever comes of it, twice, and refreshed; and every inquiry has one line."""
    await desk.ask(inquiry())
    source.answer = outcome()
    for refresh in (False, True):
        await desk.ask(inquiry(refresh=refresh))
    assert len(logs.lines("customer_lookup")) == 3
    assert not [text for pair in VALUES.items() for text in pair if text in logs.text]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=foreign_texts())
async def test_whatever_is_typed_has_an_answer_and_one_line(desk: Desk, logs: Logs, text: str) -> None:
    before = len(logs.lines("customer_lookup"))
    assert await desk.ask(inquiry(text)) == Invalid(text)
    assert len(logs.lines("customer_lookup")) == before + 1
    assert json.loads(logs.text.splitlines()[-1])["outcome"] == "invalid"


# --- For everybody in a channel --------------------------------------------------------------------------------------


def values_in(answer: Answer) -> list[str]:
    assert isinstance(answer, Found)
    return [field.value for field in answer.profile.fields]


async def test_share_is_what_a_channel_may_see(desk: Desk, logs: Logs) -> None:
    answer = await desk.share(inquiry())
    assert isinstance(answer, Found)
    assert answer.audience is Audience.CHANNEL
    assert values_in(answer) == ["杭州岚峤", "138****1001"]
    assert access_line(logs) == expected(outcome="found", cache="miss")


@pytest.mark.parametrize("channel", ["C0SHARED", "D0SALES", ""], ids=["another channel", "a direct message", "none"])
async def test_share_shows_nothing_where_the_channel_is_not_known_to_be_internal(
    desk: Desk, source: FakeCrm, logs: Logs, channel: str
) -> None:
    """Not even whether there is such a customer: nobody is asked."""
    answer = await desk.share(Inquiry(ID, Surface.MESSAGE, ASKER._replace(channel=channel)))
    assert isinstance(answer, Denied)
    assert answer.refusal is Refusal.UNREADABLE_CHANNEL
    assert source.asked == []
    assert access_line(logs) == expected(channel=channel, surface="message", outcome="denied", code=answer.code)


async def test_preview_is_what_share_would_show_before_a_channel_is_chosen(desk: Desk) -> None:
    preview = await desk.preview(Inquiry(ID, Surface.BUTTON, ASKER._replace(channel="D0SALES")))
    shared = await desk.share(inquiry())
    assert isinstance(preview, Found)
    assert isinstance(shared, Found)
    assert (preview.profile, preview.audience) == (shared.profile, shared.audience)


async def test_private_view_and_channel_view_do_not_mix_in_the_cache(desk: Desk) -> None:
    for _ in range(2):
        assert values_in(await desk.ask(inquiry()))[1] == "13800001001"
        assert values_in(await desk.share(inquiry()))[1] == "138****1001"


@pytest.mark.parametrize("template", [TEMPLATE, None], ids=["with a template", "without"])
async def test_customer_carries_the_address_of_its_page(
    source: FakeCrm, store: Store, guard: FakeGuard, background: Background, clock: Clock, template: str | None
) -> None:
    desk = make_desk(source, store, guard, background, clock, template)
    answer = await desk.ask(inquiry())
    assert isinstance(answer, Found)
    assert answer.url == (f"https://crm.example.com/customer/{ID}" if template else "")


async def test_guard_that_fails_is_answered_and_shows_nothing(
    desk: Desk, source: FakeCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(guard: FakeGuard, asker: Asker) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(FakeGuard, "channel", broken)
    answer = await desk.share(inquiry())
    assert isinstance(answer, Unavailable)
    assert answer.failure.trouble is Trouble.INTERNAL
    assert source.asked == []


# --- Who asks --------------------------------------------------------------------------------------------------------


async def test_panel_of_a_link_is_for_people_whom_the_guard_knows(desk: Desk, source: FakeCrm, logs: Logs) -> None:
    """Its event does not say which organisation the person is of."""
    stranger = ASKER._replace(user="U0OTHER")
    answer = await desk.ask(Inquiry(ID, Surface.FLEXPANE, stranger))
    assert isinstance(answer, Denied)
    assert answer.refusal is Refusal.OUTSIDER
    assert source.asked == []
    assert access_line(logs) == expected(user="U0OTHER", surface="flexpane", outcome="denied", code=answer.code)
    assert isinstance(await desk.ask(Inquiry(ID, Surface.FLEXPANE, ASKER)), Found)


@pytest.mark.parametrize("surface", [surface for surface in Surface if surface is not Surface.FLEXPANE])
async def test_other_surfaces_vouch_for_their_people_themselves(desk: Desk, surface: Surface) -> None:
    """Slack's payload names the organisation, and a middleware has refused all others: no second question."""
    assert isinstance(await desk.ask(Inquiry(ID, surface, ASKER._replace(user="U0NOBODY"))), Found)


async def test_refusal_is_the_guards_word(desk: Desk) -> None:
    assert await desk.refusal(ASKER) is None
    assert await desk.refusal(ASKER._replace(user="U0OTHER")) is Refusal.OUTSIDER


# --- Numbers ---------------------------------------------------------------------------------------------------------


async def test_number_is_learned_from_a_customer_that_was_found(desk: Desk, source: FakeCrm, logs: Logs) -> None:
    """However it was spelled, by whoever and for whichever audience it was found."""
    source.answer = customer(客户编号=NUMBER)
    unseen = await desk.ask(inquiry(NUMBER))
    assert isinstance(unseen, NotFound)
    assert unseen.asked == NUMBER
    assert source.asked == []
    assert access_line(logs) == expected(read_as="number", customer_id=None, outcome="not_found", code=unseen.code)
    await desk.share(inquiry())
    answer = await desk.ask(inquiry(" cf00000201 "))
    assert isinstance(answer, Found)
    assert answer.profile.customer_id == ID
    assert access_line(logs) == expected(read_as="number", outcome="found", cache="hit")


async def test_number_outlives_the_process(
    desk: Desk, source: FakeCrm, store: Store, guard: FakeGuard, background: Background, clock: Clock
) -> None:
    source.answer = customer(客户编号=NUMBER)
    await desk.ask(inquiry())
    await background.drain(1.0)
    answer = await make_desk(source, store, guard, background, clock).ask(inquiry(NUMBER))
    assert isinstance(answer, Found)


@pytest.mark.parametrize(
    "now", [None, customer(), customer(客户编号="CF00000999")], ids=["deleted", "without a number", "another number"]
)
async def test_directory_that_is_out_of_date_names_nobody_and_forgets(
    desk: Desk, source: FakeCrm, background: Background, now: CustomerProfile | None
) -> None:
    """Never the wrong customer: the second time the CRM is not even asked."""
    source.answer = customer(客户编号=NUMBER)
    await desk.ask(inquiry())
    await background.drain(1.0)
    source.answer = now
    answer = await desk.ask(inquiry(NUMBER, refresh=True))
    assert isinstance(answer, NotFound)
    assert answer.asked == NUMBER
    asked = len(source.asked)
    assert isinstance(await desk.ask(inquiry(NUMBER, refresh=True)), NotFound)
    assert len(source.asked) == asked


async def test_number_of_a_customer_whom_the_crm_does_not_tell_is_asked_for_again(desk: Desk, source: FakeCrm) -> None:
    """A CRM that is down proves nothing of the directory."""
    source.answer = customer(客户编号=NUMBER)
    await desk.ask(inquiry())
    source.answer = CrmUnreachable("no answer in time")
    old = await desk.ask(inquiry(NUMBER, refresh=True))
    assert isinstance(old, Found)
    assert old.cache is CacheState.STALE
    source.answer = customer(客户编号=NUMBER)
    assert isinstance(await desk.ask(inquiry(NUMBER, refresh=True)), Found)


async def test_number_without_a_database_is_unavailable(cut_off: Desk, logs: Logs) -> None:
    answer = await cut_off.ask(inquiry(NUMBER))
    [line] = logs.lines("store_failed")
    assert answer == Unavailable(NUMBER, Failure(Trouble.STORE, line["code"], reason=line["reason"]))
    assert access_line(logs) == expected(read_as="number", customer_id=None, outcome="unavailable", code=line["code"])


async def test_customer_by_id_needs_no_database(cut_off: Desk, background: Background, logs: Logs) -> None:
    assert isinstance(await cut_off.ask(inquiry()), Found)
    await background.drain(1.0)
    assert [line["level"] for line in logs.lines("recents_not_kept")] == ["info"]


# --- Pins and recents ------------------------------------------------------------------------------------------------


async def shelf(desk: Desk, background: Background) -> Shelf | None:
    """Once everything is kept."""
    await background.drain(1.0)
    return await desk.shelf(ASKER)


async def test_customer_is_remembered_for_whoever_asked(desk: Desk, background: Background) -> None:
    await desk.ask(inquiry())
    assert await shelf(desk, background) == Shelf(recent=(Remembered(ID, "杭州岚峤"),))
    assert await desk.shelf(ASKER._replace(user="U0MANAGER")) == Shelf()


async def test_nothing_is_remembered_of_what_others_were_shown(desk: Desk, background: Background) -> None:
    await desk.share(inquiry())
    await desk.preview(inquiry())
    assert await shelf(desk, background) == Shelf()


async def test_nothing_is_remembered_of_a_customer_that_was_not_found(
    desk: Desk, source: FakeCrm, background: Background
) -> None:
    source.answer = None
    await desk.ask(inquiry())
    await desk.ask(inquiry("nonsense"))
    assert await shelf(desk, background) == Shelf()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"客户名称": "张三 13800001001"}, "张三 138****1001"),
        ({"客户名称": "fang@example.com"}, "f***@example.com"),
        ({"客户名称": "", "客户编号": NUMBER}, NUMBER),
        ({"客户名称": "甲" * 500}, "甲" * 150),
    ],
    ids=["a phone in the name", "a mail address as the name", "no name", "a very long name"],
)
async def test_name_that_is_remembered_holds_no_phone_and_no_mail_address(
    desk: Desk, source: FakeCrm, background: Background, values: dict[str, str], name: str
) -> None:
    source.answer = customer(**values)
    await desk.ask(inquiry())
    kept = await shelf(desk, background)
    assert kept is not None
    assert kept.recent == (Remembered(ID, name),)


async def test_pin_is_a_toggle_that_says_what_it_did(desk: Desk, background: Background) -> None:
    pinned = Remembered(ID, "杭州岚峤")
    assert await desk.toggle_pin(ASKER, ID) == (pinned, True)
    assert await shelf(desk, background) == Shelf(pinned=(pinned,))
    assert await desk.toggle_pin(ASKER, ID) == (pinned, False)
    assert await shelf(desk, background) == Shelf()


@pytest.mark.parametrize("answer", [None, CrmUnreachable("no answer in time")], ids=["gone", "not told"])
async def test_customer_keeps_its_name_and_can_be_unpinned_whatever_the_crm_says(
    desk: Desk, source: FakeCrm, clock: Clock, answer: Exception | None
) -> None:
    await desk.toggle_pin(ASKER, ID)
    clock.advance(2 * 86_400)
    source.answer = answer
    assert await desk.toggle_pin(ASKER, ID) == (Remembered(ID, "杭州岚峤"), False)


@pytest.mark.parametrize("text", ["", "nonsense", NUMBER, "x" * 5_000])
async def test_what_is_no_id_cannot_be_pinned(desk: Desk, source: FakeCrm, background: Background, text: str) -> None:
    """A button's value may be of any version, or of none."""
    assert await desk.toggle_pin(ASKER, text) is None
    assert await shelf(desk, background) == Shelf()
    assert source.asked == []


async def test_clearing_the_recents_leaves_the_pins(desk: Desk, background: Background) -> None:
    await desk.ask(inquiry())
    await desk.toggle_pin(ASKER, ID)
    await background.drain(1.0)
    await desk.clear_recents(ASKER)
    assert await shelf(desk, background) == Shelf(pinned=(Remembered(ID, "杭州岚峤"),))


async def test_without_a_database_the_shelf_cannot_be_read_and_nothing_pretends_to_be_done(cut_off: Desk) -> None:
    assert await cut_off.shelf(ASKER) is None
    with pytest.raises(StoreUnavailable):
        await cut_off.toggle_pin(ASKER, ID)
    with pytest.raises(StoreUnavailable):
        await cut_off.clear_recents(ASKER)
