"""Keys that are derived from the secrets in the settings, one for each use."""

import hmac

from bot.settings import Settings


def directory_key(settings: Settings) -> bytes | None:
    """Of the hashes of phones and mail addresses: DIRECTORY_KEY, else from the CRM's secret; None without either."""
    secret = settings.directory_key or settings.eshouhou_app_secret
    return _derived(secret.get_secret_value(), "directory") if secret else None


def sealing_key(settings: Settings) -> bytes:
    """Of what buttons hold: 32 bytes, the same in every process with these settings."""
    secret = settings.directory_key or settings.eshouhou_app_secret or settings.eshouhou_access_token
    assert secret is not None  # the settings hold one way into the CRM
    return _derived(secret.get_secret_value(), "buttons")


def token_key(settings: Settings) -> bytes:
    """Of the CRM's token in the database: 32 bytes, the same in every process with this way into the CRM."""
    secret = settings.eshouhou_app_secret or settings.eshouhou_access_token
    assert secret is not None  # the settings hold one way into the CRM
    return _derived(secret.get_secret_value(), "crm token")


def _derived(secret: str, use: str) -> bytes:
    return hmac.digest(secret.encode(), f"customer-bot {use}".encode(), "sha256")
