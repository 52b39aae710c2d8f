"""CONTRIBUTING.md's tables and README.md's settings leave nothing out."""

import re
from pathlib import Path

import pytest

from bot.settings import DoctorSettings, ServeSettings, SocketSettings

ROOT = Path(__file__).parents[2]
AS_A_WHOLE = tuple(
    f"bot/{package}/"
    for package in (
        "cards", "crm", "customers/directory/spreadsheet", "health", "locales", "playground", "slack", "store",
    )
)  # fmt: skip
"""Packages in whose rows not every module need be named."""
MODULES = [
    module
    for folder in ("bot", "handlers")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not (module := path.relative_to(ROOT).as_posix()).startswith(AS_A_WHOLE) and path.name != "__init__.py"
]
PACKAGES = [path.parent.relative_to(ROOT).as_posix() for path in sorted((ROOT / "bot").glob("*/__init__.py"))]
PAGE = ROOT / "bot" / "playground" / "page"
SCRIPTS = [path.relative_to(PAGE).as_posix() for path in sorted(PAGE.rglob("*.js"))]
SETTINGS = {name.upper() for kind in (ServeSettings, SocketSettings, DoctorSettings) for name in kind.model_fields}


@pytest.fixture(scope="module")
def rows() -> str:
    """The first table: what is decided where."""
    return (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## The house")[2].partition("## Where")[0]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_row(rows: str, module: str) -> None:
    """Those of handlers are named within the row of their folder."""
    assert f"`{module}`" in rows or f"`{module.removeprefix('handlers/')}`" in rows


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_its_row(rows: str, package: str) -> None:
    assert f"`{package}/` |" in rows


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_of_the_page_has_its_row(rows: str, script: str) -> None:
    """The folder is named once in a row."""
    table = rows.partition("### The playground's page")[2]
    assert f"`{script}`" in table or f"`{script.rpartition('/')[2]}`" in table.partition("`block_kit/")[2]


def test_every_setting_is_in_the_readme() -> None:
    """In the first column of the table of settings, and no others are."""
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## Settings\n")[2].partition("\n### ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert {name for cell in cells for name in re.findall("`([A-Z_]+)`", cell)} == SETTINGS


def test_every_name_that_stands_in_a_module_is_there() -> None:
    """Where CONTRIBUTING.md says `NAME` in `module.py`, in the table of what one would change."""
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Where would")[2].partition("\n## ")[0]
    named = re.findall(r"((?:`[\w.]+`(?:, | and )?)+) in `([\w/]+\.py)`", table)
    pairs = [(name.split(".")[-1], path) for names, path in named for name in re.findall(r"`([\w.]+)`", names)]
    assert pairs
    assert [f"{name} in {path}" for name, path in pairs if name not in (ROOT / path).read_text("utf-8")] == []
