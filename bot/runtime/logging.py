"""Logs: one JSON object a line, those of libraries too, and the codes that lead from a card to its log lines."""

import io
import json
import logging
import os
import random
import secrets
import sys
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import structlog

ACCESS_LOGGER = "customer_bot.access"

_FIXED_LEVELS = {
    # These would log tokens and customer data: httpx whole URLs at INFO, slack_sdk whole requests and responses at
    # DEBUG, and Bolt the body of a request whose signature is wrong. Bolt's warnings mislead besides: they advise code
    # for requests that are not the bot's, and against ``authorize``.
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
"""The levels of loggers that LOG_LEVEL does not change. The access log is always written."""


LogFormat = Literal["json", "console"]


def configure_logging(level: str, log_format: LogFormat, stream: TextIO | None = None) -> None:
    """Write the events of every logger to ``stream`` (default: standard output), one a line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    stream = stream or sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        # half an emoji, which a request may hold, has no encoding: write it as JSON does, \ud83d
        stream.reconfigure(errors="backslashreplace")
    renderer = _renderer(log_format, stream.isatty())
    handler = _LogHandler(stream, renderer)
    processors = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=processors))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, fixed in _FIXED_LEVELS.items():
        logging.getLogger(name).setLevel(fixed)
    logging.captureWarnings(True)


def configure_terminal_logging(level: str) -> None:
    """For commands that print their result alone: logs go to standard error, and no access log is written."""
    configure_logging(level, "console", sys.stderr)
    logging.getLogger(ACCESS_LOGGER).setLevel(logging.CRITICAL)


def _renderer(log_format: LogFormat, colors: bool) -> structlog.typing.Processor:
    if log_format == "console":
        return structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)
    encoder = json.JSONEncoder(ensure_ascii=False, default=repr)  # json.dumps would make one for each line
    return structlog.processors.JSONRenderer(serializer=lambda line, **_: encoder.encode(line))


class _LogHandler(logging.StreamHandler[TextIO]):
    """Survives a stream that cannot be written, as on a full disk: requests are answered all the same.

    Standard error says so once per outage, where logging itself would print a traceback for each line.
    """

    def __init__(self, stream: TextIO, renderer: structlog.typing.Processor) -> None:
        super().__init__(stream)
        self._render = renderer
        self._is_failing = False

    def write_access(self, line: dict[str, Any]) -> None:
        """Write a line of the access log, bypassing records and processors: 11 µs instead of 16."""
        with self.lock or nullcontext():
            try:
                whole = {
                    **line,
                    "event": "customer_lookup",
                    **structlog.contextvars.get_contextvars(),
                    "level": "info",
                    "logger": ACCESS_LOGGER,
                    "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
                }
                self.stream.write(str(self._render(None, "info", whole)) + self.terminator)
                self.flush()
            except Exception:  # noqa: BLE001
                self.handleError(logging.makeLogRecord({"name": ACCESS_LOGGER}))

    def flush(self) -> None:
        try:
            super().flush()
            self._is_failing = False
        except OSError as error:
            self._report(error)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        error = sys.exception()
        if isinstance(error, OSError):
            self._report(error)
        else:
            super().handleError(record)

    def close(self) -> None:
        """Drop what cannot be written: the interpreter would try again at its end, and change the exit status."""
        super().close()
        if self._is_failing and self.stream is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())

    def _report(self, error: OSError) -> None:
        if not self._is_failing:
            self._is_failing = True
            with suppress(OSError):  # standard error may be on the same full disk
                sys.stderr.write(f"customer-bot: the log cannot be written: {error.strerror}\n")
                sys.stderr.flush()


def new_code() -> str:
    """A code such as ``E-7F3A``, which links a card to the log lines of the same incident."""
    return f"E-{secrets.token_hex(2).upper()}"


def number_request() -> None:
    """Add one random ``request`` field to all further log lines of this task and of those that it starts.

    It is not a secret: the operating system's random numbers would take 8 µs.
    """
    structlog.contextvars.bind_contextvars(request=f"{random.getrandbits(32):08x}")


def log_access(line: dict[str, Any]) -> None:
    """Write the access log's line for one lookup, made of the fields in ``line``."""
    if logging.getLogger(ACCESS_LOGGER).isEnabledFor(logging.INFO):
        for handler in logging.getLogger().handlers:
            if isinstance(handler, _LogHandler):
                handler.write_access(line)
