"""One module per Slack surface: it reads a payload, asks ``bot.inquiries``, and sends a card."""

from collections.abc import Callable

from slack_bolt.app.async_app import AsyncApp

from bot.domain.links import CustomerLinks
from bot.domain.query import QueryReader
from bot.health.health_check import HealthCheck
from bot.inquiries.automatic_cards import AutomaticCards
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from handlers import (
    app_home,
    buttons,
    commands,
    details_modal,
    messages,
    overflow_menu,
    search,
    sharing,
    shortcuts,
    unfurls,
    workspace_events,
)


def register_listeners(
    app: AsyncApp,
    slack: Slack,
    inquiries: Inquiries,
    automatic_cards: AutomaticCards,
    health_check: HealthCheck,
    links: CustomerLinks,
    reader: QueryReader,
    changed: Callable[[str], None],
) -> None:
    """``changed`` takes the Slack id of a user or channel that changed."""
    commands.register(app, inquiries, automatic_cards, health_check, slack)  # first: each listener before costs 12 µs
    buttons.register(app, inquiries, slack)
    details_modal.register(app, inquiries, slack)
    search.register(app, inquiries, slack)
    sharing.register(app, inquiries, slack)
    overflow_menu.register(app, inquiries, automatic_cards, slack)
    shortcuts.register(app, inquiries, reader, slack)
    unfurls.register(app, inquiries, automatic_cards, links, slack)
    messages.register(app, inquiries, automatic_cards, links, reader, slack)
    app_home.register(app, inquiries, automatic_cards, slack)
    workspace_events.register(app, changed)
