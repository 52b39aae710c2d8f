"""Who sees what where, end to end: every surface, by every kind of user, in every kind of channel.

The customer is in the bot's cache, and every modal is on the user's screen already: a refused user is refused
what could be shown at once.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

import pytest

from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_MENU,
    CUSTOMER_PICK,
    CUSTOMER_PIN,
    CUSTOMER_REFRESH,
    CUSTOMER_REVEAL,
    CUSTOMER_SEARCH,
    CUSTOMER_SHARE,
    CUSTOMER_SHARE_CONFIRM,
    CUSTOMER_TAB_CONTACTS,
    CUSTOMER_TAB_PROFILE,
    FIND_CUSTOMER,
    LOOKUP_IN_MESSAGE,
)
from bot.domain.preferences import CardOutcome
from bot.locales import texts_in
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.server import (
    CHANNEL,
    DEACTIVATED,
    DIRECT_MESSAGE,
    GUEST,
    MANAGER,
    OUTSIDER,
    PENDING_CHANNEL,
    PRIVATE_CHANNEL,
    SHARED_CHANNEL,
    USER,
    Channel,
    Ephemeral,
    InView,
    StandInSlack,
)
from bot.playground.fake_slack.workspace import ShownView
from bot.server.http import WebProcess
from bot.slack.view_state import ViewState
from tests.conftest import Logs, StartBot
from tests.support.modals import FormerModal, chosen, typed
from tests.support.surfaces import FACTORY, TEMPLATE, digits_in, everything_in, idle, link, reason, why

ZH: Final = texts_in("zh")
NAME: Final = "杭州岚峤精密机械有限公司"
PHONE: Final = "13800001001"
REF: Final = {"id": FACTORY, "type": "customer"}

MEMBER, NOT_ALLOWED = USER, MANAGER
PEOPLE: Final = (MEMBER, GUEST, OUTSIDER, DEACTIVATED, NOT_ALLOWED)
ALLOWED_USERS: Final = ",".join((MEMBER, GUEST, OUTSIDER, DEACTIVATED))
"""Three of these never may, even if a setting names them."""
INTERNAL, UNKNOWN = CHANNEL, PRIVATE_CHANNEL
CHANNELS: Final = (INTERNAL, SHARED_CHANNEL, PENDING_CHANNEL, UNKNOWN, DIRECT_MESSAGE)
"""Of the last but one Slack tells the bot nothing; nor does it of direct messages, for which the bot has no scope."""

SHOWN: Final = "shown"
POSTED: Final = "posted"
NOTHING: Final = ""
"""Neither a customer nor a word: there is no place for one."""

Row = tuple[str, str, str, str, str]
Table = Mapping[str, Row]
"""By person: what comes of it in each of CHANNELS: SHOWN, POSTED, NOTHING, or the word of a Refusal or CardOutcome."""


def everywhere(outcome: str) -> Row:
    return (outcome,) * 5


PRIVATE: Final[Table] = {
    MEMBER: everywhere(SHOWN),
    GUEST: everywhere("guest"),
    OUTSIDER: everywhere("outsider"),
    DEACTIVATED: everywhere("deactivated"),
    NOT_ALLOWED: everywhere("not_allowed"),
}
"""What one person alone sees is shown to members anywhere."""
IN_MODALS: Final[Table] = {**PRIVATE, OUTSIDER: everywhere(NOTHING)}
"""Where a click of another organisation's is refused Slack gives nothing to answer with."""
WHILE_TYPING: Final[Table] = {**dict.fromkeys(PEOPLE, everywhere(NOTHING)), MEMBER: everywhere(SHOWN)}
SHARED: Final[Table] = {
    **PRIVATE,
    MEMBER: (POSTED, "external_channel", "external_channel", "unreadable_channel", "unreadable_channel"),
    OUTSIDER: everywhere("outsider"),
}
"""What others see needs a channel that is known to be internal."""
BY_ITSELF: Final[Table] = {
    **dict.fromkeys(PEOPLE, everywhere("author_refused")),
    MEMBER: (POSTED, "external_channel", "external_channel", "unreadable_channel", "unreadable_channel"),
}
"""So does a card that nobody asked for; it stays away without a word, and ``/customer why`` explains."""


class House:
    """The bot with its surroundings."""

    def __init__(self, bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs) -> None:
        self.bot = bot
        self.slack = slack
        self.crm = crm
        self.logs = logs

    def forget_the_last_cell(self) -> None:
        slack = self.slack
        for seen in (slack.posts, slack.unfurls, slack.ephemerals, slack.flexpanes, slack.suggestions, slack.modals):
            seen.clear()
        slack.homes.clear()
        slack.exchanges.clear()
        self.crm.calls.clear()

    def opened(self, user: str, channel: str, *blocks: dict[str, Any], **others: Any) -> str:
        """A modal on ``user``'s screen whose first card was in ``channel``."""
        state = ViewState(FACTORY, channel)
        view = {"type": "modal", "blocks": list(blocks), "private_metadata": state.dump(), **others}
        shown = ShownView(f"V{self.slack.number():04d}", user, view)
        self.slack.modals[user] = [shown]
        return shown.view_id

    def seen_by(self, user: str) -> str:
        """Everything that ``user`` alone was shown."""
        slack = self.slack
        answers = [[exchange.shown, exchange.answer] for exchange in slack.exchanges.values()]
        modals = [modal.history for modal in slack.modals[user]]
        home = [slack.homes[user].view] if user in slack.homes else []
        alone = [
            posted for (_, reader), all_posted in slack.ephemerals.items() if reader == user for posted in all_posted
        ]
        suggested = [options for (reader, _), options in slack.suggestions.items() if reader == user]
        return everything_in([answers, modals, home, alone, suggested, slack.flexpanes[user]])

    def seen_by_all(self) -> str:
        return everything_in([list(self.slack.posts.values()), list(self.slack.unfurls.values())])


@pytest.fixture
async def house(
    start_bot: StartBot,
    slack: StandInSlack,
    crm: SampleCrm,
    logs: Logs,
) -> House:
    return await furnished(start_bot, slack, crm, logs, allowed_users=ALLOWED_USERS)


async def furnished(start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, logs: Logs, **settings: Any) -> House:
    bot = await start_bot(customer_url_template=TEMPLATE, language="zh", unfurl_cooldown_seconds=0.001, **settings)
    await slack.command(FACTORY)
    await idle(bot)
    return House(bot, slack, crm, logs)


# --- What people do --------------------------------------------------------------------------------------------------

Do = Callable[[House, str, str], Awaitable[Any]]
"""A person does something in a channel, or in a modal that was opened there."""


async def command(house: House, user: str, channel: str) -> None:
    await house.slack.command(FACTORY, user=user, channel=channel)


async def command_of_a_number(house: House, user: str, channel: str) -> None:
    await house.slack.command("CF00000201", user=user, channel=channel)


async def message_shortcut(house: House, user: str, channel: str) -> None:
    message = {"type": "message", "user": USER, "text": FACTORY, "ts": "1.1"}
    await house.slack.message_shortcut(LOOKUP_IN_MESSAGE, message, user=user, channel=channel)


async def shortcut_of_a_message_without_a_customer(house: House, user: str, channel: str) -> None:
    """Members see their own customers."""
    message = {"type": "message", "user": USER, "text": "明天开会", "ts": "1.1"}
    await house.slack.message_shortcut(LOOKUP_IN_MESSAGE, message, user=user, channel=channel)


async def details(house: House, user: str, channel: str) -> None:
    await house.slack.click(CUSTOMER_DETAILS, FACTORY, user=user, at=Ephemeral(channel))


async def refresh(house: House, user: str, channel: str) -> None:
    await house.slack.click(CUSTOMER_REFRESH, FACTORY, user=user, at=Ephemeral(channel))


async def preview_of_share(house: House, user: str, channel: str) -> None:
    await house.slack.click(CUSTOMER_SHARE, FACTORY, user=user, at=Ephemeral(channel))


async def copy(house: House, user: str, channel: str) -> None:
    await house.slack.choose(CUSTOMER_MENU, f"copy {FACTORY}", user=user, at=Ephemeral(channel))


async def pin(house: House, user: str, channel: str) -> None:
    await house.slack.choose(CUSTOMER_MENU, f"pin {FACTORY}", user=user, at=Ephemeral(channel))


async def pin_by_a_button(house: House, user: str, channel: str) -> None:
    await house.slack.click(CUSTOMER_PIN, FACTORY, user=user, at=Ephemeral(channel))


def in_modal(action_id: str) -> Do:
    async def click(house: House, user: str, channel: str) -> None:
        await house.slack.click(action_id, FACTORY, user=user, at=FormerModal(house.opened(user, channel)))

    return click


async def typed_in_a_modal(house: House, user: str, channel: str) -> None:
    blocks = {"type": "input", "block_id": "query"}
    view_id = house.opened(user, channel, blocks, callback_id=FIND_CUSTOMER, submit={})
    await house.slack.submit(view_id, typed(FACTORY), user=user)


async def typing_ahead(house: House, user: str, channel: str) -> None:
    box = {"type": "external_select", "action_id": CUSTOMER_SEARCH, "min_query_length": 1}
    view_id = house.opened(user, channel, {"type": "actions", "elements": [box]})
    await house.slack.suggest(CUSTOMER_SEARCH, "岚峤", user=user, at=InView(view_id))


async def panel(house: House, user: str, channel: str) -> None:
    await house.slack.open_flexpane(link(FACTORY), REF, user=user, channel=channel, message_ts="1.1")


async def home(house: House, user: str, channel: str) -> None:
    await house.slack.open_home(user=user)


async def global_shortcut(house: House, user: str, channel: str) -> None:
    await house.slack.global_shortcut(FIND_CUSTOMER, user=user)


async def share(house: House, user: str, channel: str) -> None:
    """From a card in an internal channel to ``channel``."""
    blocks = {"type": "input", "block_id": "channel"}
    view_id = house.opened(user, INTERNAL, blocks, callback_id=CUSTOMER_SHARE_CONFIRM, submit={})
    await house.slack.submit(view_id, chosen(channel), user=user)


async def link_in_a_message(house: House, user: str, channel: str) -> None:
    """An outsider's would not reach the bot: Slack may change that."""
    slack = house.slack
    team, slack.people[user].team_id = slack.people[user].team_id, "T0PLAY"
    try:
        said = await slack.post_message(link(FACTORY), user=user, channel=channel)
    finally:
        slack.people[user].team_id = team
    assert said.links is not None


async def number_in_a_message(house: House, user: str, channel: str) -> None:
    """As if the bot heard of every message everywhere."""
    event = {"type": "message", "user": user, "channel": channel, "text": "CF00000201", "ts": house.slack.ts()}
    house.slack.messages[channel, event["ts"]] = event
    await house.slack.event(event)


SURFACES: Final[dict[Do, Table]] = {
    command: PRIVATE,
    command_of_a_number: PRIVATE,
    message_shortcut: PRIVATE,
    shortcut_of_a_message_without_a_customer: PRIVATE,
    global_shortcut: IN_MODALS,
    details: PRIVATE,
    refresh: PRIVATE,
    preview_of_share: PRIVATE,
    copy: PRIVATE,
    pin: PRIVATE,
    pin_by_a_button: PRIVATE,
    in_modal(CUSTOMER_DETAILS): IN_MODALS,
    in_modal(CUSTOMER_PICK): IN_MODALS,
    in_modal(CUSTOMER_REFRESH): IN_MODALS,
    in_modal(CUSTOMER_REVEAL): IN_MODALS,
    in_modal(CUSTOMER_TAB_CONTACTS): IN_MODALS,
    in_modal(CUSTOMER_TAB_PROFILE): IN_MODALS,
    typed_in_a_modal: PRIVATE,
    typing_ahead: WHILE_TYPING,
    panel: PRIVATE,
    home: PRIVATE,
    share: SHARED,
    link_in_a_message: BY_ITSELF,
    number_in_a_message: BY_ITSELF,
}
"""What comes of each."""


# --- What comes of it ------------------------------------------------------------------------------------------------


class Cell(NamedTuple):
    user: str
    channel: str


async def outcome(house: House, do: Do, cell: Cell) -> str:
    """What came of it, in one word; and nothing else came of it."""
    house.forget_the_last_cell()
    lines = len(house.logs.lines("customer_lookup"))
    await do(house, *cell)
    await idle(house.bot)
    alone, all_see = house.seen_by(cell.user), house.seen_by_all()
    assert PHONE not in digits_in(all_see), cell
    said = [word for word, headline in ZH.denied.items() if headline in alone]
    is_shown, is_posted = NAME in alone, NAME in all_see
    assert is_shown + is_posted + len(said) <= 1 or (is_posted and is_shown and not said), cell
    logged = {line["outcome"] for line in house.logs.lines("customer_lookup")[lines:]}
    if not is_shown and not is_posted:
        assert "found" not in logged, cell
        assert not house.crm.calls, cell
        assert logged <= {"denied", "limited"}, cell
    if said:
        assert logged == {"denied"}, cell
    return POSTED if is_posted else SHOWN if is_shown else said[0] if said else NOTHING


async def outcome_in(house: House, channel: str) -> str:
    explanation = (await why(house.slack, user=MEMBER, channel=channel)).text
    [reported] = [reported for reported in CardOutcome if reason(reported) in explanation]
    return str(reported)


def name_of(do: Do) -> str:
    closure = do.__closure__ if hasattr(do, "__closure__") else None
    return do.__name__ if not closure else str(closure[0].cell_contents)


@pytest.mark.parametrize(("do", "table"), SURFACES.items(), ids=map(name_of, SURFACES))
async def test_everybody_sees_what_they_may_see_where_they_are(house: House, do: Do, table: Table) -> None:
    seen: dict[str, Row] = {}
    for user in PEOPLE:
        row = []
        for channel in CHANNELS:
            came = await outcome(house, do, Cell(user, channel))
            if table is BY_ITSELF and came == NOTHING:
                came = await outcome_in(house, channel)
            row.append(came)
        seen[user] = tuple(row)  # type: ignore[assignment]
    assert seen == table


# --- With ALLOWED_CHANNELS -------------------------------------------------------------------------------------------

ELSEWHERE: Final = "C0ELSEWHERE"
NOT_THERE: Final = (SHOWN, "not_here", "not_here")
"""In the channel that is named, in another internal one, in a direct message."""
NAMED_CHANNELS: Final[dict[Do, tuple[str, str, str]]] = {
    command: NOT_THERE,
    message_shortcut: NOT_THERE,
    details: NOT_THERE,
    refresh: NOT_THERE,
    copy: NOT_THERE,
    pin: NOT_THERE,
    in_modal(CUSTOMER_TAB_CONTACTS): NOT_THERE,
    in_modal(CUSTOMER_REVEAL): NOT_THERE,
    typed_in_a_modal: NOT_THERE,
    typing_ahead: (SHOWN, NOTHING, NOTHING),
    panel: NOT_THERE,
    home: ("not_here",) * 3,
    global_shortcut: ("not_here",) * 3,
    share: (POSTED, "not_here", "not_here"),
    link_in_a_message: (POSTED, "not_here", "not_here"),
    number_in_a_message: (POSTED, "not_here", "not_here"),
}


@pytest.fixture
async def strict_house(start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, logs: Logs) -> House:
    slack.channels[ELSEWHERE] = Channel(ELSEWHERE, "elsewhere")
    return await furnished(start_bot, slack, crm, logs, allowed_channels=CHANNEL)


@pytest.mark.parametrize(("do", "row"), NAMED_CHANNELS.items(), ids=map(name_of, NAMED_CHANNELS))
async def test_customers_are_seen_in_the_channels_that_are_named_alone(
    strict_house: House, do: Do, row: tuple[str, str, str]
) -> None:
    """What has no channel is refused too; what comes by itself is silent."""
    house = strict_house
    seen = []
    for channel in (CHANNEL, ELSEWHERE, DIRECT_MESSAGE):
        came = await outcome(house, do, Cell(MEMBER, channel))
        by_itself = do in (link_in_a_message, number_in_a_message)
        seen.append(await outcome_in(house, channel) if by_itself and came == NOTHING else came)
    assert tuple(seen) == row


async def test_modal_without_a_channel_is_refused_where_channels_are_named(strict_house: House) -> None:
    for do in (typed_in_a_modal, in_modal(CUSTOMER_DETAILS)):
        assert await outcome(strict_house, do, Cell(MEMBER, "")) == "not_here"
    assert await outcome(strict_house, typing_ahead, Cell(MEMBER, "")) == NOTHING


# --- How often -------------------------------------------------------------------------------------------------------

COUNTED: Final = (
    command, message_shortcut, details, refresh, preview_of_share, copy, in_modal(CUSTOMER_DETAILS),
    in_modal(CUSTOMER_REVEAL), in_modal(CUSTOMER_TAB_CONTACTS), typed_in_a_modal, panel, share,
)  # fmt: skip
FREE: Final = {typing_ahead: SHOWN, home: SHOWN, link_in_a_message: POSTED, number_in_a_message: NOTHING}
"""A number in a message counts, and gets no card then: not a word, unless the author asks why."""


async def test_one_look_up_too_many_is_refused_on_every_surface_and_says_until_when(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    """The card under a link, what is suggested while typing and Home are no look-ups."""
    house = await furnished(start_bot, slack, crm, logs, lookups_per_minute=1)
    for do in COUNTED:
        house.forget_the_last_cell()
        await do(house, MEMBER, CHANNEL)
        await idle(house.bot)
        seen = house.seen_by(MEMBER)
        assert ZH.limited["lookups"] in seen, name_of(do)
        assert "60 秒后再试" in seen, name_of(do)
        assert NAME not in seen + house.seen_by_all(), name_of(do)
        assert logs.lines("customer_lookup")[-1]["outcome"] == "limited"
    for do, came in FREE.items():
        assert await outcome(house, do, Cell(MEMBER, CHANNEL)) == came, name_of(do)
    assert await outcome_in(house, CHANNEL) == "author_limited"


async def test_person_who_is_known_is_answered_without_a_call(house: House) -> None:
    house.slack.calls.clear()
    house.forget_the_last_cell()
    exchange = await house.slack.command(FACTORY)
    assert NAME in everything_in(exchange.answer)
    assert not house.slack.calls
    assert not house.crm.calls


# --- Whom to ask -----------------------------------------------------------------------------------------------------


async def test_refusal_says_whom_to_ask(start_bot: StartBot, slack: StandInSlack) -> None:
    """In a card, in a modal and on Home; those of other organisations have nobody here to ask."""
    bot = await start_bot(allowed_users=MEMBER, admin_users=f"{MEMBER},U0ADMIN", language="zh")
    house = House(bot, slack, None, None)  # type: ignore[arg-type]  # neither is asked
    for do in (command, details, home, global_shortcut):
        for user, names_admins in ((NOT_ALLOWED, True), (GUEST, True), (OUTSIDER, False)):
            slack.modals.clear()
            slack.exchanges.clear()
            await do(house, user, CHANNEL)
            await idle(bot)
            assert ("<@U0ADMIN> <@U0SALES>" in house.seen_by(user)) is names_admins, (do, user)
