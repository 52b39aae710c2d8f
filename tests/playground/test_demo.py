"""The demo: what it prints, and that it ends when it is stopped, whatever is under way."""

import asyncio
import os
import signal
import socket
import tempfile
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.domain.links import CustomerLinks
from bot.playground.demo import PROXIES, _demo, in_browser, run_demo
from bot.playground.fake_slack.server import USER
from bot.playground.settings import playground_settings, sample_settings
from tests.support.page_client import Json, Visitor
from tests.support.surfaces import CLINIC, link

STARTS_WITHIN_SECONDS = 15.0
ENDS_WITHIN_SECONDS = 8.0
PRINTED_LAST = "Ctrl-C ends it"

both_signals = pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])


@pytest.fixture(autouse=True)
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where temporary files are."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def files_left(temporary: Path) -> list[str]:
    return os.listdir(temporary) + os.listdir()


class Demo:
    """A demo that runs. ``shown`` is what it would have opened in a browser."""

    def __init__(self, task: "asyncio.Task[None]", capsys: pytest.CaptureFixture[str]) -> None:
        self.task = task
        self.shown: list[str] = []
        self.printed = ""
        self._capsys = capsys

    async def printed_until(self, words: str) -> str:
        """Everything that was printed up to then, at least."""
        async with asyncio.timeout(STARTS_WITHIN_SECONDS):
            while words not in self.printed:
                assert not self.task.done()
                await asyncio.sleep(0.01)
                self.printed += self._capsys.readouterr().out
        return self.printed

    async def address(self) -> str:
        return (await self.printed_until("\n")).splitlines()[0].removeprefix("The playground: ")

    async def ends(self, stop: signal.Signals = signal.SIGTERM) -> None:
        """When it is stopped."""
        signal.raise_signal(stop)
        async with asyncio.timeout(ENDS_WITHIN_SECONDS):
            await self.task


Begin = Callable[..., Demo]


@pytest.fixture
async def begin(capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Begin]:
    """Starts a demo at a port."""
    begun: list[Demo] = []

    def start(port: int = 0, show: Callable[[str], object] | None = None) -> Demo:
        def showing(address: str) -> object:
            return (show or demo.shown.append)(address)

        demo = Demo(asyncio.create_task(_demo(port, showing)), capsys)
        begun.append(demo)
        return demo

    yield start
    for demo in begun:
        if not demo.task.done():
            await demo.printed_until(PRINTED_LAST)
            await demo.ends()


@asynccontextmanager
async def visiting(demo: Demo) -> AsyncIterator[Visitor]:
    async with aiohttp.ClientSession() as session:
        yield Visitor(session, await demo.address(), USER)


async def test_address_is_printed_and_shown_and_then_what_runs_with_the_first_card(begin: Begin) -> None:
    demo = begin()
    printed = await demo.printed_until(PRINTED_LAST)
    address = await demo.address()
    assert demo.shown == [address]
    order = (address, "sample CRM", "stand-in Slack", "the bot", "/customer dc540ce7", "┃ 胡效鑫1", "185 3962 2352")
    places = [printed.index(words) for words in order]
    assert places == sorted(places)
    async with visiting(demo) as visitor:
        assert "胡效鑫1" in (await visitor.messages(count=2))[1]["text"]


async def test_address_is_printed_before_the_rest_has_started(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is there meanwhile, and waits."""
    starting = asyncio.Event()

    async def wait_for_bot(slack: object) -> None:
        await starting.wait()

    monkeypatch.setattr("bot.playground.fake_slack.server.StandInSlack.wait_for_bot", wait_for_bot)
    demo = begin()
    address = await demo.address()
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 200
    assert demo.printed == f"The playground: {address}\n"
    starting.set()
    await demo.printed_until(PRINTED_LAST)


async def test_browser_that_takes_its_time_holds_nothing_up(begin: Begin) -> None:
    closed = threading.Event()
    demo = begin(show=lambda address: closed.wait(STARTS_WITHIN_SECONDS))
    await demo.printed_until(PRINTED_LAST)
    await demo.ends()
    closed.set()


async def test_busy_port_becomes_another(begin: Begin) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        first = begin(port)
        address = await first.address()
        assert address.startswith("http://127.0.0.1:")
        assert not address.endswith(f":{port}")


async def test_free_port_is_the_one_that_was_asked_for(begin: Begin) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert await begin(port).address() == f"http://127.0.0.1:{port}"


@both_signals
async def test_signal_ends_it_while_the_page_is_open_and_leaves_no_file(
    begin: Begin, stop: signal.Signals, temporary: Path
) -> None:
    demo = begin()
    async with visiting(demo) as visitor, visitor.stream() as events:
        assert (await anext(events)).name == "screen"
        await demo.printed_until(PRINTED_LAST)
        assert files_left(temporary)
        await demo.ends(stop)
        assert {event.name async for event in events} <= {"", "screen", "traffic"}
    assert files_left(temporary) == []


@both_signals
async def test_signal_ends_it_while_the_crm_hangs(begin: Begin, stop: signal.Signals, temporary: Path) -> None:
    """And a user waits for an answer."""
    demo = begin()
    async with visiting(demo) as visitor, visitor.stream() as events:
        await visitor.does("crm", fault="hang")
        command: Json = {"channel": "C0GENERAL", "text": f"/customer {CLINIC}", "thread_ts": ""}
        asking = asyncio.create_task(visitor.asks("say", **command))
        async for event in events:
            if event.name == "traffic" and any(trip["sent"].get("customerId") == CLINIC for trip in event.data):
                break
        await demo.printed_until(PRINTED_LAST)
        await demo.ends(stop)
        assert (await asking)[0] == 200
    assert files_left(temporary) == []


@both_signals
async def test_signal_ends_it_while_it_starts(begin: Begin, stop: signal.Signals, temporary: Path) -> None:
    demo = begin()
    await demo.address()
    await demo.ends(stop)
    assert files_left(temporary) == []


async def test_signal_ends_it_in_the_middle_of_a_reset(begin: Begin, temporary: Path) -> None:
    demo = begin()
    async with visiting(demo) as visitor, visitor.stream() as events:
        await demo.printed_until(PRINTED_LAST)
        resetting = asyncio.create_task(visitor.asks("reset"))
        async for event in events:
            if event.name == "":  # the sign of life of a world that ends
                break
        await demo.ends()
        assert (await resetting)[0] == 200
    assert files_left(temporary) == []


async def test_world_that_cannot_begin_again_ends_it_with_the_reason(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = begin()
    async with visiting(demo) as visitor:
        await demo.printed_until(PRINTED_LAST)
        monkeypatch.setattr("bot.playground.world.FIRST_MESSAGE", None)
        assert await visitor.refusal_of("reset") == "The playground has ended."
        async with asyncio.timeout(ENDS_WITHIN_SECONDS):
            with pytest.raises(TypeError):
                await demo.task


def _browser(kind: type[webbrowser.BaseBrowser], opened: list[str]) -> webbrowser.BaseBrowser:
    browser = kind("some-browser")
    vars(browser)["open"] = opened.append
    return browser


@pytest.mark.parametrize(
    ("kind", "opens"),
    [(webbrowser.BackgroundBrowser, True), (webbrowser.Mozilla, True), (webbrowser.GenericBrowser, False)],
)
def test_browser_of_the_terminal_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, kind: type[webbrowser.BaseBrowser], opens: bool
) -> None:
    """It would take the terminal in which the demo runs."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "get", lambda: _browser(kind, opened))
    in_browser("http://127.0.0.1:1")
    assert opened == (["http://127.0.0.1:1"] if opens else [])


def test_machine_without_a_browser_has_the_address_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> None:
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", nowhere)
    in_browser("http://127.0.0.1:1")


def test_proxies_are_not_asked_for_what_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setattr("bot.playground.demo._what_there_is", lambda world: _receive_signal())
    run_demo(0, str)
    assert not set(PROXIES) & set(os.environ)


def _receive_signal() -> str:
    signal.raise_signal(signal.SIGTERM)
    return ""


# --- Its settings ----------------------------------------------------------------------------------------------------


async def test_playground_has_links_and_a_database_that_is_gone_in_the_end(documented: str) -> None:
    async with sample_settings() as settings:
        assert CustomerLinks(settings.customer_url_template).url(documented) == link(documented)
        path = Path(settings.database_url.get_secret_value().removeprefix("sqlite:///"))
        assert path.parent.is_dir()
        assert Path.cwd() not in path.parents
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("desktop", "language"),
    [
        ("", "auto"),
        ("de", "auto"),
        ("C", "auto"),
        ("de_AT:de", "auto"),
        ("en_US:en", "en"),
        ("zh", "zh"),
        ("zh_CN", "zh"),
    ],
)
def test_a_playground_takes_any_language_of_a_desktop(
    monkeypatch: pytest.MonkeyPatch, desktop: str, language: str
) -> None:
    """It needs no setting at all, and so none can be wrong."""
    monkeypatch.setenv("LANGUAGE", desktop)
    assert playground_settings("http://127.0.0.1:9").language == language
