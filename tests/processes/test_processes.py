"""The real processes, started as an operator starts them and ended as a platform ends them."""

import asyncio
import json
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
from starlette.responses import JSONResponse

from bot.playground.fake_crm.server import APP_ID, APP_SECRET, DOCUMENTED_CUSTOMER, Fault, SampleCrm
from bot.playground.fake_slack.server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Exchange, StandInSlack
from bot.slack.message import Message
from tests.support.prometheus import read

TIMEOUT_SECONDS = 20.0


@pytest.fixture
async def crm() -> AsyncIterator[SampleCrm]:
    """The process has the real time, and so has its CRM."""
    async with SampleCrm().open() as crm:
        yield crm


def free_port() -> int:
    """Below those that the kernel gives out: another test's server cannot take it before the process does."""
    while True:
        port = random.randint(15_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def environment(crm: SampleCrm, slack: StandInSlack, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "SLACK_API_URL": f"{slack.address}/api/",
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "ESHOUHOU_BASE_URL": crm.address,
        "ESHOUHOU_APP_ID": APP_ID,
        "ESHOUHOU_APP_SECRET": APP_SECRET,
        **more,
    }


@asynccontextmanager
async def customer_bot(
    *words: str, env: dict[str, str], stdin: int = asyncio.subprocess.PIPE, stderr: int = asyncio.subprocess.PIPE
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *words,
        env={"PYTHONPATH": os.pathsep.join(sys.path), **env},
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    """Its exit status, and what it wrote to standard output and standard error."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def printed_until(words: str, process: asyncio.subprocess.Process) -> str:
    """What it has printed up to ``words`` at least. Fails if it ends before."""
    assert process.stdout is not None
    printed = b""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while words not in printed.decode("utf-8", "replace"):
            more = await process.stdout.read(4_096)
            assert more, f"it ended: {printed.decode()}"
            printed += more
    return printed.decode("utf-8", "replace")


async def card_of(exchange: Exchange) -> Message:
    """The card, in the acknowledgement or after it: a busy machine may need longer than the budget."""
    late = exchange.shown[0].text.startswith("正在查询")
    return (await exchange.answers(2 if late else 1))[-1]


async def listening(port: int) -> None:
    """Until a process listens there."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


async def deaf(port: int) -> None:
    """Until no process listens there any more."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        with suppress(ConnectionRefusedError):
            while True:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
async def test_serve_answers_and_drains_when_stopped(crm: SampleCrm, slack: StandInSlack, stop: signal.Signals) -> None:
    """A slow lookup that was acknowledged is answered before the end; the exit status is 0, every line is JSON."""
    port = free_port()
    slack.bot_address = f"http://127.0.0.1:{port}"
    env = environment(crm, slack, PORT=str(port), HOST="127.0.0.1", ACK_BUDGET_SECONDS="0.05", LOG_LEVEL="DEBUG")
    async with customer_bot("serve", env=env) as process:
        await listening(port)
        await slack.wait_for_bot()
        quick = await card_of(await slack.command(DOCUMENTED_CUSTOMER))
        crm.fault = Fault(delay=0.2)
        other = next(customer_id for customer_id in crm.customers if customer_id != DOCUMENTED_CUSTOMER)
        slow = await slack.command(other)
        process.send_signal(stop)
        shown = await slow.answers(2)
        status, out, err = await ended(process)
    assert quick.text == "胡效鑫1  CF00000179"
    assert shown[1].text == "杭州岚峤精密机械有限公司  CF00000201"
    assert (status, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["outcome"] for line in lines if line["event"] == "customer_lookup"] == ["found", "found"]
    assert not [secret for secret in (APP_SECRET, "sample-token", SIGNING_SECRET, BOT_TOKEN) if secret in out]


async def test_serve_waits_for_slack_and_says_so(crm: SampleCrm, slack: StandInSlack) -> None:
    """Slack cannot be reached at the start: the process lives, is not ready, and says why."""
    port = free_port()
    env = environment(crm, slack, PORT=str(port), SLACK_API_URL=f"http://127.0.0.1:{free_port()}/api/")
    async with customer_bot("serve", "--host", "127.0.0.1", env=env) as process, aiohttp.ClientSession() as session:
        await listening(port)
        async with session.get(f"http://127.0.0.1:{port}/healthz") as health:
            assert health.status == 200
        async with session.get(f"http://127.0.0.1:{port}/readyz") as ready:
            assert ready.status == 503
            assert (await ready.json())["ready"] is False
        process.terminate()
        assert (await ended(process))[0] == 0


async def test_serve_on_a_busy_port_fails_with_one_line(crm: SampleCrm, slack: StandInSlack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        env = environment(crm, slack)
        async with customer_bot("serve", "--host", "127.0.0.1", "--port", str(port), env=env) as process:
            status, out, err = await ended(process)
    assert (status, out) == (1, "")
    assert err == f"customer-bot: cannot listen on 127.0.0.1:{port}: Address already in use\n"


async def test_metrics_are_served_at_their_port_until_all_is_drained(crm: SampleCrm, slack: StandInSlack) -> None:
    port, metrics_port = free_port(), free_port()
    slack.bot_address = f"http://127.0.0.1:{port}"
    ports = {"PORT": str(port), "METRICS_PORT": str(metrics_port)}
    env = environment(crm, slack, HOST="127.0.0.1", ACK_BUDGET_SECONDS="0.05", **ports)
    async with customer_bot("serve", env=env) as process:
        await listening(port)
        await slack.wait_for_bot()
        crm.fault = Fault(hang=True)
        slow = await slack.command(DOCUMENTED_CUSTOMER)
        process.terminate()
        await deaf(port)
        draining = await asyncio.to_thread(read, f"http://127.0.0.1:{metrics_port}/metrics")
        crm.fault = None
        crm.release()
        await slow.answers(2)
        status, out, err = await ended(process)
    assert draining.value("background_tasks") > 0
    assert draining.series("acknowledgement_duration_seconds_count") == {("command",): 1}
    assert "process_resident_memory_bytes " in draining.text
    assert (status, err) == (0, "")
    assert all(json.loads(line) for line in out.splitlines())


async def test_socket_serves_its_metrics_too(crm: SampleCrm, slack: StandInSlack) -> None:
    port = free_port()
    env = environment(crm, slack, HOST="127.0.0.1", METRICS_PORT=str(port))
    async with customer_bot("socket", env=env) as process:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await slack.connected.wait()
        await card_of(await slack.command(DOCUMENTED_CUSTOMER))
        scraped = await asyncio.to_thread(read, f"http://127.0.0.1:{port}/metrics")
        process.terminate()
        status, _, err = await ended(process)
    assert scraped.series("lookups_total") == {("found", "command"): 1}
    assert (status, err) == (0, "")


@pytest.mark.parametrize("command", ["serve", "socket"])
async def test_a_busy_metrics_port_ends_the_start_with_one_line(
    crm: SampleCrm, slack: StandInSlack, command: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        env = environment(crm, slack, HOST="127.0.0.1", PORT=str(free_port()), METRICS_PORT=str(port))
        async with customer_bot(command, env=env) as process:
            status, out, err = await ended(process)
    assert (status, out) == (1, "")
    assert err == f"customer-bot: METRICS_PORT: cannot listen on 127.0.0.1:{port}: Address already in use\n"


async def test_socket_answers_over_its_own_connection_and_drains(crm: SampleCrm, slack: StandInSlack) -> None:
    """Slack knows it only when asked a second time."""
    slack.auth_answers = [JSONResponse({"ok": False, "error": "invalid_auth"})]
    env = environment(crm, slack, ACK_BUDGET_SECONDS="0.05")
    async with customer_bot("socket", env=env) as process:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await slack.connected.wait()
        quick = await card_of(await slack.command(DOCUMENTED_CUSTOMER))
        crm.fault = Fault(delay=0.2)
        slow = await slack.click("customer_refresh", DOCUMENTED_CUSTOMER)
        process.terminate()
        [refreshed] = await slow.answers(1)
        status, out, err = await ended(process)
    assert quick.text == refreshed.text == "胡效鑫1  CF00000179"
    assert (status, err) == (0, "")
    events = [json.loads(line)["event"] for line in out.splitlines()]
    beside_the_database = [event for event in events if not event.startswith("database_")]
    assert beside_the_database[:3] == ["slack_refused", "slack_identity", "connected"]
    assert events[-2:] == ["drained", "ended"]


async def test_wrong_setting_ends_the_start_with_one_line(crm: SampleCrm, slack: StandInSlack) -> None:
    async with customer_bot("serve", env=environment(crm, slack, PORT="many")) as process:
        status, out, err = await ended(process)
    assert (status, out) == (2, "")
    assert err.startswith("customer-bot: PORT: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
async def test_demo_serves_its_page_until_it_is_stopped(tmp_path: Path, stop: signal.Signals) -> None:
    """As in a container: nothing can be typed. Its own settings are all that count, and nothing is left behind."""
    proxies = dict.fromkeys(("HTTPS_PROXY", "http_proxy"), "http://127.0.0.1:1")
    env = {**proxies, "TMPDIR": str(tmp_path), "SLACK_BOT_TOKEN": "x", "ESHOUHOU_TIMEOUT_SECONDS": "soon"}
    words = ("demo", "--no-browser", "--port", "0")
    async with customer_bot(*words, env=env, stdin=asyncio.subprocess.DEVNULL) as process:
        printed = await printed_until("Ctrl-C ends it", process)
        address = printed.splitlines()[0].split()[-1]
        async with aiohttp.ClientSession() as session, session.get(f"{address}/screen?person=U0SALES") as screen:
            assert (await screen.content.readline()).decode() == "event: screen\n"
            assert "185 3962 2352" in (await screen.content.readline()).decode()
            process.send_signal(stop)
            status, _, err = await ended(process)
    assert "185 3962 2352" in printed
    assert (status, err) == (0, "")
    assert os.listdir(tmp_path) + os.listdir() == []
