"""Many people for a long time: who they are, whom they ask for, and how they go from one errand to the next."""

import asyncio
import random
from collections.abc import Sequence
from typing import Final, NamedTuple

from bot.locales import texts_in
from bot.playground.fake_slack.users import OTHER_TEAM, Person
from tests.support.fault_harness import House
from tests.support.user_scenarios import Customer, Errand, Visit, command_with_id, message, mixed

MEMBERS: Final = 46
GUESTS: Final = 2
OUTSIDERS: Final = 2
CUSTOMERS: Final = 2_000
PAUSE_SECONDS: Final = (0.6, 2.4)
"""Between two errands: two cores are busy then, and not all the time."""
HOT: Final = 40
"""So many customers are those that half of all errands are about: what people ask for is in the news."""
_REFUSED: Final = texts_in("zh").denied


class SimulatedUser(NamedTuple):
    """Of the crowd: what they may do in Slack, and about whom."""

    visit: Visit
    errands: Sequence[Errand]
    customers: Sequence[Customer]


def crowd(house: House) -> list[SimulatedUser]:
    """The members of ``house``; and people who see no customer, of whom each answer has to say why."""
    members = [SimulatedUser(visit, list(mixed()), house.customers) for visit in house.visits]
    guests = [Person(f"U0G{number}", f"guest-{number}", is_guest=True) for number in range(GUESTS)]
    outsiders = [
        Person(f"U0X{number}", f"outsider-{number}", team_id=OTHER_TEAM, is_stranger=True)
        for number in range(OUTSIDERS)
    ]
    refused = [*((guest, "guest") for guest in guests), *((outsider, "outsider") for outsider in outsiders)]
    return [*members, *(_refused(house, person, _REFUSED[why]) for person, why in refused)]


def _refused(house: House, person: Person, why: str) -> SimulatedUser:
    """The answer that is right for them holds no customer's name: that would be another customer's card."""
    house.slack.people[person.id] = person
    customers = [customer._replace(name=why) for customer in house.customers]
    visit = Visit(house.slack, house.auditor, person.id, customers[0])
    return SimulatedUser(visit, [command_with_id, message], customers)


async def live(user: SimulatedUser, seed: int, over: asyncio.Event) -> None:
    """Errands with pauses, until it is ``over``. Raises AssertionError for what Slack would show as an error."""
    chance = random.Random(f"{seed} {user.visit.user}")
    await asyncio.sleep(chance.uniform(0, PAUSE_SECONDS[1]))
    while not over.is_set():
        about = chance.choice(user.customers[:HOT] if chance.random() < 0.5 else user.customers)
        errand = chance.choice(user.errands)
        await errand(user.visit._replace(customer=about))
        await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))
