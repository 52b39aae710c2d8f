"""Logs: a JSON object a line, every library's included, and nothing in them that must not be."""

import errno
import io
import json
import logging
import re
import warnings

import pytest
import structlog

from bot.runtime.logging import configure_logging, configure_terminal_logging, log_access, new_code
from tests.conftest import Logs


def test_every_logger_writes_json(logs: Logs) -> None:
    logging.getLogger("uvicorn.error").info("started %s", "well")
    structlog.get_logger("bot.somewhere").warning("crm_failed", code="E-0001")
    first, second = logs.lines()
    assert (first["event"], first["level"], first["logger"]) == ("started well", "info", "uvicorn.error")
    assert (second["event"], second["code"], second["logger"]) == ("crm_failed", "E-0001", "bot.somewhere")
    assert second["timestamp"].endswith("Z")


def test_traceback_is_part_of_its_line(logs: Logs) -> None:
    try:
        raise LookupError("broken")
    except LookupError:
        structlog.get_logger("x").exception("inquiry_failed")
    [line] = logs.lines()
    assert "LookupError: broken" in line["exception"]


def test_python_warnings_are_log_lines(logs: Logs) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old", UserWarning, stacklevel=1)
    assert "UserWarning: old" in logs.text
    assert logs.lines()


@pytest.mark.parametrize(
    "name",
    [
        "httpx",
        "httpcore",
        "slack_sdk",
        "slack_sdk.web.async_client",
        "slack_bolt.AsyncApp",
        "sqlalchemy.engine.Engine",
        "alembic.runtime.migration",
    ],
)
def test_libraries_that_print_payloads_stay_silent_at_debug(logs: Logs, name: str) -> None:
    logging.getLogger(name).info("https://crm.example.com/?access_token=secret")
    logging.getLogger(name).debug("body: secret")
    assert logs.text == ""


def test_access_log_is_written_at_every_level() -> None:
    stream = io.StringIO()
    configure_logging("ERROR", "json", stream)
    log_access({"outcome": "found"})
    structlog.get_logger("x").warning("not this one")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["customer_lookup"]


def test_chinese_is_readable_in_the_log(logs: Logs) -> None:
    structlog.get_logger("x").info("crm_failed", reason="令牌过期")
    assert "令牌过期" in logs.text


def test_console_format_is_for_people() -> None:
    stream = io.StringIO()
    configure_logging("INFO", "console", stream)
    structlog.get_logger("x").info("serving", port=3000)
    assert "serving" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_commands_that_print_their_answer_write_no_access_log(capsys: pytest.CaptureFixture[str]) -> None:
    configure_terminal_logging("DEBUG")
    log_access({"outcome": "found"})
    structlog.get_logger("x").debug("detail")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "detail" in printed.err
    assert "customer_lookup" not in printed.err


def test_codes_are_short_and_differ() -> None:
    codes = {new_code() for _ in range(50)}
    assert len(codes) > 40
    assert all(re.fullmatch(r"E-[0-9A-F]{4}", code) for code in codes)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_what_has_no_encoding_is_written_all_the_same(encoding: str) -> None:
    """A signed request may hold half an emoji; its log line is not lost, and stays JSON."""
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding)
    configure_logging("INFO", "json", stream)
    structlog.get_logger("x").warning("request_unhandled", type="\ud83d")
    stream.flush()
    assert json.loads(written.getvalue())["type"] == "\ud83d"


class FullDisk(io.StringIO):
    """Takes nothing for as long as it is full."""

    is_full = True

    def flush(self) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().flush()


def test_log_that_cannot_be_written_is_reported_once_an_outage(capsys: pytest.CaptureFixture[str], logs: Logs) -> None:
    """And costs nothing else. Lines are written again when they can be."""
    disk = FullDisk()
    configure_logging("INFO", "json", disk)
    for _ in range(3):
        structlog.get_logger("x").info("asked")
    assert capsys.readouterr().err == "customer-bot: the log cannot be written: No space left on device\n"
    disk.is_full = False
    structlog.get_logger("x").info("asked again")
    assert json.loads(disk.getvalue().splitlines()[-1])["event"] == "asked again"
    disk.is_full = True
    structlog.get_logger("x").info("asked")
    assert capsys.readouterr().err.count("\n") == 1


def test_bug_in_a_log_line_is_reported(capsys: pytest.CaptureFixture[str], logs: Logs) -> None:
    """As logging does: in its own words, with the traceback."""
    logging.getLogger().handlers[0].handle(logging.LogRecord("x", logging.INFO, "", 1, "%d", ("no number",), None))
    assert "TypeError" in capsys.readouterr().err
