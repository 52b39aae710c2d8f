"""Everything that handlers use of Slack."""

from typing import NamedTuple

from bot.slack.channel_posts import Posts
from bot.slack.channels import Channels
from bot.slack.deduplication import Once
from bot.slack.languages import Languages
from bot.slack.replies import Delivery
from bot.slack.users import People
from bot.slack.views import Views


class Slack(NamedTuple):
    delivery: Delivery
    """Private messages."""
    views: Views
    """Modals and Home."""
    posts: Posts
    """What everybody in a channel sees."""
    once: Once
    languages: Languages
    people: People
    channels: Channels
