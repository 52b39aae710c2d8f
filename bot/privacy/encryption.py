"""Queries that buttons hold, sealed: Slack keeps the values of buttons, and a phone or a name is a customer's."""

import base64
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bot.domain.query import Query, ReadAs

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

SEALED_SECONDS: Final = 86_400
"""How long a button can be asked with: nobody comes back to yesterday's list."""
_MARK: Final = "sealed "
_SEALED: Final = re.compile(rf"{_MARK}gAAAAA[A-Za-z0-9_=-]+")
"""The first letters are of Fernet's version and of a time before 2106. People type ``sealed air``."""


class SealedQueries:
    """``key`` is 32 bytes that all processes of this bot share. ``now`` is the wall clock in epoch seconds."""

    def __init__(self, key: bytes, now: Callable[[], float]) -> None:
        self._key = key
        self._now = now

    def seal(self, reading: Query) -> str:
        """What a button holds to ask for ``reading``: nobody else can read it. At most 1,800 characters.

        Escaped by JSON, as half an emoji has no encoding.
        """
        query = json.dumps([reading.read_as, reading.identifier])
        return _MARK + self._fernet().encrypt_at_time(query.encode(), int(self._now())).decode()

    def open(self, text: str) -> Query | None:
        """What ``seal`` was given; None if that is too long ago, or ``text`` was not sealed with this key."""
        from cryptography.fernet import InvalidToken

        token = text.removeprefix(_MARK).encode("ascii", "replace")
        try:
            query = self._fernet().decrypt_at_time(token, SEALED_SECONDS, int(self._now()))
        except InvalidToken:
            return None
        read_as, identifier = json.loads(query)
        return Query(ReadAs(read_as), identifier)

    def _fernet(self) -> "Fernet":
        from cryptography.fernet import Fernet  # 15 ms and 8 MB that the first answer does not need

        return Fernet(base64.urlsafe_b64encode(self._key))


def is_sealed(text: str) -> bool:
    return _SEALED.fullmatch(text) is not None
