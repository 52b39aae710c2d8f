"""中文。"""

from math import ceil

from bot.errors import Trouble
from bot.locales.audit import ZH as _ACCESS
from bot.locales.mutes import ZH as _QUIET
from bot.locales.records import ZH as _RELATED
from bot.locales.schema import CustomerTexts, HomeTexts, ModalTexts, Texts
from bot.locales.search import ZH as _SEARCH
from bot.locales.zh.health import ZH as _DOCTOR


def _age(seconds: float) -> str:
    for unit, name in ((86_400, "天"), (3_600, "小时"), (60, "分钟")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {name}前"
    return "1 分钟内"


def _wait(seconds: float) -> str:
    return f"{ceil(seconds / 60)} 分钟" if seconds > 60 else f"{max(1, ceil(seconds))} 秒"


_CUSTOMER = CustomerTexts(
    details="详情",
    view_details="查看详情",
    share="分享",
    open_in_crm="在易售后中打开",
    reveal="显示完整信息",
    hide="恢复隐藏",
    revealed="已显示完整信息，仅你可见。此次查看已记录，管理员可以查到。",
    not_revealed="暂时无法显示完整信息",
    not_revealed_advice="数据库暂时不可用，此次查看无法记录。请稍后重试；如果一直这样，请把代码告诉管理员。其他内容仍可在上方查看。",
    copy="复制为文本",
    pin="收藏／取消收藏",
    mute_day="此频道暂停一天",
    mute_channel="在此频道关闭",
    mute_me="我的消息不再显示",
    last_service=lambda date: f"最近服务 {date}",
    shared_by=lambda who: f"{who} 分享",
    customer="客户",
    contact="联系方式",
    address="地址",
    invoicing="开票",
    service="服务",
    other="其他",
    pictures="回单与签名",
    open_picture=lambda label: f"打开 {label}",
    attention="注意",
    not_shown=lambda count: f"内容过多，另有 {count} 项未显示，请在易售后中查看。",
    more_items=lambda count: f"…另有 {count} 项",
)

_MODAL = ModalTexts(
    title="客户查询",
    close="关闭",
    loading="正在查询，请稍候…",
    too_much="内容过多，Slack 无法显示。请在易售后中查看。",
    find="查询",
    input_label="或者输入电话、邮箱、设备编号、序列号…",
    input_hint="客户编号、名称、客户 id 和链接也可以",
    no_shelf="暂时读不到收藏和最近查过的客户。",
    pinned="收藏",
    recent="最近查过",
    open="打开",
    open_whom=lambda name: f"打开 {name}",
    nothing_found="这条消息里没有读到客户",
    looked_for="找过客户编号（CF…）、电话、邮箱、设备编号（CE…）、客户 id 和客户链接。可以在下面输入：",
    several=lambda count: f"在这条消息里找到 {count} 位客户",
    nobody="没有查到这条消息里的客户",
    gone=lambda asked: f"{asked}：没有这位客户",
    unanswered=lambda asked, why: f"{asked}：{why}",
    left_out=lambda count: f"另有 {count} 位没有查询，请单独输入。",
    share_preview="频道里的其他人会看到：",
    share_buttons="卡片上还有“查看详情”按钮和 ⋯ 菜单，预览里不显示。",
    share_where="发布到哪个频道？",
    share_hint="与其他组织共享的频道不能选。",
    the_channel="频道",
    post="发布",
    posting=lambda channel: f"正在发布到 {channel}…",
    posted=lambda channel: f":white_check_mark: 已发布到 {channel}。",
    not_posted="没有发布",
    perhaps_posted="不确定是否已发布",
    not_posted_advice={
        "not_in_channel": "机器人不在这个频道里。请先在频道里输入 `/invite` 邀请它，再分享一次。",
        "channel_not_found": "机器人看不到这个频道。如果是私有频道，请先在频道里输入 `/invite` 邀请它，再分享一次。",
        "is_archived": "这个频道已经归档。请换一个频道再分享一次。",
        "ratelimited": "Slack 限制了机器人的发布次数。请一分钟后再分享一次。",
        "no_answer": "Slack 没有回应。再分享之前请先看看频道：卡片可能已经发布了。",
        "restricted_action": "这个频道只有部分人可以发消息。请换一个频道，或请管理员允许机器人发布。",
        "": "请重试一次；如果还是这样，请把下面的代码告诉管理员。",
    },
)

_HOME = HomeTexts(
    greeting="查易售后的客户，结果只有你自己看得到。",
    find="查询客户",
    no_pins="还没有收藏。在客户卡片的 ⋯ 菜单里点“收藏”，常用的客户就会出现在这里。",
    no_recents="还没有查过客户。",
    clear="清空最近查过的客户",
    clear_question="清空最近查过的客户？收藏不受影响。",
    clear_yes="清空",
    clear_no="取消",
    muted="已关闭自动卡片",
    nothing_muted="没有关闭任何自动卡片。",
    no_mutes="暂时读不到哪些自动卡片已关闭。",
    how="怎么用",
    how_lines=(
        "`/customer CF00000179`：按编号、名称、电话、邮箱、设备编号或序列号查询，客户 id 和链接也可以",
        "消息的 ⋯ 菜单 → “查客户 Look up customer”：查消息里提到的客户",
        "把机器人邀请进频道，消息里的客户编号就会在消息列中带出卡片",
        "`/customer why`：为什么上一条消息没有卡片",
    ),
)

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
    you_typed=lambda text: f"你输入的是：{text}",
    what_to_type="可以输入客户编号、名称、拼音、电话、邮箱、设备编号、序列号、客户 id 或链接，例如：",
    example=lambda command: f"`{command}`",
    help="在 Slack 里查易售后的客户，结果只有你自己看得到。",
    help_why="`/customer why`：为什么此频道的上一条消息没有客户卡片。",
    limited={
        "lookups": "查得太快了",
        "unknown": "连续多次没有查到客户",
        "reveals": "本小时内查看完整号码的次数已用完",
    },
    limited_advice=lambda seconds: f"请 {_wait(seconds)}后再试。",
    admins=lambda mentions: f"管理员：{mentions}",
    denied={
        "guest": "访客不能查看客户",
        "deactivated": "你的账号已停用，不能查看客户",
        "not_allowed": "你没有查看客户的权限",
        "not_here": "这里不能查询客户",
        "outsider": "你属于其他组织，不能查看这里的客户",
        "unknown_person": "无法确认你的身份",
        "external_channel": "此频道与其他组织共享，不能显示客户",
        "unreadable_channel": "无法确认此频道只属于本组织",
        "not_admin": "只有管理员能看这些内容",
        "no_admins": "还没有指定管理员，谁也不能看这些内容",
    },
    denied_advice={
        "guest": "客户资料只对正式成员开放。需要时请联系管理员。",
        "deactivated": "请联系管理员。",
        "not_allowed": "请联系管理员开通权限，并附上代码。",
        "not_here": "请到管理员指定的频道里用 `/customer` 查询。",
        "outsider": "客户资料只对本组织的成员开放。",
        "unknown_person": "Slack 没有说明你是谁。请稍后重试；如果一直这样，请把代码告诉管理员。",
        "external_channel": "请换一个内部频道；用 `/customer` 查询的结果只有你自己看得到。",
        "unreadable_channel": "请先用 `/invite` 邀请机器人进频道再试；如果还是这样，请把代码告诉管理员。",
        "not_admin": "需要时请管理员帮你查看。",
        "no_admins": "请运行机器人的同事在 `ADMIN_USERS` 里填上管理员的 Slack id，然后重新启动。",
    },
    outdated="这个按钮来自旧版本，已经不能用了。请用 `/customer` 重新查询。",
    store="数据库暂时不可用",
    store_advice="收藏、最近查过的客户和自动卡片的开关现在不能读写，查询不受影响。请稍后重试；如果一直这样，请告诉管理员。",
    pinned=lambda name: f":pushpin: 已收藏 {name}，在机器人的主页可以找到。",
    unpinned=lambda name: f"已取消收藏 {name}。",
    trouble={
        Trouble.NO_ANSWER: "易售后没有回应",
        Trouble.BUSY: "易售后正忙，暂时排不上",
        Trouble.UNREADABLE: "易售后的回答无法读取",
        Trouble.REFUSED: "机器人对易售后的访问被拒绝",
        Trouble.REJECTED: "易售后拒绝了这次查询",
        Trouble.STORE: "客户目录暂时不可用",
        Trouble.INTERNAL: "机器人内部出错",
    },
    trouble_advice={
        Trouble.NO_ANSWER: "通常几分钟内恢复；如果一直这样，请把代码告诉管理员。",
        Trouble.BUSY: "输入没有问题：请等半分钟再点“重试”。",
        Trouble.UNREADABLE: "请稍后重试；如果一直这样，请把代码告诉管理员。",
        Trouble.REFUSED: "请告诉管理员，并附上代码：需要检查易售后的应用 id、密钥或令牌。",
        Trouble.REJECTED: "请核对输入的内容；如果仍然这样，请把代码告诉管理员。",
        Trouble.STORE: "请改用客户 id 或链接查询；如果一直这样，请把代码告诉管理员：数据库连不上。",
        Trouble.INTERNAL: "请重试一次；如果还是这样，请把代码告诉管理员。",
    },
    no_copy="没有这位客户的保存副本。",
    crm_says=lambda words: f"易售后的说明：{words}",
    search=_SEARCH,
    customer=_CUSTOMER,
    modal=_MODAL,
    home=_HOME,
    automatic_cards=_QUIET,
    related=_RELATED,
    access=_ACCESS,
    doctor=_DOCTOR,
)
