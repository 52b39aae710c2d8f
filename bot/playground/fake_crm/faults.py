"""What a server of the playground does instead of answering. What is wrong with the wire is a ``Line``'s."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import Response, StreamingResponse


@dataclass(frozen=True)
class Fault:
    """What a server does instead of answering.

    ``hang`` never answers. Otherwise, after ``delay`` seconds, the right answer, or ``body`` with ``status`` if a body
    is given. ``drip`` is the pause between its single bytes.
    """

    hang: bool = False
    delay: float = 0.0
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0


FAULTS: Final = {
    "down": Fault(status=503, body=b"Service Unavailable"),
    "slow": Fault(delay=3.0),
    "hang": Fault(hang=True),
    "busy": Fault(status=429, body=b"Too Many Requests", headers={"Retry-After": "1"}),
    "html": Fault(body=b"<html><body>Gateway maintenance</body></html>"),
    "cut": Fault(body=b'{"ResultCode": 0, "ResultValue": [{"ShowType": 0, "Ke'),
    "refused": Fault(body='{"ResultCode": 1001, "ErrorMsg": "access_token 无效"}'.encode()),
}
"""The faults that the demo offers by name."""


async def instead(fault: Fault | None, released: asyncio.Event) -> Response | None:
    """The answer that ``fault`` gives, after its wait; None: the right one. ``released`` ends any wait."""
    if fault is None:
        return None
    if fault.hang or fault.delay:
        with suppress(TimeoutError):
            await asyncio.wait_for(released.wait(), None if fault.hang else fault.delay)
    return None if fault.body is None else StreamingResponse(_dripping(fault.body, fault), fault.status, fault.headers)


async def _dripping(body: bytes, fault: Fault) -> AsyncIterator[bytes]:
    step = 1 if fault.drip else max(1, len(body))
    for position in range(0, len(body), step):
        yield body[position : position + step]
        await asyncio.sleep(fault.drip)
