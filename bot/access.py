"""Who may see customers, and in which channels others may: when in doubt, less."""

from bot.answers import Asker, Refusal
from bot.errors import SlackError
from bot.slack.channels import ChannelKind, Channels
from bot.slack.identity import SlackIdentity
from bot.slack.people import People

_OF_CHANNELS = {
    ChannelKind.EXTERNAL: Refusal.EXTERNAL_CHANNEL,
    ChannelKind.UNREADABLE: Refusal.UNREADABLE_CHANNEL,
}


class Access:
    def __init__(self, identity: SlackIdentity, people: People, channels: Channels) -> None:
        self._identity = identity
        self._people = people
        self._channels = channels

    def is_outsider(self, team_id: str | None, enterprise_id: str | None) -> bool:
        """Whether a payload's actor, by the organisation it names, is of another one than the bot's.

        Clicks of people of other organisations arrive from shared channels (https://docs.slack.dev/apis/slack-connect).
        """
        known = self._identity.known
        ours = {known.team_id, known.enterprise_id} - {""} if known else set()
        return ours.isdisjoint({team_id, enterprise_id})

    async def person(self, asker: Asker) -> Refusal | None:
        """Why somebody whom Slack's payload does not vouch for may see nothing; None if they may."""
        try:
            person = await self._people.person(asker.user)
        except SlackError:
            return Refusal.UNKNOWN_PERSON
        if person.is_stranger or self.is_outsider(person.team_id, person.enterprise_id):
            return Refusal.OUTSIDER
        return Refusal.UNKNOWN_PERSON if person.deleted or person.is_bot else None

    async def channel(self, asker: Asker) -> Refusal | None:
        """Why nothing may be shown to everybody in a channel; None for one that is known to be internal."""
        return _OF_CHANNELS.get(await self._channels.kind(asker.channel))


class NoSlack:
    """For the command line: whoever can start the bot may see what it sees, and there is no channel."""

    async def person(self, asker: Asker) -> Refusal | None:
        return None

    async def channel(self, asker: Asker) -> Refusal | None:
        return Refusal.UNREADABLE_CHANNEL
