"""What all commands share: reading the settings, waiting for the database, and how they fail."""

from typing import Final, NoReturn

import typer

from bot import settings

OPENING_SECONDS: Final = 5.0
"""How long a command waits for the database."""


def load(kind: type[settings.AnySettings]) -> settings.AnySettings:
    """The settings of this environment; ends the command, with status 2, if one is missing or wrong."""
    try:
        return settings.load(kind)
    except settings.WrongSetting as error:
        fail(str(error), 2)


def fail(reason: str, status: int) -> NoReturn:
    """End the command with one line on standard error."""
    typer.echo(f"customer-bot: {reason}", err=True)
    raise typer.Exit(status)
