"""A message as a terminal shows it: for ``customer-bot lookup`` and the demo."""

import re
import time
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len

from bot.slack.message import Block, Message

_DATE: Final = re.compile(r"<!date\^(\d+)\^[^|>]*\|[^>]*>")
_LINK: Final = re.compile(r"<[^|>]+\|([^>]*)>")
_BOLD: Final = re.compile(r"(?<!\w)\*([^\n]+?)\*(?!\w)")
_CODE: Final = re.compile(r"`([^`\n]+)`")
_EMOJI: Final = {":lock:": "🔒", ":warning:": "⚠️ ", ":mag:": "🔍"}
_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_BAR: Final = "┃"


def as_terminal_text(message: Message) -> str:
    """The card, line by line, behind a bar; labels and values in two columns."""
    lines = [line for block in message.blocks for line in _lines(block)] or [_readable(message.text)]
    return "\n".join(f"{_BAR} {line}".rstrip() for line in lines)


def _lines(block: Block) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield _unescaped(block["text"]["text"])
        case "section" if "fields" in block:
            yield ""
            yield from _columns([_readable(field["text"]) for field in block["fields"]])
            yield ""
        case "section":
            yield from _readable(block["text"]["text"]).split("\n")
        case "context":
            yield "  ".join(_readable(element["text"]) for element in block["elements"])
        case "actions":
            yield " ".join(f"[{_unescaped(element['text']['text'])}]" for element in block["elements"])


def _columns(fields: list[str]) -> Iterator[str]:
    pairs = [field.partition("\n") for field in fields]
    width = max(cell_len(label) for label, _, _ in pairs)
    for label, _, value in pairs:
        yield f"{label}{' ' * (width - cell_len(label))}  {value}"


def _readable(text: str) -> str:
    """mrkdwn as the text that a reader sees."""
    text = _DATE.sub(lambda date: time.strftime("%Y-%m-%d %H:%M", time.localtime(int(date.group(1)))), text)
    text = _LINK.sub(r"\1", text)
    text = _CODE.sub(r"\1", _BOLD.sub(r"\1", text))
    for name, emoji in _EMOJI.items():
        text = text.replace(name, emoji)
    return _unescaped(text)


def _unescaped(text: str) -> str:
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text
