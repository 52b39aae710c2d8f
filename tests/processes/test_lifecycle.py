"""The real processes, stopped at every moment, stopped twice, and killed in the middle of their work."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER, Fault, SampleCrm
from bot.playground.fake_slack.server import CHANNEL, USER, Exchange, StandInSlack
from bot.playground.fake_slack.signing import signed_request
from tests.processes.test_processes import crm, customer_bot, ended, environment, free_port, listening, printed_until
from tests.support.slack_layer import eventually
from tests.support.surfaces import TEMPLATE, link

__all__ = ["crm"]

NEVER = Fault(delay=600)
STOPS = [signal.SIGTERM, signal.SIGINT]


def caught(process: asyncio.subprocess.Process) -> bool:
    """Whether the process has begun to catch SIGTERM, which Python itself does not. Linux says so."""
    with suppress(OSError):
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        caught = next(line for line in lines if line.startswith("SigCgt:"))
        return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    return False


# --- While it starts -------------------------------------------------------------------------------------------------


@pytest.fixture
def endless_import(tmp_path: Path) -> dict[str, str]:
    """A PYTHONPATH on which the first library that is loaded never comes to its end, and says so."""
    (tmp_path / "typer.py").write_text("import time\nprint('loading', flush=True)\ntime.sleep(600)\n")
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}


@pytest.mark.parametrize("stop", STOPS, ids=["SIGTERM", "Ctrl-C"])
@pytest.mark.parametrize(
    ("command", "expected"), [(["serve"], 0), (["socket"], 0), (["directory", "import", "customers.csv"], 1)]
)
async def test_process_that_is_stopped_while_it_loads_the_libraries_ends_quietly(
    endless_import: dict[str, str], command: list[str], expected: int, stop: signal.Signals
) -> None:
    """Status 0 where that is its end, 1 where its work is not done; no traceback."""
    async with customer_bot(*command, env=endless_import) as process:
        await printed_until("loading", process)
        process.send_signal(stop)
        assert await ended(process) == (expected, "", "")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells what a process catches")
@pytest.mark.parametrize("command", ["serve", "socket"])
@pytest.mark.parametrize("after", [0.0, 0.1, 0.2, 0.4])
async def test_start_that_is_stopped_ends_quietly_whenever_that_is(
    crm: SampleCrm, slack: StandInSlack, command: str, after: float
) -> None:
    """From the first line of the bot's own on. Status 0, nothing on standard error, and every line is JSON."""
    stop = STOPS[command == "serve"]
    env = environment(crm, slack, PORT=str(free_port()), HOST="127.0.0.1")
    async with customer_bot(command, env=env) as process:
        await eventually(lambda: caught(process))
        await asyncio.sleep(after)
        process.send_signal(stop)
        status, out, err = await ended(process)
    assert (status, err) == (0, "")
    assert all(json.loads(line)["event"] for line in out.splitlines())


# --- While people ask ------------------------------------------------------------------------------------------------


async def test_requests_from_before_it_stopped_listening_are_answered(crm: SampleCrm, slack: StandInSlack) -> None:
    """The kernel has accepted them, and the process is stopped before it has looked at them."""
    port = free_port()
    slack.bot_address = f"http://127.0.0.1:{port}"
    async with customer_bot("serve", env=environment(crm, slack, PORT=str(port), HOST="127.0.0.1")) as process:
        await listening(port)
        await slack.wait_for_bot()
        process.send_signal(signal.SIGSTOP)
        asking = [asyncio.create_task(slack.command("help")) for _ in range(20)]
        await asyncio.sleep(0.2)
        process.terminate()
        process.send_signal(signal.SIGCONT)
        exchanges = await asyncio.gather(*asking)
        status, _, err = await ended(process)
    assert (status, err) == (0, "")
    assert [exchange.status for exchange in exchanges] == [200] * len(asking)


# --- Stopped twice ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", STOPS, ids=["SIGTERM", "Ctrl-C"])
@pytest.mark.parametrize("command", ["serve", "socket"])
async def test_second_signal_ends_the_process_at_once(
    crm: SampleCrm, slack: StandInSlack, command: str, second: signal.Signals
) -> None:
    """While it drains: status 1, one line that counts what was given up, and no traceback."""
    port = free_port()
    slack.bot_address = f"http://127.0.0.1:{port}"
    env = environment(crm, slack, PORT=str(port), HOST="127.0.0.1", ACK_BUDGET_SECONDS="0.05")
    async with customer_bot(command, env=env) as process:
        if command == "serve":
            await listening(port)
            await slack.wait_for_bot()
        else:
            await eventually(slack.connected.is_set)
        crm.fault = NEVER
        exchange = await slack.command(DOCUMENTED_CUSTOMER)
        assert exchange.acknowledged
        process.terminate()
        if command == "serve":
            printed = await printed_until("Waiting for application shutdown", process)
        else:
            await eventually(lambda: not slack.connected.is_set())
            printed = ""
        process.send_signal(second)
        status, out, err = await ended(process)
    assert (status, err) == (1, "")
    lines = [json.loads(line) for line in (printed + out).splitlines()]
    [last] = [line for line in lines if line["event"] == "ended_at_once"]
    assert last == lines[-1]
    assert last["given_up"] >= 1
    assert len(exchange.shown) == 1


async def test_second_signal_ends_a_server_that_waits_for_an_acknowledgement(
    crm: SampleCrm, slack: StandInSlack
) -> None:
    """Before the drain: uvicorn waits for requests that are under way."""
    port = free_port()
    slack.bot_address = f"http://127.0.0.1:{port}"
    env = environment(crm, slack, PORT=str(port), HOST="127.0.0.1", ACK_BUDGET_SECONDS="2.5")
    async with customer_bot("serve", env=env) as process:
        await listening(port)
        await slack.wait_for_bot()
        crm.fault = NEVER
        asking = asyncio.create_task(slack.command(DOCUMENTED_CUSTOMER))
        await eventually(lambda: crm.asked)
        process.terminate()
        printed = await printed_until("Shutting down", process)
        process.terminate()
        status, out, err = await ended(process)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert (status, err) == (1, "")
    assert [json.loads(line)["event"] for line in (printed + out).splitlines()][-1] == "ended_at_once"


HANGS = """
import time
from bot.runtime.shutdown import stop_on_signals
from bot.runtime.logging import configure_logging
configure_logging("INFO", "json")
with stop_on_signals(lambda: None, lambda: 3, hard_end_seconds=0.1):
    print("running", flush=True)
    time.sleep(600)
"""


async def test_process_that_hangs_at_its_end_is_ended() -> None:
    """A database that never lets go keeps no process until the platform kills it without a word."""
    env = {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HANGS, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    await printed_until("running", process)
    process.send_signal(signal.SIGTERM)
    status, out, err = await ended(process)
    assert (status, err) == (1, "")
    [line] = out.splitlines()
    assert (json.loads(line)["event"], json.loads(line)["given_up"]) == ("ended_at_once", 3)


TALKS = HANGS.replace(
    "    time.sleep(600)",
    """
    import structlog
    while True:
        structlog.get_logger().info("still here")""",
)


async def test_line_of_the_end_is_the_last_whatever_is_still_said() -> None:
    """Also by the thread that was interrupted, or by another."""
    env = {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", TALKS, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    await printed_until("running", process)
    process.send_signal(signal.SIGTERM)
    status, out, err = await ended(process)
    assert (status, err) == (1, "")
    assert json.loads(out.splitlines()[-1])["event"] == "ended_at_once"


FULL = HANGS.replace(
    "    time.sleep",
    """
    import os, signal
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 1000)
    except BlockingIOError:
        os.set_blocking(writing, True)
    os.dup2(writing, 1)
    time.sleep""",
)


@pytest.mark.parametrize("signals", [1, 2])
async def test_process_whose_standard_output_hangs_is_ended_too(signals: int) -> None:
    """Nobody reads the pipe: the line is given up."""
    env = {"PYTHONPATH": os.pathsep.join(sys.path)}
    script = FULL.replace("0.1", "0.1" if signals == 1 else "60")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    await printed_until("running", process)
    await asyncio.sleep(0.1)
    for _ in range(signals):
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.05)
    assert (await ended(process))[0] == 1


DONE = (
    HANGS
    + """
print("done", flush=True)
time.sleep(600)
"""
)


async def test_signal_that_comes_when_all_is_done_ends_the_process_well() -> None:
    """Python takes its time to end."""
    env = {"PYTHONPATH": os.pathsep.join(sys.path)}
    script = DONE.replace("time.sleep(600)\n", "signal.raise_signal(signal.SIGTERM)\n", 1).replace("0.1", "60")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import signal" + script,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await printed_until("done", process)
    process.send_signal(signal.SIGTERM)
    assert await ended(process) == (0, "", "")


# --- What drains -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["serve", "socket"])
async def test_whatever_was_acknowledged_is_done_before_the_end(
    crm: SampleCrm, slack: StandInSlack, command: str, tmp_path: Path
) -> None:
    """A card, a modal, a card under a link and one in a thread; and the access log's rows."""
    port = free_port()
    slack.bot_address = f"http://127.0.0.1:{port}"
    database = tmp_path / "bot.db"
    more = {"CUSTOMER_URL_TEMPLATE": TEMPLATE, "DATABASE_URL": f"sqlite:///{database}", "ACK_BUDGET_SECONDS": "0.05"}
    async with customer_bot(command, env=environment(crm, slack, PORT=str(port), HOST="127.0.0.1", **more)) as process:
        if command == "serve":
            await listening(port)
            await slack.wait_for_bot()
        else:
            await eventually(slack.connected.is_set)
        await printed_until("database_upgraded", process)
        crm.fault = Fault(delay=0.3)
        clicked = await slack.click("customer_refresh", DOCUMENTED_CUSTOMER)
        await slack.click("customer_details", DOCUMENTED_CUSTOMER)
        said = await slack.post_message(link(DOCUMENTED_CUSTOMER))
        named = await slack.post_message(f"call CF00000179 and {DOCUMENTED_CUSTOMER}")
        process.terminate()
        status, out, err = await ended(process)
    assert (status, err) == (0, "")
    assert [message.text for message in clicked.shown] == ["胡效鑫1  CF00000179"]
    shown = slack.modal()
    assert shown is not None
    assert "胡效鑫1" in str(shown.view["blocks"])
    assert list(slack.unfurls[said.ts]) == [link(DOCUMENTED_CUSTOMER)]
    assert [post.thread_ts for post in slack.posts[CHANNEL]] == [named.ts]
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["given_up"] for line in lines if line["event"] == "drained"] == [0]
    logged = [line for line in lines if line["event"] == "customer_lookup"]
    assert _rows(database) == len(logged) == 5


def _rows(database: Path) -> int:
    with sqlite3.connect(database) as connection:
        [rows] = connection.execute("SELECT count(*) FROM accesses").fetchone()
    return int(rows)


# --- Killed ----------------------------------------------------------------------------------------------------------


async def _send_but_for_the_end(port: int, exchange: Exchange) -> asyncio.StreamWriter:
    """An event whose last byte is missing: it is being read, and cannot be acknowledged."""
    body, headers = signed_request(exchange, "events_api")
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [b"POST /slack/events HTTP/1.1", b"host: bot", b"content-length: %d" % len(body)]
    head += [f"{name}: {value}".encode() for name, value in headers.items()]
    writer.write(b"\r\n".join(head) + b"\r\n\r\n" + body[:-1])
    await writer.drain()
    return writer


@pytest.mark.parametrize("killed", ["while it reads", "while it has not begun", "in the lookup"])
async def test_event_that_slack_delivers_again_after_a_kill_takes_effect_once(
    crm: SampleCrm, slack: StandInSlack, tmp_path: Path, killed: str
) -> None:
    """The process that died had claimed nothing: the next one to get the event answers it, and none a second time."""
    port = free_port()
    slack.bot_address = f"http://127.0.0.1:{port}"
    env = environment(crm, slack, PORT=str(port), HOST="127.0.0.1", DATABASE_URL=f"sqlite:///{tmp_path / 'bot.db'}")
    event = {"type": "message", "user": USER, "text": DOCUMENTED_CUSTOMER, "channel": CHANNEL, "ts": slack.ts()}
    slack.messages[CHANNEL, event["ts"]] = event
    async with customer_bot("serve", env=env) as process:
        await listening(port)
        await slack.wait_for_bot()
        await slack.wait_for_database()
        crm.fault = NEVER
        if killed == "in the lookup":
            first = await slack.event(event)  # the answer to this got lost on its way to Slack
            await eventually(lambda: crm.asked)
        else:
            first = await _not_delivered(slack, event)
            if killed == "while it has not begun":
                process.send_signal(signal.SIGSTOP)
            writer = await _send_but_for_the_end(port, first)
            await asyncio.sleep(0.1)
            writer.close()
        process.kill()
        assert (await ended(process))[0] == -signal.SIGKILL
    assert not slack.posts[CHANNEL]
    crm.fault = None
    async with customer_bot("serve", env=env) as process:
        await listening(port)
        await slack.wait_for_bot()
        assert (await slack.redeliver(first)).acknowledged
        await slack.until(lambda: slack.posts[CHANNEL])
        assert (await slack.redeliver(first, retry_num=2)).acknowledged
        process.terminate()
        assert (await ended(process))[0] == 0
    assert [post.thread_ts for post in slack.posts[CHANNEL]] == [event["ts"]]


async def _not_delivered(slack: StandInSlack, event: dict[str, str]) -> Exchange:
    """The event in its envelope, that nobody has got yet."""
    address, slack.bot_address = slack.bot_address, f"http://127.0.0.1:{free_port()}"
    try:
        with suppress(OSError):
            await slack.event(event)
    finally:
        slack.bot_address = address
    return list(slack.exchanges.values())[-1]
