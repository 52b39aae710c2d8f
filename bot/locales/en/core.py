"""English."""

from math import ceil

from bot.errors import Trouble
from bot.locales import audit, automatic_cards, records, search
from bot.locales.en.health import EN as _HEALTH
from bot.locales.schema import CustomerTexts, HomeTexts, ModalTexts, Texts
from bot.locales.wording import ENGLISH_UNITS, largest_unit, plural

_CUSTOMER = CustomerTexts(
    details="Details",
    view_details="View details",
    share="Share",
    open_in_crm="Open in 易售后",
    reveal="Reveal",
    hide="Hide",
    revealed="Masked values are shown in full, to you alone. This is written down, and your admins can see it.",
    not_revealed="Masked values cannot be shown right now",
    not_revealed_advice=(
        "It could not be written down: the database cannot be used. Try again in a while; "
        "if it stays like this, give your admin the code. Everything else is under the tabs above."
    ),
    copy="Copy as text",
    pin="Pin / unpin",
    mute_day="Pause here for a day",
    mute_channel="Turn off here",
    mute_me="Never for my messages",
    last_service=lambda date: f"last service {date}",
    shared_by=lambda who: f"shared by {who}",
    customer="Customer",
    contact="Contact",
    address="Address",
    invoicing="Invoicing",
    service="Service",
    other="Other",
    pictures="Receipts and signatures",
    open_picture=lambda label: f"Open {label}",
    attention="Note",
    not_shown=lambda count: f"Too much to show: {count} more in 易售后.",
    more_items=lambda count: f"…{count} more",
)

_MODAL = ModalTexts(
    title="Customer look-up",
    close="Close",
    loading="Looking up, one moment…",
    too_much="This is too much for Slack to show. Open it in 易售后.",
    find="Find",
    input_label="Or type a phone, e-mail, device or serial number…",
    input_hint="A customer number, a name, a customer id or a link works too",
    no_saved_customers="Your pinned and recent customers cannot be read right now.",
    pinned="Pinned",
    recent="Recent",
    open="Open",
    open_whom=lambda name: f"Open {name}",
    nothing_found="No customer in this message",
    looked_for=(
        "Looked for customer numbers (CF…), phones, e-mail addresses, device numbers (CE…), customer ids and links. "
        "You can type one here:"
    ),
    several=lambda count: f"{plural(count, 'customer')} found in this message",
    no_match="No customer found for what this message names",
    not_found=lambda asked: f"{asked}: no such customer",
    failed=lambda asked, why: f"{asked}: {why}",
    left_out=lambda count: f"{count} more not looked up: type {'it' if count == 1 else 'them'} one at a time.",
    share_preview="The others in the channel will see:",
    share_buttons="The card also has the button View details and a ⋯ menu, left out of this preview.",
    share_where="Post in which channel?",
    share_hint="Channels shared with other organisations cannot be chosen.",
    the_channel="the channel",
    post="Post",
    posting=lambda channel: f"Posting in {channel}…",
    posted=lambda channel: f":white_check_mark: Posted in {channel}.",
    not_posted="Not posted",
    perhaps_posted="Perhaps posted",
    not_posted_advice={
        "not_in_channel": "The bot is not in this channel. Invite it there with `/invite`, then share again.",
        "channel_not_found": (
            "The bot cannot see this channel. If it is private, invite the bot there with `/invite`, then share again."
        ),
        "is_archived": "This channel is archived. Share again and choose another.",
        "ratelimited": "Slack lets the bot post only so often. Share again in a minute.",
        "no_answer": "Slack did not answer. Look in the channel before you share again: the card may be there.",
        "restricted_action": "Only some people may post in this channel. Choose another, or ask an admin.",
        "": "Try once more; if it happens again, give your admin the code below.",
    },
)

_HOME = HomeTexts(
    greeting="Look up customers of 易售后. Only you see the answers.",
    find="Find a customer",
    no_pins="Nothing pinned yet. Choose Pin in the ⋯ menu of a customer's card, and the customer stays here.",
    no_recents="No customers looked up yet.",
    clear="Clear recent customers",
    clear_question="Clear your recent customers? Pinned ones stay.",
    clear_yes="Clear",
    clear_no="Cancel",
    muted="Where cards are turned off",
    nothing_muted="Cards are turned off nowhere.",
    no_mutes="Where cards are turned off cannot be read right now.",
    how="How to use it",
    how_lines=(
        "`/customer CF00000179`: look up by number, name, phone, e-mail, device or serial number, customer id or link",
        "A message's ⋯ menu → Look up customer: the customers that a message names",
        "Invite the bot to a channel, and customer numbers get a card in the message's thread",
        "`/customer why`: why the last message got no card",
    ),
)

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
    more_fields=lambda count: f"{count} more not shown",
    pictures=lambda count: f"{count} picture{'s' if count > 1 else ''}",
    only_you="Only you see this",
    crm="易售后",
    as_of=lambda when: f"as of {when}",
    stale=lambda what, age: f"{what}; this is the copy from {age}",
    age=lambda seconds: (
        "less than a minute ago" if seconds < 60 else f"{plural(*largest_unit(seconds, ENGLISH_UNITS))} ago"
    ),
    refresh="Refresh",
    retry="Retry",
    code=lambda code: f"Code {code}",
    looking_up=lambda what: f"Looking up {what} · the card follows",
    starting="The customer bot is starting. Please try again in a few seconds.",
    failed=lambda code: (
        f"Something went wrong in the bot (code {code}). Try once more; if it happens again, give your admin the code."
    ),
    you_typed=lambda text: f"You typed: {text}",
    what_to_type=(
        "You can type a customer number, a name, pinyin, a phone, an e-mail address, a device or serial number, "
        "a customer id or a link, for example:"
    ),
    help="Look up customers of 易售后 without leaving Slack. Only you see the answer.",
    help_why="`/customer why`: why the last message in this channel got no customer card.",
    limited={
        "lookups": "That was too many look-ups in one minute",
        "unknown": "Too many look-ups in a row found nobody",
        "reveals": "You have revealed as many masked values as one hour allows",
    },
    limited_advice=lambda seconds: (
        f"Try again in {plural(ceil(seconds / 60), 'minute')}."
        if seconds > 60
        else f"Try again in {plural(max(1, ceil(seconds)), 'second')}."
    ),
    admins=lambda mentions: f"Your admins for this: {mentions}",
    denied={
        "guest": "Guests cannot see customers",
        "deactivated": "Your account is deactivated and cannot see customers",
        "not_allowed": "You are not allowed to see customers",
        "not_here": "Customers cannot be looked up here",
        "outsider": "You belong to another organisation and cannot see customers here",
        "unknown_person": "Slack does not say who you are",
        "external_channel": "This channel is shared with another organisation: no customers here",
        "unreadable_channel": "It is not certain that this channel is internal",
        "not_admin": "Only admins may see this",
        "no_admins": "Nobody may see this yet: there are no admins",
    },
    denied_advice={
        "guest": "Customers are for full members only. Ask an admin if you need them.",
        "deactivated": "Ask an admin.",
        "not_allowed": "Ask an admin to allow it, with the code below.",
        "not_here": "Use `/customer` in a channel that your admin has set aside for it.",
        "outsider": "Customers are for members of this organisation only.",
        "unknown_person": "Try again in a while; if it stays like this, give your admin the code.",
        "external_channel": "Choose an internal channel. What you look up with `/customer` is seen by you alone.",
        "unreadable_channel": (
            "Invite the bot to the channel with `/invite` and try again; "
            "if it stays like this, give your admin the code."
        ),
        "not_admin": "Ask one of the admins to look for you.",
        "no_admins": "Whoever runs the bot has to put the Slack ids of its admins into `ADMIN_USERS` and restart it.",
    },
    outdated="This button is of an older version and does nothing any more. Use `/customer` to look again.",
    store="The database cannot be used right now",
    store_advice=(
        "Pins, recent customers and where cards are turned off can be neither read nor changed; look-ups still work. "
        "Try again in a while; if it stays like this, tell your admin."
    ),
    pinned=lambda name: f":pushpin: Pinned {name}: you find it on the bot's Home.",
    unpinned=lambda name: f"Unpinned {name}.",
    trouble={
        Trouble.NO_ANSWER: "易售后 is not answering",
        Trouble.BUSY: "Too much is being asked of 易售后 right now",
        Trouble.UNREADABLE: "The answer of 易售后 cannot be read",
        Trouble.REFUSED: "The bot's access to 易售后 was refused",
        Trouble.REJECTED: "易售后 rejected this lookup",
        Trouble.STORE: "The customer directory cannot be used right now",
        Trouble.INTERNAL: "Something went wrong in the bot",
    },
    trouble_advice={
        Trouble.NO_ANSWER: "This usually passes within minutes; if it does not, give your admin the code.",
        Trouble.BUSY: "Nothing is wrong with what you typed: wait half a minute, then press Retry.",
        Trouble.UNREADABLE: "Try again in a while; if it stays like this, give your admin the code.",
        Trouble.REFUSED: "Tell your admin, with the code: 易售后's app id, secret or token needs checking.",
        Trouble.REJECTED: "Check what you typed; if it stays like this, give your admin the code.",
        Trouble.STORE: "Use the customer id or a link; if it stays like this, give your admin the code: no database.",
        Trouble.INTERNAL: "Try once more; if it happens again, give your admin the code.",
    },
    no_copy="There is no saved copy of this customer. ",
    crm_says=lambda words: f"易售后 says: {words}",
    search=search.EN,
    customer=_CUSTOMER,
    modal=_MODAL,
    home=_HOME,
    automatic_cards=automatic_cards.EN,
    records=records.EN,
    audit=audit.EN,
    health=_HEALTH,
)
