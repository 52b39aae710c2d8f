"""``customer-bot forget``: which customer is meant, and how much of it there was."""

from pydantic import SecretStr

from bot.app import LocalDirectory, build_inquiries
from bot.cli.directory import opened_directory
from bot.cli.output import fail, print_values
from bot.domain.inquiry import Inquiry, Surface
from bot.domain.query import Query, read
from bot.domain.results import Found, Several, Unavailable
from bot.errors import StoreUnavailable
from bot.settings import Settings


async def forget_customer(loaded: Settings, text: str) -> None:
    """Forget whom ``text`` means, and print how many rows that were. Ends the command where that cannot be done."""
    query = read(text)
    if query is None:
        fail("this names no customer: give an id, a link, a number, or whatever finds the customer", 2)
    try:
        async with opened_directory(loaded) as local:
            customer_id = await _meant(loaded, local, query, text)
            forgotten = await local.store.erasures.erase(customer_id)
    except StoreUnavailable as error:
        fail(str(error), 1)
    if not any(forgotten):
        fail(f"nothing was kept of {customer_id}", 1)
    print_values(
        {
            "customer": customer_id,
            "directory": forgotten.directory,
            "phones and mails": forgotten.hashes,
            "recents": forgotten.recents,
            "pins": forgotten.pins,
        }
    )


async def _meant(loaded: Settings, local: LocalDirectory, query: Query, text: str) -> str:
    """The directory comes first, and is not doubted: the CRM may not know the customer any more."""
    if query.read_as.names_the_id:
        return query.identifier
    ids = await local.directory.candidates_anywhere(query) or await _listed(loaded, text)
    if len(ids) != 1:
        fail("several customers are meant by this: forget each by its id" if ids else "nobody is known by this", 1)
    return ids[0]


async def _listed(loaded: Settings, text: str) -> tuple[str, ...]:
    """Whom the CRM's lists know. What is learnt on the way goes into a database that is gone in the end."""
    own = loaded.model_copy(update={"database_url": SecretStr("sqlite:///:memory:")})
    async with build_inquiries(own) as (inquiries, store):
        await store.open()
        result = await inquiries.ask(Inquiry(text, Surface.CLI))
    if isinstance(result, Unavailable):
        fail(f"the directory knows nobody by this, and the CRM failed: {result.failure.reason}", 1)
    founds = result.customers if isinstance(result, Several) else (result,)
    return tuple(found.profile.customer_id for found in founds if isinstance(found, Found))
