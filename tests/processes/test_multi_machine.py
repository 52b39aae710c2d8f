"""Two real ``serve`` processes on one database, as behind a load balancer: what is done and known once by both."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Final

import aiohttp
import pytest

from bot.cards.action_ids import CUSTOMER_DETAILS, CUSTOMER_MENU, CUSTOMER_REVEAL, CUSTOMER_SHARE
from bot.domain.preferences import CardOutcome
from bot.domain.results import Refusal
from bot.locales import texts_in
from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER, Fault, SampleCrm
from bot.playground.fake_slack.server import CHANNEL, USER, Exchange, InMessage, InView, ShownView, StandInSlack
from bot.slack.message import Message
from tests.conftest import FASTER_THAN_PEOPLE
from tests.processes.test_processes import (
    TIMEOUT_SECONDS,
    card_of,
    customer_bot,
    ended,
    environment,
    free_port,
    listening,
    printed_until,
)
from tests.processes.test_sync_processes import becomes
from tests.support.modals import chosen
from tests.support.surfaces import FACTORY, TEMPLATE, everything_in, link, reason, why

NAME: Final = "胡效鑫1"
NUMBER: Final = "CF00000179"
ZH: Final = texts_in("zh")


class Machines:
    """The processes, and what people in Slack do when the load balancer leads them to one of these."""

    def __init__(self, slack: StandInSlack, env: dict[str, str]) -> None:
        self.slack = slack
        self.env = env
        self.processes: list[asyncio.subprocess.Process] = []
        self.addresses: list[str] = []

    def lead_to(self, which: int) -> StandInSlack:
        self.slack.bot_address = self.addresses[which]
        return self.slack

    async def ask(self, which: int, query: str = DOCUMENTED_CUSTOMER) -> Message:
        return await card_of(await self.lead_to(which).command(query))

    async def ask_all_at_once(self, query: str) -> list[Message]:
        return [await card_of(await asked) for asked in [await self.begin(which, query) for which in range(2)]]

    async def begin(self, which: int, query: str) -> asyncio.Task[Exchange]:
        """The request is on its way when this returns."""
        asking = asyncio.create_task(self.lead_to(which).command(query))
        await asyncio.sleep(0)
        return asking

    async def end(self, *which: int) -> None:
        """Once what they had begun is done."""
        for number in which:
            self.processes[number].send_signal(signal.SIGTERM)
        for number in which:
            status, _, err = await ended(self.processes[number])
            assert (status, err) == (0, "")


@pytest.fixture
async def crm() -> AsyncIterator[SampleCrm]:
    """The processes have the real time, and so has their CRM."""
    async with SampleCrm().open() as crm:
        yield crm


@pytest.fixture
async def machines(crm: SampleCrm, slack: StandInSlack, url: str) -> AsyncIterator[Machines]:
    """Both are ready, on one database of each kind, which was empty."""
    env = environment(
        crm,
        slack,
        DATABASE_URL=url,
        HOST="127.0.0.1",
        DIRECTORY_SYNC_HOURS="0",
        REVEALS_PER_HOUR="1",
        LOOKUPS_PER_MINUTE=str(FASTER_THAN_PEOPLE),
        CUSTOMER_URL_TEMPLATE=TEMPLATE,
    )
    machines = Machines(slack, env)
    async with AsyncExitStack() as stack:
        ports = [free_port(), free_port()]
        for port in ports:
            starting = customer_bot("serve", env={**env, "PORT": str(port)})
            machines.processes.append(await stack.enter_async_context(starting))
            machines.addresses.append(f"http://127.0.0.1:{port}")
        for which, port in enumerate(ports):
            await listening(port)
            await machines.lead_to(which).wait_for_bot()
            await slack.wait_for_database()
        yield machines


async def test_one_of_them_fetches_the_token_for_both(machines: Machines, crm: SampleCrm) -> None:
    """Also when it is refused to both at once. A new one ends the one before."""
    crm.one_token = True
    assert [card.text for card in await machines.ask_all_at_once(DOCUMENTED_CUSTOMER)] == [f"{NAME}  {NUMBER}"] * 2
    assert (crm.asked["TokenApi"], crm.asked["GetCustomer"]) == (1, 2)
    crm.tokens.clear()
    assert [card.text[:4] for card in await machines.ask_all_at_once(FACTORY)] == ["杭州岚峤"] * 2
    assert crm.asked["TokenApi"] == 2


async def test_process_that_is_killed_while_it_fetches_the_token_does_not_block_the_other(
    machines: Machines,
    crm: SampleCrm,
) -> None:
    crm.faults["TokenApi"] = Fault(hang=True)
    dying = await machines.begin(0, DOCUMENTED_CUSTOMER)
    await becomes(lambda: crm.asked["TokenApi"])
    machines.processes[0].kill()
    with suppress(aiohttp.ClientError):
        await dying
    crm.faults.clear()
    assert (await machines.ask(1)).text == f"{NAME}  {NUMBER}"
    assert crm.asked["TokenApi"] == 2


async def test_event_that_both_get_leads_to_one_card_and_a_mute_holds_in_both(
    machines: Machines,
    slack: StandInSlack,
    crm: SampleCrm,
) -> None:
    """Slack delivers again when an answer is late: then both have it in hand."""
    crm.fault = Fault(delay=0.2)
    said = await machines.lead_to(0).post_message(f"{DOCUMENTED_CUSTOMER} 在催单")
    assert said.message is not None
    again = await machines.lead_to(1).redeliver(said.message)
    assert (said.message.status, again.status) == (200, 200)
    await becomes(lambda: crm.asked["GetCustomer"] == 2)
    [card] = await slack.until(lambda: slack.posts[CHANNEL])
    await (await machines.lead_to(1).choose(CUSTOMER_MENU, "mute_channel", at=InMessage(card))).answers(1)
    muted = await machines.lead_to(0).post_message(FACTORY)
    assert muted.message is not None
    assert muted.message.status == 200
    await machines.end(0, 1)
    assert slack.posts[CHANNEL] == [card]


async def test_customer_that_one_has_seen_is_found_by_number_in_the_other(
    machines: Machines,
    crm: SampleCrm,
) -> None:
    """The CRM's lists are not asked for it."""
    await machines.ask(0)
    await machines.end(0)
    assert (await machines.ask(1, NUMBER)).text == f"{NAME}  {NUMBER}"
    assert crm.asked["GetCustomerContacts"] == 0


async def test_reveal_in_one_counts_in_the_other(machines: Machines) -> None:
    """There is one in an hour."""
    assert ZH.limited["reveals"] not in await reveals(machines, 0)
    assert ZH.limited["reveals"] in await reveals(machines, 1)


async def reveals(machines: Machines, which: int) -> str:
    """What the details say after Reveal was clicked there."""
    slack = machines.lead_to(which)
    before = slack.modal()
    await slack.click(CUSTOMER_DETAILS, FACTORY)

    def ready() -> ShownView | None:
        modal = slack.modal()
        return modal if modal is not before and modal and CUSTOMER_REVEAL in everything_in(modal.view) else None

    modal = await slack.until(ready)
    shown = len(modal.history)
    await slack.click(CUSTOMER_REVEAL, FACTORY, at=InView(modal.view_id))
    await slack.until(lambda: len(modal.history) > shown and ZH.modal.loading not in everything_in(modal.view))
    return everything_in(modal.view)


async def test_customer_that_is_forgotten_is_gone_from_both(machines: Machines, crm: SampleCrm) -> None:
    """A third process, without Slack, has forgotten it. Both ask the CRM again."""
    for which in range(2):
        await machines.ask(which)
    without_slack = {name: value for name, value in machines.env.items() if not name.startswith("SLACK_")}
    async with customer_bot("forget", DOCUMENTED_CUSTOMER, env=without_slack) as invalidation:
        assert (await ended(invalidation))[0] == 0
    for process in machines.processes:
        await printed_until("customer_forgotten", process)
    before = crm.asked["GetCustomer"]
    for which in range(2):
        await machines.ask(which)
    assert crm.asked["GetCustomer"] == before + 2


async def test_channel_that_one_hears_to_be_shared_gets_nothing_from_the_other(
    machines: Machines, slack: StandInSlack
) -> None:
    """No card under a link, none in a thread, no share: Slack says it to one of them alone."""
    assert await is_unfurled(machines, 1)
    await machines.lead_to(0).channel_shared(CHANNEL)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while await is_unfurled(machines, 1):  # noqa: ASYNC110  # what another process knows is no event here
            await asyncio.sleep(0.05)
    said = await machines.lead_to(1).post_message(f"{link(FACTORY)} {DOCUMENTED_CUSTOMER} 在催单")
    assert ZH.denied[Refusal.EXTERNAL_CHANNEL] in await shared(machines, 1)
    await machines.end(0, 1)
    assert not slack.unfurls[said.ts]
    assert slack.posts[CHANNEL] == []


async def is_unfurled(machines: Machines, which: int) -> bool:
    """Whether a link that is posted gets a card there; False once the channel is said to be the reason why not."""
    slack = machines.lead_to(which)
    said = await slack.post_message(link(DOCUMENTED_CUSTOMER))
    while not slack.unfurls[said.ts]:
        if reason(CardOutcome.EXTERNAL_CHANNEL) in (await why(slack)).text:
            return False
    return True


async def shared(machines: Machines, which: int) -> str:
    """What the modal says after a card was shared there."""
    slack = machines.lead_to(which)
    await slack.click(CUSTOMER_SHARE, FACTORY)

    def ready() -> ShownView | None:
        modal = slack.modal()
        return modal if modal and "submit" in modal.view else None

    modal = await slack.until(ready)
    shown = len(modal.history)
    await slack.submit(modal.view_id, chosen(CHANNEL))
    await slack.until(lambda: len(modal.history) > shown)
    return everything_in(modal.view)


async def test_person_of_whom_one_hears_to_be_deactivated_is_refused_by_the_other(
    machines: Machines, slack: StandInSlack
) -> None:
    assert (await machines.ask(1)).text == f"{NAME}  {NUMBER}"
    slack.people[USER].deleted = True
    assert (await machines.ask(1)).text == f"{NAME}  {NUMBER}"
    await machines.lead_to(0).user_change(USER)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while NAME in (answer := await machines.ask(1)).text:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert ZH.denied[Refusal.DEACTIVATED] in everything_in(answer)
