"""Links to customers' pages in the CRM's own web interface, which every tenant has at its own address."""

import re
from typing import Final

from bot.domain.mrkdwn import unescaped
from bot.domain.normalise import GUID, canonical_id

PLACEHOLDER: Final = "{customer_id}"


class CustomerLinks:
    """``template`` is CUSTOMER_URL_TEMPLATE, which contains ``{customer_id}``; None: there are no links."""

    def __init__(self, template: str | None) -> None:
        self._template = template or ""
        before, _, after = self._template.partition("://")[2].partition(PLACEHOLDER)
        end = re.escape(after) or "(?![0-9a-z-])"
        pattern = re.compile(rf"https?://{re.escape(before)}({GUID}){end}", re.IGNORECASE)
        self._pattern = pattern if template else None

    def url(self, customer_id: str) -> str:
        """The address of the customer's page; "" without a template."""
        return self._template.replace(PLACEHOLDER, customer_id)

    def customer_id(self, url: str) -> str | None:
        """The id of the customer whose page ``url`` is, also if it goes on after the template; None for other pages.

        ``url`` is as Slack sends it, escaped.
        """
        found = self._pattern.match(unescaped(url)) if self._pattern else None
        return canonical_id(found[1]) if found else None
