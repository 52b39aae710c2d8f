"""Keys that are derived from the secrets in the settings, one for each use."""

import hmac
from typing import Protocol

from pydantic import SecretStr


class Secrets(Protocol):
    """The settings that keys are derived from. They hold an app secret or an access token of the CRM."""

    @property
    def directory_key(self) -> SecretStr | None: ...

    @property
    def eshouhou_app_secret(self) -> SecretStr | None: ...

    @property
    def eshouhou_access_token(self) -> SecretStr | None: ...


def directory_key(settings: Secrets) -> bytes | None:
    """The key that hashes phones and mail addresses: from DIRECTORY_KEY, else the app secret; None without either."""
    secret = settings.directory_key or settings.eshouhou_app_secret
    return _derived(secret, "directory") if secret else None


def sealing_key(settings: Secrets) -> bytes:
    """The key that seals button values: 32 bytes, the same in every process with these settings."""
    return _derived(settings.directory_key or settings.eshouhou_app_secret or settings.eshouhou_access_token, "buttons")


def token_key(settings: Secrets) -> bytes:
    """The key that encrypts the CRM's token in the database: 32 bytes, the same for all users of one CRM account."""
    return _derived(settings.eshouhou_app_secret or settings.eshouhou_access_token, "crm token")


def _derived(secret: SecretStr | None, use: str) -> bytes:
    assert secret is not None  # see Secrets
    return hmac.digest(secret.get_secret_value().encode(), f"customer-bot {use}".encode(), "sha256")
