"""Everything that handlers use of Slack."""

from typing import NamedTuple

from bot.slack.channel_posts import ChannelPosts
from bot.slack.channels import Channels
from bot.slack.deduplication import EventDeduplicator
from bot.slack.languages import Languages
from bot.slack.replies import Replies
from bot.slack.users import Users
from bot.slack.views import Views


class Slack(NamedTuple):
    replies: Replies
    """Private messages."""
    views: Views
    """Modals and Home."""
    posts: ChannelPosts
    """What everybody in a channel sees."""
    deduplicator: EventDeduplicator
    languages: Languages
    users: Users
    channels: Channels
