"""From the settings to what speaks to Slack: answers, views and posts, each checked and with its apology."""

from collections.abc import Callable

import aiohttp

from bot.cards.error_cards import unavailable_card
from bot.cards.limits import entity_within_limits, view_within_limits, within_limits
from bot.cards.notices import store_card
from bot.cards.render import message_view
from bot.domain.results import Failure, Unavailable
from bot.errors import Trouble
from bot.locales import Texts
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import BackgroundTasks
from bot.settings import SlackSettings
from bot.slack.api import SlackApi
from bot.slack.channel_posts import ChannelPosts
from bot.slack.channels import Channels
from bot.slack.deduplication import EventDeduplicator
from bot.slack.facade import Slack
from bot.slack.languages import Languages
from bot.slack.message import Message
from bot.slack.outgoing import Outgoing
from bot.slack.replies import Replies
from bot.slack.users import Users
from bot.slack.view_state import ViewState
from bot.slack.views import Views
from bot.store.store import Store


def slack_of(
    settings: SlackSettings,
    api: SlackApi,
    session: aiohttp.ClientSession,
    store: Store,
    background: BackgroundTasks,
    metrics: Metrics,
    now: Callable[[], float],
) -> Slack:
    users = Users(api, background, now)
    languages = Languages(settings.language, users)
    outgoing = Outgoing(
        message=within_limits,
        view=lambda view, user: view_within_limits(view, languages.known(user)),
        entity=entity_within_limits,
        apology=lambda trouble, user, code: _apology(trouble, code, languages.known(user)),
        apology_view=lambda trouble, user, code: message_view(
            _apology(trouble, code, languages.known(user)), languages.known(user), ViewState()
        ),
    )
    replies = Replies(session, api, background, outgoing, settings.ack_budget_seconds, metrics)
    return Slack(
        replies=replies,
        views=Views(api, background, replies, outgoing),
        posts=ChannelPosts(api, outgoing),
        deduplicator=EventDeduplicator(store, background, now),
        languages=languages,
        users=users,
        channels=Channels(api, background, now),
    )


def _apology(trouble: Trouble, code: str, texts: Texts) -> Message:
    if trouble is Trouble.STORE:
        return store_card(code, texts)
    return unavailable_card(Unavailable(None, Failure(trouble, code)), texts)
