"""The ids by which clicks on cards come back. Cards in Slack outlive releases: these names are an API."""

from typing import Final

CUSTOMER_REFRESH: Final = "customer_refresh"
"""Value: the customer id to ask for, past the cache."""
