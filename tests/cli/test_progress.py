"""How a command shows how far it has come, in a terminal and elsewhere."""

import io
import sys

import pytest

from bot.cli.progress import progress_bar, status_line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def in_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard error is one from now on. No fixture: pytest gives each test its own standard error after those."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def test_a_line_is_printed_for_each_new_state(capsys: pytest.CaptureFixture[str]) -> None:
    with status_line() as tell:
        tell("contacts", "page 1")
        tell("contacts", "page 2")
        tell("devices", "page 1")
    assert capsys.readouterr() == ("", "contacts, page 1\ndevices, page 1\n")


def test_a_bar_is_drawn_in_terminals_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("reading") as watch:
        watch(1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_the_last_state(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = in_terminal(monkeypatch)
    with status_line() as tell:
        tell("contacts", "page 1")
        tell("devices", "page 7")
    assert "devices, page 7" in terminal.getvalue()


@pytest.mark.parametrize(("total", "shown"), [(2_000, "1000/2000"), (None, "1000/?")])
def test_a_terminal_shows_how_much_is_done(monkeypatch: pytest.MonkeyPatch, total: int | None, shown: str) -> None:
    terminal = in_terminal(monkeypatch)
    with progress_bar("reading") as watch:
        watch(1_000, total)
    assert "reading" in terminal.getvalue()
    assert shown in terminal.getvalue()
