"""Sealed queries: what buttons hold. Slack stores button values, and a phone or a name identifies a customer."""

import base64
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bot.domain.query import Query, ReadAs

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

SEALED_SECONDS: Final = 86_400
"""How long a sealed query can be opened."""
_MARK: Final = "sealed "
_SEALED: Final = re.compile(rf"{_MARK}gAAAAA[A-Za-z0-9_=-]+")
"""gAAAAA is Fernet's version and a time before 2106: people may type ``sealed air``."""


class SealedQueries:
    """``key`` is 32 bytes that all processes of this bot share. ``now`` is the wall clock in epoch seconds."""

    def __init__(self, key: bytes, now: Callable[[], float]) -> None:
        self._key = key
        self._now = now

    def seal(self, query: Query) -> str:
        """The value of a button that asks for ``query``, at most 1,800 characters, which only this bot can read."""
        content = json.dumps([query.read_as, query.identifier])  # escaped, as half an emoji has no encoding
        return _MARK + self._fernet().encrypt_at_time(content.encode(), int(self._now())).decode()

    def open(self, text: str) -> Query | None:
        """The query that was sealed; None if that was too long ago, or with another key."""
        from cryptography.fernet import InvalidToken

        token = text.removeprefix(_MARK).encode("ascii", "replace")
        try:
            content = self._fernet().decrypt_at_time(token, SEALED_SECONDS, int(self._now()))
        except InvalidToken:
            return None
        read_as, identifier = json.loads(content)
        return Query(ReadAs(read_as), identifier)

    def _fernet(self) -> "Fernet":
        from cryptography.fernet import Fernet  # 15 ms and 8 MB that the first answer does not need

        return Fernet(base64.urlsafe_b64encode(self._key))


def is_sealed(text: str) -> bool:
    return _SEALED.fullmatch(text) is not None
