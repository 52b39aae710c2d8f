"""The page draws whatever a bot may send: as text, readable, and without anything in it that acts."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from tests.support.browser import Visitor, playground

pytestmark = pytest.mark.browser

ONE_BY_ONE: Final = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # the page keeps nothing of what is drawn

DRAW: Final = """async ({ blocks, text }) => {
  const { drawBlocks } = await import("/page/block_kit/blocks.js");
  const { drawMrkdwn } = await import("/page/block_kit/mrkdwn.js");
  const root = document.createElement("div");
  const context = {
    names: { U0SALES: "sales" }, channels: [], locale: "en-US", t: (key) => key, state: {}, errors: {},
    act: () => {}, suggest: async () => [],
  };
  root.append(blocks === undefined ? drawMrkdwn(text, context) : drawBlocks(blocks, context));
  const all = [...root.querySelectorAll("*")];
  const links = all.filter((node) => node.hasAttribute("href"));
  return {
    text: root.textContent,
    html: root.innerHTML,
    tags: all.map((node) => node.localName),
    attributes: all.flatMap((node) => [...node.attributes].map((one) => one.name)),
    links: links.map((node) => [node.getAttribute("href"), node.target, node.rel]),
    pictures: [...root.querySelectorAll("img")].map((node) => node.getAttribute("src")),
  };
}"""
ACTING_TAGS: Final = frozenset(("script", "iframe", "object", "embed", "form", "base", "meta", "style", "link"))

Drawn = dict[str, Any]


class Easel:
    """Draws on the real page, without showing it."""

    def __init__(self, visitor: Visitor) -> None:
        self._page = visitor.page

    def blocks(self, blocks: Any) -> Drawn:
        return self._held({"blocks": blocks})

    def mrkdwn(self, text: str) -> Drawn:
        return self._held({"text": text})

    def _held(self, what: dict[str, Any]) -> Drawn:
        drawn: Drawn = self._page.evaluate(DRAW, what)
        assert not ACTING_TAGS & set(drawn["tags"])
        assert not [name for name in drawn["attributes"] if name.startswith("on") or name in ("style", "srcdoc")]
        for href, target, rel in drawn["links"]:
            assert href.lower().startswith(("http://", "https://", "mailto:", "tel:")), href
            assert (target, "noopener" in rel) == ("_blank", True)
        assert all(source.startswith("/picture?url=") for source in drawn["pictures"])
        return drawn


@pytest.fixture(scope="module")
def easel(browser: Browser) -> Iterator[Easel]:
    """One page for all that is drawn."""
    with playground() as address:
        page = browser.new_context().new_page()
        visitor = Visitor(page, address)
        page.goto(address)
        yield Easel(visitor)
        page.context.close()


def _mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* and _italic_ and ~gone~", "<b>bold</b> and <i>italic</i> and <s>gone</s>"),
        ("*胡效鑫*", "<b>胡效鑫</b>"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("`a *b*`", "<code>a *b*</code>"),
        ("a &lt;b&gt; &amp; c", "a &lt;b&gt; &amp; c"),
        ("&amp;lt;", "&amp;lt;"),
        (":lock: :no_such_emoji:", '<span class="emoji">🔒</span> :no_such_emoji:'),
        ("<@U0SALES>", '<span class="mention">@sales</span>'),
        ("<!channel>", '<span class="mention">@channel</span>'),
        ("one\ntwo", "one\ntwo"),
        ("> quoted\nnot", "<blockquote>quoted</blockquote>not"),
        ("*open", "*open"),
    ],
)
def test_mrkdwn_is_read_as_slack_reads_it(easel: Easel, text: str, html: str) -> None:
    assert easel.mrkdwn(text)["html"] == f'<div class="mrkdwn">{html}</div>'


@pytest.mark.parametrize(
    ("text", "href", "label"),
    [
        ("<https://crm.example.com/a?b=1&amp;c=2|A customer>", "https://crm.example.com/a?b=1&c=2", "A customer"),
        ("<https://crm.example.com/a>", "https://crm.example.com/a", "https://crm.example.com/a"),
        ("<tel:+8613800001001|138 0000 1001>", "tel:+8613800001001", "138 0000 1001"),
        ("<mailto:fang@example.com|fang@example.com>", "mailto:fang@example.com", "fang@example.com"),
        ("<https://x.example|&lt;b&gt;>", "https://x.example", "<b>"),
    ],
)
def test_links_lead_where_they_say_in_a_tab_of_their_own(easel: Easel, text: str, href: str, label: str) -> None:
    drawn = easel.mrkdwn(text)
    assert [link[0] for link in drawn["links"]] == [href]
    assert drawn["text"] == label


@pytest.mark.parametrize(
    "text",
    [
        "<javascript:alert(1)|click>",
        "<data:text/html,x|click>",
        "<JaVaScRiPt:alert(1)>",
        "<vbscript:x>",
        "<file:///etc/passwd|click>",
        "< javascript:alert(1)|click>",
        "<java\tscript:alert(1)|click>",
    ],
)
def test_other_addresses_are_no_links(easel: Easel, text: str) -> None:
    assert easel.mrkdwn(text)["links"] == []
    button = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": "a", "url": text[1:-1]}
    assert easel.blocks([{"type": "actions", "elements": [button]}])["links"] == []


@pytest.mark.parametrize(
    "markup", ["<img src=x onerror=alert(1)>", "</div><script>alert(1)</script>", "<svg/onload=x>"]
)
def test_markup_is_text_wherever_it_stands(easel: Easel, markup: str) -> None:
    """Escaped, as the bot sends it, and not."""
    escaped = markup.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for text in (markup, escaped):
        plain = {"type": "plain_text", "text": text}
        blocks = [
            {"type": "header", "text": plain},
            {"type": "section", "text": {"type": "mrkdwn", "text": f"*{text}*"}, "fields": [plain]},
            {"type": "context", "elements": [plain]},
            {"type": "actions", "elements": [{"type": "button", "text": plain, "action_id": text, "value": text}]},
            {"type": "image", "image_url": "https://x.example/a.png", "alt_text": text, "title": plain},
            {"type": text, "text": plain},
        ]
        drawn = easel.blocks(blocks)
        assert "img" not in drawn["tags"] or drawn["pictures"] == ["/picture?url=https%3A%2F%2Fx.example%2Fa.png"]
        assert drawn["text"].count(markup) >= 5


TEXTS: Final = st.text(alphabet=st.sampled_from("*_~`<>&|!#@:^ \n\"'/\\ab9鑫🔒{}"), max_size=60)


@ONE_BY_ONE
@given(st.lists(TEXTS, min_size=20, max_size=40))
def test_any_mrkdwn_is_drawn_without_anything_that_acts(easel: Easel, texts: list[str]) -> None:
    drawn = easel.blocks([_mrkdwn(text) for text in texts])
    assert drawn["tags"].count("div") >= len(texts)


@ONE_BY_ONE
@given(TEXTS)
def test_escaped_text_is_read_as_it_was_written(easel: Easel, text: str) -> None:
    """What a plain_text says is what stands there."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    object_ = {"type": "plain_text", "text": escaped, "emoji": False}
    assert easel.blocks([{"type": "header", "text": object_}])["text"] == text


SCALARS: Final = st.none() | st.booleans() | st.integers(-5, 9**12) | TEXTS
TYPES: Final = st.sampled_from(
    [
        "header", "section", "context", "actions", "divider", "image", "input", "rich_text", "markdown", "video",
        "table", "file", "button", "overflow", "external_select", "static_select", "conversations_select",
        "plain_text_input", "checkboxes", "radio_buttons", "datepicker", "mrkdwn", "plain_text", "constructor",
        "rich_text_section", "rich_text_list", "text", "link", "emoji", "user", "__proto__",
    ]
)  # fmt: skip
NAMES: Final = st.sampled_from(
    [
        "text", "fields", "elements", "element", "accessory", "label", "hint", "options", "option_groups", "title",
        "placeholder", "confirm", "value", "url", "image_url", "alt_text", "action_id", "block_id", "initial_option",
        "initial_value", "rows", "style", "optional", "min_query_length", "max_length", "name", "user_id",
    ]
)  # fmt: skip


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    typed = st.builds(lambda kind, rest: {**rest, "type": kind}, TYPES, st.dictionaries(NAMES, inner, max_size=6))
    return st.lists(inner, max_size=4) | typed


@ONE_BY_ONE
@given(st.lists(st.recursive(SCALARS, _objects, max_leaves=25), max_size=8))
def test_any_blocks_are_drawn_without_an_error(easel: Easel, blocks: list[Any]) -> None:
    """Odd ones are shown as far as they can be read."""
    assert easel.blocks(blocks)["tags"].count("div") >= len(blocks)


def test_long_text_is_drawn_quickly(easel: Easel) -> None:
    """No text takes a time that grows with its square: a hundred times as much would not end."""
    for piece in ("*a ", "_a", "<a", "`", "&lt;", ":a", "> a\n", "```a"):
        assert easel.mrkdwn(piece * 50_000)["text"]
