"""The texts of a search, in both languages: what a text was read as, lists of customers, why none was found.

Mappings are keyed by the values of enumerations that this package may not import (a ReadAs, an Unread); the tests
check that none is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.locales.wording import plural


@dataclass(frozen=True, slots=True)
class SearchTexts:
    query: Mapping[str, str]
    """The name of a ReadAs within a sentence."""
    read_as: Callable[[str], str]
    """On a card: what the text was read as."""
    count: Callable[[str], str]
    """Takes the number of customers found: "12", or "50+" if there are more. It is shown alone on a lock screen."""
    together: Callable[[int], str]
    """Takes how many identifiers were asked for at once."""
    found: Callable[[str, str], str]
    """Above a list on one page. Takes the number, and what the text was read as (in bold)."""
    page: Callable[[str, str, str], str]
    """Above a page of a list. Takes the places ("6–10"), the number, and what the text was read as."""
    back: str
    next: str
    other_ways: str
    """Below a list."""
    is_cut: Callable[[int], str]
    """Below a list that is cut. Takes its length."""
    incomplete: str
    """A part of the search failed."""
    more: Callable[[int, str], str]
    """The customers of a message that are not listed. Takes their number, and what the text was read as."""

    not_found: Mapping[str, str]
    """By the value of a ReadAs, as are the next two."""
    not_found_advice: Mapping[str, str]
    look_as: Mapping[str, str]
    """A button that searches for another reading of the text."""
    invalid: Mapping[str, str]
    """By the value of an Unread."""
    invalid_advice: Mapping[str, str]
    end_of_phone: str
    """Added where a few digits find no customer."""
    expired: str

    which: str
    """The label of the menu that suggests customers while one types."""
    placeholder: str


ZH: Final = SearchTexts(
    query={
        "id": "客户 id",
        "link": "链接",
        "number": "客户编号",
        "phone": "电话",
        "email": "邮箱",
        "device": "设备编号",
        "serial": "序列号",
        "order": "工单编号",
        "name": "名称",
    },
    read_as=lambda how: f"按{how}查到",
    count=lambda count: f"找到 {count} 位客户",
    together=lambda count: f"一次查了 {count} 项",
    found=lambda count, how: f"按 *{how}* 查找，找到 {count} 位客户",
    page=lambda places, count, how: f"按 *{how}* 查找：第 {places} 位，共 {count} 位",
    back="上一页",
    next="下一页",
    other_ways="没有要找的？试试客户编号或序列号",
    is_cut=lambda count: f"只列出前 {count} 位，请缩小范围：加上更多文字，或用电话、编号查",
    incomplete="有一部分没有查到，可能漏了客户，请稍后再查一次",
    more=lambda count, how: f"按{how}还找到 {count} 位，没有列出。要看全部，请单独查这个{how}。",
    not_found={
        "id": "没有这个 id 的客户",
        "link": "没有这个链接指向的客户",
        "number": "没有这个编号的客户",
        "phone": "没有这个电话的客户",
        "email": "没有这个邮箱的客户",
        "device": "没有这个设备编号的客户",
        "serial": "没有这个序列号的客户",
        "order": "没有这个工单编号的客户",
        "name": "没有这个名称的客户",
    },
    not_found_advice={
        "id": "请核对客户 id 是否完整、客户是否已被删除，以及它是否属于本服务网点可见的范围。",
        "link": "请核对链接是否完整、客户是否已被删除，以及它是否属于本服务网点可见的范围。",
        "number": "请核对编号；也可以试试客户的名称或电话。",
        "phone": "请核对号码；客户留的可能是另一个电话，也可以试试名称或机器上的序列号。",
        "email": "请核对邮箱；也可以试试客户的名称或电话。",
        "device": "请核对设备编号；也可以试试机器上的序列号，或客户的电话。",
        "serial": "请对着机器再核对一遍，包括横线；也可以试试客户的名称或电话（座机要加区号）。",
        "order": "请核对工单编号；也可以试试客户的名称或电话。",
        "name": "请少输几个字，或试试拼音、拼音首字母；也可以用电话、编号或序列号查。",
    },
    look_as={
        "id": "按客户 id 查找",
        "link": "按链接查找",
        "number": "按客户编号查找",
        "phone": "按电话查找",
        "email": "按邮箱查找",
        "device": "按设备编号查找",
        "serial": "按序列号查找",
        "order": "按工单编号查找",
        "name": "按名称查找",
    },
    invalid={
        "nothing": "没有读到要查的客户",
        "several": "一次给的客户太多",
        "too_short": "输入的内容太短",
        "too_long": "输入的内容太长",
    },
    invalid_advice={
        "nothing": "请输入一位客户的编号、名称或电话。",
        "several": "请少输几位：`/customer` 一次最多五位，其他地方一次一位。",
        "too_short": "请至少输入两个字（或两个字母、数字）。",
        "too_long": "请只输入编号、名称或电话。",
    },
    end_of_phone="如果这是电话的后几位：请输入完整的号码（座机要加区号）。电话只保存了加密指纹，按后几位查不到。",
    expired="这个按钮已经过期，请重新输入要查的客户。",
    which="要查哪位客户？",
    placeholder="名称、编号或拼音首字母",
)

EN: Final = SearchTexts(
    query={
        "id": "customer id",
        "link": "link",
        "number": "customer number",
        "phone": "phone",
        "email": "e-mail",
        "device": "device number",
        "serial": "serial number",
        "order": "work-order number",
        "name": "name",
    },
    read_as=lambda how: f"read as {how}",
    count=lambda count: f"{plural(count, 'customer')} found",
    together=lambda count: f"{count} looked up at once",
    found=lambda count, how: f"{plural(count, 'customer')} found, read as *{how}*",
    page=lambda places, count, how: f"{places} of {count} customers, read as *{how}*",
    back="Previous page",
    next="Next page",
    other_ways="Not the one? Try a customer number or a serial number",
    is_cut=lambda count: f"Only the first {count} are listed. Narrow it down: type more, or use a phone or a number",
    incomplete="A part of the search gave no answer: some customers may be missing. Try again in a while",
    more=lambda count, how: f"{count} more found by {how}, not listed: look that {how} up alone to see them all.",
    not_found={
        "id": "No customer with this id",
        "link": "No customer behind this link",
        "number": "No customer with this number",
        "phone": "No customer with this phone",
        "email": "No customer with this e-mail address",
        "device": "No customer with this device number",
        "serial": "No customer with this serial number",
        "order": "No customer with this work order",
        "name": "No customer with this name",
    },
    not_found_advice={
        "id": (
            "Check that the id is complete, that the customer was not deleted, "
            "and that this service network may see it."
        ),
        "link": (
            "Check that the link is complete, that the customer was not deleted, "
            "and that this service network may see it."
        ),
        "number": "Check the number, or try the customer's name or phone.",
        "phone": (
            "Check the number. The customer may have left another one: "
            "try the name, or the serial number on the machine."
        ),
        "email": "Check the address, or try the customer's name or phone.",
        "device": "Check the device number, or try the serial number on the machine or the customer's phone.",
        "serial": (
            "Read it off the machine again, with its dashes, or try the customer's name or phone "
            "(a landline with its area code)."
        ),
        "order": "Check the number of the work order, or try the customer's name or phone.",
        "name": "Type less of it, or pinyin or its initials. A phone, a customer number or a serial number works too.",
    },
    look_as={
        "id": "Look for it as a customer id",
        "link": "Look for it as a link",
        "number": "Look for it as a customer number",
        "phone": "Look for it as a phone",
        "email": "Look for it as an e-mail address",
        "device": "Look for it as a device number",
        "serial": "Look for it as a serial number",
        "order": "Look for it as a work order",
        "name": "Look for it as a name",
    },
    invalid={
        "nothing": "No customer to look for in this",
        "several": "Too many customers at a time",
        "too_short": "Too short to look for",
        "too_long": "Too long to look for",
    },
    invalid_advice={
        "nothing": "Type one customer's number, name or phone.",
        "several": "Name fewer of them: `/customer` takes up to five, everything else one.",
        "too_short": "Type at least two letters or digits.",
        "too_long": "Type the customer's number, name or phone alone.",
    },
    end_of_phone=(
        "If these are the last digits of a phone: type the whole number, please (a landline with its area code). "
        "Phones are kept only as hashes, which no part of a number finds."
    ),
    expired="This button has expired. Type again what you were looking for.",
    which="Which customer?",
    placeholder="Name, number or pinyin initials",
)
