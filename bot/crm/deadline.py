"""How long the CRM may take to answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bot.errors import CrmUnreachable

LATE: Final = "no answer before the deadline"


@asynccontextmanager
async def crm_deadline(seconds: float) -> AsyncIterator[None]:
    """What takes longer than ``seconds`` is ended. Raises CrmUnreachable then."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise CrmUnreachable(LATE) from None
