"""Who may see customers, where, and which channels everybody in them may see customers in: when in doubt, less."""

import asyncio
from typing import Final, NamedTuple

import structlog

from bot.domain.inquiry import Asker, Surface
from bot.domain.results import Refusal
from bot.errors import SlackError
from bot.slack.channels import ChannelKind, Channels
from bot.slack.identity import SlackIdentity
from bot.slack.usergroups import UserGroups
from bot.slack.users import User, Users

PATIENCE_SECONDS: Final = 2.5
"""How long somebody waits for Slack to say who they are; its answer counts the next time."""
_OF_CHANNELS = {
    ChannelKind.EXTERNAL: Refusal.EXTERNAL_CHANNEL,
    ChannelKind.UNREADABLE: Refusal.UNREADABLE_CHANNEL,
}

log = structlog.get_logger(__name__)


class Allowed(NamedTuple):
    """Who may ask (one of the ``users``, or in one of the groups), in which ``channels``, and whom all others may ask.

    Slack ids; where ``users`` and groups are empty every member may ask, where ``channels`` is empty everywhere.
    """

    users: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    admins: tuple[str, ...] = ()


class SlackPermissions:
    """Members of the bot's own organisation, as far as the settings allow them. A person who is known costs no call.

    ``usergroups`` of None: none are set.
    """

    def __init__(
        self,
        identity: SlackIdentity,
        users: Users,
        channels: Channels,
        usergroups: UserGroups | None = None,
        allowed: Allowed = Allowed(),  # noqa: B008  # immutable
    ) -> None:
        self._identity = identity
        self._users = users
        self._channels = channels
        self._usergroups = usergroups
        self._allowed = allowed

    @property
    def admins(self) -> tuple[str, ...]:
        return self._allowed.admins

    def is_outsider(self, team_id: str | None, enterprise_id: str | None) -> bool:
        """Whether a payload's actor, by the organisation it names, is of another one than the bot's.

        Clicks of people of other organisations arrive from shared channels (https://docs.slack.dev/apis/slack-connect).
        """
        known = self._identity.known
        ours = {known.team_id, known.enterprise_id} - {""} if known else set()
        return ours.isdisjoint({team_id, enterprise_id})

    def knows(self, user: str) -> bool:
        """Whether ``person`` would ask nobody. Where groups are set nobody counts as known: it may ask for those."""
        return self._usergroups is None and self._users.known(user) is not None

    async def person(self, asker: Asker, surface: Surface) -> Refusal | None:
        """Why ``asker`` may see nothing, or nothing there; None if they may.

        On no ``surface`` a payload vouches for a person: guests are of the team that it names, and events name the
        bot's own whoever did something.
        """
        known = self._users.known(asker.user)
        try:
            if known is not None and self._usergroups is None:
                refusal = await self._of_person(asker.user, known)
            else:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    refusal = await self._of_person(asker.user, await self._users.user(asker.user))
        except (SlackError, TimeoutError) as error:
            log.warning("person_unknown", surface=str(surface), reason=str(error) or "no answer in time")
            return Refusal.UNKNOWN_PERSON
        return refusal or self._of_place(asker.channel)

    async def channel(self, channel: str) -> Refusal | None:
        """Why nothing may be shown to everybody in ``channel``; None for one that is known to be internal."""
        return self._of_place(channel) or _OF_CHANNELS.get(await self._channels.kind(channel))

    async def _of_person(self, user: str, person: User) -> Refusal | None:
        """Raises SlackError."""
        if person.is_stranger or self.is_outsider(person.team_id, person.enterprise_id):
            return Refusal.OUTSIDER
        if person.deleted:
            return Refusal.DEACTIVATED
        if person.is_guest:
            return Refusal.GUEST
        return None if await self._is_allowed(user, person) else Refusal.NOT_ALLOWED

    async def _is_allowed(self, user: str, person: User) -> bool:
        """Raises SlackError."""
        if person.is_bot:
            return False
        if user in self._allowed.users:
            return True
        if self._usergroups is None:
            return not self._allowed.users
        return await self._usergroups.have(user)

    def _of_place(self, channel: str) -> Refusal | None:
        """``channel`` is "" on surfaces that have none: of them nobody says where the person is."""
        channels = self._allowed.channels
        return Refusal.NOT_HERE if channels and channel not in channels else None


class LocalPermissions:
    """For the command line: whoever can start the bot may see what it sees, and there is no channel."""

    admins: tuple[str, ...] = ()

    def knows(self, user: str) -> bool:
        return True

    async def person(self, asker: Asker, surface: Surface) -> Refusal | None:
        return None

    async def channel(self, channel: str) -> Refusal | None:
        return Refusal.UNREADABLE_CHANNEL


def not_admin(user: str, admins: tuple[str, ...]) -> Refusal | None:
    """Why ``user`` may not do what is for ``admins``; None if they are one."""
    if user in admins:
        return None
    return Refusal.NOT_ADMIN if admins else Refusal.NO_ADMINS
