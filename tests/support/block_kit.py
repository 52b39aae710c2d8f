"""What a message has to be for Slack to show it and for foreign text to do nothing in it.

Written without the bot's own helpers wherever they are what is tested.
"""

import itertools
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.metadata import EntityMetadata
from slack_sdk.models.views import View as SdkView

from bot.cards.limits import entity_violations, view_violations, violations
from bot.playground.fake_slack.server import StandInSlack
from bot.slack.message import Block, Message, View

PHONE_LINK: Final = re.compile(r"<tel:\+?[0-9]{2,23}\|[^<>|]{7,200}>")
MAIL_LINK: Final = re.compile(r"<mailto:[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\|[^<>|]{5,200}>")
DATE_TOKEN: Final = re.compile(r"<!date\^[0-9]+\^\{date_short_pretty\} \{time\}\|[0-9]{4}-\d\d-\d\d \d\d:\d\d UTC>")
WEB_LINK: Final = re.compile(r"<https://[!#-;=?-\[\]_a-z~]+\|[^<>|]{1,1000}>")
MENTION: Final = re.compile(r"<[#@][A-Z0-9]+>")
_OWN: Final = re.compile(
    "|".join(
        [
            *(own.pattern for own in (PHONE_LINK, MAIL_LINK, DATE_TOKEN, WEB_LINK, MENTION)),
            "&(?:amp|lt|gt);",
        ]
    )
)
_REORDERING: Final = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

FORMATTING: Final = {
    "bold": re.compile(r"(?<![^\W_])\*(?=\S)[^*]*(?<=\S)\*(?![^\W_])"),
    "italic": re.compile(r"(?<![^\W_])_(?=\S)[^_]*(?<=\S)_(?![^\W_])"),
    "strike": re.compile(r"(?<![^\W_])~(?=\S)[^~]*(?<=\S)~(?![^\W_])"),
    "code": re.compile("`"),
    "quote": re.compile(r"^(?:>|&gt;)"),
    "emoji code": re.compile(r":(?![0-9]{1,2}:)[\w+'-]+:"),
}
"""What Slack's mrkdwn would format, at the edges of words; the two digits of a time (12:30:45) are no emoji."""


def formats(text: str) -> list[str]:
    """The kinds of formatting that would take effect in ``text``."""
    return [kind for kind, pattern in FORMATTING.items() if pattern.search(text)]


def units(text: str) -> int:
    """The length in UTF-16 units, which is the most that Slack may count."""
    return sum(2 if character > "\uffff" else 1 for character in text)


def escaped(text: str) -> str:
    return "".join({"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(character, character) for character in text)


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def is_tidy(text: str) -> bool:
    """One line, nothing that controls a terminal or turns the direction of what follows."""
    return not any(unicodedata.category(character) == "Cc" or character in _REORDERING for character in text)


def texts_of(message: Message) -> list[str]:
    """The message's own text and every text object's."""
    return [message.text, *_texts(message.blocks)]


def texts_of_view(view: View) -> list[str]:
    """Every text object's of a modal or Home."""
    return list(_texts([*view["blocks"], view.get("title"), view.get("submit"), view.get("close")]))


def as_message(view: View) -> Message:
    """A view's blocks, for what is asserted of messages."""
    return Message("text", view["blocks"])


def elements_of(blocks: list[Block]) -> list[Block]:
    """Every button and menu, in the order of the blocks."""
    found = []
    for block in blocks:
        found += [block["accessory"]] if "accessory" in block else []
        found += block["elements"] if block["type"] == "actions" else []
    return found


def values_of(blocks: list[Block]) -> list[str]:
    """What Slack sends back of clicks: values of buttons and of options."""
    elements = elements_of(blocks)
    values = [element["value"] for element in elements if "value" in element]
    return values + [option["value"] for element in elements for option in element.get("options", [])]


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _texts(item)
    elif isinstance(part, dict):
        if part.get("type") in ("plain_text", "mrkdwn"):
            yield part["text"]
        yield from _texts([value for value in part.values() if isinstance(value, list | dict)])


def fields_of(message: Message) -> list[tuple[str, str]]:
    """The labels (without their asterisks) and values of a card's fields."""
    texts = [field["text"] for block in message.blocks for field in block.get("fields", [])]
    pairs = [text.partition("\n") for text in texts]
    assert all(label[0] == label[-1] == "*" for label, _, _ in pairs)
    return [(label[1:-1], value) for label, _, value in pairs]


def buttons_of(message: Message) -> list[Block]:
    return [button for block in message.blocks if block["type"] == "actions" for button in block["elements"]]


def assert_slack_takes(message: Message) -> None:
    """By our own limits, by slack_sdk's models (which drop what they do not know), and as JSON in UTF-8."""
    assert violations(message) == []
    for block in message.blocks:
        parsed = SdkBlock.parse(block)
        assert parsed is not None
        parsed.validate_json()
        assert parsed.to_dict() == block
    json.dumps(message, ensure_ascii=False).encode("utf-8")


def assert_slack_takes_view(view: View) -> None:
    """By our own limits, by slack_sdk's models, and as JSON in UTF-8."""
    assert view_violations(view) == []
    parsed = SdkView(**view)
    parsed.validate_json()
    assert parsed.to_dict() == view
    for block in view["blocks"]:
        SdkBlock.parse(block).validate_json()  # type: ignore[union-attr]
    json.dumps(view, ensure_ascii=False).encode("utf-8")


def assert_slack_takes_entity(entity: dict[str, Any]) -> None:
    """By our own limits, by slack_sdk's model, and as JSON in UTF-8."""
    assert entity_violations(entity) == []
    parsed = EntityMetadata(**entity)
    parsed.validate_json()
    assert parsed.to_dict() == entity
    json.dumps(entity, ensure_ascii=False).encode("utf-8")


def assert_nothing_foreign_acts(message: Message) -> None:
    """Without the card's own links, date and entities no text holds a character that Slack reads as mark-up."""
    for text in texts_of(message):
        assert not set("<>&") & set(_OWN.sub("", text)), text
        assert all(is_tidy(line) for line in text.split("\n")), text
    for part in (part for field in fields_of(message) for part in field):
        assert not formats(_OWN.sub("", part) if part.startswith("<") else part), part


_SNIPPETS: Final = (
    "<!channel>", "<@U012ABCDEF>", "<https://evil.example|here>", "<tel:110|x>", "<!date^1^x|y>", "&", "<", ">", "&lt;",
    "&amp;amp;", "*bold*", "_it_", "__x__", "_*x*_", "~no~", "`code`", "```", ":tada:", ":+1:", ":100:", "::", "a*b*c",
    "10*20", "snake_case", "12:30:45", "> quote", "|", "…", "\n", "\r\n", "\t", " ", "  ", "\x00", "\x1b[31m", "\x85",
    "\ud800", "\udfff", "\u2028", "\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\ufffd", "e\u0301", "\u0301",
    "👨\u200d👩\u200d👧\u200d👦", "👍🏿", "⭐\ufe0f", "🇨🇳", "𠮷", "客户", "、", "；",
    "，", "שלום", "مرحبا", "“", "\\", '"',
    "13800001001", "+86 138-0000-1001", "(0571) 8888-1234", "fang@example.com", "_a_@b.cn", "91330106MA00020178",
    "6222021234567890128", "110101199003074514", "https://evil.example/x", "@channel", "x" * 60,
)  # fmt: skip


def foreign_texts(max_repeats: int = 400) -> st.SearchStrategy[str]:
    """Texts such as no one should type: mark-up, control characters, halves of characters, very long ones."""
    pieces = st.lists(st.sampled_from(_SNIPPETS) | st.text(max_size=5), max_size=8).map("".join)
    long_texts = st.builds(
        lambda text, times: text * times, st.sampled_from(_SNIPPETS), st.integers(1, max(1, max_repeats))
    )
    return st.one_of(st.sampled_from(_SNIPPETS), pieces, pieces, st.text(max_size=40), long_texts)


def hold_to_slack(slack: StandInSlack) -> None:
    """Every message, view and Work Object that a bot sent, whether it was shown or refused."""
    for exchange in slack.exchanges.values():
        for message in exchange.shown:
            assert_slack_takes(message)
    for modal in itertools.chain.from_iterable(slack.modals.values()):
        for view in modal.history:
            assert_slack_takes_view(view)
    for method, sent in slack.calls:
        _hold_call_to_slack(method, sent)


def _hold_call_to_slack(method: str, sent: dict[str, Any]) -> None:
    if "view" in sent:
        assert_slack_takes_view(sent["view"])
    if method in ("chat.postMessage", "chat.postEphemeral"):
        assert_slack_takes(Message(sent["text"], sent.get("blocks", [])))
    for unfurl in sent.get("unfurls", {}).values():
        assert_slack_takes(Message(unfurl.get("text", "-"), unfurl.get("blocks", [])))
    metadata = sent.get("metadata", {})
    for entity in metadata.get("entities", [metadata] if metadata else []):
        assert_slack_takes_entity(entity)
