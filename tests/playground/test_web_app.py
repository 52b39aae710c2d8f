"""The playground's page over HTTP: its files, who may act on it, what is no request of the page's."""

import asyncio
import json
import xml.etree.ElementTree as ET
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from yarl import URL

from bot.playground.fake_slack.server import CHANNEL, GUEST, OUTSIDER, SHARED_CHANNEL, USER
from bot.playground.web_app import HEADERS
from tests.support.block_kit import foreign_texts
from tests.support.page_client import Page, Visitor, page_fixture, sales_fixture  # noqa: F401  # fixtures
from tests.support.surfaces import DOCUMENTED, link

PAGE: Final = Path(str(resources.files("bot.playground").joinpath("page")))
FILES: Final = sorted(file.relative_to(PAGE).as_posix() for file in PAGE.rglob("*.*"))
MEDIA_TYPES: Final = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
JSON_TYPE: Final = {"content-type": "application/json"}
HELLO: Final = {"person": USER, "channel": CHANNEL, "text": "hello", "thread_ts": ""}
DEEP: Final = "[" * 100_000
NO_FILES: Final = (
    "/page/block_kit", "/page/block_kit/", "/page/block_kit/app.js", "/page/block_kit/../app.js/",
    "/page/", "/page/nothing.js", "/page/../demo.py", "/page/..%2Fdemo.py", "/page/..%2fpage%2fpage.html",
    "/page/%2e%2e/page/page.html", "/page/..%5cdemo.py", "/page/%2Fetc%2Fpasswd", "/page/.html", "/page/page.html%00",
    "/page/%00.html", f"/page/{'x' * 5_000}.html", "/page.html", "/demo.py",
)  # fmt: skip
NO_REQUESTS: Final = (
    "", "{", "\ufeff{}", "[]", "[1]", "5", "null", '"person"', "true", "{}", DEEP, '{"person": ' + DEEP,
    '{"person": "U0SALES"}', '{"person": []}', '{"person": {}, "text": 1}', "9" * 5_000,
)  # fmt: skip


async def status_of(page: Page, path: str, **headers: str) -> int:
    """Of exactly this path: nothing in it is made tidy."""
    async with page.session.get(URL(page.address + path, encoded=True), headers=headers) as answer:
        return answer.status


async def post(page: Page, verb: str, body: str | bytes, headers: dict[str, str]) -> int:
    async with page.session.post(f"{page.address}/do/{verb}", data=body, headers=headers) as answer:
        return answer.status


# --- Its files -------------------------------------------------------------------------------------------------------


async def test_each_file_comes_with_its_type_and_may_load_nothing_from_elsewhere(page: Page) -> None:
    """Nor is it kept: another version of the page may be served at this address tomorrow."""
    for path, name in [("/", "page.html"), *((f"/page/{name}", name) for name in FILES)]:
        async with page.session.get(page.address + path) as answer:
            assert answer.status == 200
            assert answer.content_type == MEDIA_TYPES[name.rpartition(".")[2]]
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            policy = answer.headers["content-security-policy"].split("; ")
            assert await answer.read() == (PAGE / name).read_bytes()
        assert "default-src 'none'" in policy
        assert all(source in ("'self'", "'none'") for rule in policy for source in rule.split()[1:])


async def test_nothing_else_is_served(page: Page) -> None:
    """No path leads out of the folder, however it is written."""
    for path in NO_FILES:
        assert (path, await status_of(page, path)) == (path, 404)
    assert await status_of(page, "/do/say") == 405


@given(name=foreign_texts(100))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@example(name="../demo.py")
@example(name="/demo.py")
async def test_whatever_is_asked_for_only_files_of_the_page_are_given(page: Page, name: str) -> None:
    path = name.encode("utf-8", "replace").decode().lstrip("/")  # yarl takes no other
    asked = URL(page.address) / "page" / path if path.strip("./") else None
    if asked and path not in FILES:
        async with page.session.get(asked) as answer:
            assert answer.status == 404


@given(url=foreign_texts(200) | st.text(max_size=60).map(lambda text: f"https://crm.example.com/{text}"))
@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@example(url="http://[")
@example(url="https://x/\x00\x1f\ufffe")
@example(url="https://x/a&b<script>alert(1)</script>.png")
@example(url="")
async def test_any_url_has_a_picture(page: Page, url: str) -> None:
    """It is well-formed, and nothing in it acts."""
    asked = {"url": url.encode("utf-8", "replace").decode()}
    async with page.session.get(f"{page.address}/picture", params=asked) as answer:
        assert (answer.status, answer.content_type) == (200, "image/svg+xml")
        assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
        drawing = ET.fromstring(await answer.text())
    names = {element.tag.rpartition("}")[2] for element in drawing.iter()}
    assert names == {"svg", "rect", "path", "text"}


async def test_picture_is_named_as_its_file(page: Page) -> None:
    async with page.session.get(f"{page.address}/picture?url=https://x.example/a/seal.png%3Fw%3D1") as answer:
        assert ">seal.png<" in await answer.text()


# --- Who may act -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "[::1]", ""])
async def test_page_has_no_other_name(page: Page, sales: Visitor, host: str) -> None:
    """A page elsewhere whose name leads to this machine (DNS rebinding) reads nothing and does nothing."""
    before = await sales.messages()
    for path in ("/", "/screen?person=U0SALES", "/picture"):
        assert await status_of(page, path, host=host) == 400
    assert await post(page, "say", json.dumps(HELLO), {**JSON_TYPE, "host": host}) == 400
    assert await sales.messages() == before


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({**JSON_TYPE, "origin": "https://evil.example"}, id="another site"),
        pytest.param({**JSON_TYPE, "origin": "http://127.0.0.1:1"}, id="another server of this machine"),
        pytest.param({**JSON_TYPE, "origin": "null"}, id="a sandbox"),
        pytest.param({"content-type": "text/plain"}, id="text, which any site may send"),
        pytest.param({"content-type": "application/x-www-form-urlencoded"}, id="a form, which any site may send"),
        pytest.param({"content-type": "text/plain; application/json"}, id="text that looks like JSON"),
    ],
)
@pytest.mark.parametrize("verb", ["say", "reset", "crm"])
async def test_no_other_page_acts(page: Page, sales: Visitor, headers: dict[str, str], verb: str) -> None:
    before = await sales.screen()
    assert await post(page, verb, json.dumps({**HELLO, "fault": "down"}), headers) == 403
    assert await sales.screen() == before


async def test_page_itself_acts(page: Page, sales: Visitor) -> None:
    before = await sales.messages()
    headers = {"content-type": "application/json; charset=utf-8", "origin": page.address}
    assert await post(page, "say", json.dumps(HELLO), headers) == 200
    [said] = (await sales.messages())[len(before) :]
    assert (said["text"], said["user"]) == ("hello", USER)


async def test_stream_is_of_a_known_user(page: Page) -> None:
    for person in ("", "U0BOT", "U0GONE", "nobody"):
        assert await status_of(page, f"/screen?person={person}") == 404


# --- What is no request ----------------------------------------------------------------------------------------------


async def test_malformed_requests_are_refused(page: Page, sales: Visitor) -> None:
    before = await sales.screen()
    for body in NO_REQUESTS:
        for verb in ("say", "click", "flexpane"):
            assert (body[:20], await post(page, verb, body, JSON_TYPE)) == (body[:20], 400)
            assert await post(page, verb, b"\xff" + body.encode(), JSON_TYPE) == 400
    assert await sales.screen() == before


async def test_what_is_no_json_resets_nothing(page: Page, sales: Visitor) -> None:
    before = await sales.screen()
    assert await post(page, "reset", "{", JSON_TYPE) == 400
    assert await sales.screen() == before


@pytest.mark.parametrize("verb", ["nothing", "__class__", "SAY"])
async def test_there_are_no_other_verbs(page: Page, verb: str) -> None:
    assert await post(page, verb, json.dumps(HELLO), JSON_TYPE) == 400


@pytest.mark.parametrize("left_out", ["channel", "text", "thread_ts", "person"])
async def test_arguments_are_not_left_out(page: Page, sales: Visitor, left_out: str) -> None:
    before = await sales.messages()
    asked = {name: value for name, value in HELLO.items() if name != left_out}
    assert await post(page, "say", json.dumps(asked), JSON_TYPE) == 400
    assert await sales.messages() == before


@pytest.mark.parametrize("text", ["half of \ud83d", "\ud83d", "/\udfff"], ids=["a part", "alone", "a command"])
async def test_half_a_character_is_no_text(page: Page, sales: Visitor, text: str) -> None:
    """It could never be shown again: UTF-8 has none, and so has no stream."""
    before = await sales.messages()
    assert await post(page, "say", json.dumps({**HELLO, "text": text}), JSON_TYPE) == 400
    assert await sales.messages() == before


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_what_browsers_cannot_read_does_not_come_back(page: Page, sales: Visitor, number: str) -> None:
    """What stands in an input is part of the view, and so of the screen."""
    await sales.does("global_shortcut")
    view = (await sales.modal())["id"]
    values = f'{{"query": {{"query": {{"type": "plain_text_input", "value": {number}}}}}}}'
    body = f'{{"person": "{USER}", "view": "{view}", "values": {values}}}'
    assert await post(page, "submit", body, JSON_TYPE) == 400
    await sales.screen()


# Any JSON to any verb.

VERBS: Final = (
    "say", "click", "choose", "suggest", "message_shortcut", "global_shortcut", "submit", "close", "home", "flexpane",
    "close_flexpane", "locale", "crm",
)  # fmt: skip
FIRST_MESSAGE, FIRST_CARD = "1700000000.000001", "1700000000.000007"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | foreign_texts(20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(foreign_texts(3), inner, max_size=3),
    max_leaves=6,
)


def mostly(*good: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(good) | st.sampled_from(good) | st.sampled_from(good) | json_values


people = mostly(USER, USER, GUEST, OUTSIDER)
channels = mostly(CHANNEL, CHANNEL, SHARED_CHANNEL)
timestamps = mostly(FIRST_MESSAGE, FIRST_CARD)
views = st.integers(1, 60).map(lambda number: f"V{number:04d}") | json_values
urls = mostly(link(DOCUMENTED))
actions = mostly("customer_details", "customer_refresh", "customer_menu", "customer_search", "find_customer")
inputs = st.dictionaries(mostly("type", "value").filter(lambda key: isinstance(key, str)), json_values, max_size=2)
queries = st.fixed_dictionaries({"query": st.fixed_dictionaries({"query": inputs})})
values: st.SearchStrategy[Any] = st.just({}) | json_values | queries
places = json_values | st.fixed_dictionaries(
    {"in": mostly("message", "view", "unfurl", "flexpane")},
    optional={"channel": channels, "ts": timestamps, "view": views, "url": urls},
)
requests = json_values | st.fixed_dictionaries(
    {"person": people},
    optional={
        "channel": channels,
        "text": mostly("/customer CF00000179", "CF00000179", link(DOCUMENTED)),
        "thread_ts": mostly("", FIRST_MESSAGE),
        "at": places,
        "action_id": actions,
        "value": mostly(DOCUMENTED, f"copy {DOCUMENTED}", None),
        "values": values,
        "ts": timestamps,
        "view": views,
        "url": urls,
        "locale": mostly("zh-CN", "en-US"),
        "fault": mostly("up"),
    },
)


@given(asked=st.lists(st.tuples(st.sampled_from(VERBS) | foreign_texts(3), requests), min_size=1, max_size=8))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@example(asked=[("say", {**HELLO, "text": "http://["})])
@example(asked=[("say", {**HELLO, "thread_ts": 5})])
@example(asked=[("click", {"person": USER, "at": {"in": "message", "channel": CHANNEL, "ts": "1.1"}, "values": {}})])
async def test_any_json_is_a_request_or_none(page: Page, sales: Visitor, asked: list[tuple[str, Any]]) -> None:
    """Never a failure of the page's; and whatever it was, everybody's screen can still be drawn."""
    for verb, body in asked:
        where = URL(page.address) / "do" / (verb.encode("utf-8", "replace").decode() or "say")
        async with page.session.post(where, data=json.dumps(body), headers=JSON_TYPE) as answer:
            assert answer.status in (200, 400, 404, 405), await answer.text()
    await asyncio.gather(*(page.visited_by(person).screen() for person in (USER, GUEST, OUTSIDER)))
