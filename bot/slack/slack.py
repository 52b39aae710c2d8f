"""Everything that handlers use of Slack."""

from typing import NamedTuple

from bot.slack.channels import Channels
from bot.slack.delivery import Delivery
from bot.slack.languages import Languages
from bot.slack.once import Once
from bot.slack.people import People
from bot.slack.posts import Posts
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
