"""中文。"""

from bot.errors import Trouble
from bot.locales.texts import Texts


def _age(seconds: float) -> str:
    for unit, name in ((86_400, "天"), (3_600, "小时"), (60, "分钟")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {name}前"
    return "1 分钟内"


ZH = Texts(
    labels={},
    unnamed="（无标签）",
    level=lambda level: f"等级 {level}",
    more_tags=lambda count: f"+{count}",
    more_fields=lambda count: f"另有 {count} 项未显示",
    pictures=lambda count: f"图片 {count} 张",
    only_you="仅你可见",
    crm="易售后",
    as_of=lambda when: f"{when} 的数据",
    stale=lambda what, age: f"{what}；这是 {age}的副本",
    age=_age,
    refresh="刷新",
    retry="重试",
    code=lambda code: f"代码 {code}",
    looking_up=lambda what: f"正在查询 {what} · 结果随后送达",
    starting="客户查询机器人正在启动，请几秒后再试。",
    failed=lambda code: f"机器人内部出错（代码 {code}）。请重试一次；如果还是这样，请把代码告诉管理员。",
    not_found="没有这个 id 的客户",
    not_found_advice="请核对客户 id 是否完整、客户是否已被删除，以及它是否属于本服务网点可见的范围。",
    invalid="没有读到客户 id",
    you_typed=lambda text: f"你输入的是：{text}",
    what_to_type="可以输入客户 id，或者含有客户 id 的链接，例如：",
    not_yet="客户编号（CF…）、电话和名称暂时还不能查。",
    example=lambda command: f"`{command}`",
    help="在 Slack 里查易售后的客户，结果只有你自己看得到。",
    trouble={
        Trouble.NO_ANSWER: "易售后没有回应",
        Trouble.UNREADABLE: "易售后的回答无法读取",
        Trouble.REFUSED: "机器人对易售后的访问被拒绝",
        Trouble.REJECTED: "易售后拒绝了这次查询",
        Trouble.INTERNAL: "机器人内部出错",
    },
    trouble_advice={
        Trouble.NO_ANSWER: "通常几分钟内恢复；如果一直这样，请把代码告诉管理员。",
        Trouble.UNREADABLE: "请稍后重试；如果一直这样，请把代码告诉管理员。",
        Trouble.REFUSED: "请告诉管理员，并附上代码：需要检查易售后的应用 id、密钥或令牌。",
        Trouble.REJECTED: "请核对客户 id；如果仍然这样，请把代码告诉管理员。",
        Trouble.INTERNAL: "请重试一次；如果还是这样，请把代码告诉管理员。",
    },
    no_copy="没有这位客户的保存副本。",
    crm_says=lambda words: f"易售后的说明：{words}",
)
