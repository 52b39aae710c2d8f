"""A sample CRM over HTTP: 易售后's endpoints as documented, with the oddities of its real answers.

Its customers are the vendor's documented examples and some thirty invented ones. Faults can be switched on, to see
what the bot does then.
"""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.asgi_server import Around, alone, loopback
from bot.playground.fake_crm.faults import FAULTS, Fault, instead
from bot.playground.fake_crm.lists import Refusal
from bot.playground.fake_crm.operations import OPERATIONS, Operation
from bot.playground.fake_crm.records import (
    CHENGDU,
    HANGZHOU,
    HEAD_OFFICE,
    SERVICE_SPACE,
    SampleRecords,
    branches,
    sample_customers,
)

__all__ = [
    "APP_ID",
    "APP_SECRET",
    "CHENGDU",
    "DOCUMENTED_CUSTOMER",
    "FAULTS",
    "HANGZHOU",
    "HEAD_OFFICE",
    "SERVICE_SPACE",
    "Fault",
    "SampleCrm",
    "branches",
    "sample_customers",
]

APP_ID: Final = "ysh54dd4f8arinfx"
APP_SECRET: Final = "45e1cc23a7144a28ab110804491e3135"
"""Both are the sample values of the vendor's documentation."""
DOCUMENTED_CUSTOMER: Final = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
TOKEN_LIFE_SECONDS: Final = 7_200
CLOCK_TOLERANCE_SECONDS: Final = 600


class SampleCrm(SampleRecords):
    """The CRM: its records, the tokens that it gave out, what it was asked, the faults that are on.

    ``now`` is its clock. ``fault`` is that of every operation that wants a token, ``faults`` are those of single ones,
    by name (GetCustomerContacts, TokenApi). ``one_token``: a new token ends those before; the vendor does not say.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.now = now
        self.address = ""
        self.fault: Fault | None = None
        self.faults: dict[str, Fault] = {}
        self.asked: Counter[str] = Counter()
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.tokens: set[str] = set()
        self.one_token = False
        self._released = asyncio.Event()

    @property
    def queries(self) -> list[dict[str, str]]:
        """The parameters of every request."""
        return [query for _, query in self.calls]

    def asked_for(self, operation: str) -> list[dict[str, str]]:
        """The parameters of every request for an operation, by its name."""
        return [query for asked, query in self.calls if asked == operation]

    @asynccontextmanager
    async def open(self, port: int = 0, around: Around = alone) -> AsyncIterator["SampleCrm"]:
        """Serve it, with ``around`` its app."""
        async with loopback(around(self._asgi_app()), port, lambda: self.now()) as self.address:
            try:
                yield self
            finally:
                self.release()

    def release(self) -> None:
        """Answer the requests held by a fault at once."""
        self._released.set()

    def _asgi_app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/TokenApi", self._token_api),
                *(Route(path, partial(self._guarded, operation)) for path, operation in OPERATIONS.items()),
            ]
        )

    async def _token_api(self, request: Request) -> Response:
        query = self._note(request)
        number = self.asked["TokenApi"]
        if (answer := await instead(self.faults.get("TokenApi"), self._released)) is not None:
            return answer
        if not _is_signed(query, self.now()):
            return _error(1002, "sign 错误")
        token = f"sample-token-{number}=="
        self.tokens = {token} if self.one_token else {*self.tokens, token}
        return _success({"access_token": token, "expires_in": TOKEN_LIFE_SECONDS})

    async def _guarded(self, operation: Operation, request: Request) -> Response:
        query = self._note(request)
        if (answer := await instead(self.faults.get(_name(request), self.fault), self._released)) is not None:
            return answer
        if query.get("access_token") not in self.tokens:
            return _error(1001, "access_token 无效或已过期")
        try:
            value = operation(self, query)
        except Refusal as refusal:
            return _error(1003, str(refusal))
        return _success(value, code="0" if request.url.path.startswith("/open") else 0)

    def _note(self, request: Request) -> dict[str, str]:
        query = dict(request.query_params)
        self.asked[_name(request)] += 1
        self.calls.append((_name(request), query))
        return query


def _is_signed(query: dict[str, str], now: float) -> bool:
    timestamp = query.get("timestamp", "")
    if not timestamp.isdigit() or abs(int(timestamp) / 1000 - now) > CLOCK_TOLERANCE_SECONDS:
        return False
    text = f"{APP_ID}{APP_SECRET}{timestamp}"
    sign = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()
    return query.get("appid") == APP_ID and query.get("sign") == sign


def _name(request: Request) -> str:
    """The operation's."""
    return request.url.path.rpartition("/")[2]


def _success(value: Any, code: int | str = 0) -> Response:
    return JSONResponse({"ResultCode": code, "ErrorMsg": "", "ResultValue": value})


def _error(code: int, message: str) -> Response:
    return JSONResponse({"ResultCode": code, "ErrorMsg": message})
