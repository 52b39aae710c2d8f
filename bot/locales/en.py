"""English."""

from bot.errors import Trouble
from bot.locales.texts import Texts


def _age(seconds: float) -> str:
    for unit, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= unit:
            count = int(seconds // unit)
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


EN = Texts(
    labels={
        "客户编号": "Customer number",
        "客户名称": "Customer",
        "联系人": "Contact",
        "联系电话": "Phone",
        "邮箱": "E-mail",
        "固定电话": "Landline",
        "统一社会信用码": "Tax id",
        "住所": "Registered address",
        "发票抬头": "Invoice title",
        "开户行": "Bank",
        "银行账户": "Bank account",
        "备注": "Remark",
        "国家/地区": "Country",
        "所属区域": "Region",
        "详细地址": "Address",
        "默认服务网点": "Service outlet",
        "维护人员": "Owner",
        "客户标签": "Tags",
        "客户来源": "Source",
        "客户等级": "Level",
        "发票类型": "Invoice type",
        "创建时间": "Created",
        "最近服务日期": "Last service",
    },
    unnamed="(no label)",
    level=lambda level: f"level {level}",
    more_tags=lambda count: f"+{count}",
    more_fields=lambda count: f"{count} more not shown",
    pictures=lambda count: f"{count} picture{'s' if count > 1 else ''}",
    only_you="Only you see this",
    crm="易售后",
    as_of=lambda when: f"as of {when}",
    stale=lambda what, age: f"{what}; this is the copy from {age}",
    age=_age,
    refresh="Refresh",
    retry="Retry",
    code=lambda code: f"Code {code}",
    looking_up=lambda what: f"Looking up {what} · the card follows",
    starting="The customer bot is starting. Please try again in a few seconds.",
    failed=lambda code: (
        f"Something went wrong in the bot (code {code}). Try once more; if it happens again, give your admin the code."
    ),
    not_found="No customer with this id",
    not_found_advice=(
        "Check that the id is complete, that the customer was not deleted, and that this service network may see it."
    ),
    invalid="No customer id in this",
    you_typed=lambda text: f"You typed: {text}",
    what_to_type="You can type a customer id, or a link that holds one, for example:",
    not_yet="Customer numbers (CF…), phones and names cannot be looked up yet.",
    example=lambda command: f"`{command}`",
    help="Look up customers of 易售后 without leaving Slack. Only you see the answer.",
    trouble={
        Trouble.NO_ANSWER: "易售后 is not answering",
        Trouble.UNREADABLE: "The answer of 易售后 cannot be read",
        Trouble.REFUSED: "The bot's access to 易售后 was refused",
        Trouble.REJECTED: "易售后 rejected this lookup",
        Trouble.INTERNAL: "Something went wrong in the bot",
    },
    trouble_advice={
        Trouble.NO_ANSWER: "This usually passes within minutes; if it does not, give your admin the code.",
        Trouble.UNREADABLE: "Try again in a while; if it stays like this, give your admin the code.",
        Trouble.REFUSED: "Tell your admin, with the code: 易售后's app id, secret or token needs checking.",
        Trouble.REJECTED: "Check the customer id; if it stays like this, give your admin the code.",
        Trouble.INTERNAL: "Try once more; if it happens again, give your admin the code.",
    },
    no_copy="There is no saved copy of this customer. ",
    crm_says=lambda words: f"易售后 says: {words}",
)
