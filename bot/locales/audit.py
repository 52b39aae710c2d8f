"""The texts of ``/customer log``, in both languages: who has looked a customer up.

Mappings are keyed by the words of the access log; the tests check that none is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class AuditTexts:
    help: str
    """In the help: the command and what it does."""
    heading: Callable[[str], str]
    """Above the entries. Takes the customer's name."""
    all: Callable[[int, str], str]
    """The number of entries, all of which are listed. Takes it and the days that are searched."""
    newest: Callable[[int, int, str], str]
    """Takes the number of listed entries, the number of all entries, and the days."""
    none: Callable[[str], str]
    """No entries. Takes the days."""
    did: Mapping[str, str]
    """The action, by the value of an Audience."""
    outcome: Mapping[str, str]
    """The result if the customer was not shown, by the word of an outcome."""
    surface: Mapping[str, str]
    """By the value of a Surface."""
    direct_message: str
    for_admins: str
    """Below the entries: only admins see them."""
    several: str
    """Above a list of customers, of which one has to be chosen."""
    store: str
    store_advice: str


ZH: Final = AuditTexts(
    help="`/customer log CF00000179`：谁查过这位客户（仅管理员）。",
    heading=lambda customer: f"谁查过 {customer}",
    all=lambda count, days: f"最近 {days} 天共 {count} 条记录，从新到旧",
    newest=lambda shown, count, days: f"最近 {days} 天共 {count} 条记录，以下是最新的 {shown} 条",
    none=lambda days: f"最近 {days} 天没有人查过这位客户。",
    did={"private": "查询", "channel": "分享给频道", "revealed": "显示完整信息"},
    outcome={
        "not_found": "没有查到",
        "unavailable": "暂时查不到",
        "invalid": "输入无法识别",
        "denied": "被拒绝",
        "limited": "次数超限",
    },
    surface={
        "command": "`/customer`",
        "message_shortcut": "消息快捷方式",
        "global_shortcut": "查询窗口",
        "link_unfurl": "客户链接",
        "message": "消息里的编号",
        "button": "卡片按钮",
        "home": "机器人主页",
        "flexpane": "链接面板",
        "cli": "命令行",
    },
    direct_message="私信",
    for_admins="访问记录只有管理员能看",
    several="符合的客户不止一位。请用编号或客户 id 再查一次，例如 `/customer log CF00000179`。",
    store="暂时读不到访问记录",
    store_advice=(
        "数据库暂时不可用。期间的查询照常记录，恢复后可以查到。请稍后重试；如果一直这样，请检查 `DATABASE_URL`。"
    ),
)

EN: Final = AuditTexts(
    help="`/customer log CF00000179`: who has looked this customer up (for admins).",
    heading=lambda customer: f"Who looked up {customer}",
    all=lambda count, days: f"{count} {'entry' if count == 1 else 'entries'} in the last {days} days, newest first",
    newest=lambda shown, count, days: f"{count} entries in the last {days} days; these are the newest {shown}",
    none=lambda days: f"Nobody has looked this customer up in the last {days} days.",
    did={"private": "looked up", "channel": "shared with the channel", "revealed": "revealed masked values"},
    outcome={
        "not_found": "not found",
        "unavailable": "no answer",
        "invalid": "not understood",
        "denied": "refused",
        "limited": "over the limit",
    },
    surface={
        "command": "with `/customer`",
        "message_shortcut": "with the message shortcut",
        "global_shortcut": "in the find window",
        "link_unfurl": "by a link",
        "message": "by a number in a message",
        "button": "with a card's button",
        "home": "on the bot's Home",
        "flexpane": "in a link's panel",
        "cli": "on the command line",
    },
    direct_message="direct message",
    for_admins="Only admins see the access log",
    several="More than one customer is meant. Ask again with a number or an id, such as `/customer log CF00000179`.",
    store="The access log cannot be read right now",
    store_advice=(
        "The database cannot be used. Look-ups are written down meanwhile, and can be read when it is back. "
        "Try again in a while; if it stays like this, check `DATABASE_URL`."
    ),
)
