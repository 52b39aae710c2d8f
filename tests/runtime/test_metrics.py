"""What Prometheus scrapes: exactly what happened, in few series, and nothing of any customer or person."""

import asyncio
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from bot.app import open_circuits
from bot.cards.action_ids import CUSTOMER_REFRESH, CUSTOMER_SEARCH, FIND_CUSTOMER
from bot.cli.metrics import exposed_metrics
from bot.crm.circuit_breaker import FAILURES, CircuitBreaker, CircuitState
from bot.crm.concurrency import ConcurrencyLimit
from bot.errors import CrmRejected, CrmUnreachable, SlackRefused, SlackUnreachable
from bot.playground.fake_crm.server import FAULTS, Fault, SampleCrm
from bot.playground.fake_slack.server import InView, StandInSlack
from bot.playground.settings import playground_settings
from bot.runtime.metrics import INTERRUPTED, OTHER, SLACK_ERROR_CODES, Metrics, name_or_other
from bot.runtime.sockets import listen
from bot.server.http import WebProcess
from bot.slack.verification import REQUEST_TYPES, kind_of
from bot.store.store import Store
from tests.access.test_audit_log import entry, writing
from tests.conftest import Clock, StartBot
from tests.support.modals import typed
from tests.support.prometheus import Scrape, read, scrape, served
from tests.support.slack_layer import card as some_card
from tests.support.slack_layer import eventually, layer, open_response_url, reply
from tests.support.surfaces import CLINIC, FACTORY, HOTEL, NO_DATABASE, TEMPLATE, UNKNOWN, idle, link


async def test_lookups_are_counted_in_the_words_of_the_access_log(
    bot: WebProcess, slack: StandInSlack, documented: str
) -> None:
    for text in (documented, documented, UNKNOWN, "胡"):
        await slack.command(text)
    await slack.click(CUSTOMER_REFRESH, documented)
    await idle(bot)
    scraped = await scrape(bot.metrics)
    assert scraped.series("lookups_total") == {
        ("found", "command"): 2,
        ("not_found", "command"): 1,
        ("invalid", "command"): 1,
        ("found", "button"): 1,
    }
    assert scraped.series("cache_results_total") == {("hit",): 1, ("miss",): 2}


async def test_acknowledgements_are_counted_by_kind(start_bot: StartBot, slack: StandInSlack, documented: str) -> None:
    bot = await start_bot(customer_url_template=TEMPLATE)
    await slack.command(documented)
    await slack.click(CUSTOMER_REFRESH, documented)
    await slack.global_shortcut(FIND_CUSTOMER)
    await idle(bot)
    find = slack.modal()
    assert find is not None
    await slack.suggest(CUSTOMER_SEARCH, "hxx", at=InView(find.view_id))
    await slack.submit(find.view_id, typed(documented))
    await slack.post_message(link(FACTORY))
    await idle(bot)
    scraped = await scrape(bot.metrics)
    counts = scraped.series("acknowledgement_duration_seconds_count")
    assert counts.pop(("event",)) == len([e for e in slack.exchanges.values() if "event" in e.request])
    assert counts == {("command",): 1, ("action",): 1, ("shortcut",): 1, ("options",): 1, ("view",): 1}
    assert scraped.series("acknowledgement_duration_seconds_sum").keys() == {*counts, ("event",)}


async def test_what_is_no_acknowledgement_is_not_counted(
    start_bot: StartBot, slack: StandInSlack, documented: str
) -> None:
    """A request that Slack has not signed, and an event that Slack is to deliver again."""
    slack.auth_answers = ["invalid_auth"]
    bot = await start_bot(wait=False)
    assert (await slack.post(b"{}", {}))[0] == 401
    await slack.event({"type": "app_home_opened", "user": "U0SALES", "tab": "home"})
    assert (await scrape(bot.metrics)).series("acknowledgement_duration_seconds_count") == {}


def test_every_type_of_request_is_of_a_known_kind() -> None:
    assert {kind_of({"type": name}) for name in REQUEST_TYPES} - {"other"} == {
        "action",
        "event",
        "options",
        "shortcut",
        "view",
    }
    assert kind_of({"command": "/customer"}) == "command"
    assert kind_of({"type": "something new"}) == kind_of({"type": []}) == kind_of({}) == "other"


async def test_requests_to_the_crm_are_counted_by_operation_and_result(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, documented: str
) -> None:
    """Each that was sent; an old copy counts as one."""
    await slack.command(documented)
    await idle(bot)
    clock.advance(400)
    crm.faults["GetCustomer"] = FAULTS["down"]
    await slack.command(documented)
    await idle(bot)
    scraped = await scrape(bot.metrics)
    requests = scraped.series("crm_request_duration_seconds_count")
    assert requests["TokenApi", "ok"] == requests["GetServiceSpace", "ok"] == requests["GetCustomer", "ok"] == 1
    assert requests["GetCustomer", "no_answer"] == 3
    assert scraped.series("cache_results_total") == {("miss",): 1, ("stale",): 1}


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (CrmUnreachable("no answer in time"), "no_answer"),
        (CrmRejected("17", "查无此人"), "rejected"),
        (asyncio.CancelledError(), INTERRUPTED),
        (ValueError("a bug"), INTERRUPTED),
    ],
    ids=repr,
)
async def test_a_request_to_the_crm_that_fails_is_counted_by_why(error: BaseException, result: str) -> None:
    metrics = Metrics()
    with pytest.raises(type(error)), metrics.crm_request("/open/v2/Customer/GetCustomer"):
        raise error
    scraped = await scrape(metrics)
    assert scraped.series("crm_request_duration_seconds_count") == {("GetCustomer", result): 1}
    assert "查无此人" not in scraped.text


async def test_calls_of_slack_are_counted_by_method_and_answer(slack: StandInSlack) -> None:
    slack.refuse["users.info"] = [Response(status_code=503), "user_not_found", "张三 185 3962 2352"]
    async with layer(slack.address) as parts:
        for _ in range(2):
            with pytest.raises(SlackRefused):
                await parts.api.read("users.info", user="U0SALES")
        await parts.api.read("users.info", user="U0SALES")
    scraped = await scrape(parts.metrics)
    assert scraped.series("slack_calls_total") == {
        ("users.info", "unreachable"): 1,
        ("users.info", "user_not_found"): 1,
        ("users.info", OTHER): 1,
        ("users.info", "ok"): 1,
    }


async def test_answers_that_slack_does_not_take_are_counted(slack: StandInSlack) -> None:
    async with layer(slack.address) as parts, open_response_url() as response_url:
        nowhere = reply(response_url.address)._replace(asker=reply().asker._replace(channel=""))
        response_url.answers = [Response(status_code=500), Response(b"ok"), Response(b"expired_url", 404)]
        for _ in range(2):
            parts.replies.send(some_card("hello"), nowhere)
            await eventually(lambda: not len(parts.background))
    scraped = await scrape(parts.metrics)
    assert scraped.series("slack_calls_total") == {
        ("response_url", "unreachable"): 1,
        ("response_url", "ok"): 1,
        ("response_url", "expired_url"): 1,
    }
    assert scraped.value("answers_not_delivered_total") == 1


async def test_tasks_under_way_are_reported_as_they_are_now(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    bot = await start_bot(ack_budget_seconds=0.01)
    crm.fault = Fault(hang=True)
    exchange = await slack.command(documented)
    assert (await scrape(bot.metrics)).value("background_tasks") > 0
    crm.fault = None
    crm.release()
    await exchange.answers(2)
    await idle(bot)


async def test_a_database_that_cannot_be_used_is_reported(
    start_bot: StartBot, bot: WebProcess, slack: StandInSlack
) -> None:
    assert (await scrape(bot.metrics)).value("database_trouble") == 0
    without = await start_bot(database_url=NO_DATABASE, database_opens=False)
    assert (await scrape(without.metrics)).value("database_trouble") == 1


async def test_rows_of_the_access_log_that_wait_are_reported(
    start_bot: StartBot, slack: StandInSlack, documented: str
) -> None:
    bot = await start_bot(database_url=NO_DATABASE, database_opens=False)
    await slack.command(documented)
    scraped = await scrape(bot.metrics)
    assert (scraped.value("access_log_rows_waiting"), scraped.value("access_log_rows_lost_total")) == (1, 0)


async def test_rows_that_are_dropped_are_counted_for_ever(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.access.audit_writer.MAX_WAITING", 2)
    async with writing(store, clock) as rows:
        for number in range(5):
            rows.add(entry(number))
        assert (rows.waiting, rows.lost) == (2, 3)
        await rows.flush()
        assert (rows.waiting, rows.lost) == (0, 3)


async def test_the_sync_of_the_directory_tells_how_far_it_is() -> None:
    metrics = Metrics()
    metrics.set_sync_progress(40, 30, 2)
    metrics.set_sync_progress(41, 30, 2)
    scraped = await scrape(metrics)
    assert scraped.series("directory_sync_customers") == {("seen",): 41, ("new",): 30, ("missing",): 2}


async def test_what_waits_for_the_crm_is_reported(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    bot = await start_bot(ack_budget_seconds=0.01, crm_concurrency=1)
    await slack.command(documented)
    await idle(bot)
    crm.faults["GetCustomer"] = Fault(hang=True)
    exchanges = [await slack.command(customer) for customer in (FACTORY, CLINIC, HOTEL)]
    scraped = await scrape(bot.metrics)
    crm.release()
    for exchange in exchanges:
        await exchange.answers(2)
    await idle(bot)
    assert (scraped.value("crm_requests_under_way"), scraped.value("crm_requests_waiting")) == (1, 2)


async def test_open_circuits_are_counted_by_operation(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    crm.faults["GetCustomer"] = FAULTS["down"]
    for customer in (FACTORY, CLINIC, HOTEL, *list(crm.customers)[:FAILURES]):
        await slack.command(customer)
    await idle(bot)
    assert (await scrape(bot.metrics)).series("crm_breaker_open") == {("GetCustomer",): 1}


def test_of_two_paths_to_one_operation_the_worse_is_reported() -> None:
    metrics, limit = Metrics(), ConcurrencyLimit(1, 1)
    for path in ("/a/GetWorkOrders", "/b/GetWorkOrders", "/c/GetWorkOrders"):
        limit.breakers[path] = CircuitBreaker(path, 1)
    limit.breakers["/b/GetWorkOrders"].state = CircuitState.HALF_OPEN
    assert open_circuits(limit) == {"GetWorkOrders": 0.5}
    metrics.watch_each("open", "How open.", "operation", lambda: open_circuits(limit))
    assert labels_of(metrics)["operation"] == {"GetWorkOrders"}


async def test_gauges_are_read_at_each_scrape() -> None:
    metrics = Metrics()
    queue: list[int] = []
    metrics.watch("queue_length", "How many wait.", lambda: len(queue))
    metrics.watch_total("queued", "How many came.", lambda: len(queue))
    with served(metrics) as address:
        before = read(address)
        queue.append(1)
        after = read(address)
    assert [scraped.value("queue_length") for scraped in (before, after)] == [0, 1]
    assert [scraped.value("queued_total") for scraped in (before, after)] == [0, 1]


async def test_every_metric_of_a_running_bot_is_documented(bot: WebProcess) -> None:
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text("utf-8")
    scraped = (await scrape(bot.metrics)).text
    names = re.findall(r"^# TYPE (customer_bot_\w+)", scraped, re.MULTILINE)
    assert len(names) > 10
    assert [name for name in names if f"`{name}`" not in page] == []


async def test_a_busy_event_loop_is_no_reason_not_to_answer(bot: WebProcess) -> None:
    """It is this test that keeps it busy: nothing else runs in it while the metrics are read."""
    with served(bot.metrics) as address:
        assert "customer_bot_lookups_total" in read(address).text


async def test_the_process_tells_of_itself_and_of_its_version() -> None:
    scraped = await scrape(Metrics())
    assert "process_resident_memory_bytes " in scraped.text
    assert 'customer_bot_build_info{version="0.' in scraped.text
    assert "_created" not in scraped.text


def test_without_a_port_nothing_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(host: str, port: int) -> None:
        raise AssertionError("nobody asked for a port")

    monkeypatch.setattr("bot.cli.metrics.listen", refuse)
    with exposed_metrics(playground_settings("http://127.0.0.1:9", "http://127.0.0.1:9")) as metrics:
        assert isinstance(metrics, Metrics)


def test_the_port_is_free_again_at_the_end() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
    settings = playground_settings("http://127.0.0.1:9", host="127.0.0.1", metrics_port=port)
    for _ in range(2):
        with exposed_metrics(settings):
            assert read(f"http://127.0.0.1:{port}/metrics").text
    with pytest.raises(OSError, match="refused"):
        read(f"http://127.0.0.1:{port}/metrics")


# --- Labels ---------------------------------------------------------------------------------------------------------


def labels_of(metrics: Metrics) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for family in metrics.registry.collect():
        for sample in family.samples:
            for name, value in sample.labels.items():
                found.setdefault(name, set()).add(value)
    return found


@given(st.lists(st.text(), max_size=20))
def test_whatever_slack_says_there_is_a_series_for_few_words_alone(words: list[str]) -> None:
    metrics = Metrics()
    for word in words:
        metrics.count_slack_call("users.info", SlackRefused(word))
    metrics.count_slack_call("users.info", SlackUnreachable("http://somewhere/secret"))
    assert labels_of(metrics)["result"] <= {"hit", "miss", "stale", "unreachable", OTHER, *SLACK_ERROR_CODES}


@given(st.text())
def test_names_of_methods_hold_no_digits_and_no_slashes(name: str) -> None:
    """Ids, phones, mail addresses, URLs and Chinese names are none."""
    metrics = Metrics()
    metrics.count_slack_call(name)
    with metrics.crm_request(f"/open/v2/{name}"):
        pass
    scraped = labels_of(metrics)
    for label in ("method", "operation"):
        [value] = scraped[label]
        assert value.isascii()
        assert value.replace("_", "").replace(".", "").isalpha()


@pytest.mark.parametrize("name", ["users.info", "chat.postEphemeral", "views.open", "GetCustomer", "TokenApi"])
def test_names_of_methods_and_operations_are_kept(name: str) -> None:
    assert name_or_other(name) == name


@pytest.mark.parametrize("name", ["", "18539622352", "CF00000179", "https://a.b/c", "胡效鑫", "a@b", "x" * 61, "a\n"])
def test_what_is_no_name_of_a_method_is_other(name: str) -> None:
    assert name_or_other(name) == OTHER


def test_a_scrape_is_read_as_it_was_written() -> None:
    """The tests' own reader."""
    assert Scrape('# TYPE customer_bot_a gauge\ncustomer_bot_a{b="c"} 2.0\n').series("a") == {("c",): 2}
