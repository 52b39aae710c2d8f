"""Logs: one JSON object a line, every library's included, and the codes that lead from a card to a log line."""

import io
import json
import logging
import os
import random
import secrets
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import structlog

ACCESS_LOGGER = "customer_bot.access"

_FIXED_LEVELS = {
    # At INFO httpx prints whole addresses, at DEBUG slack_sdk prints whole requests and answers, and Bolt prints the
    # body of a request whose signature is wrong: tokens and customer data. No LOG_LEVEL brings them back.
    # Bolt's warnings mislead: they advise code for requests that are not the bot's, and against ``authorize``.
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "slack_sdk": logging.WARNING,
    "slack_bolt": logging.ERROR,
    "aiohttp": logging.WARNING,
    "websockets": logging.WARNING,
    "hpack": logging.WARNING,
    "asyncio": logging.WARNING,
    "alembic": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "stamina": logging.ERROR,
    "uvicorn.access": logging.WARNING,
    ACCESS_LOGGER: logging.INFO,
}
"""Levels of loggers that LOG_LEVEL does not move. The access log is always written."""


LogFormat = Literal["json", "console"]


def configure_logging(level: str, log_format: LogFormat, stream: TextIO | None = None) -> None:
    """Send every logger of the process to ``stream`` (standard output), a line an event."""
    shared = _shared_processors()
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    stream = _never_failing(stream or sys.stdout)
    handler = _LogHandler(stream)
    renderer = _renderer(log_format, stream.isatty())
    processors = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=processors))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.getLogger(ACCESS_LOGGER).handlers = [_AccessLines(handler, renderer)]
    for name, fixed in _FIXED_LEVELS.items():
        logging.getLogger(name).setLevel(fixed)
    logging.captureWarnings(True)


class _LogHandler(logging.StreamHandler[TextIO]):
    """People are answered, whether or not lines can be written: the disk may be full, or whoever read them gone.

    That is told on standard error, once until lines can be written again. logging itself would tell of each line.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._fails = False

    def flush(self) -> None:
        try:
            super().flush()
            self._fails = False
        except OSError as error:
            self._tell(error)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        error = sys.exception()
        if isinstance(error, OSError):
            self._tell(error)
        else:
            super().handleError(record)

    def write(self, line: Callable[[], str]) -> None:
        """``line``, made and written as ``emit`` would: whatever goes wrong is told, and nobody's trouble."""
        with self.lock or nullcontext():
            try:
                self.stream.write(line() + self.terminator)
                self.flush()
            except Exception:  # noqa: BLE001
                self.handleError(logging.makeLogRecord({"name": ACCESS_LOGGER}))

    def close(self) -> None:
        """The interpreter writes what is left at its end, and would end with a status of its own when it cannot."""
        super().close()
        if self._fails and self.stream is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())

    def _tell(self, error: OSError) -> None:
        if not self._fails:
            self._fails = True
            with suppress(OSError):  # it may be the same full disk
                sys.stderr.write(f"customer-bot: the log cannot be written: {error.strerror}\n")
                sys.stderr.flush()


class _AccessLines(logging.Handler):
    """Writes the access log's lines as all others, but past records and processors: 11 µs a line instead of 16."""

    def __init__(self, lines: _LogHandler, renderer: structlog.typing.Processor) -> None:
        super().__init__()
        self._lines = lines
        self._render = renderer

    def write(self, line: dict[str, Any]) -> None:
        self._lines.write(lambda: self._rendered(line))

    def _rendered(self, line: dict[str, Any]) -> str:
        whole = {
            **line,
            "event": "customer_lookup",
            **structlog.contextvars.get_contextvars(),
            "level": "info",
            "logger": ACCESS_LOGGER,
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        return str(self._render(None, "info", whole))


def _never_failing(stream: TextIO) -> TextIO:
    """``stream``, made to write what has no encoding (half an emoji, in a request) as ``\\ud83d``, as JSON has it."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def configure_terminal_logging(level: str) -> None:
    """For commands that print their answer alone: logs go to standard error, and no access log is written."""
    configure_logging(level, "console", sys.stderr)
    logging.getLogger(ACCESS_LOGGER).setLevel(logging.CRITICAL)


def _shared_processors() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]


def _renderer(log_format: LogFormat, colors: bool) -> structlog.typing.Processor:
    if log_format == "console":
        return structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)
    encoder = json.JSONEncoder(ensure_ascii=False, default=repr)  # json.dumps would make one for each line
    return structlog.processors.JSONRenderer(serializer=lambda line, **_: encoder.encode(line))


def new_code() -> str:
    """A code such as ``E-7F3A``: on the card, and in the log lines of the same incident."""
    return f"E-{secrets.token_hex(2).upper()}"


def number_request() -> None:
    """From here on all lines of this task, and of those that it starts, carry one ``request``, by which they are found.

    It is no secret: the operating system's random numbers would take 8 µs.
    """
    structlog.contextvars.bind_contextvars(request=f"{random.getrandbits(32):08x}")


def log_access(line: dict[str, Any]) -> None:
    """Write the access log's line for one lookup; the desk says what is in it."""
    logger = logging.getLogger(ACCESS_LOGGER)
    if logger.isEnabledFor(logging.INFO):
        for handler in logger.handlers:
            if isinstance(handler, _AccessLines):
                handler.write(line)
