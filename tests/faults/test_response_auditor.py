"""The response auditor of the fault tests can turn red: for whatever is swallowed, doubled, or no answer at all."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest

from bot.locales import texts_in
from bot.playground.fake_slack.server import CHANNEL, USER, Exchange, Said, StandInSlack
from bot.playground.fake_slack.workspace import Links, Taken
from bot.slack.message import Message
from tests.support.response_auditor import EACH_ANSWERED_ONCE, Kind, Request, ResponseAuditor, Verdict

NAME = "屿麦便利店001店"
WAITING = "正在查询 CF00001001 · 结果随后送达"
LOADING = "正在查询，请稍候…"
ERROR = "易售后没有回应 (E-7F3A)"


class Books:
    """One request, and what Slack shows after it."""

    def __init__(self) -> None:
        self.slack = StandInSlack()
        self.auditor = ResponseAuditor(self.slack)

    async def asked(self, kind: Kind = Kind.COMMAND, **payload: Any) -> Exchange:
        exchange = Exchange(status=200, request=payload)
        await self.auditor.send(kind, USER, NAME, done(exchange))
        return exchange

    async def said(self, kind: Kind) -> Said:
        """A message about the customer."""
        said = Said(CHANNEL, "17.1", USER, message=Exchange(status=200), links=Exchange(status=200))
        self.slack.links.append(Links("unfurl-1", "s", CHANNEL, "17.1", ("https://crm.example.com/1",)))
        await self.auditor.send(kind, USER, NAME, done(said))
        return said

    def taken(self, method: str, answer: Mapping[str, Any] = {}, **arguments: Any) -> None:  # read only
        self.slack.taken.append(Taken(method, arguments, dict(answer)))

    def verdict(self, *lines: dict[str, Any]) -> Verdict:
        return self.auditor.verdict(lines)


@pytest.fixture
async def books() -> Books:
    return Books()


async def done(what: Any) -> Any:
    return what


def show(exchange: Exchange, *texts: str) -> None:
    exchange.shown += [Message(text, []) for text in texts]


@pytest.mark.parametrize("texts", [[NAME], [WAITING, NAME], [ERROR], [WAITING, ERROR]])
async def test_one_answer_is_right(books: Books, texts: list[str]) -> None:
    """The card or an error with its code, whether or not a waiting line came before."""
    show(await books.asked(), *texts)
    assert books.verdict() == EACH_ANSWERED_ONCE


@pytest.mark.parametrize("texts", [[], [WAITING]])
async def test_answer_that_was_swallowed_is_lost(books: Books, texts: list[str]) -> None:
    show(await books.asked(), *texts)
    assert len(books.verdict().lost) == 1


@pytest.mark.parametrize("texts", [[NAME, NAME], [WAITING, NAME, ERROR]])
async def test_second_answer_is_one_too_many(books: Books, texts: list[str]) -> None:
    show(await books.asked(), *texts)
    assert len(books.verdict().doubled) == 1


@pytest.mark.parametrize("text", ["屿麦便利店002店", "something went wrong", "operation_timeout"])
async def test_answer_that_says_nothing_is_wrong(books: Books, text: str) -> None:
    """Another customer's card, an error without a code, and what Slack shows by itself."""
    show(await books.asked(), text)
    assert len(books.verdict().wrong) == 1


async def test_ephemeral_message_is_an_answer_to_what_was_asked_last(books: Books) -> None:
    show(await books.asked(), NAME)
    await books.asked()
    books.taken("chat.postEphemeral", user=USER, text=NAME)
    assert books.verdict() == EACH_ANSWERED_ONCE
    books.taken("chat.postEphemeral", user=USER, text=NAME)
    [doubled] = books.verdict().doubled
    assert doubled.startswith("#1 ")


async def test_modal_that_waits_for_ever_is_no_answer(books: Books) -> None:
    await books.asked(Kind.CLICK, trigger_id="t")
    books.taken("views.open", {"view": {"id": "V1"}}, trigger_id="t", view={"blocks": [LOADING]})
    assert len(books.verdict().lost) == 1
    books.taken("views.update", view_id="V1", view={"blocks": [NAME]})
    assert books.verdict() == EACH_ANSWERED_ONCE
    books.taken("views.update", view_id="V1", view={"blocks": [ERROR]})
    assert len(books.verdict().doubled) == 1


async def test_form_is_answered_in_its_acknowledgement_or_after_it(books: Books) -> None:
    form = await books.asked(Kind.SUBMISSION, view={"id": "V1"})
    form.answer = {"response_action": "update", "view": {"blocks": [LOADING]}}
    assert len(books.verdict().lost) == 1
    books.taken("views.update", view_id="V1", view={"blocks": [NAME]})
    assert books.verdict() == EACH_ANSWERED_ONCE


async def test_what_is_shared_is_posted_once(books: Books) -> None:
    form = await books.asked(Kind.SHARE, view={"id": "V1"})
    form.answer = {"response_action": "update", "view": {"blocks": ["posted"]}}
    books.taken("chat.postMessage", channel=CHANNEL, text=f"{NAME}  CF00001001")
    assert books.verdict() == EACH_ANSWERED_ONCE
    books.taken("chat.postMessage", channel=CHANNEL, text=f"{NAME}  CF00001001")
    assert len(books.verdict().doubled) == 1


async def test_customer_shared_by_several_people_is_posted_as_often_as_announced(books: Books) -> None:
    for view_id in ("V1", "V2"):
        form = await books.asked(Kind.SHARE, view={"id": view_id})
        form.answer = {"response_action": "update", "view": {"blocks": [texts_in("zh").modal.posted("#general")]}}
    books.taken("chat.postMessage", channel=CHANNEL, text=f"{NAME}  CF00001001")
    assert len(books.verdict().lost) == 1
    books.taken("chat.postMessage", channel=CHANNEL, text=f"{NAME}  CF00001001")
    assert books.verdict() == EACH_ANSWERED_ONCE
    books.taken("chat.postMessage", channel=CHANNEL, text=f"{NAME}  CF00001001")
    assert len(books.verdict().doubled) == 2


CARDS: Mapping[Kind, tuple[str, dict[str, Any]]] = {
    Kind.MESSAGE: ("chat.postMessage", {"thread_ts": "17.1", "text": NAME}),
    Kind.LINK: ("chat.unfurl", {"unfurl_id": "unfurl-1", "unfurls": {"https://crm.example.com/1": NAME}}),
}


@pytest.mark.parametrize("kind", CARDS)
async def test_card_that_comes_by_itself_comes_once_or_its_absence_is_meant(books: Books, kind: Kind) -> None:
    await books.said(kind)
    assert len(books.verdict().lost) == 1
    assert books.verdict({"event": "message_noted", "ts": "17.1"}) == EACH_ANSWERED_ONCE
    method, card = CARDS[kind]
    books.taken(method, **card)
    assert books.verdict() == EACH_ANSWERED_ONCE
    books.taken(method, **card)
    assert len(books.verdict().doubled) == 1


async def test_panel_is_filled_by_its_trigger_id(books: Books) -> None:
    await books.asked(Kind.PANEL, event={"trigger_id": "t"})
    assert len(books.verdict().lost) == 1
    books.taken("entity.presentDetails", trigger_id="t", error={"status": "timeout"})
    assert books.verdict() == EACH_ANSWERED_ONCE


async def test_whom_the_bot_does_not_acknowledge_slack_tells(books: Books) -> None:
    """That is no answer that was lost; it is for the test to say whether it may be."""

    async def refused() -> Exchange:
        raise aiohttp.ServerDisconnectedError

    request: Request = await books.auditor.send(Kind.COMMAND, USER, NAME, refused())
    assert books.verdict() == Verdict(unacknowledged=(str(request),))
