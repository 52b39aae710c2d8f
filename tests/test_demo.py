"""The demo's prompt: what is typed is done, and what a person would see in Slack is printed."""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from bot.links import CustomerLinks
from bot.playground.demo import _demo, playground_settings, sample_settings
from bot.playground.prompt import Prompt
from bot.playground.sample_crm import Fault, SampleCrm, branches
from bot.playground.screen import Screen
from bot.playground.stand_in_slack import USER, StandInSlack
from bot.playground.words import ADVICE, CLICKS
from bot.web import WebProcess
from tests.conftest import StartBot
from tests.surfaces import CLINIC, FACTORY, TEMPLATE, idle, link

NO_CARD = "No card comes by itself. Type /customer why to hear the reason.\n"

Printed = Callable[..., Awaitable[str]]


@pytest.fixture
async def bot(start_bot: StartBot) -> WebProcess:
    return await start_bot(customer_url_template=TEMPLATE, admin_users=USER)


@pytest.fixture
def screen(bot: WebProcess, slack: StandInSlack) -> Screen:
    return Screen(slack)


@pytest.fixture
def prompt(screen: Screen, crm: SampleCrm, slack: StandInSlack, monkeypatch: pytest.MonkeyPatch) -> Prompt:
    monkeypatch.setattr("bot.playground.prompt.SAY_SECONDS", 0.2)
    return Prompt(crm, slack, screen)


@pytest.fixture
def printed(bot: WebProcess, prompt: Prompt, screen: Screen, capsys: pytest.CaptureFixture[str]) -> Printed:
    """Types lines, and gives what the last one printed, however long the bot took."""

    async def type_lines(*lines: str) -> str:
        for line in lines:
            capsys.readouterr()
            await prompt.type(line)
            await idle(bot)
            screen.look()
        return capsys.readouterr().out

    return type_lines


async def test_command_prints_its_card_and_says_who_sees_it(printed: Printed, documented: str) -> None:
    shown = await printed(f"  /customer {documented} \n")
    assert shown.startswith("For you alone, in #general:\n┃ 胡效鑫1\n")
    assert "┃ [详情] [分享] [刷新] [⋯" in shown


@pytest.mark.parametrize(
    "typed",
    [
        "dc540ce7-5bc5-4275-b8fa-2004eb5839e3",
        "CF00000179",
        "胡效鑫1",
        "18539622352",
        "903146517@qq.com",
        "CE00000154",
        "LPR30-20230042",
    ],
)
async def test_documented_customer_is_found_by_each_of_its_identifiers(printed: Printed, typed: str) -> None:
    """By a bot that has never seen it."""
    assert "┃ 胡效鑫1\n" in await printed(f"/customer {typed}")


@pytest.mark.parametrize(
    ("typed", "places"), [("峤砚口腔门诊部", ["深圳市", "咸阳市"]), ("13800001027", ["乌鲁木齐市", "昌吉市"])]
)
async def test_twins_are_a_list(printed: Printed, typed: str, places: list[str]) -> None:
    """One has the name of another, one the phone of another."""
    shown = await printed(f"/customer {typed}")
    assert [place in shown for place in places] == [True, True]


async def test_refresh_clicks_the_button_of_the_last_card(printed: Printed, crm: SampleCrm, documented: str) -> None:
    shown = await printed(f"/customer {documented}", "crm html", "refresh")
    assert "易售后的回答无法读取；这是 1 分钟内的副本" in shown
    assert "副本" not in await printed("crm up", "refresh")
    assert crm.asked["GetCustomer"] == 3


async def test_details_are_in_a_modal(printed: Printed, documented: str) -> None:
    shown = await printed(f"/customer {documented}", "details")
    assert "For you alone, in a modal:\n┃ ── 客户查询 ──\n┃ 胡效鑫1\n" in shown
    assert "┃ 统一社会信用码" in shown


async def test_share_shows_what_others_would_see_and_is_posted_when_it_is_confirmed(
    printed: Printed, documented: str
) -> None:
    preview = await printed(f"/customer {documented}", "share")
    assert "For you alone, in a modal:" in preview
    assert "┃ 频道里的其他人会看到：" in preview
    assert "185 3962 2352" not in preview
    posted = await printed("post")
    assert "For everybody in #general:\n┃ 胡效鑫1  CF00000179" in posted
    assert "已发布到 #C0GENERAL" in posted
    assert "There is nothing to confirm" in await printed("post")


async def test_menu_of_a_card_copies_and_pins(printed: Printed, documented: str) -> None:
    assert "┃ 联系电话: 18539622352" in await printed(f"/customer {documented}", "copy")
    assert "已收藏 胡效鑫1" in await printed("pin")
    assert "已取消收藏 胡效鑫1" in await printed("pin")


async def test_what_is_said_gets_its_card_and_says_where(printed: Printed, documented: str) -> None:
    under = await printed(f"say have a look: {link(documented)}")
    assert "For everybody in #general, under the link:\n┃ 胡效鑫1" in under
    in_thread = await printed("say CF00000179 calls again")
    assert "For everybody in #general, in the message's thread:\n┃ 胡效鑫1" in in_thread
    assert (await printed("say CF00000179 once more")) == NO_CARD
    assert "不久前在此频道有过卡片" in await printed("/customer why")


@pytest.mark.parametrize(
    ("word", "says"), [("pause", "C0GENERAL 里任何人"), ("off", "C0GENERAL 里任何人"), ("never", "你发的消息和链接")]
)
async def test_cards_that_come_by_themselves_are_turned_off_and_on(
    printed: Printed, documented: str, word: str, says: str
) -> None:
    told = await printed(f"say {link(documented)}", word)
    assert told.startswith("For you alone, in #general:")
    assert says in told
    assert await printed(f"say {link(FACTORY)}") == NO_CARD
    assert "又会自动" in await printed("undo")
    assert "under the link" in await printed(f"say {link(FACTORY)}")


async def test_shortcut_looks_up_whom_a_message_names(printed: Printed, documented: str) -> None:
    """One is shown, several are a list to open from, and without any one is asked."""
    assert "┃ 统一社会信用码" in await printed(f"shortcut please call {documented}")
    assert "┃ 在这条消息里找到 2 位客户" in await printed(f"shortcut {documented} {FACTORY}")
    assert "┃ 杭州岚峤精密机械有限公司" in await printed("open 2")
    assert "┃ 🔍 这条消息里没有读到客户" in await printed("shortcut good morning")


async def test_find_asks_for_a_customer_or_types_one(printed: Printed, documented: str) -> None:
    assert "┃ 或者输入电话、邮箱、设备编号、序列号… [____]" in await printed("find")
    assert "┃ 统一社会信用码" in await printed(f"find {documented}")
    assert "┃ 🔍 没有这个名称的客户" in await printed("find nonsense")


async def test_what_is_typed_after_find_is_completed_and_chosen(printed: Printed, documented: str) -> None:
    """From whom the bot has seen: parts of names and numbers, and pinyin."""
    assert await printed(f"/customer {documented}", "find", "type hxx") == "1  胡效鑫1 · CF00000179\n"
    assert "┃ 统一社会信用码" in await printed("choose")
    assert await printed("find", "type 00000179") == "1  胡效鑫1 · CF00000179\n"
    assert "There is no such suggestion" in await printed("choose 2")
    assert await printed("type nobody is called so") == "Nothing is suggested.\n"
    assert "There is no such suggestion" in await printed("choose 1")


@pytest.mark.parametrize("lines", [("type hxx",), ("find", "type"), ("find", "/customer help", "type hxx")])
async def test_without_a_box_or_a_text_nothing_is_typed(printed: Printed, lines: tuple[str, ...]) -> None:
    assert "There is nothing to type into" in await printed(*lines)


async def test_customers_of_one_name_are_a_list_with_pages(printed: Printed, crm: SampleCrm) -> None:
    crm.add_customers(branches(12))
    first = await printed("/customer 屿麦便利店")
    assert [f"屿麦便利店{number:03d}店" in first for number in (1, 5, 6)] == [True, True, False]
    assert "┃ 屿麦便利店012店" in await printed("next", "next")
    assert "┃ 屿麦便利店010店" in await printed("back")
    assert "┃ 屿麦便利店007店" in await printed("open 2")


async def test_what_is_not_found_is_read_another_way(printed: Printed) -> None:
    assert "没有这个电话的客户" in await printed("/customer 13911112222")
    assert "没有这个序列号的客户" in await printed("as")


async def test_details_show_what_else_there_is_of_a_customer(printed: Printed, documented: str) -> None:
    assert "┃ 张会计" in await printed(f"/customer {documented}", "details", "contacts")
    assert "CE00000154\n" in await printed("devices")
    assert "┃ GD00000930  服务中" in await printed("orders")
    assert "┃ 派工" in await printed("steps")
    assert "┃ 统一社会信用码" in await printed("profile")


async def test_reveal_shows_what_is_masked_and_the_log_says_who_did(printed: Printed, documented: str) -> None:
    tax_id = "91110108339719567A"
    assert tax_id not in await printed(f"/customer {documented}", "details")
    assert tax_id in await printed("reveal")
    assert tax_id not in await printed("profile")
    assert "显示完整信息" in await printed(f"/customer log {documented}")


async def test_home_has_pins_and_recents_that_can_be_opened_and_cleared(printed: Printed, documented: str) -> None:
    shown = await printed(f"/customer {documented}", "pin", "home")
    assert shown.startswith("For you alone, on the bot's Home:\n")
    assert shown.count("┃ 胡效鑫1 · CF00000179  [打开]") == 2
    assert "┃ 统一社会信用码" in await printed("open")
    assert (await printed("home", "clear")).count("┃ 胡效鑫1 · CF00000179  [打开]") == 1


async def test_click_beside_a_modal_closes_it(printed: Printed, slack: StandInSlack, documented: str) -> None:
    await printed(f"say {link(documented)}", f"/customer {documented}", "details", "off")
    assert slack.modal() is None


async def test_modal_that_is_closed_cannot_be_clicked(printed: Printed, documented: str) -> None:
    assert "Nothing that is shown has this" in await printed(f"find {documented}", "/customer help", "share")


@pytest.mark.parametrize("word", list(CLICKS))
async def test_what_is_not_shown_cannot_be_clicked(printed: Printed, word: str) -> None:
    assert await printed(word) == f"Nothing that is shown has this to click: {word}\n"
    assert await printed("/customer help", f"{word} 3") == f"Nothing that is shown has this to click: {word}\n"


def test_every_word_is_in_the_advice() -> None:
    assert not [word for word in CLICKS if word not in ADVICE]


async def test_what_comes_late_goes_above_the_prompt_that_waits(
    prompt: Prompt, screen: Screen, crm: SampleCrm, slack: StandInSlack, capsys: pytest.CaptureFixture[str]
) -> None:
    crm.fault = Fault(delay=0.2)
    await prompt.type(f"shortcut {CLINIC}")
    assert "┃ 🔍 正在查询" in capsys.readouterr().out
    screen.at_prompt = True
    following = asyncio.create_task(screen.follow())
    shown = await until_printed("\n> ", capsys)
    assert shown.startswith("\nFor you alone, in a modal:\n┃ ── 客户查询 ──\n")
    assert "正在查询" not in shown
    await (await slack.click("customer_refresh", CLINIC)).answers(1)
    assert capsys.readouterr().out.startswith("\nFor you alone, in #general:\n┃ ")
    following.cancel()


async def test_bot_that_does_not_answer_is_given_up(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.playground.slack_exchange.ANSWER_SECONDS", 0.05)
    monkeypatch.setattr("bot.playground.stand_in_slack.StandInSlack.open_home", _nothing)
    assert await printed("home") == "Nothing came back.\n"


async def _nothing(slack: StandInSlack) -> None:
    """Slack does nothing with it."""


async def test_customers_lists_them_all(printed: Printed, crm: SampleCrm) -> None:
    """By number and name, as people type them, and by the id, which always finds them."""
    listed = (await printed("customers")).splitlines()
    assert [line.split()[-1] for line in listed] == list(crm.customers)
    twin = "CF00000225  峤砚口腔门诊部: Same name as CF00000226, but in Shenzhen."
    assert f"{twin} 86198930-58ef-4487-a729-cc351f87080b" in listed


@pytest.mark.parametrize("line", ["rubbish", "crm sideways", "customer", "say", "DETAILS"])
async def test_anything_else_gets_the_advice(printed: Printed, crm: SampleCrm, line: str) -> None:
    assert "Type at the prompt" in await printed(line)
    assert crm.fault is None


async def test_an_empty_line_does_nothing(printed: Printed) -> None:
    assert await printed("\n") == ""


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
    assert printed.index("> /customer dc540ce7") < printed.index("┃ 胡效鑫1") < printed.index("Type at the prompt")
    assert f"127.0.0.1:{port}" not in printed
    os.write(keyboard, b"/customer \xff\xfe nonsense\ncrm hang\n")
    os.close(keyboard)
    printed = await until_printed("is now: hang", capsys)
    assert "nonsense" in printed
    await asyncio.sleep(0.02)
    assert not demo.done()
    signal.raise_signal(stop)
    await asyncio.wait_for(demo, 5)
    assert not list(Path.cwd().iterdir())


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
