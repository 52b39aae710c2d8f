"""Slack's markup: what a text says without it, and what in it is set apart."""

import pytest

from bot.domain.mrkdwn import code_and_quotes, links_in_text, unescaped, without_markup, written_openly

LINK = "https://crm.example.com/customer/dc540ce7-5bc5-4275-b8fa-2004eb5839e3"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("", ()),
        (LINK, ()),
        (f"<{LINK}>", (LINK,)),
        (f"see <{LINK}|the customer> and <http://a.example?b=1&amp;c=2>", (LINK, "http://a.example?b=1&amp;c=2")),
        (f"<{LINK}> <{LINK}>", (LINK, LINK)),
        (f"`<{LINK}>` ```<{LINK}>```", ()),
        ("<@U0SALES> <#C0GENERAL|general> <!here> <mailto:a@b.cn|a@b.cn>", ()),
        ("<https://|x> <https:>", ()),
    ],
)
def test_links_of_a_message_are_those_that_slack_has_made(text: str, links: tuple[str, ...]) -> None:
    assert links_in_text(text) == links


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("<https://a.cn/x|label>", "https://a.cn/x"),
        ("<https://a.cn/x?a=1&amp;b=2>", "https://a.cn/x?a=1&b=2"),
        ("见<http://a.cn>now", "见 http://a.cn now"),
        ("<tel:+8613800001001|138 0000 1001>", "+8613800001001"),
        ("<tel:13800001001>", "13800001001"),
        ("<mailto:a@example.com|a@example.com>", "a@example.com"),
        ("<mailto:a@example.com?subject=b|c>", "a@example.com"),
        ("<@U0SALES> <@U0SALES|name> <#C0GENERAL|general> <!here> <!subteam^S1|@team>", ""),
        ("<tel:> <mailto:|x> <https://|x> <a>", "<tel:> <mailto:|x> <https://|x> <a>"),
        ("A&amp;B &lt;@U0SALES&gt;", "A&B <@U0SALES>"),
    ],
)
def test_markup_becomes_what_it_leads_to(text: str, meant: str) -> None:
    """What was typed as it is, Slack escapes: it is no markup."""
    assert without_markup(text).strip() == meant


def test_slack_escapes_three_signs_once() -> None:
    assert unescaped("&amp;amp; &lt;b&gt; &quot;&nbsp;&amp;lt;") == "&amp; <b> &quot;&nbsp;&lt;"


def test_text_is_written_openly_or_set_apart() -> None:
    text = f"a `b` ```c``` <{LINK}|d> <@U0SALES> https://a.cn e\n&gt; f"
    assert written_openly(text).split() == ["a", "e"]
    assert code_and_quotes(text) == ("`b`", "```c```", "&gt; f")
