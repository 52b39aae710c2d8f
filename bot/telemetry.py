"""Logs: one JSON object a line, every library's included, and the codes that lead from a card to a log line."""

import io
import logging
import os
import secrets
import sys
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import structlog

ACCESS_LOGGER = "customer_bot.access"

_FIXED_LEVELS = {
    # At INFO httpx prints whole addresses, at DEBUG slack_sdk prints whole requests and answers, aiosqlite what is
    # written to the database, and Bolt prints
    # the body of a request whose signature is wrong: tokens and customer data. No LOG_LEVEL brings them back.
    # Bolt's warnings mislead: they advise code for requests that are not the bot's, and against ``authorize``.
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "slack_sdk": logging.WARNING,
    "slack_bolt": logging.ERROR,
    "aiohttp": logging.WARNING,
    "websockets": logging.WARNING,
    "hpack": logging.WARNING,
    "asyncio": logging.WARNING,
    "aiosqlite": logging.WARNING,
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
    handler.setFormatter(_Formatter(renderer=_renderer(log_format, stream.isatty()), shared=shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, fixed in _FIXED_LEVELS.items():
        logging.getLogger(name).setLevel(fixed)
    logging.captureWarnings(True)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Renders the access log's lines at once: structlog's way through its processors takes five times as long."""

    def __init__(self, *, renderer: structlog.typing.Processor, shared: list[structlog.typing.Processor]) -> None:
        super().__init__(foreign_pre_chain=shared, processors=[self.remove_processors_meta, renderer])
        self._render = renderer

    def format(self, record: logging.LogRecord) -> str:
        if record.name != ACCESS_LOGGER or not isinstance(record.msg, dict):
            return super().format(record)
        line = {
            **record.msg,
            "event": "customer_lookup",
            **structlog.contextvars.get_contextvars(),
            "level": "info",
            "logger": ACCESS_LOGGER,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        return str(self._render(None, "info", line))


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
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def new_code() -> str:
    """A code such as ``E-7F3A``: on the card, and in the log lines of the same incident."""
    return f"E-{secrets.token_hex(2).upper()}"


def request_lines() -> AbstractContextManager[None]:
    """Within it all lines, those of the tasks it starts too, carry one ``request``: what belongs together is found."""
    return structlog.contextvars.bound_contextvars(request=secrets.token_hex(4))


def log_access(**line: Any) -> None:
    """Write the access log's line for one lookup; the desk says what is in it."""
    logger = logging.getLogger(ACCESS_LOGGER)
    if logger.isEnabledFor(logging.INFO):
        logger.handle(logging.LogRecord(ACCESS_LOGGER, logging.INFO, "", 0, line, (), None))
