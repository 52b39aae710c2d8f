"""One request to the CRM over real sockets: what is taken, what is refused, and where the token never shows."""

import asyncio
import gc
import gzip
import logging
import socket
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.crm.transport import MAX_RESPONSE_BYTES, CrmTransport, HttpResponse
from bot.errors import CrmError, CrmUnreachable, CrmUnreadable
from tests.conftest import Logs
from tests.support.raw_server import NO_RESPONSE, RESET, RawServer, Said, always, http, path_of, query_of

TOKEN = "sample-token-a+b/c=="
SECRETS = {"access_token": TOKEN}
TRACES = ("sample-token-", "access_token")
"""Neither the token nor the parameter that carries it may be printed."""


def chunked(body: bytes) -> Said:
    head = http(Content_Length="", Transfer_Encoding="chunked")
    return Said(head.text + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")


def redirect(location: str, status: int = 302) -> Said:
    return http(status=status, Location=location)


@asynccontextmanager
async def transport_to(address: str, timeout_seconds: float = 2.0) -> AsyncIterator[CrmTransport]:
    transport = CrmTransport(address, timeout_seconds)
    try:
        yield transport
    finally:
        await transport.close()


async def ask(address: str, timeout_seconds: float = 2.0) -> HttpResponse:
    async with transport_to(address, timeout_seconds) as transport:
        return await transport.get("/start", {"customerId": "7"}, SECRETS)


async def refusal(address: str, timeout_seconds: float = 2.0) -> CrmError:
    """What asking raises, after a look at everything that could be printed of it."""
    with pytest.raises(CrmError) as caught:
        await ask(address, timeout_seconds)
    printed = "".join(traceback.format_exception(caught.value)) + "".join(map(repr, chain_of(caught.value)))
    assert not [trace for trace in TRACES if trace in printed]
    return caught.value


def chain_of(error: BaseException | None) -> Iterator[object]:
    """An error, its attributes, and those of whatever it came from."""
    while error is not None:
        yield error
        yield from vars(error).values()
        error = error.__cause__ or error.__context__


@pytest.fixture(autouse=True)
def _httpx_speaks_up(logs: Logs) -> Iterator[None]:
    """The loggers that the bot keeps quiet are at DEBUG here: ``logs`` finds the token if they are given it."""
    loggers = [logging.getLogger(name) for name in ("httpx", "httpcore")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    assert not [trace for trace in TRACES if trace in logs.text]


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    """The CRM, to say what the test sets."""
    async with RawServer().open() as server:
        yield server


@pytest.fixture
async def other() -> AsyncIterator[RawServer]:
    """Another server on this machine, which must never be asked."""
    async with RawServer().open() as server:
        yield server


async def test_secrets_go_out_in_the_query_beside_the_parameters(server: RawServer) -> None:
    """A token may hold =, + and /: it arrives as it was given."""
    await ask(server.address)
    [target] = server.targets
    assert query_of(target) == {"customerId": "7", "access_token": TOKEN}


async def test_loggers_of_httpx_at_debug_never_hold_the_token(server: RawServer, logs: Logs) -> None:
    """httpx prints whole addresses: what it prints is the address without the secrets."""
    await ask(server.address)
    printed = [line["event"] for line in logs.lines() if line["logger"] == "httpx"]
    assert printed == [f'HTTP Request: GET {server.address}/start?customerId=7 "HTTP/1.1 200 Reason"']
    assert [line for line in logs.lines() if line["logger"].startswith("httpcore")]


async def test_path_of_the_base_address_is_kept(server: RawServer) -> None:
    await ask(f"{server.address}/gateway")
    assert path_of(server.targets[0]) == "/gateway/start"


async def test_proxies_of_the_environment_never_see_the_token(
    server: RawServer, other: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, other.address)
    await ask(server.address)
    assert (len(server.targets), other.targets) == (1, [])


LARGEST = b"x" * MAX_RESPONSE_BYTES
ENDLESS = str(10**12)
"""A Content-Length that no one waits for."""
TAKEN = {
    "an empty body": (http(b""), b""),
    "a body of the largest size": (http(LARGEST), LARGEST),
    "chunks": (chunked(LARGEST), LARGEST),
    "a body that ends with the connection": (http(b"{}", Content_Length=""), b"{}"),
    "an encoding that changes nothing": (http(b"{}", Content_Encoding="Identity"), b"{}"),
}


async def test_no_compression_is_asked_for(server: RawServer) -> None:
    """What is unpacked may be a thousand times as large as what came."""
    await ask(server.address)
    [head] = server.heads
    assert b"accept-encoding: identity" in head.lower()


@pytest.mark.parametrize(("said", "body"), TAKEN.values(), ids=TAKEN.keys())
async def test_body_is_taken_up_to_two_mebibytes(server: RawServer, said: Said, body: bytes) -> None:
    server.say = always(said)
    assert await ask(server.address) == HttpResponse(200, body)


@pytest.mark.parametrize("status", [200, 204, 304, 400, 404, 429, 500, 599])
async def test_every_status_is_an_answer(server: RawServer, status: int) -> None:
    """What a status means is not for the transport to say."""
    server.say = always(http(status=status))
    assert (await ask(server.address)).status == status


UNREADABLE = {
    "one byte too many": http(LARGEST + b"x"),
    "too many in chunks": chunked(LARGEST + b"x"),
    "gzip": http(gzip.compress(b"{}"), Content_Encoding="gzip"),
    "gzip of far too many": http(gzip.compress(b" " * 2**25), Content_Encoding="gzip"),
    "packed twice": http(gzip.compress(gzip.compress(b" " * 2**25)), Content_Encoding="gzip, gzip"),
    "another compression": http(b"{}", Content_Encoding="br"),
}


@pytest.mark.parametrize("said", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_body_that_is_too_large_or_broken_is_unreadable(server: RawServer, said: Said) -> None:
    server.say = always(said)
    assert isinstance(await refusal(server.address), CrmUnreadable)


async def test_compressed_error_page_is_an_answer_by_its_status(server: RawServer) -> None:
    """A proxy's, say: it is not unpacked."""
    packed = gzip.compress(b" " * 2**25)
    server.say = always(http(packed, 503, Content_Encoding="gzip"))
    assert await ask(server.address) == HttpResponse(503, packed)


async def test_body_without_end_is_given_up_once_it_is_too_large(server: RawServer) -> None:
    """Long before the time is up."""
    server.say = always(http(LARGEST + b"x", Content_Length=ENDLESS)._replace(hold=True))
    assert isinstance(await refusal(server.address, timeout_seconds=30), CrmUnreadable)


UNREACHABLE = {
    "a reset": RESET,
    "no answer": Said(),
    "a cut head": Said(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "a cut body": http(b"{}", Content_Length="10"),
    "a cut chunk": http(b"ff\r\n{}", Content_Length="", Transfer_Encoding="chunked"),
    "no HTTP": Said(b"220 mail.example.com ESMTP\r\n"),
    "a head without end": Said(b"HTTP/1.1 200 OK\r\n" + b"X-Long: x\r\n" * 20_000),
}


@pytest.mark.parametrize("said", UNREACHABLE.values(), ids=UNREACHABLE.keys())
async def test_connection_that_breaks_is_no_answer(server: RawServer, said: Said) -> None:
    server.say = always(said)
    assert isinstance(await refusal(server.address), CrmUnreachable)


async def test_what_was_answered_instead_of_http_is_in_no_error(server: RawServer) -> None:
    """It may be a customer's data."""
    server.say = always(Said(b"HTTP/1.1 13800001001 OK\r\n\r\n"))
    error = await refusal(server.address)
    assert "13800001001" not in "".join(traceback.format_exception(error))


async def test_refused_connection_is_no_answer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert isinstance(await refusal(f"http://127.0.0.1:{free.getsockname()[1]}"), CrmUnreachable)


LATE = {
    "silence": NO_RESPONSE,
    "silence after the head": http(Content_Length="2")._replace(hold=True),
    "a byte now and then": http(b" " * 100)._replace(drip=0.02),
}


@pytest.mark.parametrize("said", LATE.values(), ids=LATE.keys())
async def test_whole_request_is_bounded_in_time(server: RawServer, said: Said) -> None:
    """Also where no single byte is late."""
    server.say = always(said)
    began = time.perf_counter()
    error = await refusal(server.address, timeout_seconds=0.12)
    assert (type(error), str(error)) == (CrmUnreachable, "no answer in time")
    assert time.perf_counter() - began < 1


async def test_connection_of_an_answer_that_is_not_read_to_its_end_is_closed(server: RawServer) -> None:
    """Nothing piles up in a process that runs for months."""
    server.say = always(http(LARGEST + b"x", Content_Length=ENDLESS)._replace(hold=True))
    async with transport_to(server.address) as transport:
        with pytest.raises(CrmUnreadable):
            await transport.get("/start", {}, SECRETS)
        await asyncio.sleep(0.05)
        assert server.open_connections == 0


LOCATIONS = {
    "a path": "/next",
    "this host": "http://127.0.0.1:{own}/next",
    "another port": "http://127.0.0.1:{other}/",
    "another port without scheme": "//127.0.0.1:{other}/",
    "another name of this host": "http://localhost:{own}/",
    "another scheme": "https://127.0.0.1:{own}/",
    "the port in place of a user": "http://127.0.0.1:{own}@127.0.0.1:{other}/",
    "a backslash before the host": "//127.0.0.1:{own}\\@127.0.0.1:{other}/",
    "the default port": "http://127.0.0.1/",
    "no host at all": "https:///next",
    "no web address": "mailto:someone@example.com",
    "half of an IPv6 address": "http://[::1",
    "a port that is no number": "http://127.0.0.1:abc/",
    "no host name": "http://…/",
    "half of a coded host name": "http://xn--/",
    "too long": "/" + "x" * 70_000,
    "a control character": "/a\x01b",
}


@pytest.mark.parametrize("location", LOCATIONS.values(), ids=LOCATIONS.keys())
async def test_redirect_is_never_followed(server: RawServer, other: RawServer, location: str) -> None:
    """The token could go there."""
    server.say = always(redirect(location.format(own=server.port, other=other.port)))
    assert await ask(server.address) == HttpResponse(302, b"")
    assert (len(server.targets), other.targets) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_that_repeats_the_token_has_it_printed_nowhere(server: RawServer, status: int) -> None:
    """Servers often keep the query. (httpcore prints the header itself: the bot keeps its logger quiet.)"""
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    server.say = lambda target: redirect(target.replace("/start", "/next"), status)
    assert (await ask(server.address)).status == status
    assert len(server.targets) == 1


async def test_secret_that_no_address_can_hold_is_an_error_of_the_crm(server: RawServer) -> None:
    """Half a character, as JSON may hold it, can be no part of a token."""
    async with transport_to(server.address) as transport:
        with pytest.raises(CrmUnreadable):
            await transport.get("/start", {}, {"access_token": "\ud800"})
    assert server.targets == []


async def test_connection_that_is_kept_is_closed_with_the_transport(server: RawServer) -> None:
    """A connection left open would be a warning, and warnings are errors here."""
    server.say = always(http(b"{}", Connection="keep-alive")._replace(hold=True))
    assert (await ask(server.address)).body == b"{}"
    gc.collect()


HEADERS = st.dictionaries(
    st.sampled_from(["Location", "Content-Type", "Content-Encoding", "Set-Cookie", "Content-Length", "Age"]),
    st.one_of(
        st.sampled_from(["gzip", "deflate", "br", "gzip, gzip", "/next", "http://", "a=b; Domain=x; Expires=never"]),
        st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=30),
    ),
)
ANY_SAID = st.binary(max_size=200).map(Said) | st.builds(
    lambda body, status, headers: http(body, status, **headers),
    st.binary(max_size=100),
    st.integers(100, 599),
    HEADERS,
)


@pytest.fixture
async def transport(server: RawServer) -> AsyncIterator[CrmTransport]:
    async with transport_to(server.address, 0.5) as transport:
        yield transport


@given(said=ANY_SAID)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_bytes_come_it_is_an_answer_or_an_error_of_the_crm(
    server: RawServer, transport: CrmTransport, said: Said
) -> None:
    server.say = always(said)
    with suppress(CrmError):
        got = await transport.get("/start", {}, SECRETS)
        assert len(got.body) <= MAX_RESPONSE_BYTES
