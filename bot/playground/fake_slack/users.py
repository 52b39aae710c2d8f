"""Who is in the stand-in Slack's workspace, and in which channels."""

from dataclasses import dataclass
from typing import Any, Final

TEAM: Final = "T0PLAY"
OTHER_TEAM: Final = "T0OTHER"
APP_ID: Final = "A0PLAY"
BOT_USER: Final = "U0BOT"
BOT_ID: Final = "B0BOT"

USER: Final = "U0SALES"
MANAGER: Final = "U0MANAGER"
GUEST: Final = "U0GUEST"
SINGLE_CHANNEL_GUEST: Final = "U0VISITOR"
DEACTIVATED: Final = "U0GONE"
OUTSIDER: Final = "U0OTHER"

CHANNEL: Final = "C0GENERAL"
SHARED_CHANNEL: Final = "C0SHARED"
PENDING_CHANNEL: Final = "C0PENDING"
FOREIGN_CHANNEL: Final = "C0NOBOT"
PRIVATE_CHANNEL: Final = "C0PRIVATE"
ARCHIVED_CHANNEL: Final = "C0ARCHIVED"
DIRECT_MESSAGE: Final = "D0SALES"


@dataclass
class Person:
    """A user. ``is_stranger`` is Slack's own word for a member of another organisation."""

    id: str
    name: str
    team_id: str = TEAM
    locale: str = "zh-CN"
    is_guest: bool = False
    """Slack calls one ``is_restricted``, and one who is confined to a single channel ``is_ultra_restricted`` too."""
    is_single_channel_guest: bool = False
    is_stranger: bool = False
    is_bot: bool = False
    deleted: bool = False
    enterprise_id: str = ""

    def in_payload(self) -> dict[str, str]:
        """``user`` of a click, a shortcut or a submission."""
        return {"id": self.id, "username": self.name, "name": self.name, "team_id": self.team_id}

    def as_json(self) -> dict[str, Any]:
        """``user`` of users.info without its locale, which has to be asked for."""
        user: dict[str, Any] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_restricted": self.is_guest or self.is_single_channel_guest,
            "is_ultra_restricted": self.is_single_channel_guest,
        }
        if self.is_stranger:
            user["is_stranger"] = True
        if self.enterprise_id:
            user["enterprise_user"] = {"id": self.id, "enterprise_id": self.enterprise_id}
        return user


@dataclass
class Channel:
    """A conversation. ``is_member`` is whether the bot is in it."""

    id: str
    name: str
    is_private: bool = False
    is_member: bool = True
    is_ext_shared: bool = False
    is_pending_ext_shared: bool = False
    is_archived: bool = False
    is_im: bool = False

    @property
    def type(self) -> str:
        """``channel_type`` of a message event."""
        return "im" if self.is_im else "group" if self.is_private else "channel"

    @property
    def is_hidden(self) -> bool:
        """Whether Slack does not tell the bot that it exists."""
        return (self.is_private or self.is_im) and not self.is_member

    def as_json(self) -> dict[str, Any]:
        """``channel`` of conversations.info."""
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": not self.is_im,
            "is_group": False,
            "is_im": self.is_im,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_member": self.is_member,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_pending_ext_shared": self.is_pending_ext_shared,
            "pending_shared": [OTHER_TEAM] if self.is_pending_ext_shared else [],
        }


def some_people() -> dict[str, Person]:
    """A member, one who reads English, guests, one who has left, and a member of another organisation."""
    people = (
        Person(USER, "sales"),
        Person(MANAGER, "manager", locale="en-US"),
        Person(GUEST, "guest", is_guest=True),
        Person(SINGLE_CHANNEL_GUEST, "visitor", is_single_channel_guest=True),
        Person(DEACTIVATED, "gone", deleted=True),
        Person(OUTSIDER, "outsider", team_id=OTHER_TEAM, is_stranger=True),
        Person(BOT_USER, "customer-bot", is_bot=True),
    )
    return {person.id: person for person in people}


def some_channels() -> dict[str, Channel]:
    """One of each kind: with the bot and without, shared or about to be, private, archived, direct."""
    channels = (
        Channel(CHANNEL, "general"),
        Channel(SHARED_CHANNEL, "shared", is_ext_shared=True),
        Channel(PENDING_CHANNEL, "pending", is_pending_ext_shared=True),
        Channel(FOREIGN_CHANNEL, "without-the-bot", is_member=False),
        Channel(PRIVATE_CHANNEL, "private", is_private=True, is_member=False),
        Channel(ARCHIVED_CHANNEL, "archived", is_archived=True),
        Channel(DIRECT_MESSAGE, "directmessage", is_im=True, is_member=False),
    )
    return {channel.id: channel for channel in channels}
