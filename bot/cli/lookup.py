"""``customer-bot lookup``: prints a card, a list of customers, or either as JSON."""

import asyncio
import json
from contextlib import AbstractAsyncContextManager, suppress

import typer

from bot.app import build_inquiries
from bot.cards.render import result_card
from bot.cards.terminal import as_terminal_text
from bot.cli.output import OPENING_SECONDS, fail
from bot.domain.inquiry import Inquiry, Surface
from bot.domain.query import read
from bot.domain.results import Found, Invalid, Several, Unavailable
from bot.locales import texts_in
from bot.settings import Settings


async def look_up(text: str, opening: AbstractAsyncContextManager[Settings], *, as_json: bool) -> None:
    """Print what ``text`` finds with the settings that ``opening`` gives. Ends the command if that is nothing."""
    query = read(text)
    async with opening as settings, build_inquiries(settings) as (inquiries, store):
        if query is not None and not query.read_as.names_the_id:  # an id needs no directory
            with suppress(TimeoutError):  # the result then says that the database is unavailable
                await asyncio.wait_for(store.open(), OPENING_SECONDS)
        result = await inquiries.ask(Inquiry(text, Surface.CLI))
    card = result_card(result, texts_in(settings.language))
    if isinstance(result, Unavailable) and result.failure.reason:
        fail(f"{card.text}: {result.failure.reason} {result.failure.error_msg}".rstrip(), 1)
    if not isinstance(result, Found | Several):
        fail(card.text, 2 if isinstance(result, Invalid) else 1)
    typer.echo(_as_json(result) if as_json else as_terminal_text(card))


def _as_json(result: Found | Several) -> str:
    """What the asker may see, with the fields in the CRM's order."""

    def customer(found: Found) -> dict[str, object]:
        fields = [field._asdict() for field in found.profile.fields]
        return {"customer_id": found.profile.customer_id, "as_of": found.as_of, "fields": fields}

    if isinstance(result, Found):
        document = customer(result)
    else:
        document = {"customers": [customer(found) for found in result.customers], "total": result.total}
    return json.dumps(document, ensure_ascii=False, indent=2)
