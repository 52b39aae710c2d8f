"""What all commands share: loading the settings, printing values and times, and failing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeVar

import typer

from bot import settings
from bot.runtime.logging import configure_terminal_logging

OPENING_SECONDS: Final = 5.0
"""The time that a command gives the database to open."""

LoggingSettings = TypeVar("LoggingSettings", bound=settings.Settings)


def load(kind: type[settings.AnySettings]) -> settings.AnySettings:
    """The settings of this environment; ends the command, with status 2, if one is missing or wrong."""
    try:
        return settings.load(kind)
    except settings.WrongSetting as error:
        fail(str(error), 2)


def load_quietly(kind: type[LoggingSettings]) -> LoggingSettings:
    """``load`` for a command that prints a result: it logs, on standard error, only if LOG_LEVEL is set."""
    configure_terminal_logging("CRITICAL")
    loaded = load(kind)
    if "log_level" in loaded.model_fields_set:
        configure_terminal_logging(loaded.log_level)
    return loaded


def print_values(values: Mapping[str, object]) -> None:
    """A line for each value, with the values in one column."""
    width = max(map(len, values))
    for label, value in values.items():
        typer.echo(f"{label:<{width}}  {value}")


def utc_time(at: float) -> str:
    """``at``, in epoch seconds, as an ISO 8601 time in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(" ", "seconds")


def fail(reason: str, status: int) -> NoReturn:
    """End the command with one line on standard error."""
    typer.echo(f"customer-bot: {reason}", err=True)
    raise typer.Exit(status)
