"""``customer-bot forget``: finds the customer and erases what is stored about it."""

from pydantic import SecretStr

from bot.app import build_inquiries
from bot.cli.directory import opened_directory
from bot.cli.output import fail, print_values
from bot.domain.inquiry import Inquiry, Surface
from bot.domain.query import QueryReader
from bot.domain.results import Found, Several, Unavailable
from bot.errors import StoreUnavailable
from bot.settings import Settings


async def forget_customer(settings: Settings, text: str) -> None:
    """Erase the customer that ``text`` names, and print the numbers of rows. Ends the command if that is not possible.

    The directory comes before the CRM, which may not know the customer any more.
    """
    query = QueryReader(settings.customer_number_pattern).parse(text).query
    if query is None:
        fail("this names no customer: give an id, a link, a number, or whatever finds the customer", 2)
    ids: tuple[str, ...] = (query.identifier,) if query.read_as.names_the_id else ()
    try:
        async with opened_directory(settings) as local:
            ids = ids or await local.directory.candidates_anywhere(query) or await _ids_in_crm(settings, text)
            if len(ids) != 1:
                several = "several customers are meant by this: forget each by its id"
                fail(several if ids else "nobody is known by this", 1)
            erased = await local.store.erasures.erase(ids[0])
    except StoreUnavailable as error:
        fail(str(error), 1)
    if not any(erased):
        fail(f"nothing was kept of {ids[0]}", 1)
    print_values(
        {
            "customer": ids[0],
            "directory": erased.directory,
            "phones and mails": erased.hashes,
            "recents": erased.recents,
            "pins": erased.pins,
        }
    )


async def _ids_in_crm(settings: Settings, text: str) -> tuple[str, ...]:
    """The customers that the CRM's lists have. The lookup uses a database in memory, so that it stores nothing."""
    in_memory = settings.model_copy(update={"database_url": SecretStr("sqlite:///:memory:")})
    async with build_inquiries(in_memory) as (inquiries, store):
        await store.open()
        result = await inquiries.ask(Inquiry(text, Surface.CLI))
    if isinstance(result, Unavailable):
        fail(f"the directory knows nobody by this, and the CRM failed: {result.failure.reason}", 1)
    customers = result.customers if isinstance(result, Several) else (result,)
    return tuple(found.profile.customer_id for found in customers if isinstance(found, Found))
