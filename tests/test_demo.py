"""The demo's prompt: what is typed is done, and what a person would see in Slack is printed."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator

import pytest

from bot.playground.demo import Demo, _demo, playground_settings
from bot.playground.sample_crm import SampleCrm
from bot.playground.stand_in_slack import StandInSlack
from bot.web import WebProcess


@pytest.fixture
def demo(bot: WebProcess, crm: SampleCrm, slack: StandInSlack) -> Demo:
    return Demo(crm, slack)


async def test_a_command_prints_its_card(demo: Demo, documented: str, capsys: pytest.CaptureFixture[str]) -> None:
    await demo.type(f"  /customer {documented} \n")
    printed = capsys.readouterr().out
    assert printed.startswith("┃ 胡效鑫1\n")
    assert "┃ [刷新]" in printed


async def test_refresh_clicks_the_button_of_the_last_card(
    demo: Demo, crm: SampleCrm, documented: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await demo.type(f"/customer {documented}")
    await demo.type("crm html")
    capsys.readouterr()
    await demo.type("refresh")
    assert "易售后的回答无法读取；这是 1 分钟内的副本" in capsys.readouterr().out
    await demo.type("crm up")
    await demo.type("refresh")
    assert "副本" not in capsys.readouterr().out
    assert crm.asked["GetCustomer"] == 3


@pytest.mark.parametrize("typed", [[], ["/customer"]], ids=["nothing yet", "a card without a button"])
async def test_refresh_without_a_button_says_so(
    demo: Demo, typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for line in typed:
        await demo.type(line)
    capsys.readouterr()
    await demo.type("refresh")
    assert "The last card has no button" in capsys.readouterr().out


async def test_a_late_card_goes_above_the_prompt_that_waits(
    demo: Demo, crm: SampleCrm, slack: StandInSlack, documented: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await demo.type(f"/customer {documented}")
    capsys.readouterr()
    demo.at_prompt = True
    await (await slack.click("customer_refresh", documented)).answers(1)
    printed = capsys.readouterr().out
    assert printed.startswith("\n┃ 胡效鑫1\n")
    assert printed.endswith("\n> ")


async def test_customers_lists_them_all(demo: Demo, crm: SampleCrm, capsys: pytest.CaptureFixture[str]) -> None:
    await demo.type("customers")
    printed = capsys.readouterr().out
    assert [line.split()[0] for line in printed.splitlines()] == list(crm.customers)


@pytest.mark.parametrize("line", ["rubbish", "crm sideways", "customer"])
async def test_anything_else_gets_the_advice(
    demo: Demo, crm: SampleCrm, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await demo.type(line)
    assert "Type at the prompt" in capsys.readouterr().out
    assert crm.fault is None


async def test_an_empty_line_does_nothing(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    await demo.type("\n")
    assert capsys.readouterr().out == ""


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


# --- The whole of it -------------------------------------------------------------------------------------------------


@pytest.fixture
def keyboard() -> Iterator[int]:
    """What is written to this file is what the process reads as standard input."""
    theirs, ours = os.pipe()
    before = os.dup(0)
    os.dup2(theirs, 0)
    yield ours
    os.dup2(before, 0)
    for file in (theirs, before):
        os.close(file)


async def until_printed(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Everything that was printed up to then. Raises TimeoutError if it is not."""
    printed = ""
    async with asyncio.timeout(10):
        while True:
            printed += capsys.readouterr().out
            if words in printed:
                return printed
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
async def test_demo_does_what_is_typed_and_stays_up_until_it_is_told_to_stop(
    keyboard: int, capsys: pytest.CaptureFixture[str], stop: signal.Signals
) -> None:
    """Its input may end, or hold no text: neither ends the demo. A busy port becomes another."""
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        demo = asyncio.create_task(_demo(port))
        printed = await until_printed("Ctrl-C ends it.", capsys)
    assert "185 3962 2352" in printed
    assert f"127.0.0.1:{port}" not in printed
    os.write(keyboard, b"/customer \xff\xfe nonsense\ncrm hang\n")
    os.close(keyboard)
    printed = await until_printed("is now: hang", capsys)
    assert "nonsense" in printed
    await asyncio.sleep(0.02)
    assert not demo.done()
    signal.raise_signal(stop)
    await asyncio.wait_for(demo, 5)


async def test_demo_stays_up_where_standard_input_cannot_be_read(
    keyboard: int, capsys: pytest.CaptureFixture[str]
) -> None:
    os.close(keyboard)
    directory = os.open(".", os.O_RDONLY)
    os.dup2(directory, 0)
    os.close(directory)
    demo = asyncio.create_task(_demo(0))
    await until_printed("\n> ", capsys)
    await asyncio.sleep(0.02)
    assert not demo.done()
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(demo, 5)
