"""Links to customers' pages in the CRM's own web interface, which every tenant has at its own address."""

import re
from typing import Final

from bot.domain.mrkdwn import unescaped
from bot.domain.normalise import GUID, canonical_id

PLACEHOLDER: Final = "{customer_id}"


class CustomerLinks:
    """``template`` is CUSTOMER_URL_TEMPLATE, with ``{customer_id}`` in it; None: there are no links."""

    def __init__(self, template: str | None) -> None:
        self._template = template or ""
        self._pattern = _pattern(self._template) if template else None

    def url(self, customer_id: str) -> str:
        """The customer's page; "" without a template."""
        return self._template.replace(PLACEHOLDER, customer_id)

    def customer_id(self, url: str) -> str | None:
        """Whose page ``url`` is, as Slack writes it, however it goes on after what the template says.

        None if it is no customer's.
        """
        found = self._pattern.match(unescaped(url)) if self._pattern else None
        return canonical_id(found[1]) if found else None


def _pattern(template: str) -> re.Pattern[str]:
    before, _, after = template.partition("://")[2].partition(PLACEHOLDER)
    follows = re.escape(after) or "(?![0-9a-z-])"
    return re.compile(rf"https?://{re.escape(before)}({GUID}){follows}", re.IGNORECASE)
