"""The demo's prompt: what is typed is done, and what a person would see in Slack is printed."""

import pytest

from bot.playground.demo import Demo
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
    assert "There is no card with a button yet" in capsys.readouterr().out


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
