"""Inquiries: a result for each, and one line in the access log that says who asked for whom, and no values."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pytest_mock import MockerFixture

from bot.access.audit_log import AuditLog
from bot.access.audit_writer import AuditWriter
from bot.access.rate_limits import RateLimiter
from bot.access.reveal_quota import RevealQuota
from bot.crm.search_routes import Hit, HitSearch
from bot.customers.cache import ProfileCache
from bot.customers.directory.index import Directory
from bot.customers.lookup import CustomerLookup
from bot.customers.records import ServiceRecords
from bot.customers.search import CustomerSearch
from bot.domain.inquiry import Asker, Audience, Inquiry, Surface
from bot.domain.links import CustomerLinks
from bot.domain.networks import ChannelNetworks
from bot.domain.preferences import Remembered, SavedCustomers
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork, ShowType, profile_field
from bot.domain.query import Query, QueryReader, ReadAs, Unread
from bot.domain.records import (
    Contact,
    Device,
    RecordRows,
    Section,
    ServiceSummary,
    State,
    Warranty,
    WorkOrder,
    WorkStep,
)
from bot.domain.results import (
    CacheState,
    Denied,
    Expired,
    Failure,
    Found,
    Invalid,
    Limit,
    Limited,
    NotFound,
    Refusal,
    RelatedRecords,
    Result,
    Several,
    Together,
    Unavailable,
)
from bot.errors import CrmError, CrmRejected, CrmStatusError, CrmUnreachable, StoreUnavailable, Trouble
from bot.inquiries.inquiries import Inquiries, Permissions
from bot.inquiries.resolver import Resolver
from bot.inquiries.result_cache import ResultCache
from bot.inquiries.saved_customers import Recents
from bot.privacy.encryption import SealedQueries, is_sealed
from bot.privacy.policy import BUILT_IN
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store
from tests.conftest import Clock, Logs
from tests.support.block_kit import foreign_texts

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
NETWORK = ServiceNetwork("network-1", 2)
OUTLET = ServiceNetwork("network-2", 2)
TEMPLATE = "https://crm.example.com/customer/{customer_id}"
CHANNEL = "C0GENERAL"
ASKER = Asker("T0PLAY", "U0SALES", CHANNEL)


class FakeCrm:
    """Returns what a test sets, and keeps what it was asked for.

    ``hits`` are whom its lists name, ``others`` profiles of further customers; ``orders`` and ``devices`` are of all.
    """

    def __init__(self) -> None:
        self.answer: CustomerProfile | Exception | None = PROFILE
        self.others: dict[str, CustomerProfile] = {}
        self.hits: tuple[Hit, ...] | CrmError = ()
        self.orders: tuple[WorkOrder, ...] | CrmError = ()
        self.devices_owned: tuple[Device, ...] = ()
        self.asked: list[CustomerKey] = []
        self.asked_for_steps: list[str] = []
        self.hangs = False

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        self.asked.append(key)
        if key.customer_id in self.others:
            return self.others[key.customer_id]
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def first(self, network: ServiceNetwork, query: Query) -> tuple[HitSearch, ...]:
        return (self._named(),)

    def last(self, network: ServiceNetwork, query: Query) -> tuple[HitSearch, ...]:
        return ()

    async def _named(self) -> tuple[Hit, ...]:
        if isinstance(self.hits, CrmError):
            raise self.hits
        return self.hits

    async def contacts(self, key: CustomerKey, customer_name: str) -> RecordRows[Contact]:
        return RecordRows((Contact(key.customer_id, "张工 6222021234567890128", "13800001001"),), False)

    async def devices(self, key: CustomerKey) -> RecordRows[Device]:
        if self.hangs:
            await asyncio.sleep(10)
        return RecordRows(self.devices_owned, False)

    async def devices_with_warranty(self, key: CustomerKey) -> RecordRows[Device]:
        return await self.devices(key)

    async def work_orders(self, key: CustomerKey) -> RecordRows[WorkOrder]:
        if isinstance(self.orders, CrmError):
            raise self.orders
        return RecordRows(self.orders, False)

    async def steps(self, order_id: str) -> RecordRows[WorkStep]:
        self.asked_for_steps.append(order_id)
        return RecordRows((WorkStep("派工"),), False)


@pytest.fixture
def source() -> FakeCrm:
    return FakeCrm()


class FakePermissions:
    """Knows the users and the channels that a test sets, and no others."""

    admins: tuple[str, ...] = ("U0ADMIN",)

    def knows(self, user: str) -> bool:
        return True

    def __init__(self) -> None:
        self.people = {ASKER.user, "U0MANAGER", ""}
        self.channels = {CHANNEL}

    async def refusal(self, asker: Asker, surface: Surface) -> Refusal | None:
        return None if asker.user in self.people else Refusal.OUTSIDER

    async def channel_refusal(self, channel: str) -> Refusal | None:
        return None if channel in self.channels else Refusal.UNREADABLE_CHANNEL


@pytest.fixture
def permissions() -> FakePermissions:
    return FakePermissions()


@pytest.fixture
async def background() -> AsyncIterator[BackgroundTasks]:
    background = BackgroundTasks()
    yield background
    await background.drain(1.0)


def make_inquiries(
    source: FakeCrm,
    store: Store,
    permissions: Permissions,
    background: BackgroundTasks,
    clock: Clock,
    template: str | None = TEMPLATE,
    networks: Mapping[str, ServiceNetwork] = MappingProxyType({}),
    lookups_per_minute: int = 1_000,
) -> Inquiries:
    cache = ProfileCache(10, TTL_SECONDS, 86_400, clock)
    directory = Directory(store, background, b"key")
    resolver = Resolver(
        CustomerLookup(source, cache, background, 1.0, clock, directory.learn),
        CustomerSearch(source, directory, background, 1.0, clock),
        ServiceRecords(source, background, 1.0, clock),
        ResultCache(CustomerLinks(template), BUILT_IN, clock),
        SealedQueries(bytes(32), clock),
        BUILT_IN,
        QueryReader(),
    )
    return Inquiries(
        resolver,
        directory,
        store,
        Recents(store, background),
        ChannelNetworks(NETWORK, networks),
        permissions,
        RateLimiter(lookups_per_minute, clock),
        RevealQuota(store, 30),
        AuditLog(AuditWriter(store, 180, clock), Metrics(), clock),
    )


@pytest.fixture
def inquiries(
    source: FakeCrm, store: Store, permissions: FakePermissions, background: BackgroundTasks, clock: Clock
) -> Inquiries:
    return make_inquiries(source, store, permissions, background, clock)


@pytest.fixture
def cut_off(source: FakeCrm, permissions: FakePermissions, background: BackgroundTasks, clock: Clock) -> Inquiries:
    """Inquiries whose database has never been opened."""
    return make_inquiries(source, Store("sqlite:///:memory:", clock), permissions, background, clock)


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
        "audience": "private",
        "code": None,
        **others,
    }


async def test_customer_from_the_crm(inquiries: Inquiries, clock: Clock, logs: Logs) -> None:
    answer = await inquiries.ask(inquiry())
    assert isinstance(answer, Found)
    assert (answer.as_of, answer.age, answer.cache, answer.failure) == (clock.seconds, 0.0, CacheState.MISS, None)
    assert answer.profile.name == "杭州岚峤"
    assert access_line(logs) == expected(outcome="found", cache="miss")


async def test_customer_from_the_cache(inquiries: Inquiries, clock: Clock, source: FakeCrm, logs: Logs) -> None:
    await inquiries.ask(inquiry())
    clock.advance(TTL_SECONDS - 1)
    answer = await inquiries.ask(inquiry())
    assert isinstance(answer, Found)
    assert (answer.age, answer.cache) == (TTL_SECONDS - 1, CacheState.HIT)
    assert access_line(logs) == expected(outcome="found", cache="hit")
    assert len(source.asked) == 1


async def test_refresh_goes_past_the_cache(inquiries: Inquiries, source: FakeCrm, logs: Logs) -> None:
    await inquiries.ask(inquiry())
    await inquiries.ask(inquiry(refresh=True))
    assert access_line(logs) == expected(outcome="found", cache="miss")
    assert len(source.asked) == 2


async def test_old_copy_carries_the_code_of_the_failure(
    inquiries: Inquiries, clock: Clock, source: FakeCrm, logs: Logs
) -> None:
    await inquiries.ask(inquiry())
    clock.advance(7_200)
    source.answer = CrmUnreachable("no answer in time")
    answer = await inquiries.ask(inquiry())
    [warning] = logs.lines("crm_failed")
    assert isinstance(answer, Found)
    assert (answer.age, answer.cache) == (7_200.0, CacheState.STALE)
    assert answer.failure == Failure(Trouble.NO_ANSWER, warning["code"], reason=warning["reason"])
    assert access_line(logs) == expected(outcome="found", cache="stale", code=warning["code"])


async def test_unknown_customer_has_a_code(inquiries: Inquiries, source: FakeCrm, logs: Logs) -> None:
    source.answer = None
    answer = await inquiries.ask(inquiry())
    assert isinstance(answer, NotFound)
    assert answer.asked == ID
    assert access_line(logs) == expected(outcome="not_found", code=answer.code)


async def test_failing_crm_has_the_code_of_its_log_line(inquiries: Inquiries, source: FakeCrm, logs: Logs) -> None:
    source.answer = CrmRejected("7", "忙")
    answer = await inquiries.ask(inquiry())
    [warning] = logs.lines("crm_failed")
    failure = Failure(Trouble.REJECTED, warning["code"], "忙", warning["reason"])
    assert answer == Unavailable(ID, failure, button_value=ID)
    assert access_line(logs) == expected(outcome="unavailable", code=warning["code"])


async def test_text_that_names_no_customer(inquiries: Inquiries, source: FakeCrm, logs: Logs) -> None:
    """What was typed goes back to its asker; the log does not keep it, and the CRM is not asked."""
    typed = " ".join(f"CF0000020{digit}" for digit in range(6))
    answer = await inquiries.ask(inquiry(typed))
    assert answer == Invalid(typed, Unread.SEVERAL)
    assert access_line(logs) == expected(outcome="invalid", read_as=None, customer_id=None)
    assert "CF0000020" not in logs.text
    assert source.asked == []


async def test_several_identifiers_are_as_many_inquiries(inquiries: Inquiries, logs: Logs) -> None:
    """The list says which led to whom; each has its line in the log."""
    answer = await inquiries.ask(inquiry(f"{ID} 13800001999"))
    assert isinstance(answer, Together)
    assert [(type(result), query.read_as) for query, result in answer.asked] == [
        (Found, ReadAs.ID), (NotFound, ReadAs.PHONE),
    ]  # fmt: skip
    lines = logs.lines("customer_lookup")
    assert sorted((line["outcome"], line["read_as"]) for line in lines) == [("found", "id"), ("not_found", "phone")]


async def test_identifiers_of_one_customer_show_that_customer(inquiries: Inquiries, source: FakeCrm) -> None:
    source.hits = (Hit(ID, row_matches=True),)
    answer = await inquiries.ask(inquiry(f"{PHONE} {ID}"))
    assert isinstance(answer, Found)
    assert answer.profile.customer_id == ID


async def test_refusal_of_several_identifiers_is_one(inquiries: Inquiries) -> None:
    asker = ASKER._replace(user="U0STRANGER")
    assert isinstance(await inquiries.ask(Inquiry(f"{ID} 13800001999", Surface.COMMAND, asker)), Denied)


async def test_link_is_logged_as_one(inquiries: Inquiries, logs: Logs) -> None:
    """With the id that was in it, and nothing else of the link."""
    await inquiries.ask(inquiry(f"https://crm.example.com/customer/{ID.upper()}?session=secret"))
    assert access_line(logs) == expected(outcome="found", cache="miss", read_as="link")
    assert "session" not in logs.text


async def test_surfaces_and_missing_ids_are_logged_as_they_are(inquiries: Inquiries, logs: Logs) -> None:
    await inquiries.ask(Inquiry(ID, Surface.CLI))
    assert access_line(logs) == expected(outcome="found", cache="miss", surface="cli", team="", user="", channel="")


async def test_customer_is_asked_for_as_the_service_network_sees_it(inquiries: Inquiries, source: FakeCrm) -> None:
    await inquiries.ask(inquiry(ID.upper()))
    assert source.asked == [CustomerKey("network-1", 2, ID)]


async def test_protected_values_are_masked_for_every_asker(inquiries: Inquiries) -> None:
    """On every way to the customer: from the CRM, from the cache, refreshed."""
    for refresh in (False, False, True):
        answer = await inquiries.ask(inquiry(refresh=refresh))
        assert isinstance(answer, Found)
        assert [field.value for field in answer.profile.fields] == [
            "杭州岚峤",
            "13800001001",
            "622****0128",
            "月结30天",
        ]


async def test_clock_that_was_set_back_makes_no_copy_younger_than_now(inquiries: Inquiries, clock: Clock) -> None:
    await inquiries.ask(inquiry())
    clock.advance(-60)
    answer = await inquiries.ask(inquiry())
    assert isinstance(answer, Found)
    assert answer.age == 0.0


async def test_bug_in_the_lookup_is_answered_with_the_code_of_its_traceback(
    inquiries: Inquiries, source: FakeCrm, logs: Logs
) -> None:
    source.answer = ZeroDivisionError("a bug")
    answer = await inquiries.ask(inquiry())
    [line] = logs.lines("inquiry_failed")
    assert answer == Unavailable(ID, Failure(Trouble.INTERNAL, line["code"]), button_value=ID)
    assert (line["level"], line["surface"]) == ("error", "command")
    assert "ZeroDivisionError: a bug" in line["exception"]
    assert access_line(logs) == expected(outcome="unavailable", code=line["code"])


async def test_bug_before_the_id_is_read_is_answered_too(inquiries: Inquiries, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(reader: QueryReader, text: str) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(QueryReader, "parse", broken)
    answer = await inquiries.ask(inquiry())
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
    inquiries: Inquiries, source: FakeCrm, logs: Logs, outcome: Callable[[], CustomerProfile | Exception | None]
) -> None:
    """Whatever comes of it, twice, and refreshed; and every inquiry has one line."""
    await inquiries.ask(inquiry())
    source.answer = outcome()
    for refresh in (False, True):
        await inquiries.ask(inquiry(refresh=refresh))
    assert len(logs.lines("customer_lookup")) == 3
    assert not [text for pair in VALUES.items() for text in pair if text in logs.text]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=foreign_texts())
async def test_whatever_is_typed_has_an_answer_and_a_line_for_each_identifier(
    inquiries: Inquiries, logs: Logs, clock: Clock, text: str
) -> None:
    clock.advance(3_600)  # or so many unknown customers would be a walk through ids
    before = len(logs.lines("customer_lookup"))
    answer = await inquiries.ask(inquiry(text))
    assert isinstance(answer, Invalid | NotFound | Together)
    asked = len(answer.asked) if isinstance(answer, Together) else 1
    assert len(logs.lines("customer_lookup")) == before + asked
    assert json.loads(logs.text.splitlines()[-1])["outcome"] in ("invalid", "not_found")


# --- For everybody in a channel --------------------------------------------------------------------------------------


def values_in(answer: Result) -> list[str]:
    assert isinstance(answer, Found)
    return [field.value for field in answer.profile.fields]


async def test_share_is_what_a_channel_may_see(inquiries: Inquiries, logs: Logs) -> None:
    answer = await inquiries.share(inquiry(), CHANNEL)
    assert isinstance(answer, Found)
    assert answer.audience is Audience.CHANNEL
    assert values_in(answer) == ["杭州岚峤", "138****1001"]
    assert access_line(logs) == expected(outcome="found", cache="miss", audience="channel")


@pytest.mark.parametrize("channel", ["C0SHARED", "D0SALES", ""], ids=["another channel", "a direct message", "none"])
async def test_share_shows_nothing_where_the_channel_is_not_known_to_be_internal(
    inquiries: Inquiries, source: FakeCrm, logs: Logs, channel: str
) -> None:
    """Not even whether there is such a customer: nobody is asked."""
    answer = await inquiries.share(Inquiry(ID, Surface.MESSAGE, ASKER._replace(channel=channel)), channel)
    assert isinstance(answer, Denied)
    assert answer.refusal is Refusal.UNREADABLE_CHANNEL
    assert source.asked == []
    assert access_line(logs) == expected(
        channel=channel, surface="message", outcome="denied", code=answer.code, audience="channel"
    )


async def test_preview_is_what_share_would_show_before_a_channel_is_chosen(inquiries: Inquiries) -> None:
    preview = await inquiries.preview(Inquiry(ID, Surface.BUTTON, ASKER._replace(channel="D0SALES")))
    shared = await inquiries.share(inquiry(), CHANNEL)
    assert isinstance(preview, Found)
    assert isinstance(shared, Found)
    assert (preview.profile, preview.audience) == (shared.profile, shared.audience)


async def test_private_view_and_channel_view_do_not_mix_in_the_cache(inquiries: Inquiries) -> None:
    for _ in range(2):
        assert values_in(await inquiries.ask(inquiry()))[1] == "13800001001"
        assert values_in(await inquiries.share(inquiry(), CHANNEL))[1] == "138****1001"


@pytest.mark.parametrize("template", [TEMPLATE, None], ids=["with a template", "without"])
async def test_customer_carries_the_address_of_its_page(
    source: FakeCrm,
    store: Store,
    permissions: FakePermissions,
    background: BackgroundTasks,
    clock: Clock,
    template: str | None,
) -> None:
    inquiries = make_inquiries(source, store, permissions, background, clock, template)
    answer = await inquiries.ask(inquiry())
    assert isinstance(answer, Found)
    assert answer.url == (f"https://crm.example.com/customer/{ID}" if template else "")


async def test_failing_permission_check_is_answered_and_shows_nothing(
    inquiries: Inquiries, source: FakeCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(permissions: FakePermissions, channel: str) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(FakePermissions, "channel_refusal", broken)
    answer = await inquiries.share(inquiry(), CHANNEL)
    assert isinstance(answer, Unavailable)
    assert answer.failure.trouble is Trouble.INTERNAL
    assert source.asked == []


# --- Who asks --------------------------------------------------------------------------------------------------------


STRANGER = ASKER._replace(user="U0OTHER")


@pytest.mark.parametrize("surface", Surface)
async def test_every_surface_checks_permissions(
    inquiries: Inquiries, source: FakeCrm, logs: Logs, surface: Surface
) -> None:
    """A refusal says whom to ask."""
    answer = await inquiries.ask(Inquiry(ID, surface, STRANGER))
    assert isinstance(answer, Denied)
    assert (answer.refusal, answer.admins) == (Refusal.OUTSIDER, ("U0ADMIN",))
    assert source.asked == []
    assert access_line(logs) == expected(user="U0OTHER", surface=str(surface), outcome="denied", code=answer.code)
    assert isinstance(await inquiries.ask(Inquiry(ID, surface, ASKER)), Found)


async def test_refused_user_has_no_saved_customers_and_no_suggestions(
    inquiries: Inquiries, background: BackgroundTasks, source: FakeCrm
) -> None:
    """Nor can they change anything."""
    await inquiries.ask(inquiry())
    await background.drain(1.0)
    source.asked.clear()
    assert isinstance(await inquiries.saved_customers(STRANGER, Surface.HOME), Denied)
    assert isinstance(await inquiries.toggle_pin(STRANGER, ID), Denied)
    assert isinstance(await inquiries.clear_recents(STRANGER), Denied)
    assert isinstance(await inquiries.preview(Inquiry(ID, Surface.BUTTON, STRANGER)), Denied)
    assert isinstance(await inquiries.reveal(Inquiry(ID, Surface.BUTTON, STRANGER)), Denied)
    assert isinstance(await inquiries.related(STRANGER, ID, Section.CONTACTS), Denied)
    assert isinstance(await inquiries.share(Inquiry(ID, Surface.BUTTON, STRANGER), CHANNEL), Denied)
    assert await inquiries.suggest(STRANGER, "hang") == ()
    assert source.asked == []


async def test_refusal_is_in_the_access_log(inquiries: Inquiries, logs: Logs) -> None:
    assert await inquiries.refusal(ASKER, Surface.HOME) is None
    assert not logs.lines("customer_lookup")
    denied = await inquiries.refusal(STRANGER, Surface.HOME)
    assert denied is not None
    assert access_line(logs) == expected(
        user="U0OTHER", surface="home", read_as=None, customer_id=None, outcome="denied", code=denied.code
    )


async def test_one_look_up_too_many_is_not_answered(
    source: FakeCrm, store: Store, permissions: FakePermissions, background: BackgroundTasks, clock: Clock, logs: Logs
) -> None:
    inquiries = make_inquiries(source, store, permissions, background, clock, lookups_per_minute=2)
    for _ in range(2):
        assert isinstance(await inquiries.ask(inquiry()), Found)
    limited = await inquiries.ask(inquiry())
    assert isinstance(limited, Limited)
    assert (limited.limit, limited.seconds) == (Limit.LOOKUPS, 60)
    assert access_line(logs) == expected(outcome="limited", code=limited.code)
    assert isinstance(await inquiries.related(ASKER, ID, Section.CONTACTS), Limited)
    assert isinstance(await inquiries.preview(inquiry()), Limited)
    clock.advance(60)
    assert isinstance(await inquiries.ask(inquiry()), Found)


async def test_walk_through_ids_is_braked(inquiries: Inquiries, source: FakeCrm, clock: Clock) -> None:
    source.answer = None
    for _ in range(10):
        assert isinstance(await inquiries.ask(inquiry()), NotFound)
    limited = await inquiries.ask(inquiry())
    assert isinstance(limited, Limited)
    assert limited.limit is Limit.UNKNOWN


# --- Whose customers -------------------------------------------------------------------------------------------------


async def test_channel_of_an_outlet_sees_its_customers_alone(
    source: FakeCrm, store: Store, permissions: FakePermissions, background: BackgroundTasks, clock: Clock
) -> None:
    """For cache, directory and CRM alike, in whatever way they are asked for; in other channels all is as ever."""
    inquiries = make_inquiries(source, store, permissions, background, clock, networks={"C0OUTLET": OUTLET})
    there = ASKER._replace(channel="C0OUTLET")
    await inquiries.ask(inquiry())
    await background.drain(1.0)
    assert [suggestion.customer_id for suggestion in await inquiries.suggest(ASKER, "hang")] == [ID]
    assert await inquiries.suggest(there, "hang") == ()
    source.answer = None
    assert isinstance(await inquiries.ask(inquiry()), Found), "from the cache"
    for asking in (
        inquiries.ask(Inquiry(ID, Surface.COMMAND, there)),
        inquiries.reveal(Inquiry(ID, Surface.BUTTON, there)),
        inquiries.preview(Inquiry(ID, Surface.BUTTON, there)),
        inquiries.related(there, ID, Section.CONTACTS),
    ):
        assert isinstance(await asking, NotFound)
    assert {key.network for key in source.asked} == {NETWORK, OUTLET}
    source.answer = customer(客户名称="网点的客户")
    clock.advance(60)
    assert values_in(await inquiries.ask(Inquiry(ID, Surface.COMMAND, there)))[0] == "网点的客户"
    assert values_in(await inquiries.ask(inquiry()))[0] == "杭州岚峤"


async def test_share_is_of_the_customers_of_the_channel_where_the_card_was(
    source: FakeCrm, store: Store, permissions: FakePermissions, background: BackgroundTasks, clock: Clock, logs: Logs
) -> None:
    """Wherever it is shown: that is in the access log."""
    inquiries = make_inquiries(source, store, permissions, background, clock, networks={"C0OUTLET": OUTLET})
    there = ASKER._replace(channel="C0OUTLET")
    assert isinstance(await inquiries.share(Inquiry(ID, Surface.BUTTON, there), CHANNEL), Found)
    assert source.asked[-1].network == OUTLET
    assert access_line(logs)["channel"] == CHANNEL
    permissions.channels.add("C0OUTLET")
    assert isinstance(await inquiries.share(inquiry(), "C0OUTLET"), Found)
    assert source.asked[-1].network == NETWORK


# --- Numbers ---------------------------------------------------------------------------------------------------------


async def test_number_is_learned_from_a_customer_that_was_found(
    inquiries: Inquiries, source: FakeCrm, logs: Logs
) -> None:
    """However it was spelled, and whichever asker and audience it was found for."""
    source.answer = customer(客户编号=NUMBER)
    unseen = await inquiries.ask(inquiry(NUMBER))
    assert isinstance(unseen, NotFound)
    assert unseen.asked == NUMBER
    assert source.asked == []
    assert access_line(logs) == expected(read_as="number", customer_id=None, outcome="not_found", code=unseen.code)
    await inquiries.share(inquiry(), CHANNEL)
    answer = await inquiries.ask(inquiry(" cf00000201 "))
    assert isinstance(answer, Found)
    assert answer.profile.customer_id == ID
    assert access_line(logs) == expected(read_as="number", outcome="found", cache="hit")


async def test_number_outlives_the_process(
    inquiries: Inquiries,
    source: FakeCrm,
    store: Store,
    permissions: FakePermissions,
    background: BackgroundTasks,
    clock: Clock,
) -> None:
    source.answer = customer(客户编号=NUMBER)
    await inquiries.ask(inquiry())
    await background.drain(1.0)
    answer = await make_inquiries(source, store, permissions, background, clock).ask(inquiry(NUMBER))
    assert isinstance(answer, Found)


@pytest.mark.parametrize(
    "now", [None, customer(), customer(客户编号="CF00000999")], ids=["deleted", "without a number", "another number"]
)
async def test_directory_that_is_out_of_date_names_nobody_and_forgets(
    inquiries: Inquiries, source: FakeCrm, background: BackgroundTasks, now: CustomerProfile | None
) -> None:
    """Never the wrong customer: the second time the CRM is not even asked."""
    source.answer = customer(客户编号=NUMBER)
    await inquiries.ask(inquiry())
    await background.drain(1.0)
    source.answer = now
    answer = await inquiries.ask(inquiry(NUMBER, refresh=True))
    assert isinstance(answer, NotFound)
    assert answer.asked == NUMBER
    asked = len(source.asked)
    assert isinstance(await inquiries.ask(inquiry(NUMBER, refresh=True)), NotFound)
    assert len(source.asked) == asked


async def test_number_of_a_customer_whom_the_crm_does_not_tell_is_asked_for_again(
    inquiries: Inquiries, source: FakeCrm
) -> None:
    """A CRM that is down proves nothing of the directory."""
    source.answer = customer(客户编号=NUMBER)
    await inquiries.ask(inquiry())
    source.answer = CrmUnreachable("no answer in time")
    old = await inquiries.ask(inquiry(NUMBER, refresh=True))
    assert isinstance(old, Found)
    assert old.cache is CacheState.STALE
    source.answer = customer(客户编号=NUMBER)
    assert isinstance(await inquiries.ask(inquiry(NUMBER, refresh=True)), Found)


async def test_number_without_a_database_is_unavailable(cut_off: Inquiries, logs: Logs) -> None:
    answer = await cut_off.ask(inquiry(NUMBER))
    [line] = logs.lines("store_failed")
    assert answer == Unavailable(
        NUMBER, Failure(Trouble.STORE, line["code"], reason=line["reason"]), button_value=NUMBER
    )
    assert access_line(logs) == expected(read_as="number", customer_id=None, outcome="unavailable", code=line["code"])


async def test_customer_by_id_needs_no_database(cut_off: Inquiries, background: BackgroundTasks, logs: Logs) -> None:
    assert isinstance(await cut_off.ask(inquiry()), Found)
    await background.drain(1.0)
    assert [line["level"] for line in logs.lines("recents_not_kept")] == ["info"]


# --- Phones, names and the like --------------------------------------------------------------------------------------

PHONE = "13800001001"
OTHER = "0473f7ce-9158-4609-9b02-b92437bdff35"
THIRD = "cd7f38cb-b376-4085-b3db-ca9631319fb0"
TWIN = CustomerProfile(OTHER, PROFILE.fields)
ORDER = "4cda4c70-9d53-47c6-8641-c9e50d078c09"


async def test_customer_found_by_phone_says_so(inquiries: Inquiries, source: FakeCrm, logs: Logs) -> None:
    source.hits = (Hit(ID, row_matches=False),)
    answer = await inquiries.ask(inquiry(f"+86 {PHONE}"))
    assert isinstance(answer, Found)
    assert (answer.profile.customer_id, answer.read_as) == (ID, ReadAs.PHONE)
    assert access_line(logs) == expected(outcome="found", cache="miss", read_as="phone")
    assert PHONE not in logs.text


async def test_several_customers_are_a_list_whose_button_tells_nothing(
    inquiries: Inquiries, source: FakeCrm, logs: Logs
) -> None:
    source.others = {OTHER: TWIN}
    source.hits = (Hit(ID, row_matches=False), Hit(OTHER, row_matches=False))
    answer = await inquiries.ask(inquiry(PHONE))
    assert isinstance(answer, Several)
    assert [found.profile.customer_id for found in answer.customers] == [ID, OTHER]
    assert (answer.read_as, answer.first, answer.following, answer.total, answer.is_cut) == (
        ReadAs.PHONE,
        0,
        None,
        2,
        False,
    )
    assert is_sealed(answer.button_value)
    assert PHONE not in answer.button_value
    listed = expected(outcome="several", read_as="phone", customer_id=None)
    assert access_line(logs) == {**listed, "customer_ids": [ID, OTHER]}
    assert PHONE not in logs.text


async def test_protected_values_are_masked_in_a_list(inquiries: Inquiries, source: FakeCrm) -> None:
    source.others = {OTHER: TWIN}
    source.hits = (Hit(ID, row_matches=False), Hit(OTHER, row_matches=False))
    answer = await inquiries.ask(inquiry(PHONE))
    assert isinstance(answer, Several)
    assert all("622****0128" in values_in(found) for found in answer.customers)


async def test_button_of_a_list_asks_for_its_next_page(inquiries: Inquiries, source: FakeCrm) -> None:
    ids = [f"00000000-0000-4000-8000-{number:012d}" for number in range(7)]
    source.others = {customer_id: CustomerProfile(customer_id, PROFILE.fields) for customer_id in ids}
    source.hits = tuple(Hit(customer_id, row_matches=False) for customer_id in ids)
    first = await inquiries.ask(inquiry(PHONE))
    assert isinstance(first, Several)
    assert first.following == 5
    second = await inquiries.ask(Inquiry(first.button_value, Surface.BUTTON, ASKER, first=first.following))
    assert isinstance(second, Several)
    assert (second.first, second.following, second.read_as) == (5, None, ReadAs.PHONE)
    assert [found.profile.customer_id for found in second.customers] == ids[5:]


async def test_nobody_found_offers_the_other_readings(inquiries: Inquiries, logs: Logs) -> None:
    """Their buttons reveal nothing, and ask so."""
    answer = await inquiries.ask(inquiry("13800001999"))
    assert isinstance(answer, NotFound)
    assert (answer.read_as, answer.asked) == (ReadAs.PHONE, "+8613800001999")
    [other] = answer.others
    assert other.read_as is ReadAs.SERIAL
    assert is_sealed(other.button_value)
    again = await inquiries.ask(inquiry(other.button_value))
    assert isinstance(again, NotFound)
    assert (again.read_as, again.asked, again.others) == (ReadAs.SERIAL, "13800001999", ())
    assert access_line(logs) == expected(outcome="not_found", read_as="serial", customer_id=None, code=again.code)


async def test_retry_of_a_search_tells_nothing_and_asks_again(inquiries: Inquiries, source: FakeCrm) -> None:
    source.hits = CrmStatusError(503)
    answer = await inquiries.ask(inquiry(PHONE))
    assert isinstance(answer, Unavailable)
    assert is_sealed(answer.button_value)
    source.hits = (Hit(ID, row_matches=False),)
    assert isinstance(await inquiries.ask(inquiry(answer.button_value, refresh=True)), Found)


async def test_button_that_is_too_old_says_so(inquiries: Inquiries, clock: Clock, logs: Logs) -> None:
    answer = await inquiries.ask(inquiry("13800001999"))
    assert isinstance(answer, NotFound)
    clock.advance(2 * 86_400)
    assert await inquiries.ask(inquiry(answer.others[0].button_value)) == Expired()
    assert access_line(logs) == expected(outcome="invalid", read_as=None, customer_id=None)


async def test_search_without_a_part_of_the_crm_is_a_list_that_says_so(
    inquiries: Inquiries, source: FakeCrm, mocker: MockerFixture
) -> None:
    async def broken() -> tuple[Hit, ...]:
        raise CrmStatusError(503)

    async def found() -> tuple[Hit, ...]:
        return (Hit(ID, row_matches=False),)

    mocker.patch.object(source, "first", return_value=(found(), broken()))
    answer = await inquiries.ask(inquiry(PHONE))
    assert isinstance(answer, Several)
    assert len(answer.customers) == 1
    assert answer.failure is not None


async def test_old_copy_is_shown_while_the_crm_is_silent(
    inquiries: Inquiries, source: FakeCrm, background: BackgroundTasks, clock: Clock
) -> None:
    """By phone too: the directory knows who has it."""
    await inquiries.ask(inquiry())
    await background.drain(1.0)
    clock.advance(7_200)
    source.hits, source.answer = CrmStatusError(503), CrmStatusError(503)
    answer = await inquiries.ask(inquiry(PHONE))
    assert isinstance(answer, Found)
    assert (answer.cache, answer.age) == (CacheState.STALE, 7_200.0)


async def test_channel_sees_of_a_number_what_it_may(inquiries: Inquiries, source: FakeCrm) -> None:
    """A number that the lists know, which was never seen: masked as any."""
    source.answer = customer(客户编号=NUMBER)
    source.hits = (Hit(ID, row_matches=False),)
    answer = await inquiries.share(Inquiry(NUMBER, Surface.MESSAGE, ASKER), CHANNEL)
    assert values_in(answer)[1] == "138****1001"
    assert isinstance(answer, Found)
    assert answer.summary is None


# --- While typing ----------------------------------------------------------------------------------------------------


async def test_who_was_seen_is_suggested(inquiries: Inquiries, background: BackgroundTasks, logs: Logs) -> None:
    await inquiries.ask(inquiry())
    await background.drain(1.0)
    lines = len(logs.lines())
    [suggestion] = await inquiries.suggest(ASKER, "hang")
    assert (suggestion.customer_id, suggestion.name) == (ID, "杭州岚峤")
    assert await inquiries.suggest(ASKER, "nobody") == ()
    assert len([line for line in logs.lines()[lines:] if line["level"] != "debug"]) == 0, "no line a keystroke"


async def test_nothing_is_suggested_without_a_database(cut_off: Inquiries) -> None:
    assert await cut_off.suggest(ASKER, "hang") == ()


# --- What belongs to a customer --------------------------------------------------------------------------------------


def order(order_id: str = ORDER, state: State = State.IN_SERVICE) -> WorkOrder:
    return WorkOrder(order_id, ID, "GD00000930", state=state)


async def test_contacts_are_shown_as_the_asker_may_see_them(inquiries: Inquiries, logs: Logs) -> None:
    answer = await inquiries.related(ASKER, ID, Section.CONTACTS)
    assert isinstance(answer, RelatedRecords)
    assert (answer.name, answer.section, answer.is_cut) == ("杭州岚峤", Section.CONTACTS, False)
    [contact] = answer.rows
    assert isinstance(contact, Contact)
    assert (contact.name, contact.telephone) == ("张工 622****0128", "13800001001")
    assert access_line(logs) == expected(outcome="found", surface="button")


async def test_nothing_belongs_to_a_customer_whom_the_crm_does_not_show(inquiries: Inquiries, source: FakeCrm) -> None:
    source.answer = None
    for section in Section:
        assert isinstance(await inquiries.related(ASKER, ID, section, ORDER), NotFound)


async def test_section_that_fails_is_reported_with_its_code(inquiries: Inquiries, source: FakeCrm, logs: Logs) -> None:
    source.orders = CrmStatusError(503)
    answer = await inquiries.related(ASKER, ID, Section.WORK_ORDERS)
    assert isinstance(answer, Unavailable)
    assert (answer.asked, answer.failure.trouble) == (ID, Trouble.NO_ANSWER)
    assert access_line(logs) == expected(outcome="unavailable", surface="button", code=answer.failure.code)


async def test_steps_are_those_of_the_customers_own_orders(inquiries: Inquiries, source: FakeCrm) -> None:
    """The operation itself knows no service network: it would show any order."""
    source.orders = (order(),)
    answer = await inquiries.related(ASKER, ID, Section.STEPS, ORDER)
    assert isinstance(answer, RelatedRecords)
    assert (answer.rows, answer.order_number) == ((WorkStep("派工"),), "GD00000930")
    others = await inquiries.related(ASKER, ID, Section.STEPS, OTHER)
    assert isinstance(others, RelatedRecords)
    assert (others.rows, others.is_cut, others.name) == ((), True, "杭州岚峤"), "the customer is there"
    assert source.asked_for_steps == [ORDER]


@pytest.mark.parametrize("value", ["", "nonsense", "x" * 5_000])
async def test_value_of_another_version_is_no_customer(inquiries: Inquiries, source: FakeCrm, value: str) -> None:
    assert isinstance(await inquiries.related(ASKER, value, Section.CONTACTS), Invalid | NotFound)
    assert source.asked == []


async def test_card_counts_open_orders_and_devices_out_of_warranty(inquiries: Inquiries, source: FakeCrm) -> None:
    source.orders = (order(), order(OTHER, State.CLOSED))
    source.devices_owned = tuple(Device("", ID, warranty=warranty) for warranty in (Warranty.IN, Warranty.OUT))
    for _ in ("from the CRM", "from the cache"):
        answer = await inquiries.ask(inquiry())
        assert isinstance(answer, Found)
        assert answer.summary == ServiceSummary(1, 2, 1)


async def test_cached_customer_is_answered_without_asking_anybody(
    inquiries: Inquiries, source: FakeCrm, clock: Clock
) -> None:
    source.orders = CrmStatusError(503)
    await inquiries.ask(inquiry())
    source.orders = (order(),)
    answer = await inquiries.ask(inquiry())
    assert isinstance(answer, Found)
    assert answer.summary is None or answer.summary.open_work_orders is None


async def test_card_does_not_wait_for_its_line(
    inquiries: Inquiries, source: FakeCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inquiries.resolver.SUMMARY_SECONDS", 0.01)
    source.hangs = True
    async with asyncio.timeout(5):
        answer = await inquiries.ask(inquiry())
    assert isinstance(answer, Found)


# --- Pins and recents ------------------------------------------------------------------------------------------------


async def saved_customers(inquiries: Inquiries, background: BackgroundTasks) -> SavedCustomers | None:
    """Once everything is kept."""
    await background.drain(1.0)
    kept = await inquiries.saved_customers(ASKER, Surface.HOME)
    assert not isinstance(kept, Denied)
    return kept


async def test_customer_is_saved_for_the_asker(inquiries: Inquiries, background: BackgroundTasks) -> None:
    await inquiries.ask(inquiry())
    assert await saved_customers(inquiries, background) == SavedCustomers(recent=(Remembered(ID, "杭州岚峤"),))
    assert await inquiries.saved_customers(ASKER._replace(user="U0MANAGER"), Surface.HOME) == SavedCustomers()


async def test_nothing_is_remembered_of_what_others_were_shown(
    inquiries: Inquiries, background: BackgroundTasks
) -> None:
    await inquiries.share(inquiry(), CHANNEL)
    await inquiries.preview(inquiry())
    assert await saved_customers(inquiries, background) == SavedCustomers()


async def test_nothing_is_remembered_of_a_customer_that_was_not_found(
    inquiries: Inquiries, source: FakeCrm, background: BackgroundTasks
) -> None:
    source.answer = None
    await inquiries.ask(inquiry())
    await inquiries.ask(inquiry("nonsense"))
    assert await saved_customers(inquiries, background) == SavedCustomers()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"客户名称": "张三 13800001001"}, "张三 138****1001"),
        ({"客户名称": "fang@example.com"}, "f***@example.com"),
        ({"客户名称": "", "客户编号": NUMBER}, NUMBER),
        ({"客户编号": NUMBER}, f"杭州岚峤 · {NUMBER}"),
        ({"客户编号": "13800001001"}, "杭州岚峤 · 138****1001"),
        ({"客户名称": "甲" * 500}, "甲" * 150),
    ],
    ids=[
        "a phone in the name",
        "a mail address as the name",
        "no name",
        "with its number",
        "a phone as the number",
        "a very long name",
    ],
)
async def test_name_that_is_remembered_holds_no_phone_and_no_mail_address(
    inquiries: Inquiries, source: FakeCrm, background: BackgroundTasks, values: dict[str, str], name: str
) -> None:
    source.answer = customer(**values)
    await inquiries.ask(inquiry())
    kept = await saved_customers(inquiries, background)
    assert kept is not None
    assert kept.recent == (Remembered(ID, name),)


async def test_pin_is_a_toggle_that_says_what_it_did(inquiries: Inquiries, background: BackgroundTasks) -> None:
    pinned = Remembered(ID, "杭州岚峤")
    assert await inquiries.toggle_pin(ASKER, ID) == (pinned, True)
    assert await saved_customers(inquiries, background) == SavedCustomers(pinned=(pinned,))
    assert await inquiries.toggle_pin(ASKER, ID) == (pinned, False)
    assert await saved_customers(inquiries, background) == SavedCustomers()


@pytest.mark.parametrize("answer", [None, CrmUnreachable("no answer in time")], ids=["gone", "not told"])
async def test_customer_keeps_its_name_and_can_be_unpinned_whatever_the_crm_says(
    inquiries: Inquiries, source: FakeCrm, clock: Clock, answer: Exception | None
) -> None:
    await inquiries.toggle_pin(ASKER, ID)
    clock.advance(2 * 86_400)
    source.answer = answer
    assert await inquiries.toggle_pin(ASKER, ID) == (Remembered(ID, "杭州岚峤"), False)


@pytest.mark.parametrize("text", ["", "nonsense", NUMBER, "x" * 5_000])
async def test_what_is_no_id_cannot_be_pinned(
    inquiries: Inquiries, source: FakeCrm, background: BackgroundTasks, text: str
) -> None:
    """A button's value may be of any version, or of none."""
    assert await inquiries.toggle_pin(ASKER, text) is None
    assert await saved_customers(inquiries, background) == SavedCustomers()
    assert source.asked == []


async def test_clearing_the_recents_leaves_the_pins(inquiries: Inquiries, background: BackgroundTasks) -> None:
    await inquiries.ask(inquiry())
    await inquiries.toggle_pin(ASKER, ID)
    await background.drain(1.0)
    await inquiries.clear_recents(ASKER)
    assert await saved_customers(inquiries, background) == SavedCustomers(pinned=(Remembered(ID, "杭州岚峤"),))


async def test_without_a_database_saved_customers_cannot_be_read_or_changed(cut_off: Inquiries) -> None:
    assert await cut_off.saved_customers(ASKER, Surface.HOME) is None
    with pytest.raises(StoreUnavailable):
        await cut_off.toggle_pin(ASKER, ID)
    with pytest.raises(StoreUnavailable):
        await cut_off.clear_recents(ASKER)
