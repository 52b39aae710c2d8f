"""``customer-bot lookup``: prints a card, a list of customers, or either as JSON."""

import asyncio
import json
from contextlib import AbstractAsyncContextManager, suppress

import typer

from bot.access.audit_log import OUTCOMES
from bot.app import build_inquiries
from bot.cards.render import result_card
from bot.cards.terminal import as_terminal_text
from bot.cli.output import OPENING_SECONDS, fail
from bot.domain.inquiry import Inquiry, Surface
from bot.domain.query import read_id
from bot.domain.results import Found, Invalid, Result, Several, Together, Unavailable
from bot.locales import texts_in
from bot.settings import Settings


async def look_up(text: str, opening: AbstractAsyncContextManager[Settings], *, as_json: bool) -> None:
    """Print what ``text`` finds with the settings that ``opening`` gives. Ends the command if that is nothing."""
    async with opening as settings, build_inquiries(settings) as (inquiries, store):
        if read_id(text) is None:  # an id needs no directory
            with suppress(TimeoutError):  # the result then says that the database is unavailable
                await asyncio.wait_for(store.open(), OPENING_SECONDS)
        result = await inquiries.ask(Inquiry(text, Surface.CLI))
    card = result_card(result, texts_in(settings.language))
    if isinstance(result, Unavailable) and result.failure.reason:
        fail(f"{card.text}: {result.failure.reason} {result.failure.error_msg}".rstrip(), 1)
    if not isinstance(result, Found | Several | Together):
        fail(card.text, 2 if isinstance(result, Invalid) else 1)
    typer.echo(_as_json(result) if as_json else as_terminal_text(card))


def _as_json(result: Found | Several | Together) -> str:
    """What the asker may see, with the fields in the CRM's order."""
    return json.dumps(_document(result), ensure_ascii=False, indent=2)


def _document(result: Result) -> dict[str, object]:

    def customer(found: Found) -> dict[str, object]:
        fields = [field._asdict() for field in found.profile.fields]
        return {"customer_id": found.profile.customer_id, "as_of": found.as_of, "fields": fields}

    match result:
        case Found():
            return customer(result)
        case Several():
            return {"customers": [customer(found) for found in result.customers], "total": result.total}
        case Together():
            return {"asked": [{**query._asdict(), **_document(result)} for query, result in result.asked]}
        case _:
            return {"outcome": OUTCOMES[type(result)]}
