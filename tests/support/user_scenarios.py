"""What many people do in Slack at once: a mix over all surfaces, each request known to an auditor."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import Final, NamedTuple

from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_REFRESH,
    CUSTOMER_SEARCH,
    CUSTOMER_SHARE,
    CUSTOMER_SHARE_CONFIRM,
    FIND_CUSTOMER,
    LOOKUP_IN_MESSAGE,
)
from bot.cards.search_view import QUERY
from bot.playground.fake_crm.server import SampleCrm, branches
from bot.playground.fake_slack.server import CHANNEL, InView, ShownView, StandInSlack
from bot.playground.fake_slack.users import Person
from tests.support.modals import chosen
from tests.support.response_auditor import Kind, ResponseAuditor
from tests.support.surfaces import link


class Customer(NamedTuple):
    """``name`` stands on every card of the customer and on no other's."""

    customer_id: str
    name: str
    number: str
    phone: str


class Visit(NamedTuple):
    """One person with one customer in mind, and who keeps the books."""

    slack: StandInSlack
    auditor: ResponseAuditor
    user: str
    customer: Customer

    async def send(self, kind: Kind, doing: Awaitable[object]) -> list[str]:
        """Do it, and wait for the answer: nobody asks for the next thing before."""
        expected = "" if kind is Kind.NOTICE else self.customer.name
        request = await self.auditor.send(kind, self.user, expected, doing)  # type: ignore[arg-type]
        return [] if kind.comes_by_itself else await self.auditor.answered(request)


Errand = Callable[[Visit], Awaitable[object]]


async def command_and_no_more(visit: Visit) -> None:
    """The user does not wait for the answer."""
    asking = visit.slack.command(visit.customer.customer_id, user=visit.user)
    await visit.auditor.send(Kind.COMMAND, visit.user, visit.customer.name, asking)


async def command_with_id(visit: Visit) -> list[str]:
    return await visit.send(Kind.COMMAND, visit.slack.command(visit.customer.customer_id, user=visit.user))


async def command_with_number(visit: Visit) -> None:
    await visit.send(Kind.COMMAND, visit.slack.command(visit.customer.number, user=visit.user))


async def command_with_phone(visit: Visit) -> None:
    await visit.send(Kind.COMMAND, visit.slack.command(visit.customer.phone, user=visit.user))


async def help(visit: Visit) -> None:
    await visit.send(Kind.NOTICE, visit.slack.command("help", user=visit.user))


async def refresh(visit: Visit) -> None:
    await visit.send(Kind.CLICK, visit.slack.click(CUSTOMER_REFRESH, visit.customer.customer_id, user=visit.user))


async def details(visit: Visit) -> None:
    await visit.send(Kind.CLICK, visit.slack.click(CUSTOMER_DETAILS, visit.customer.customer_id, user=visit.user))


async def message_shortcut(visit: Visit) -> None:
    message = {"text": f"who is {visit.customer.number}?", "ts": visit.slack.ts()}
    await visit.send(Kind.SHORTCUT, visit.slack.message_shortcut(LOOKUP_IN_MESSAGE, message, user=visit.user))


async def find(visit: Visit) -> None:
    """The shortcut, a little typing, and the input; without a modal there is nothing to type in."""
    slack, user = visit.slack, visit.user
    await visit.send(Kind.NOTICE, slack.global_shortcut(FIND_CUSTOMER, user=user))
    modal = _form(slack, user, FIND_CUSTOMER)
    if modal is None:
        return
    await slack.suggest(CUSTOMER_SEARCH, visit.customer.name, user=user, at=InView(modal.view_id))
    typed = {QUERY: {QUERY: {"type": "plain_text_input", "value": visit.customer.customer_id}}}
    await visit.send(Kind.SUBMISSION, slack.submit(modal.view_id, typed, user=user))


async def share(visit: Visit) -> None:
    """The preview, and the confirmation if there is anything to confirm."""
    slack, user = visit.slack, visit.user
    await visit.send(Kind.CLICK, slack.click(CUSTOMER_SHARE, visit.customer.customer_id, user=user))
    modal = _form(slack, user, CUSTOMER_SHARE_CONFIRM)
    if modal is not None:
        await visit.send(Kind.SHARE, slack.submit(modal.view_id, chosen(CHANNEL), user=user))


def _form(slack: StandInSlack, user: str, callback_id: str) -> ShownView | None:
    """The form that ``user`` can submit now."""
    modal = slack.modal(user)
    return modal if modal is not None and modal.view.get("callback_id") == callback_id else None


async def message(visit: Visit) -> None:
    await visit.send(Kind.MESSAGE, visit.slack.post_message(f"see {visit.customer.number}", user=visit.user))


async def linked(visit: Visit) -> None:
    await visit.send(Kind.LINK, visit.slack.post_message(link(visit.customer.customer_id), user=visit.user))


async def panel(visit: Visit) -> None:
    customer_id = visit.customer.customer_id
    work_object = {"id": customer_id, "type": "customer"}
    await visit.send(Kind.PANEL, visit.slack.open_flexpane(link(customer_id), work_object, user=visit.user))


async def home(visit: Visit) -> list[str]:
    return await visit.send(Kind.NOTICE, visit.slack.open_home(user=visit.user))


MIX: Final[dict[Errand, int]] = {
    command_with_id: 8,
    command_with_number: 2,
    command_with_phone: 1,
    help: 1,
    refresh: 3,
    details: 3,
    message_shortcut: 2,
    find: 2,
    share: 2,
    message: 3,
    linked: 3,
    panel: 2,
    home: 2,
}
"""How many people do what."""
PEOPLE: Final = sum(MIX.values())


def people(slack: StandInSlack, count: int = PEOPLE) -> list[str]:
    """So many members, whom ``slack`` knows from now on."""
    members = [f"U0P{number:04d}" for number in range(count)]
    slack.people.update({member: Person(member, f"member-{member}") for member in members})
    return members


def customers(crm: SampleCrm, count: int = PEOPLE) -> list[Customer]:
    """So many customers, whom ``crm`` has from now on."""
    added = branches(count)
    crm.add_customers(added)
    values = [(key, {row["Key"]: row["Value"] for row in rows}) for key, rows in added.items()]
    return [Customer(key, each["客户名称"], each["客户编号"], each["联系电话"]) for key, each in values]


async def all_at_once(visits: Iterable[Visit], errands: Iterable[Errand]) -> None:
    await asyncio.gather(*(errand(visit) for visit, errand in zip(visits, errands, strict=False)))


def mixed() -> Iterator[Errand]:
    """The mix, one errand each."""
    return chain.from_iterable(repeat(errand, count) for errand, count in MIX.items())
