"""The documents and the code name the same things: links, settings, metrics, commands, log events and modules."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import typer
import yaml

from bot.cli.main import cli
from bot.runtime.metrics import NAMESPACE
from bot.settings import DoctorSettings, ServeSettings, SocketSettings

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted((*(ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md")),
                       *DOCS.glob("*.md")))  # fmt: skip
FILES: Final = [*PAGES, ROOT / "CHANGELOG.md", ROOT / "benchmarks" / "RESULTS.md"]
SOURCES: Final = sorted(file for folder in ("bot", "handlers") for file in (ROOT / folder).rglob("*.py"))
SCRIPTS: Final = ROOT / "bot" / "playground" / "page"
PACKAGES: Final = [f"bot/{init.parent.name}/" for init in sorted((ROOT / "bot").glob("*/__init__.py"))]
README_WORDS: Final = 900
CONTRIBUTING_LINES: Final = 120

SUFFIXES: Final = {"counter": "_total", "watch_total": "_total", "Info": "_info"} | dict.fromkeys(
    ("histogram", "_gauge", "watch", "watch_each"), ""
)
"""The functions that make a metric, and what is added to its name."""
OF_HISTOGRAMS: Final = re.compile("_(?:bucket|count|sum)$")
TYPER_CODES: Final = {2, 130}
"""Exit codes of typer itself: wrong usage, and Ctrl-C."""
ACCESS_EVENT: Final = "customer_lookup"
"""Of the access log's line, which goes past ``log``."""
SERIOUS: Final = {"warning", "error", "exception"}
UNWANTED: Final = re.compile(r"\b(?:whoever|somebody|is away|was told|patience|let in)\b", re.IGNORECASE)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    """A document without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a document."""
    found: dict[str, int] = defaultdict(int)
    slugs = set(re.findall(r'<a (?:id|name)="([^"]+)"', prose(path)))
    for heading in re.findall(r"^#+ +(.+?) *#*$", prose(path), re.MULTILINE):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        slugs.add(f"{slug}-{found[slug]}" if found[slug] else slug)
        found[slug] += 1
    return slugs


def links(path: Path) -> list[str]:
    """The relative links of a document, with those of its pictures."""
    text = re.sub("`[^`\n]*`", "", prose(path))
    found = re.findall(r"\]\(\s*<?([^\s)>]+)", text) + re.findall(
        r"""<(?:a|img)\b[^>]*?(?:href|src)=["']([^"']+)""", text
    )
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def first_cells(path: Path, column: str) -> list[str]:
    """The first cells of all rows of the tables whose first column is headed ``column``."""
    lines = prose(path).splitlines()
    cells: list[str] = []
    is_inside = False
    for line in lines:
        cell = line.split("|")[1].strip() if line.startswith("|") else ""
        if not line.startswith("|"):
            is_inside = False
        elif is_inside and cell.strip("-:"):
            cells.append(cell)
        is_inside = is_inside or (line.startswith("|") and cell == column)
    return cells


def in_backticks(cells: list[str]) -> set[str]:
    return {name for cell in cells for name in re.findall("`([^`]+)`", cell)}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call, with the last part of the function's name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield name, node


def text_at(call: ast.Call, position: int) -> str | None:
    """The argument at ``position``, if it is a text."""
    match call.args[position : position + 1]:
        case [ast.Constant(value=str(text))]:
            return text
    return None


def metrics() -> set[str]:
    """What ``bot.runtime.metrics`` and those who add to it make."""
    return {
        f"{NAMESPACE}_{name}{SUFFIXES[function]}"
        for source in SOURCES
        for function, call in calls(ast.parse(source.read_text("utf-8")))
        if function in SUFFIXES and (name := text_at(call, 0))
    }


def metrics_in(text: str) -> set[str]:
    return {OF_HISTOGRAMS.sub("", name) for name in re.findall(rf"\b{NAMESPACE}_\w+", text)}


def events() -> dict[str, set[str]]:
    """The events of the log, each with its levels."""
    found: dict[str, set[str]] = defaultdict(set)
    for source in SOURCES:
        tree = ast.parse(source.read_text("utf-8"))
        for level, call in log_calls(tree):
            for event in events_of(tree, call):
                found[event].add(level)
    found[ACCESS_EVENT].add("info")
    return found


def log_calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Calls of ``log``, with their level; also by another name, as in ``write = log.info if … else log.warning``."""
    others: dict[str, list[str]] = defaultdict(list)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            others[node.targets[0].id] += levels_in(node.value)
    for name, call in calls(tree):
        match call.func:
            case ast.Attribute(value=ast.Name(id="log"), attr="log"):
                levels = ["info", "error"]
            case ast.Attribute(value=ast.Name(id="log")):
                levels = [name]
            case _:
                levels = others[name]
        for level in levels:
            yield level, call


def events_of(tree: ast.AST, call: ast.Call) -> Iterator[str]:
    """The event of a call of ``log``; those given to the function around it, where its event is a parameter of that."""
    for argument in call.args[:2]:  # ``log.log`` has its level first
        match argument:
            case ast.Constant(value=str(event)):
                yield event
            case ast.Name(id=parameter):
                yield from events_given(tree, call, parameter)


def levels_in(value: ast.expr) -> list[str]:
    """Of ``log.info if … else log.warning``, both."""
    branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
    return [
        branch.attr
        for branch in branches
        if isinstance(branch, ast.Attribute) and isinstance(branch.value, ast.Name) and branch.value.id == "log"
    ]


def events_given(tree: ast.AST, call: ast.Call, parameter: str) -> Iterator[str]:
    """What the function around ``call`` is given as ``parameter``, where the event is one."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and call in ast.walk(function):
            names = [argument.arg for argument in function.args.args if argument.arg != "self"]
            for name, given in calls(tree):
                if name == function.name and parameter in names and (event := text_at(given, names.index(parameter))):
                    yield event


def exit_codes() -> set[int]:
    """The numbers that ``fail``, ``Exit`` and ``_exit`` are called with."""
    return {
        number.value
        for source in SOURCES
        for function, call in calls(ast.parse(source.read_text("utf-8")))
        if function in {"fail", "Exit", "_exit"} and call.args
        for number in ast.walk(call.args[-1])
        if isinstance(number, ast.Constant) and type(number.value) is int
    }


def commands(group: typer.Typer, prefix: str) -> Iterator[str]:
    for command in group.registered_commands:
        assert command.callback is not None
        yield f"{prefix} {command.name or command.callback.__name__}"
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from commands(inner.typer_instance, f"{prefix} {inner.name}")


@pytest.mark.parametrize("path", FILES, ids=named)
def test_relative_links_and_their_anchors_resolve(path: Path) -> None:
    broken = []
    for link in links(path):
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(link)
    assert broken == []


def test_settings_page_has_every_setting_and_no_other() -> None:
    section = (DOCS / "settings.md").read_text("utf-8").partition("\n## Settings\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    documented = {name for cell in cells for name in re.findall("`([A-Z_]+)`", cell)}
    kinds = (ServeSettings, SocketSettings, DoctorSettings)
    assert documented == {name.upper() for kind in kinds for name in kind.model_fields}


def test_metrics_page_has_every_metric_and_no_other() -> None:
    assert len(metrics()) > 10
    assert metrics_in((DOCS / "metrics.md").read_text("utf-8")) == metrics()


def test_alerts_name_existing_metrics() -> None:
    groups: list[dict[str, Any]] = yaml.safe_load((DOCS / "alerts.yml").read_text("utf-8"))["groups"]
    expressions = [str(rule["expr"]) for group in groups for rule in group["rules"]]
    assert expressions
    assert metrics_in(" ".join(expressions)) - metrics() == set()


def test_commands_page_has_every_command_and_no_other() -> None:
    documented = in_backticks(first_cells(DOCS / "commands.md", "command"))
    assert documented - {"customer-bot --version"} == set(commands(cli, "customer-bot"))


def test_commands_page_has_every_exit_code_and_no_other() -> None:
    documented = {int(cell.strip("`")) for cell in first_cells(DOCS / "commands.md", "code")}
    assert documented == exit_codes() | TYPER_CODES


def test_operating_page_has_every_warning_and_error() -> None:
    documented = in_backticks(first_cells(DOCS / "operating.md", "event"))
    assert {event for event, levels in events().items() if levels & SERIOUS} - documented == set()


def test_operating_page_has_no_event_that_does_not_exist() -> None:
    assert in_backticks(first_cells(DOCS / "operating.md", "event")) - set(events()) == set()


@pytest.mark.parametrize("path", [path for path in FILES if path.name != "CHANGELOG.md"], ids=named)
def test_named_files_exist(path: Path) -> None:
    """A changelog also names what is gone."""
    files = re.findall(r"`((?:bot|handlers|tests|docs|benchmarks|pictures|block_kit)/[\w./-]*)`", prose(path))
    assert [file for file in files if not (ROOT / file).exists() and not (SCRIPTS / file).exists()] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_its_row(package: str) -> None:
    assert f"| `{package}` |" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_names_in_modules_exist() -> None:
    """Where where-to-change.md says `NAME` in `module.py`."""
    pairs = re.findall(
        r"((?:`[\w.]+`(?:, | and )?)+) in `([\w/]+\.py)`", (DOCS / "where-to-change.md").read_text("utf-8")
    )
    assert len(pairs) > 30
    missing = [
        f"{name} in {module}"
        for names, module in pairs
        for name in re.findall(r"`(?:\w+\.)*(\w+)`", names)
        if not re.search(rf"\b{name}\b", (ROOT / module).read_text("utf-8"))
    ]
    assert missing == []


@pytest.mark.parametrize("script", sorted(SCRIPTS.rglob("*.js")), ids=lambda path: path.name)
def test_every_script_of_the_page_has_its_row(script: Path) -> None:
    """The folder is named once in a row."""
    table = (DOCS / "where-to-change.md").read_text("utf-8").partition("## The playground's page")[2]
    name = script.relative_to(SCRIPTS).as_posix()
    assert f"`{name}`" in table or f"`{script.name}`" in table.partition("`block_kit/")[2]


def test_first_pages_are_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").split()) <= README_WORDS
    assert len((ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()) <= CONTRIBUTING_LINES


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_pages_are_in_plain_english(path: Path) -> None:
    assert UNWANTED.findall(path.read_text("utf-8")) == []
