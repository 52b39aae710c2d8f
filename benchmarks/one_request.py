"""How often the CRM is asked for a customer whom a hundred people ask for at once.

``python -m benchmarks.one_request``: counted by the sample CRM, which takes its time; the bot is a process of its own.
"""

import asyncio
import sys
from typing import Final

from benchmarks.budgets import Result, report
from benchmarks.load import command, send
from benchmarks.servers import BOT, PEOPLE, listening, server, world
from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER, Fault

ASKERS: Final = 100
CRM_SECONDS: Final = 0.3


async def main() -> list[Result]:
    async with world() as around, server(BOT, around) as bot:
        await listening(bot)
        around.slack.bot_address = f"http://127.0.0.1:{bot.port}"
        await around.slack.wait_for_bot()
        await send(bot, [[command(user, "help", bot)] for user in PEOPLE])  # who they are is known then
        around.crm.fault = Fault(delay=CRM_SECONDS)
        askers = [PEOPLE[number % len(PEOPLE)] for number in range(ASKERS)]
        senders = await send(bot, [[command(user, DOCUMENTED_CUSTOMER, bot)] for user in askers])
        asked = len(around.crm.asked_for("GetCustomer"))
        with_card = sum(b"customer_details" in sender.last_answer for sender in senders)
    detail = f"{with_card} of {ASKERS} had the card in the acknowledgement"
    return [Result(f"{ASKERS} people ask for one customer at once", asked, "CRM requests", 1, detail=detail)]


if __name__ == "__main__":
    sys.exit(report(asyncio.run(main())))
