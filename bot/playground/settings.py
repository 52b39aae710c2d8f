"""Settings that connect the bot with the playground's own servers, and leave nothing behind."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.playground.fake_crm.server import APP_ID, APP_SECRET, SampleCrm
from bot.playground.fake_slack.server import BOT_TOKEN, MANAGER, SIGNING_SECRET
from bot.settings import ServeSettings, Settings

CUSTOMER_URL_TEMPLATE: Final = "https://crm.example.com/customer/{customer_id}"


class PlaygroundSettings(ServeSettings):
    """Settings that are given, all of them: the environment's own have no say in a playground."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def playground_settings(
    crm_address: str, slack_address: str = "http://127.0.0.1:9", **others: Any
) -> PlaygroundSettings:
    """What connects the bot with the sample CRM and the stand-in Slack. LANGUAGE alone is the environment's."""
    return PlaygroundSettings.model_validate(
        {
            "eshouhou_base_url": crm_address,
            "eshouhou_app_id": APP_ID,
            "eshouhou_app_secret": APP_SECRET,
            "slack_api_url": f"{slack_address}/api",
            "slack_bot_token": BOT_TOKEN,
            "slack_signing_secret": SIGNING_SECRET,
            "language": os.environ.get("LANGUAGE", "auto"),
            **others,
        }
    )


@contextmanager
def left_nowhere() -> Iterator[dict[str, str]]:
    """What a playground has of its own: links, an admin, and a database that is gone in the end."""
    with TemporaryDirectory(prefix="customer-bot-") as directory:
        yield {
            "customer_url_template": CUSTOMER_URL_TEMPLATE,
            "admin_users": MANAGER,
            "database_url": f"sqlite:///{Path(directory) / 'playground.db'}",
        }


@asynccontextmanager
async def sample_settings() -> AsyncIterator[Settings]:
    """Settings for a lookup in a sample CRM that runs meanwhile."""
    with left_nowhere() as own:
        async with SampleCrm().open() as crm:
            yield playground_settings(crm.address, **own)
