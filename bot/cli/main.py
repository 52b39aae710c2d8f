"""The command line: ``customer-bot …``.

Exit status: 0 done (also after SIGTERM), 1 failed (one line on standard error), 2 wrong usage or a wrong setting.
Each command imports what it needs itself: a process that serves Slack does not load the playground.
"""

import asyncio
from contextlib import nullcontext
from importlib.metadata import version
from typing import Annotated

import typer

from bot import settings
from bot.cli.directory import directory
from bot.cli.output import fail, load, load_quietly
from bot.runtime.logging import configure_logging, configure_terminal_logging

cli = typer.Typer(
    name="customer-bot",
    help="Look customers of the 易售后 CRM up without leaving Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(directory, name="directory")


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"customer-bot {version('customer-bot')}")
        raise typer.Exit


@cli.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The options before a command."""


@cli.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Where the page is served.")] = 8000,
    browser: Annotated[bool, typer.Option(help="Open the page.")] = True,
) -> None:
    """Try the bot on a page without Slack, an account or a network: everything runs on this machine until Ctrl-C."""
    from bot.playground.demo import in_browser, run_demo

    configure_terminal_logging("CRITICAL")
    run_demo(port, in_browser if browser else str)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Default: PORT.")] = None,
) -> None:
    """Serve Slack over HTTP: /slack/events, /healthz, /readyz."""
    from bot.cli.metrics import exposed_metrics
    from bot.server import http

    loaded = load(settings.ServeSettings)
    given = {"host": host, "port": port}
    loaded = loaded.model_copy(update={name: value for name, value in given.items() if value is not None})
    configure_logging(loaded.log_level, loaded.log_format)
    with exposed_metrics(loaded) as metrics:
        try:
            http.serve(loaded, metrics)
        except OSError as error:
            fail(f"cannot listen on {loaded.host}:{loaded.port}: {error.strerror}", 1)


@cli.command()
def socket() -> None:
    """Serve Slack over Socket Mode: no public address is needed."""
    from bot.cli.metrics import exposed_metrics
    from bot.server import socket_mode

    loaded = load(settings.SocketSettings)
    configure_logging(loaded.log_level, loaded.log_format)
    with exposed_metrics(loaded) as metrics:
        asyncio.run(socket_mode.run(loaded, metrics))


@cli.command()
def lookup(
    query: Annotated[
        str, typer.Argument(help="A customer number, name, phone, e-mail, device or serial number, id or link.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="What was found as JSON.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Ask the sample CRM; no setting is needed.")] = False,
) -> None:
    """Look a customer up and print the card, or the list of those who may be meant."""
    from bot.cli.lookup import look_up

    if demo:
        from bot.playground.settings import sample_settings

        configure_terminal_logging("CRITICAL")
        asyncio.run(look_up(query, sample_settings(), as_json=as_json))
    else:
        asyncio.run(look_up(query, nullcontext(load_quietly(settings.Settings)), as_json=as_json))


@cli.command()
def forget(
    customer: Annotated[str, typer.Argument(help="An id, a link, a number, or whatever finds this one customer.")],
) -> None:
    """Remove a customer from the directory, everybody's recents and pins, and all running processes.

    Whoever looks the customer up later has it learnt again: delete it in the CRM first.
    """
    from bot.cli.forget import forget_customer

    asyncio.run(forget_customer(load_quietly(settings.Settings), customer))


@cli.command()
def doctor() -> None:
    """Check the settings, Slack, the CRM and the database, and print who sees which field of a customer."""
    from bot.cli.doctor import print_report, print_visibility

    loaded = load_quietly(settings.DoctorSettings)
    status = asyncio.run(print_report(loaded))
    print_visibility(loaded)
    raise typer.Exit(status)


@cli.command()
def manifest(
    url: Annotated[
        str | None,
        typer.Option(metavar="https://HOST", help="Where Slack reaches the bot over HTTP. Without it: Socket Mode."),
    ] = None,
) -> None:
    """Print the Slack app's manifest, to be pasted at api.slack.com/apps. No setting is needed.

    The links that get cards are those of CUSTOMER_URL_TEMPLATE, if that is set.
    """
    from bot.cli.manifest import print_manifest

    print_manifest(url)
