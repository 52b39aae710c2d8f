"""Bare Bolt, which the bot is measured against: one listener that acknowledges, on uvicorn with uvloop and httptools.

``python -m benchmarks.bare_bolt``, with SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_API_URL and PORT. It has an httpx
client, as every bot that asks a CRM has one: that counts for its memory and its start.
"""

import os
from typing import Any

import httpx
import uvicorn
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


def main() -> None:
    app = AsyncApp(
        name="bare-bolt",  # Bolt would look through the whole call stack for one
        client=AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], os.environ["SLACK_API_URL"]),
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        process_before_response=True,
    )
    app.command("/customer")(_acknowledge)
    crm = httpx.AsyncClient()
    port = int(os.environ["PORT"])
    uvicorn.run(AsyncSlackRequestHandler(app), host="127.0.0.1", port=port, log_level="warning", access_log=False)
    assert not crm.is_closed


async def _acknowledge(ack: Any) -> None:
    await ack("ok")


if __name__ == "__main__":
    main()
