"""Messages, modals and Home as text in a terminal: for ``customer-bot lookup`` and the demo."""

import re
import time
from collections.abc import Iterator
from html import unescape
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


def as_terminal_text(message: Message) -> str:
    """The card, line by line, behind a bar; labels and values in two columns."""
    return _barred([line for block in message.blocks for line in _lines(block)] or [_readable(message.text)])


def view_as_terminal_text(view: View) -> str:
    """A modal with its title and buttons, or Home, line by line, behind a bar."""
    title = [f"── {unescape(view['title']['text'])} ──"] if "title" in view else []
    content = [line for block in view["blocks"] for line in _lines(block)]
    buttons = " ".join(f"[{unescape(view[part]['text'])}]" for part in ("submit", "close") if part in view)
    return _barred([*title, *content, *([buttons] if buttons else [])])


def _barred(lines: list[str]) -> str:
    return "\n".join(f"┃ {line}".rstrip() for line in lines)


def _lines(block: Block) -> Iterator[str]:
    match block:
        case {"type": "header", "text": text}:
            yield _shown(text)
        case {"type": "section"}:
            yield from _section(block)
        case {"type": "context", "elements": elements}:
            yield "  ".join(map(_shown, elements))
        case {"type": "actions", "elements": elements}:
            yield " ".join(map(_element, elements))
        case {"type": "image"}:
            yield f"[{block['alt_text']}] {block['image_url']}"
        case {"type": "input"}:
            yield f"{_shown(block['label'])} {_element(block['element'])}"
            if "hint" in block:
                yield _shown(block["hint"])


def _section(block: Block) -> Iterator[str]:
    """Values beside their labels, or a text with the accessory after its first line."""
    if "fields" not in block:
        first, *others = _shown(block["text"]).split("\n")
        yield f"{first}  {_element(block['accessory'])}" if "accessory" in block else first
        yield from others
        return
    pairs = [_shown(field).partition("\n") for field in block["fields"]]
    width = max(cell_len(label) for label, _, _ in pairs)
    yield ""
    for label, _, value in pairs:
        first, *others = value.split("\n")
        yield f"{label}{' ' * (width - cell_len(label))}  {first}"
        yield from (f"{' ' * width}  {other}" for other in others)
    yield ""


def _element(element: Block) -> str:
    """A button, a menu, or an input."""
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
    return _readable(text["text"]) if text["type"] == "mrkdwn" else unescape(text["text"])


def _readable(text: str) -> str:
    """mrkdwn as the text that a reader sees."""
    text = _DATE.sub(lambda date: time.strftime("%Y-%m-%d %H:%M", time.localtime(int(date.group(1)))), text)
    for markup in (_LINK, _MENTION, _BOLD, _CODE):
        text = markup.sub(r"\1", text)
    for name, emoji in _EMOJI.items():
        text = text.replace(name, emoji)
    return unescape(text)
