"""Where the processes that share a database share one token, as the one that renews it sees it."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol


@dataclass(frozen=True)
class Grant:
    """A token, when it should be renewed, and when it ends: in epoch seconds."""

    token: str = field(repr=False)
    renew_at: float
    expires_at: float


NO_GRANT: Final = Grant("", 0.0, 0.0)


class Turn(Enum):
    """Whose it is to fetch a token."""

    MINE = "mine"
    ANOTHERS = "another's"


class TokenSharing(Protocol):
    """Where the processes that share a database share one token. Nothing here raises, or takes long."""

    async def take(self) -> Grant | Turn:
        """The token that is there, if it was put there since the last one that was taken or put, and is not yet due.

        Else whose turn it is. ``MINE`` lasts for some seconds, until the token is put or the turn given back; it is the
        answer, too, if nobody can tell.
        """
        ...

    async def put(self, grant: Grant) -> None:
        """Let the others have it."""
        ...

    async def give_back(self) -> None:
        """No token came of the turn: another may try."""
        ...


class _NoShelf:
    """Each process for itself."""

    async def take(self) -> Grant | Turn:
        return Turn.MINE

    async def put(self, grant: Grant) -> None:
        pass

    async def give_back(self) -> None:
        pass


ALONE: Final[TokenSharing] = _NoShelf()
