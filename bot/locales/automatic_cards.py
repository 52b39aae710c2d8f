"""The texts about muted cards, and about why a message got no card, in both languages.

``why`` is keyed by the values of CardOutcome, which this package may not import; the tests check that none is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class AutomaticCardTexts:
    channel_until: Callable[[str, str], str]
    channel_for_good: Callable[[str], str]
    person: str
    """What is muted, in a list."""
    muted_channel: Callable[[str, str], str]
    """Takes a channel's link and a time ("" for good). A sentence: in this channel no cards appear."""
    muted_person: str
    unmuted_channel: Callable[[str], str]
    unmuted_person: str
    undo: str
    this_channel: str
    last_message: Callable[[str, str], str]
    """Takes a time and one of ``why``."""
    why: Mapping[str, str]
    """The outcome for the last message, by the value of a CardOutcome."""
    why_muted_channel: str
    why_muted_person: str
    nothing_seen: str


ZH: Final = AutomaticCardTexts(
    channel_until=lambda channel, until: f"{channel}：到 {until}",
    channel_for_good=lambda channel: f"{channel}：一直关闭",
    person="你的消息：在任何频道都不带出卡片",
    muted_channel=lambda channel, until: (
        f"{f'在 {until} 之前' if until else '从现在起'}，{channel} 里任何人的消息和链接都不再自动带出客户卡片。"
        "查询和分享不受影响。"
    ),
    muted_person="从现在起，你发的消息和链接在任何频道都不再自动带出客户卡片。别人的消息、查询和分享不受影响。",
    unmuted_channel=lambda channel: f"{channel} 里又会自动出现客户卡片。",
    unmuted_person="你的消息又会自动带出客户卡片。",
    undo="撤销",
    this_channel="此频道",
    last_message=lambda when, what: f"上一条消息（{when}）{what}",
    why={
        "posted": "有卡片；没看到的话，请看它的消息列。",
        "no_customer": "里没有读到客户编号（CF…）、客户 id 或客户链接。",
        "in_code_or_quote": "里的客户编号写在代码或引用里，那里的不查。",
        "forwarded": "里的客户编号在转发的消息、邮件或文件里，那里的不自动查；可以用这条消息菜单里的“查客户”。",
        "bot": "是机器人发的，这类消息不查。",
        "unknown_customer": "里的客户没有查到。请核对编号，或用 `/customer` 按名称、电话再查一次。",
        "cooldown": "里的客户不久前在此频道有过卡片，短时间内不重复。",
        "channel_muted": "发出时，此频道关闭了自动卡片。",
        "person_muted": "的作者关闭了自己消息的自动卡片。",
        "external_channel": "在与其他组织共享的频道里，那里不显示客户。",
        "unreadable_channel": "没有卡片，因为无法确认此频道只属于本组织。请管理员检查机器人的频道读取权限。",
        "too_many_links": "里有三个或更多客户链接，这样的消息不带卡片。",
        "author_refused": "的作者没有查看客户的权限，这样的消息不带卡片。",
        "author_limited": "的作者一分钟内查看的客户已达上限，稍后再试。",
        "author_unknown": "没有卡片，因为 Slack 没有说明作者是谁。请用 `/customer` 重试；如果一直这样，请告诉管理员。",
        "not_here": "所在的频道没有开放客户查询，不带卡片。请向管理员了解哪些频道可以查询。",
        "crm_silent": "没有卡片，因为易售后没有回应。请用 `/customer` 重试。",
        "store_silent": "没有卡片，因为数据库暂时不可用，无法确认这里是否要卡片。",
        "slack_refused": "没有卡片，因为 Slack 没有接受它。请把时间告诉管理员。",
    },
    why_muted_channel="此频道现在关闭了自动卡片。",
    why_muted_person="你现在关闭了自己消息的自动卡片。",
    nothing_seen=(
        "机器人还没有看到过此频道的消息。请先用 `/invite` 邀请它进来；"
        "如果它已经在频道里，请管理员检查读取频道消息的权限。"
    ),
)

EN: Final = AutomaticCardTexts(
    channel_until=lambda channel, until: f"{channel}: until {until}",
    channel_for_good=lambda channel: f"{channel}: for good",
    person="Your messages: no cards in any channel",
    muted_channel=lambda channel, until: (
        f"No customer cards by themselves in {channel} {f'until {until}' if until else 'from now on'}, whoever writes. "
        "Look-ups and sharing work as before."
    ),
    muted_person=(
        "From now on your messages and links get no customer cards by themselves, in any channel. "
        "Other people's messages, look-ups and sharing work as before."
    ),
    unmuted_channel=lambda channel: f"Customer cards come by themselves in {channel} again.",
    unmuted_person="Your messages get customer cards by themselves again.",
    undo="Undo",
    this_channel="this channel",
    last_message=lambda when, what: f"The last message ({when}) {what}",
    why={
        "posted": "got its card: look in its thread.",
        "no_customer": "holds no customer number (CF…), customer id or link to a customer.",
        "in_code_or_quote": "names a customer in code or in a quote; those are not looked up.",
        "forwarded": (
            "names a customer in a forwarded message, a mail or a file; those are not looked up by themselves. "
            "Use *Look up customer* in that message's menu."
        ),
        "bot": "is a bot's; those are not looked up.",
        "unknown_customer": (
            "names a customer that was not found. Check the number, or look for a name or phone with `/customer`."
        ),
        "cooldown": "names a customer who had a card in this channel not long ago.",
        "channel_muted": "came while cards were turned off in this channel.",
        "person_muted": "is by somebody who wants no cards for their messages.",
        "external_channel": "is in a channel shared with another organisation: no customers are shown there.",
        "unreadable_channel": (
            "got no card because it is not certain that this channel is internal. "
            "Ask an admin to check the bot's permission to read channels."
        ),
        "too_many_links": "holds three or more links to customers; such messages get no cards.",
        "author_refused": "is by somebody who may not see customers; those messages get no cards.",
        "author_limited": "is by somebody who has looked up as many customers as a minute allows: try again later.",
        "author_unknown": (
            "got no card because Slack did not say who wrote it. Try again with `/customer`; "
            "if it stays like this, tell your admin."
        ),
        "not_here": "is in a channel that is not set aside for customers. Ask your admin in which channels they are.",
        "crm_silent": "got no card because 易售后 did not answer. Try again with `/customer`.",
        "store_silent": (
            "got no card because the database cannot be used right now, so it is not known whether cards are wanted."
        ),
        "slack_refused": "got no card because Slack did not accept it. Tell your admin when it was.",
    },
    why_muted_channel="Cards are turned off in this channel.",
    why_muted_person="You have turned off cards for your messages.",
    nothing_seen=(
        "The bot has seen no message in this channel. Invite it with `/invite`; "
        "if it is here already, ask an admin to check its permission to read messages."
    ),
)
