"""The health check in Chinese."""

from typing import Final

from bot.locales.health import HealthTexts
from bot.locales.wording import CHINESE_UNITS, largest_unit

ZH: Final = HealthTexts(
    help="`/customer doctor`：机器人运行得怎么样，有问题该怎么办（仅管理员）。",
    examining="正在检查 Slack、易售后、数据库和机器人自身 · 报告随后送达",
    headline=lambda failed, notes: (
        f"体检：{f'{failed} 项有问题' if failed else '没有发现问题'}{f'，{notes} 项请留意' if notes else ''}"
    ),
    for_admins="体检报告只有管理员能看",
    took=lambda seconds: f"用时 {seconds} 秒",
    left_out=lambda count: f"…另有 {count} 项：在机器人所在的机器上运行 `customer-bot doctor` 可以看到全部。",
    span=lambda seconds: "{} {}".format(*largest_unit(seconds, CHINESE_UNITS, least=2)),
    part={
        "settings": "设置",
        "slack": "Slack",
        "crm": "CRM",
        "database": "数据库",
        "directory": "客户目录",
        "cache": "缓存",
        "queue": "队列",
        "process": "进程",
    },
    says={
        "late": "{timeout}内没有结果：请再试一次；如果一直这样，请查看日志",
        "broken": "这项检查本身出错，代码 {code}：请在日志里查找",
        "settings_fine": "各项设置没有矛盾",
        "no_admins": (
            "`ADMIN_USERS` 是空的：没有人能用 `/customer doctor` 和 `/customer log`。请填上管理员的 Slack id"
        ),
        "admins_not_allowed": "这些 `ADMIN_USERS` 不在 `ALLOWED_USERS` 里，看不到客户和访问记录：{ids}。请把他们加进去",
        "channels_not_allowed": (
            "`CHANNEL_NETWORKS` 里的这些频道不在 `ALLOWED_CHANNELS` 里，在那里谁也不能查：{ids}。请加进去，或者去掉"
        ),
        "two_ways_in": (
            "同时设置了 `ESHOUHOU_ACCESS_TOKEN` 和 `ESHOUHOU_APP_ID`、`ESHOUHOU_APP_SECRET`，以前者为准，"
            "到期不会更新。请去掉前者"
        ),
        "in_memory": "`DATABASE_URL` 在内存里：进程一停，收藏、静音、客户目录和访问记录就没有了",
        "no_syncs": "`DIRECTORY_SYNC_HOURS` 是 0：客户目录只靠 `customer-bot directory sync` 更新",
        "plain_http": "`{variable}` 以 http 开头，令牌会明文传输。请改用 https",
        "links": "客户链接在 {host}：应用清单的 `unfurl_domains` 里必须有它，见 `customer-bot manifest`",
        "no_links": "没有设置 `CUSTOMER_URL_TEMPLATE`：链接没有卡片，卡片也没有链接",
        "no_entrance": (
            "Slack 连不到机器人：`customer-bot serve` 要设置 `SLACK_SIGNING_SECRET`，"
            "`customer-bot socket` 要设置 `SLACK_APP_TOKEN`"
        ),
        "two_entrances": (
            "同时设置了 `SLACK_SIGNING_SECRET` 和 `SLACK_APP_TOKEN`：Slack 里的应用开了 Socket Mode，"
            "就运行 `customer-bot socket`，否则运行 `customer-bot serve`"
        ),
        "over_http": "按 HTTP 设置（`SLACK_SIGNING_SECRET`）：请运行 `customer-bot serve`",
        "over_socket_mode": "按 Socket Mode 设置（`SLACK_APP_TOKEN`）：请运行 `customer-bot socket`",
        "slack_knows": "Slack 认得机器人：{bot}，工作区 {team}，{ms} 毫秒回应",
        "slack_token": (
            "Slack 对 auth.test 的回答是 {answer}：请检查 `SLACK_BOT_TOKEN`，必要时重新安装应用，然后重新启动"
        ),
        "slack_refuses": "Slack 对 auth.test 的回答是 {answer}：请检查 `SLACK_API_URL`，或稍后再试",
        "slack_silent": "连不上 Slack（{reason}）：请检查 `SLACK_API_URL` 和网络",
        "slack_clock": "本机与 Slack 的时钟一致",
        "slack_clock_off": (
            "本机时钟比 Slack {way} {span}；相差到 5 分钟，走 HTTP 的请求会因签名过期被拒绝。请用 NTP 校时"
        ),
        "slack_clock_far_off": "本机时钟比 Slack {way} {span}：走 HTTP 的请求会因签名过期被拒绝。请用 NTP 校时",
        "scopes_fine": "权限范围都已授予",
        "scopes_untold": "Slack 没有说明授予了哪些权限范围：请绕过代理再查",
        "scope_missing": "缺少权限范围 {scope}，用于：{use}。请按 `customer-bot manifest` 更新应用清单，再重新安装应用",
        "scope_declined": "可选的权限范围 {scope} 没有授予：{effect}。需要时请重新安装应用",
        "app_token_fine": "Slack 接受 `SLACK_APP_TOKEN`",
        "app_token_refused": (
            "Slack 对 apps.connections.open 的回答是 {answer}：请检查 `SLACK_APP_TOKEN`（需要 connections:write），"
            "以及应用是否开了 Socket Mode"
        ),
        "app_token_untold": "无法确认 Slack 是否接受 `SLACK_APP_TOKEN`（{reason}）：请稍后再试",
        "crm_answers": "易售后 {ms} 毫秒回应",
        "crm_trouble": "易售后没有给出可用的回答：{reason}。{advice}",
        "crm_unreadable": "易售后的回答无法读取：{reason}。请检查 `ESHOUHOU_BASE_URL`",
        "token_renewed": "令牌还有 {left}到期，{renewal}后更新",
        "token_by_hand": (
            "`ESHOUHOU_ACCESS_TOKEN` 是手工生成的：最多 24 小时到期，到期不会更新。"
            "请改为设置 `ESHOUHOU_APP_ID` 和 `ESHOUHOU_APP_SECRET`"
        ),
        "crm_clock": "本机与易售后的时钟一致",
        "crm_clock_off": (
            "本机时钟比易售后{way} {span}，更新令牌时可能被拒绝。请用 NTP 校时；如果与 Slack 一致，就是易售后的时钟不准"
        ),
        "crm_clock_refused": (
            "本机时钟比易售后{way} {span}：很可能就是被拒绝的原因。"
            "请用 NTP 校时；如果与 Slack 一致，就是易售后的时钟不准"
        ),
        "all_asked": "易售后的各个接口都在正常调用",
        "rests": "{operation} 多次没有回应，{rest}内不再调用，之后自动重试；期间显示保存的副本",
        "tried_again": "{operation} 多次没有回应，正在重试",
        "lists_fine": "易售后的列表可以读取",
        "lists_trouble": "易售后的列表无法读取：{reason}。{advice}",
        "lists_unreadable": "易售后的列表无法读取：{reason}",
        "database_fine": "{kind} 可以读写，{ms} 毫秒",
        "database_trouble": "{reason}：请检查 `DATABASE_URL` 和数据库。期间按客户 id 查询不受影响",
        "directory_fine": "{customers} 位客户，其中 {contacts} 位有电话或邮箱；上次同步：{at}",
        "never_synced": (
            "{customers} 位客户，其中 {contacts} 位有电话或邮箱；从未同步。"
            "请运行 `customer-bot directory sync`，或等机器人自己同步"
        ),
        "sync_overdue": (
            "{customers} 位客户，其中 {contacts} 位有电话或邮箱；上次同步：{at}，早该再同步了。"
            "请运行 `customer-bot directory sync`，看它怎么说"
        ),
        "no_key": (
            "{customers} 位客户，其中 {contacts} 位有电话或邮箱；上次同步：{at}。"
            "设置 `DIRECTORY_KEY` 才能按电话和邮箱查找"
        ),
        "cache": "内存里保存了 {entries} 位客户，上限 {most}；显示过 {shown} 次，其中 {hits} 次直接取自内存",
        "crm_queue": "对易售后的请求：{under_way} 个进行中（上限 {at_once}），没有排队",
        "crm_queue_waits": (
            "对易售后的请求：{under_way} 个进行中（上限 {at_once}），{waiting} 个排队（上限 {most}）。"
            "如果一直这样，在易售后承受得住的前提下调高 `CRM_CONCURRENCY`"
        ),
        "crm_queue_full": (
            "对易售后的请求：{under_way} 个进行中（上限 {at_once}），{waiting} 个排队（上限 {most}），"
            "现在来查的人会被告知正忙。请看易售后的回应速度；承受得住的话调高 `CRM_CONCURRENCY`"
        ),
        "tasks": "后台任务：{tasks} 个，包括这份报告",
        "rows": "等待写入数据库的访问记录：{rows} 条",
        "rows_wait": "等待写入数据库的访问记录：{rows} 条，超过 {most} 条会丢弃最早的。请看数据库",
        "rows_dropped": "有 {rows} 条访问记录等待写入数据库，最早的正在丢弃（日志里还有）。请尽快恢复数据库",
        "version": "customer-bot 版本 {version}",
        "up": "customer-bot 版本 {version}，已运行 {up}",
    },
    visibility_heading="谁能看到易售后文档里那位客户的什么（- 表示不显示）：",
    phrases={
        "ahead": "快",
        "behind": "慢",
        "needs commands": "/customer 和快捷方式",
        "needs chat:write": "分享卡片、消息列里的卡片",
        "needs links:read": "得知客户链接",
        "needs links:write": "客户链接下的卡片",
        "needs users:read": "全部功能：Slack 说不出是谁的人，看不到客户",
        "needs channels:read": "公共频道里的分享、链接和卡片：读不到频道是否只属于本组织",
        "needs groups:read": "私人频道里的分享、链接和卡片",
        "needs usergroups:read": "ALLOWED_USERGROUPS：不知道谁在这些群组里",
        "lacks channels:history": "公共频道里写到的客户编号没有卡片",
        "lacks groups:history": "私人频道里写到的客户编号没有卡片",
        "lacks usergroups:read": "不能使用 ALLOWED_USERGROUPS",
        "crm_unreachable": "期间显示保存的副本。请检查网络和 `ESHOUHOU_BASE_URL`，或稍后再试",
        "crm_refused": ("请检查 `ESHOUHOU_APP_ID` 和 `ESHOUHOU_APP_SECRET`，或 `ESHOUHOU_ACCESS_TOKEN`，以及本机时钟"),
        "crm_rejected": "请检查 `ESHOUHOU_SERVICE_SPACE_ID` 和 `ESHOUHOU_SERVICE_NETWORK_ID`",
        "crm_busy": "请等一分钟；如果一直这样，在易售后承受得住的前提下调高 `CRM_CONCURRENCY`",
        "crm_resting": "请稍等，会自动重试；期间显示保存的副本",
    },
)
