"""Ten thousand requests that are not, or no longer, what Slack sends: no customer data for anybody, and no 500.

All ask for the vendor's documented customer in some way; none comes from a user who may ask, or as Slack signs it.
The numbers are drawn from a fixed seed, so that a failure can be seen again.
"""

import json
import random
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.server import GUEST, OTHER_TEAM, OUTSIDER, TEAM, USER, StandInSlack
from bot.server.events_endpoint import MAX_BODY_BYTES
from bot.server.http import WebProcess
from tests.conftest import Logs
from tests.server.test_http import Headers, has_traceback, of_a_member, signed
from tests.slack.test_verification import COMMAND, EVENTS, FORM, INTERACTIONS, JSON
from tests.support.surfaces import DOCUMENTED, customer_values, digits_in, idle

REQUESTS: Final = 10_000
VALUES: Final = frozenset(
    {"胡效鑫", "18539622352", "903146517", "0108888888", "东郊森林公园", "91110108339719567A", "安徽服务商"}
)
"""Of the customer that all of them ask for."""

Body = dict[str, Any]
Sent = tuple[bytes, Headers]
"""What goes over the wire."""
Mutation = Callable[[random.Random, Body], Sent]


def as_sent(body: Body, rng: random.Random) -> tuple[bytes, str]:
    """As Slack sends it: a command as a form, a click as JSON in one, an event as JSON."""
    text = json.dumps(body)
    if "command" in body:
        return urlencode(body, errors="replace").encode(), FORM
    if "event" in body or rng.random() < 0.1:
        return text.encode(), JSON
    return urlencode({"payload": text}).encode(), FORM


def asking(rng: random.Random) -> Body:
    """One of Slack's requests, whose text or value is the documented customer."""
    body: Body = json.loads(json.dumps(rng.choice([COMMAND, *INTERACTIONS.values(), *EVENTS.values()])))
    body = of_a_member(body)
    for action in body.get("actions") or []:
        action["value"] = DOCUMENTED
    if "text" in body:
        body["text"] = rng.choice([DOCUMENTED, "CF00000179", "18539622352", "胡效鑫"])
    if "event_id" in body:
        body["event_id"] = f"Ev{rng.random()}"
    return body


def wrong_signature(rng: random.Random, body: Body) -> Sent:
    data, kind = as_sent(body, rng)
    headers = signed(data, kind)
    name = rng.choice(["x-slack-signature", "x-slack-request-timestamp"])
    place = rng.randrange(len(headers[name]))
    other = rng.choice([character for character in "0123456789abcdef" if character != headers[name][place]])
    headers[name] = headers[name][:place] + other + headers[name][place + 1 :]
    return data, headers


def other_secret(rng: random.Random, body: Body) -> Sent:
    data, kind = as_sent(body, rng)
    return data, signed(data, kind, secret=f"secret-{rng.random()}")


def changed_after_signing(rng: random.Random, body: Body) -> Sent:
    data, kind = as_sent(body, rng)
    headers = signed(data, kind)
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ rng.randrange(1, 256)]) + data[place + 1 :], headers


def replayed(rng: random.Random, body: Body) -> Sent:
    """Signed by Slack indeed, and recorded more than five minutes ago."""
    data, kind = as_sent(body, rng)
    real, now = time.time, time.time()
    try:
        time.time = lambda: now - rng.uniform(301, 86_400)
        return data, signed(data, kind)
    finally:
        time.time = real


def forged_team(rng: random.Random, body: Body) -> Sent:
    """Signed, as clicks from shared channels are, and from another organisation."""
    text = json.dumps(body).replace(f'"{TEAM}"', json.dumps(rng.choice([OTHER_TEAM, f"T{rng.randrange(10**6)}"])))
    data, kind = as_sent(json.loads(text), rng)
    return data, signed(data, kind)


def forged_user(rng: random.Random, body: Body) -> Sent:
    """Signed, and by a user who may not ask, or who is unknown."""
    who = rng.choice([GUEST, OUTSIDER, "U0BOT", f"U{rng.randrange(10**6)}", "", "U0\ud800"])
    text = json.dumps(body).replace('"W111"', json.dumps(who)).replace(f'"{USER}"', json.dumps(who))
    data, kind = as_sent(json.loads(text), rng)
    return data, signed(data, kind)


def oversized(rng: random.Random, body: Body) -> Sent:
    data, kind = as_sent({**body, "padding": "x" * (MAX_BODY_BYTES + rng.randrange(1_000))}, rng)
    return data, signed(data, kind)


def malformed(rng: random.Random, body: Body) -> Sent:
    """Signed, and cut, doubled or of the wrong kind."""
    data, kind = as_sent(body, rng)
    cut = data[: rng.randrange(len(data))]
    data = rng.choice([cut, cut + data, b"payload=" + cut, b"[" + data + b"]", b"\x00" + data, b"", b"{}" * 9])
    who = f'"{USER}"'.encode()
    data = data.replace(who, b'"U0NOBODY"').replace(b"W111", b"U0NOBODY")
    return data, signed(data, rng.choice([kind, JSON, FORM, "", "text/plain; charset=utf-7"]))


MUTATIONS: Final[dict[str, tuple[Mutation, int]]] = {
    "wrong signature": (wrong_signature, 2_500),
    "another secret": (other_secret, 1_000),
    "changed after signing": (changed_after_signing, 1_500),
    "replayed": (replayed, 1_000),
    "another organisation": (forged_team, 1_500),
    "somebody who may not ask": (forged_user, 1_200),
    "malformed": (malformed, 1_270),
    "oversized": (oversized, 30),
}
"""How, and how often."""


def shown_to_anybody(slack: StandInSlack) -> str:
    """Everything that the bot has sent to Slack."""
    return json.dumps(
        [[vars(message) if hasattr(message, "__dict__") else message for message in exchange.shown]
         for exchange in slack.exchanges.values()]
        + [arguments for _, arguments in slack.calls],
        default=str,
        ensure_ascii=False,
    )  # fmt: skip


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Slack does not take or answer is tried again after hundredths of a second."""
    monkeypatch.setattr("bot.slack.api.RETRY_WAIT_SECONDS", 0.01)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_nobody_who_may_not_ask_gets_anything(
    short_waits: None, bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs, mutation: str
) -> None:
    mutate, count = MUTATIONS[mutation]
    rng = random.Random(f"customer-bot {mutation}")
    answered = []
    for _ in range(count):
        body, headers = mutate(rng, asking(rng))
        status, answer = await slack.post(body, headers)
        assert status < 500, (status, body[:300])
        answered.append(answer.decode())
    await idle(bot)
    everything = "\n".join(answered) + shown_to_anybody(slack)
    assert not [value for value in VALUES if value in everything]
    assert not [value for value in customer_values() if len(value) > 6 and value in everything]
    assert "18539622352" not in digits_in("\n".join(answered))
    assert not has_traceback(logs)


def test_there_are_ten_thousand() -> None:
    assert sum(count for _, count in MUTATIONS.values()) == REQUESTS
