"""What all commands share: reading the settings, waiting for the database, and how they fail."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeVar

import typer

from bot import settings
from bot.runtime.logging import configure_terminal_logging

OPENING_SECONDS: Final = 5.0
"""How long a command waits for the database."""

Logging = TypeVar("Logging", bound=settings.Settings)
"""Settings of a command that logs."""


def load(kind: type[settings.AnySettings]) -> settings.AnySettings:
    """The settings of this environment; ends the command, with status 2, if one is missing or wrong."""
    try:
        return settings.load(kind)
    except settings.WrongSetting as error:
        fail(str(error), 2)


def load_quietly(kind: type[Logging]) -> Logging:
    """``load`` for a command that prints its answer alone: it logs, on standard error, only if LOG_LEVEL is set."""
    configure_terminal_logging("CRITICAL")
    loaded = load(kind)
    if "log_level" in loaded.model_fields_set:
        configure_terminal_logging(loaded.log_level)
    return loaded


def print_values(values: Mapping[str, object]) -> None:
    """A line for each, under one another."""
    width = max(map(len, values))
    for label, value in values.items():
        typer.echo(f"{label:<{width}}  {value}")


def moment(at: float) -> str:
    """``at``, which is in epoch seconds, as an operator anywhere reads it."""
    return datetime.fromtimestamp(at, UTC).isoformat(" ", "seconds")


def fail(reason: str, status: int) -> NoReturn:
    """End the command with one line on standard error."""
    typer.echo(f"customer-bot: {reason}", err=True)
    raise typer.Exit(status)
