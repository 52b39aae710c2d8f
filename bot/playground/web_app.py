"""The playground's page over HTTP: its files, what a person sees as server-sent events, and what they do."""

import json
from collections.abc import AsyncIterator, Iterator
from functools import partial
from importlib import resources
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.playground.placeholder_image import picture
from bot.playground.screen import KINDS, Json, screen_of
from bot.playground.user_actions import Impossible, do
from bot.playground.world import World
from bot.playground.world_manager import Keeper

LOOPBACK: Final = ["127.0.0.1", "localhost"]
"""A page elsewhere cannot reach this one under another name."""
FOLDERS: Final = ("page", "page/block_kit")
"""Of what runs in the browser: Slack's window with the playground's controls, and the drawing of blocks."""
MEDIA_TYPES: Final = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
SIGN_OF_LIFE: Final = ": still here\n\n"
MALFORMED: Final = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
"""What becomes of a request that the page would not make."""


def page_app(keeper: Keeper) -> Starlette:
    """The app that serves the page."""

    async def screen(request: Request) -> Response:
        person = request.query_params.get("person", "")
        if person not in KINDS:
            return PlainTextResponse("There is no such person.", 404)
        return StreamingResponse(_events(keeper, person), headers=HEADERS, media_type="text/event-stream")

    async def doing(request: Request) -> Response:
        return await _done(keeper, request)

    return Starlette(
        routes=[
            Route("/", lambda request: _file("page", "page.html")),
            *(Route(f"/{folder}/{{name}}", partial(_file_in, folder)) for folder in FOLDERS),
            Route("/picture", lambda request: _picture(request.query_params.get("url", ""))),
            Route("/screen", screen),
            Route("/do/{verb}", doing, methods=["POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK, www_redirect=False)],
    )


async def _done(keeper: Keeper, request: Request) -> Response:
    if not _is_own(request):
        return PlainTextResponse("Only the page itself may do this.", 403)
    try:
        asked = _readable(await request.json())
        return JSONResponse(await _answer(keeper, request.path_params["verb"], asked))
    except Impossible as impossible:
        return JSONResponse({"error": str(impossible)})  # with another status the browser's console would complain
    except MALFORMED as malformed:
        return PlainTextResponse(f"{type(malformed).__name__}: {malformed}", 400)


async def _answer(keeper: Keeper, verb: str, asked: Any) -> Json:
    is_reset = verb == "reset"
    world = await (keeper.reset() if is_reset else keeper.present())
    if world is None:
        raise Impossible("The playground has ended.")
    return {} if is_reset else await do(world, verb, asked)


def _readable(asked: Any) -> Any:
    """``asked``. Raises ValueError for halves of characters, and numbers, that no browser could read again: they would
    be on the screen for good.
    """
    json.dumps(asked, ensure_ascii=False, allow_nan=False).encode()
    return asked


def _is_own(request: Request) -> bool:
    """Not of another site in the same browser: that cannot send JSON unasked, and says where it is from."""
    origin = request.headers.get("origin")
    is_json = request.headers.get("content-type", "").partition(";")[0] == "application/json"
    return is_json and origin in (None, f"{request.url.scheme}://{request.headers['host']}")


async def _events(keeper: Keeper, person: str) -> AsyncIterator[str]:
    """What ``person`` sees, at once and whenever it has changed, in one world after the other."""
    while (world := await keeper.present()) is not None:
        look = _Look(keeper, world, person)
        while keeper.world is world:
            for event in await look.events():
                yield event


class _Look:
    """One person's look at one world."""

    def __init__(self, keeper: Keeper, world: World, person: str) -> None:
        self._keeper = keeper
        self._world = world
        self._person = person
        self._shown = ""
        self._changes = 0

    async def events(self) -> list[str]:
        """Those that tell what is new, once anything is; after a while without any, a sign of life."""
        try:
            return await self._world.slack.changes.until(self._news)
        except TimeoutError:
            return [SIGN_OF_LIFE]

    def _news(self) -> list[str]:
        if self._keeper.world is not self._world:
            return [SIGN_OF_LIFE]
        return [*self._screen(), *self._traffic()]

    def _screen(self) -> Iterator[str]:
        screen = json.dumps(screen_of(self._world, self._person), ensure_ascii=False)
        if screen != self._shown:
            self._shown = screen
            yield _event("screen", screen)

    def _traffic(self) -> Iterator[str]:
        trips = [trip.as_json() for trip in self._world.traffic.since(self._changes)]
        self._changes = self._world.traffic.changes
        if trips:
            yield _event("traffic", json.dumps(trips, ensure_ascii=False))


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"


def _file_in(folder: str, request: Request) -> Response:
    return _file(folder, request.path_params["name"])


def _file(folder: str, name: str) -> Response:
    """One of those that are there; no path is made of ``name``."""
    media_type = MEDIA_TYPES.get(name.rpartition(".")[2])
    for file in resources.files("bot.playground").joinpath(folder).iterdir():
        if file.name == name and media_type:
            return Response(file.read_bytes(), headers=HEADERS, media_type=media_type)
    return PlainTextResponse("There is no such file.", 404)


def _picture(url: str) -> Response:
    return Response(picture(url), headers=HEADERS, media_type="image/svg+xml")
