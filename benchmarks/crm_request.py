"""What one request to the CRM through the shared client costs this process itself.

``python -m benchmarks.crm_request``: its CPU time, from the question for a customer to the profile; the CRM answers
from a process of its own, so that its work does not count.
"""

import asyncio
import multiprocessing
import statistics
import sys
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final

from benchmarks.budgets import Result, report
from bot.crm.api import EshouhouClient
from bot.crm.session import CrmSession
from bot.crm.transport import CrmTransport
from bot.domain.profile import CustomerKey
from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER, SampleCrm
from bot.playground.settings import playground_settings

ROUNDS: Final = 20
REQUESTS: Final = 25
BUDGET_MS: Final = 2


def main() -> list[Result]:
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    crm = spawning.Process(target=_serve_crm, args=(theirs,), daemon=True)
    crm.start()
    try:
        return asyncio.run(_measured(ours.recv()))
    finally:
        crm.terminate()
        crm.join()


async def _measured(address: str) -> list[Result]:
    settings = playground_settings(address)
    transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds)
    client = EshouhouClient(CrmSession(transport, settings, time.time))
    try:
        await _round(client)
        taken = [await _round(client) for _ in range(ROUNDS)]
    finally:
        await transport.close()
    detail = f"median of {ROUNDS} rounds of {REQUESTS}"
    return [Result("a CRM request, own CPU", 1_000 * statistics.median(taken), "ms", BUDGET_MS, detail=detail)]


async def _round(client: EshouhouClient) -> float:
    """The CPU seconds of one of its requests."""
    began = time.process_time()
    for _ in range(REQUESTS):
        assert await client.get_customer(CustomerKey("", 1, DOCUMENTED_CUSTOMER))
    return (time.process_time() - began) / REQUESTS


def _serve_crm(address: Connection) -> None:
    async def serve() -> None:
        async with SampleCrm().open() as crm:
            address.send(crm.address)
            await asyncio.Event().wait()

    with suppress(KeyboardInterrupt):
        asyncio.run(serve())


if __name__ == "__main__":
    sys.exit(report(main()))
