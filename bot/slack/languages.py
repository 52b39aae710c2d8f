"""The language in which a user or a channel gets its texts."""

import asyncio
from typing import Final, Literal

from bot.errors import SlackError
from bot.locales import Texts, texts_in
from bot.slack.users import Users

LOCALE_TIMEOUT_SECONDS: Final = 0.5
"""How long a card waits for Slack to say the locale of its reader."""


class Languages:
    """``setting`` is LANGUAGE: one language for everybody, or ``auto``, which is each reader's own in Slack."""

    def __init__(self, setting: Literal["auto", "zh", "en"], users: Users) -> None:
        self._setting = setting
        self._users = users
        self.channel: Texts = texts_in(setting)
        """What everybody in a channel sees; for ``auto`` that is Chinese, as the CRM's own labels are."""

    async def of(self, user: str, locale: str = "") -> Texts:
        """The texts for ``user``, whose ``locale`` the event may contain; those of channels if it is unknown."""
        if self._setting == "auto" and not locale:
            try:
                async with asyncio.timeout(LOCALE_TIMEOUT_SECONDS):
                    locale = (await self._users.user(user)).locale
            except (SlackError, TimeoutError):
                return self.channel
        return self._in(locale)

    def known(self, user: str) -> Texts:
        """The texts for ``user`` as far as they are known without a call to Slack."""
        known = self._users.known(user)
        return self._in(known.locale if known else "")

    def _in(self, locale: str) -> Texts:
        if self._setting != "auto" or not locale:
            return self.channel
        return texts_in("zh" if locale.lower().startswith("zh") else "en")
