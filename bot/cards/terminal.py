"""Messages, modals and Home as a terminal shows them: for ``customer-bot lookup`` and the demo."""

import re
import time
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len

from bot.slack.message import Block, Message, View

_DATE: Final = re.compile(r"<!date\^(\d+)\^[^|>]*\|[^>]*>")
_LINK: Final = re.compile(r"<[^|>]+\|([^>]*)>")
_MENTION: Final = re.compile(r"<([#@][A-Z0-9]+)>")
_BOLD: Final = re.compile(r"(?<!\w)\*([^\n]+?)\*(?!\w)")
_CODE: Final = re.compile(r"`([^`\n]+)`")
_EMOJI: Final = {
    ":lock:": "🔒",
    ":unlock:": "🔓",
    ":warning:": "⚠️ ",
    ":mag:": "🔍",
    ":no_entry:": "⛔",
    ":no_bell:": "🔕",
    ":bell:": "🔔",
    ":pushpin:": "📌",
    ":white_check_mark:": "✅",
    ":x:": "❌",
}
_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_BAR: Final = "┃"


def as_terminal_text(message: Message) -> str:
    """The card, line by line, behind a bar; labels and values in two columns."""
    return _barred([line for block in message.blocks for line in _lines(block)] or [_readable(message.text)])


def view_as_terminal_text(view: View) -> str:
    """A modal with its title and buttons, or Home, line by line, behind a bar."""
    lines = [line for block in view["blocks"] for line in _lines(block)]
    buttons = " ".join(f"[{_unescaped(view[part]['text'])}]" for part in ("submit", "close") if part in view)
    title = [f"── {_unescaped(view['title']['text'])} ──"] if "title" in view else []
    return _barred([*title, *lines, *([buttons] if buttons else [])])


def _barred(lines: list[str]) -> str:
    return "\n".join(f"{_BAR} {line}".rstrip() for line in lines)


def _lines(block: Block) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield _shown(block["text"])
        case "section":
            yield from _section(block)
        case "context":
            yield "  ".join(_shown(element) for element in block["elements"])
        case "actions":
            yield " ".join(_element(element) for element in block["elements"])
        case "image":
            yield f"[{block['alt_text']}] {block['image_url']}"
        case "input":
            yield f"{_shown(block['label'])} {_element(block['element'])}"
            if "hint" in block:
                yield _shown(block["hint"])


def _section(block: Block) -> Iterator[str]:
    """The accessory stands at the end of the first line, as it does in Slack."""
    if "fields" in block:
        yield ""
        yield from _columns([_shown(field) for field in block["fields"]])
        yield ""
        return
    first, *others = _shown(block["text"]).split("\n")
    yield f"{first}  {_element(block['accessory'])}" if "accessory" in block else first
    yield from others


def _element(element: Block) -> str:
    """A button, a menu, or where one types or chooses."""
    match element["type"]:
        case "overflow":
            return f"[⋯ {' | '.join(_shown(option['text']) for option in element['options'])}]"
        case "plain_text_input":
            return "[____]"
        case "external_select":
            return f"[{_shown(element['placeholder'])} ▾]"
        case "conversations_select":
            return f"[#{element.get('initial_conversation', '____')}]"
        case _:
            return f"[{_shown(element['text'])}]"


def _shown(text: Block) -> str:
    return _readable(text["text"]) if text["type"] == "mrkdwn" else _unescaped(text["text"])


def _columns(fields: list[str]) -> Iterator[str]:
    """Values beside their labels; the other lines of a list stand under its first."""
    pairs = [field.partition("\n") for field in fields]
    width = max(cell_len(label) for label, _, _ in pairs)
    for label, _, value in pairs:
        for i, line in enumerate(value.split("\n")):
            name = "" if i else label
            yield f"{name}{' ' * (width - cell_len(name))}  {line}"


def _readable(text: str) -> str:
    """mrkdwn as the text that a reader sees."""
    text = _DATE.sub(lambda date: time.strftime("%Y-%m-%d %H:%M", time.localtime(int(date.group(1)))), text)
    text = _MENTION.sub(r"\1", _LINK.sub(r"\1", text))
    text = _CODE.sub(r"\1", _BOLD.sub(r"\1", text))
    for name, emoji in _EMOJI.items():
        text = text.replace(name, emoji)
    return _unescaped(text)


def _unescaped(text: str) -> str:
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text
