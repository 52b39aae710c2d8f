"""Who may see customers, where, and in which channels everybody may see them. In doubt, less is shown."""

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

TIMEOUT_SECONDS: Final = 2.5
"""How long an asker waits for Slack to say who they are; a later answer is used for the next inquiry."""
_REFUSED_KINDS: Final = {
    ChannelKind.EXTERNAL: Refusal.EXTERNAL_CHANNEL,
    ChannelKind.UNREADABLE: Refusal.UNREADABLE_CHANNEL,
}

log = structlog.get_logger(__name__)


class Allowed(NamedTuple):
    """Who may ask (one of the ``users``, or a member of a user group), in which ``channels``, and the admins.

    Slack ids. Without users and groups every member may ask; without ``channels`` every channel is allowed.
    """

    users: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    admins: tuple[str, ...] = ()


class SlackPermissions:
    """Members of the bot's own organisation may ask, as far as the settings allow. A cached user costs no call.

    ``usergroups`` is None if no user groups are set.
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
        """Whether a user of this team and enterprise belongs to another organisation than the bot.

        Clicks of people of other organisations arrive from shared channels (https://docs.slack.dev/apis/slack-connect).
        """
        known = self._identity.known
        ours = {known.team_id, known.enterprise_id} - {""} if known else set()
        return ours.isdisjoint({team_id, enterprise_id})

    def knows(self, user: str) -> bool:
        """Whether ``refusal`` would answer without waiting. With user groups it may have to ask for their members."""
        return self._usergroups is None and self._users.known(user) is not None

    async def refusal(self, asker: Asker, surface: Surface) -> Refusal | None:
        """Why ``asker`` may see nothing, or nothing there; None if they may.

        No payload is trusted: guests are of the team that it names, and events name the bot's own team for every user.
        """
        known = self._users.known(asker.user)
        try:
            if known is not None and self._usergroups is None:
                refusal = await self._user_refusal(asker.user, known)
            else:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    refusal = await self._user_refusal(asker.user, await self._users.user(asker.user))
        except (SlackError, TimeoutError) as error:
            log.warning("person_unknown", surface=str(surface), reason=str(error) or "no answer in time")
            return Refusal.UNKNOWN_PERSON
        return refusal or self._place_refusal(asker.channel)

    async def channel_refusal(self, channel: str) -> Refusal | None:
        """Why nothing may be shown to everybody in ``channel``; None if it is known to be internal."""
        return self._place_refusal(channel) or _REFUSED_KINDS.get(await self._channels.kind(channel))

    async def _user_refusal(self, user_id: str, user: User) -> Refusal | None:
        """Raises SlackError."""
        if user.is_stranger or self.is_outsider(user.team_id, user.enterprise_id):
            return Refusal.OUTSIDER
        if user.deleted:
            return Refusal.DEACTIVATED
        if user.is_guest:
            return Refusal.GUEST
        if user.is_bot:
            return Refusal.NOT_ALLOWED
        if user_id in self._allowed.users:
            return None
        if self._usergroups is None:
            is_allowed = not self._allowed.users
        else:
            is_allowed = await self._usergroups.have(user_id)
        return None if is_allowed else Refusal.NOT_ALLOWED

    def _place_refusal(self, channel: str) -> Refusal | None:
        """``channel`` is "" on surfaces without one: Slack does not say where the asker is."""
        channels = self._allowed.channels
        return Refusal.NOT_HERE if channels and channel not in channels else None


class LocalPermissions:
    """For the command line: a person who can start the bot may see what it sees, and there is no channel."""

    admins: tuple[str, ...] = ()

    def knows(self, user: str) -> bool:
        return True

    async def refusal(self, asker: Asker, surface: Surface) -> Refusal | None:
        return None

    async def channel_refusal(self, channel: str) -> Refusal | None:
        return Refusal.UNREADABLE_CHANNEL


def not_admin(user: str, admins: tuple[str, ...]) -> Refusal | None:
    """Why ``user`` may not do what only ``admins`` may; None if they are one."""
    if user in admins:
        return None
    return Refusal.NOT_ADMIN if admins else Refusal.NO_ADMINS
