"""The command line: ``customer-bot …``.

Exit status: 0 done (after SIGTERM too), 1 it failed (one line on standard error), 2 wrong usage or a wrong setting.
What a command does not need is imported inside it: a process that serves does not pay for the playground.
"""

import asyncio
import json
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from importlib.metadata import version
from typing import Annotated

import typer

from bot import settings
from bot.cli.directory import directory
from bot.cli.output import OPENING_SECONDS, fail, load, load_quietly
from bot.domain.inquiry import Inquiry, Surface
from bot.domain.query import read
from bot.domain.results import Found, Invalid, Several, Unavailable
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
    """What stands before a command."""


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
    from bot.cli.measured import measured
    from bot.server import http

    loaded = load(settings.ServeSettings)
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    loaded = loaded.model_copy(update=given)
    configure_logging(loaded.log_level, loaded.log_format)
    with measured(loaded) as metrics:
        try:
            http.serve(loaded, metrics)
        except OSError as error:
            fail(f"cannot listen on {loaded.host}:{loaded.port}: {error.strerror}", 1)


@cli.command()
def socket() -> None:
    """Serve Slack over Socket Mode: no public address is needed."""
    from bot.cli.measured import measured
    from bot.server import socket_mode

    loaded = load(settings.SocketSettings)
    configure_logging(loaded.log_level, loaded.log_format)
    with measured(loaded) as metrics:
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
    if demo:
        from bot.playground.settings import sample_settings

        configure_terminal_logging("CRITICAL")
        asyncio.run(_look_up(query, sample_settings(), as_json))
        return
    asyncio.run(_look_up(query, nullcontext(load_quietly(settings.Settings)), as_json))


@cli.command()
def forget(
    customer: Annotated[str, typer.Argument(help="An id, a link, a number, or whatever finds this one customer.")],
) -> None:
    """Remove a customer from the directory, everybody's recents and pins, and all running processes.

    Whoever looks the customer up later has it learnt again: delete it in the CRM first.
    """
    from bot.cli.forget import forget_customer

    loaded = load_quietly(settings.Settings)
    asyncio.run(forget_customer(loaded, customer))


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


async def _look_up(query: str, opening: AbstractAsyncContextManager[settings.Settings], as_json: bool) -> None:
    from bot.app import build_inquiries
    from bot.cards.render import result_card
    from bot.cards.terminal import as_terminal_text
    from bot.locales import texts_in

    async with opening as loaded, build_inquiries(loaded) as (inquiries, store):
        if _needs_directory(query):
            with suppress(TimeoutError):  # the answer then says that there is no database
                await asyncio.wait_for(store.open(), OPENING_SECONDS)
        result = await inquiries.ask(Inquiry(query, Surface.CLI))
    card = result_card(result, texts_in(loaded.language))
    if isinstance(result, Unavailable) and result.failure.reason:
        fail(f"{card.text}: {result.failure.reason} {result.failure.error_msg}".rstrip(), 1)
    if not isinstance(result, Found | Several):
        fail(card.text, 2 if isinstance(result, Invalid) else 1)
    typer.echo(_as_json(result) if as_json else as_terminal_text(card))


def _needs_directory(query: str) -> bool:
    """Whether the query names no id: then the database knows more than the CRM."""
    reading = read(query)
    return reading is not None and not reading.read_as.names_the_id


def _as_json(result: Found | Several) -> str:
    """What this asker may see, for programs."""
    if isinstance(result, Several):
        whole = {"customers": [_customer(found) for found in result.customers], "total": result.total}
    else:
        whole = _customer(result)
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _customer(found: Found) -> dict[str, object]:
    """The fields in the CRM's order."""
    profile = found.profile
    fields = [
        {"key": field.key, "value": field.value, "show_type": int(field.show_type), "role": field.role.value}
        for field in profile.fields
    ]
    return {"customer_id": profile.customer_id, "as_of": found.as_of, "fields": fields}
