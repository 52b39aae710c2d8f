"""The texts about a customer's records (contacts, devices, work orders and their steps), in both languages.

``state`` and ``pending`` are keyed by the CRM's own codes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.locales.wording import plural


@dataclass(frozen=True, slots=True)
class RecordTexts:
    profile: str
    contacts: str
    devices: str
    work_orders: str
    steps: str
    """The names of tabs, headings, and a button on a work order."""
    shown_tab_aloud: Callable[[str], str]
    """For screen readers. Takes the name of the tab that is shown."""
    steps_of: Callable[[str], str]
    """Takes a work order's number."""
    count: Callable[[str, int], str]
    """Takes a heading and the number of records."""
    first: Callable[[str, int], str]
    """The same if the list is cut."""
    more: str
    no_contacts: str
    no_devices: str
    no_work_orders: str
    no_steps: str
    not_known: str
    """Instead of records if there were none on the pages that were read, and there are more pages."""
    all_work_orders: str
    """A button below the steps of one work order."""

    main_contact: str
    serial_number: Callable[[str], str]
    in_warranty: str
    out_of_warranty: str
    warranty_unknown: str
    warranty_until: Callable[[str], str]
    warranty_ended: Callable[[str], str]
    warranty_unclear: Callable[[str], str]
    """The same three with the day on which the warranty ends."""
    state: Mapping[int, str]
    pending: Mapping[int, str]
    """What a work order waits for. There is no text for the code 0."""
    late: str
    late_after: Callable[[str], str]
    """Takes the deadline."""

    open_work_orders: Callable[[int], str]
    devices_out: Callable[[int, int], str]
    """Takes the number of devices out of warranty and the number of devices."""
    devices_in: Callable[[int], str]
    """All devices are in warranty. Takes their number."""
    devices_unclear: Callable[[int, int], str]
    """``devices_out`` if the warranty of some devices is not known."""


_STATES_ZH: Final = {
    0: "状态不明", 1: "新建", 2: "已受理", 3: "已收货", 4: "已分配", 5: "已派工", 6: "已接收", 7: "已预约",
    8: "服务中", 9: "已完工", 10: "已质检", 11: "已发货", 12: "已结算", 13: "已回访", 14: "已关闭", 15: "已取消",
    16: "异常",
}  # fmt: skip
_PENDING_ZH: Final = {
    1: "待受理", 2: "待收货", 3: "待分配", 4: "待派工", 5: "待接收", 6: "待预约", 7: "待服务", 8: "待回单",
    9: "待质检", 10: "待发货", 11: "待结算", 12: "待回访", 13: "待关闭", 14: "已关闭", 15: "已取消", 16: "异常",
}  # fmt: skip

ZH: Final = RecordTexts(
    profile="资料",
    contacts="联系人",
    devices="设备",
    work_orders="工单",
    steps="进度",
    shown_tab_aloud=lambda tab: f"{tab}，当前显示",
    steps_of=lambda number: f"工单 {number} 的进度",
    count=lambda heading, count: f"{heading}（{count}）",
    first=lambda heading, count: f"{heading}（前 {count} 条）",
    more="可能还有更多，请在易售后中查看。",
    no_contacts="没有联系人",
    no_devices="没有设备",
    no_work_orders="没有工单",
    no_steps="还没有处理记录",
    not_known="这里查不到，请在易售后中查看。",
    all_work_orders="返回工单列表",
    main_contact="主联系人",
    serial_number=lambda number: f"序列号 {number}",
    in_warranty="在保",
    out_of_warranty="已过保",
    warranty_unknown="保修情况不明",
    warranty_until=lambda date: f"在保，至 {date}",
    warranty_ended=lambda date: f"已过保，{date} 到期",
    warranty_unclear=lambda date: f"保修情况不明，截止日期 {date}",
    state=_STATES_ZH,
    pending=_PENDING_ZH,
    late="已超时",
    late_after=lambda deadline: f"已超时，截止 {deadline}",
    open_work_orders=lambda count: f"{count} 张未完成工单" if count else "没有未完成工单",
    devices_out=lambda out, count: (
        f"{out}/{count} 台设备已过保" if out < count else f"{count} 台设备{'' if count == 1 else '都'}已过保"
    ),
    devices_in=lambda count: f"{count} 台设备{'都' if count > 1 else ''}在保" if count else "没有设备",
    devices_unclear=lambda out, count: f"{count} 台设备，{f'查到 {out} 台已过保' if out else '没有查到过保的'}",
)


def _all_devices(count: int) -> str:
    return "1 device," if count == 1 else f"all {count} devices"


_STATES_EN: Final = {
    0: "State not known", 1: "New", 2: "Accepted", 3: "Goods received", 4: "Assigned", 5: "Dispatched", 6: "Taken on",
    7: "Booked", 8: "In service", 9: "Done", 10: "Inspected", 11: "Goods sent", 12: "Settled", 13: "Followed up",
    14: "Closed", 15: "Cancelled", 16: "Abnormal",
}  # fmt: skip
_PENDING_EN: Final = {
    1: "to be accepted", 2: "waiting for goods", 3: "to be assigned", 4: "to be dispatched", 5: "to be taken on",
    6: "to be booked", 7: "waiting for service", 8: "waiting for the report", 9: "to be inspected",
    10: "goods to be sent", 11: "to be settled", 12: "to be followed up", 13: "to be closed", 14: "Closed",
    15: "Cancelled", 16: "Abnormal",
}  # fmt: skip

EN: Final = RecordTexts(
    profile="Profile",
    contacts="Contacts",
    devices="Devices",
    work_orders="Work orders",
    steps="Steps",
    shown_tab_aloud=lambda tab: f"{tab}, shown now",
    steps_of=lambda number: f"Steps of {number}",
    count=lambda heading, count: f"{heading} ({count})",
    first=lambda heading, count: f"{heading} (the first {count})",
    more="There may be more in 易售后.",
    no_contacts="No contacts",
    no_devices="No devices",
    no_work_orders="No work orders",
    no_steps="No steps yet",
    not_known="This cannot be told here. Please look in 易售后.",
    all_work_orders="Back to all work orders",
    main_contact="main contact",
    serial_number=lambda number: f"Serial no. {number}",
    in_warranty="In warranty",
    out_of_warranty="Out of warranty",
    warranty_unknown="Warranty not known",
    warranty_until=lambda date: f"In warranty until {date}",
    warranty_ended=lambda date: f"Out of warranty since {date}",
    warranty_unclear=lambda date: f"Warranty not known, ends {date}",
    state=_STATES_EN,
    pending=_PENDING_EN,
    late="late",
    late_after=lambda deadline: f"late: was due {deadline}",
    open_work_orders=lambda count: plural(count or "No", "open work order"),
    devices_out=lambda out, count: (
        f"{out} of {count} devices out of warranty" if out < count else f"{_all_devices(count)} out of warranty"
    ),
    devices_in=lambda count: f"{_all_devices(count)} in warranty" if count else "no devices",
    devices_unclear=lambda out, count: f"{plural(count, 'device')}, {out or 'none'} known to be out of warranty",
)
