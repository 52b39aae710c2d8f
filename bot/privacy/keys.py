"""Keys that are derived from the secrets in the settings, one for each use."""

import hmac
from typing import Protocol

from pydantic import SecretStr


class Secrets(Protocol):
    """Those of the settings that keys are derived from."""

    @property
    def directory_key(self) -> SecretStr | None: ...

    @property
    def eshouhou_app_secret(self) -> SecretStr | None: ...

    @property
    def eshouhou_access_token(self) -> SecretStr | None: ...


def directory_key(settings: Secrets) -> bytes | None:
    """Of the hashes of phones and mail addresses: DIRECTORY_KEY, else from the CRM's secret; None without either."""
    secret = settings.directory_key or settings.eshouhou_app_secret
    return _derived(secret.get_secret_value(), "directory") if secret else None


def sealing_key(settings: Secrets) -> bytes:
    """Of what buttons hold: 32 bytes, the same in every process with these settings."""
    secret = settings.directory_key or settings.eshouhou_app_secret or settings.eshouhou_access_token
    assert secret is not None  # the settings hold one way into the CRM
    return _derived(secret.get_secret_value(), "buttons")


def token_key(settings: Secrets) -> bytes:
    """Of the CRM's token in the database: 32 bytes, the same in every process with this way into the CRM."""
    secret = settings.eshouhou_app_secret or settings.eshouhou_access_token
    assert secret is not None  # the settings hold one way into the CRM
    return _derived(secret.get_secret_value(), "crm token")


def _derived(secret: str, use: str) -> bytes:
    return hmac.digest(secret.encode(), f"customer-bot {use}".encode(), "sha256")
