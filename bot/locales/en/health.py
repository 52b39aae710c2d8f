"""The health check in English."""

from typing import Final

from bot.locales.health import HealthTexts
from bot.locales.wording import ENGLISH_UNITS, largest_unit, plural

EN: Final = HealthTexts(
    help="`/customer doctor`: how the bot is, and what to do about what is wrong (for admins).",
    examining="Checking Slack, 易售后, the database and the bot itself · the report follows",
    headline=lambda failed, notes: (
        (f"Check-up: {plural(failed, 'check')} failed" if failed else "Check-up: nothing has failed")
        + (f", {plural(notes, 'note')}" if notes else "")
    ),
    for_admins="Only admins see this report",
    took=lambda seconds: f"took {seconds} s",
    left_out=lambda count: f"…and {count} more: `customer-bot doctor` on the bot's machine prints everything.",
    span=lambda seconds: plural(*largest_unit(seconds, ENGLISH_UNITS, least=2)),
    part={
        "settings": "Settings",
        "slack": "Slack",
        "crm": "CRM",
        "database": "Database",
        "directory": "Directory",
        "cache": "Cache",
        "queue": "Queues",
        "process": "Process",
    },
    says={
        "late": "no answer within {timeout}: try again, and look into the log if it stays like this",
        "broken": "this check has a bug, code {code}: look it up in the log",
        "settings_fine": "no setting contradicts another",
        "no_admins": (
            "`ADMIN_USERS` is empty: nobody may use `/customer doctor` and `/customer log`. Put Slack ids there"
        ),
        "admins_not_allowed": (
            "`ADMIN_USERS` who are not in `ALLOWED_USERS` see neither customers nor their log: {ids}. Put them there"
        ),
        "channels_not_allowed": (
            "`CHANNEL_NETWORKS` has channels that are not in `ALLOWED_CHANNELS`, where nobody may ask: {ids}. "
            "Put them there, or take them out"
        ),
        "two_ways_in": (
            "`ESHOUHOU_ACCESS_TOKEN` is set beside `ESHOUHOU_APP_ID` and `ESHOUHOU_APP_SECRET`, and wins: "
            "nobody renews it. Take it out"
        ),
        "in_memory": "`DATABASE_URL` is in memory: pins, mutes, the directory and the access log end with the process",
        "no_syncs": "`DIRECTORY_SYNC_HOURS` is 0: the directory is filled by `customer-bot directory sync` alone",
        "plain_http": "`{variable}` begins with http: tokens travel as they are. Use https",
        "links": (
            "links to customers are on {host}: it has to be in `unfurl_domains` of the app's manifest, "
            "as `customer-bot manifest` prints it"
        ),
        "no_links": "`CUSTOMER_URL_TEMPLATE` is not set: links get no cards, and cards have no link",
        "no_entrance": (
            "Slack cannot reach the bot: set `SLACK_SIGNING_SECRET` for `customer-bot serve`, "
            "or `SLACK_APP_TOKEN` for `customer-bot socket`"
        ),
        "two_entrances": (
            "`SLACK_SIGNING_SECRET` and `SLACK_APP_TOKEN` are both set: run `customer-bot socket` if the app in Slack "
            "is in Socket Mode, else `customer-bot serve`"
        ),
        "over_http": "set up for HTTP, by `SLACK_SIGNING_SECRET`: run `customer-bot serve`",
        "over_socket_mode": "set up for Socket Mode, by `SLACK_APP_TOKEN`: run `customer-bot socket`",
        "slack_knows": "Slack knows the bot as {bot} in {team}, and answers in {ms} ms",
        "slack_token": (
            "Slack answers auth.test with {answer}: check `SLACK_BOT_TOKEN`, reinstall the app if need be, and restart"
        ),
        "slack_refuses": "Slack answers auth.test with {answer}: check `SLACK_API_URL`, or try again later",
        "slack_silent": "Slack cannot be reached ({reason}): check `SLACK_API_URL` and the network",
        "slack_clock": "the clocks of this machine and of Slack agree",
        "slack_clock_off": (
            "this machine's clock is {span} {way} of Slack's; from 5 minutes on what Slack signs is refused over HTTP. "
            "Set it by NTP"
        ),
        "slack_clock_far_off": (
            "this machine's clock is {span} {way} of Slack's: what Slack signs is refused over HTTP. Set it by NTP"
        ),
        "scopes_fine": "all scopes are granted",
        "scopes_untold": "Slack does not say which scopes are granted: ask it without a proxy",
        "scope_missing": (
            "scope {scope} is missing, needed for {use}. "
            "Give the app the manifest that `customer-bot manifest` prints, and reinstall it"
        ),
        "scope_declined": "optional scope {scope} was declined: {effect}. Reinstall the app to allow it",
        "app_token_fine": "Slack takes `SLACK_APP_TOKEN`",
        "app_token_refused": (
            "Slack answers apps.connections.open with {answer}: check `SLACK_APP_TOKEN`, which needs the scope "
            "connections:write, and that the app is in Socket Mode"
        ),
        "app_token_untold": "whether Slack takes `SLACK_APP_TOKEN` is not known ({reason}): try again later",
        "crm_answers": "易售后 answers in {ms} ms",
        "crm_trouble": "易售后 has no answer that can be used: {reason}. {advice}",
        "crm_unreadable": "the answer of 易售后 cannot be read: {reason}. Check `ESHOUHOU_BASE_URL`",
        "token_renewed": "the token lives for {left} more, and is renewed in {renewal}",
        "token_by_hand": (
            "`ESHOUHOU_ACCESS_TOKEN` was made by hand: it ends after 24 hours at most, and nobody renews it. "
            "Set `ESHOUHOU_APP_ID` and `ESHOUHOU_APP_SECRET` instead"
        ),
        "crm_clock": "the clocks of this machine and of 易售后 agree",
        "crm_clock_off": (
            "this machine's clock is {span} {way} of that of 易售后, which may refuse to renew the token. "
            "Set it by NTP; if it agrees with Slack's, it is 易售后 that is wrong"
        ),
        "crm_clock_refused": (
            "this machine's clock is {span} {way} of that of 易售后: most likely why it refuses. Set it by NTP; "
            "if it agrees with Slack's, it is 易售后 that is wrong"
        ),
        "all_asked": "every operation of 易售后 is being asked",
        "rests": (
            "{operation} did not answer several times, and is left alone for {rest} more; then it is tried by itself. "
            "Old copies are shown meanwhile"
        ),
        "tried_again": "{operation} did not answer several times, and is being tried again",
        "lists_fine": "the CRM's lists can be read",
        "lists_trouble": "the CRM's lists cannot be read: {reason}. {advice}",
        "lists_unreadable": "the CRM's lists cannot be read: {reason}",
        "database_fine": "{kind} can be read and written, in {ms} ms",
        "database_trouble": "{reason}: check `DATABASE_URL` and the database. Look-ups by id go on without it",
        "directory_fine": "{customers} customers, {contacts} with a phone or mail; last sync: {at}",
        "never_synced": (
            "{customers} customers, {contacts} with a phone or mail; last sync: never. "
            "Run `customer-bot directory sync`, or wait for the bot to do it"
        ),
        "sync_overdue": (
            "{customers} customers, {contacts} with a phone or mail; last sync: {at}, and the next one is overdue. "
            "Run `customer-bot directory sync`, and see what it says"
        ),
        "no_key": (
            "{customers} customers, {contacts} with a phone or mail; last sync: {at}. "
            "Set `DIRECTORY_KEY` to have phones and mails found"
        ),
        "cache": "{entries} of {most} customers are kept in memory; {hits} of {shown} that were shown came from there",
        "crm_queue": "requests to 易售后: {under_way} of {at_once} under way, none waits",
        "crm_queue_waits": (
            "requests to 易售后: {under_way} of {at_once} under way, {waiting} of {most} wait. If it stays like this, "
            "raise `CRM_CONCURRENCY`, should 易售后 bear it"
        ),
        "crm_queue_full": (
            "requests to 易售后: {under_way} of {at_once} under way, {waiting} of {most} wait, and whoever asks now is "
            "told that it is busy. See how fast 易售后 answers; raise `CRM_CONCURRENCY`, should it bear that"
        ),
        "tasks": "tasks under way in the background: {tasks}, this report's included",
        "rows": "rows of the access log that wait for the database: {rows}",
        "rows_wait": (
            "rows of the access log that wait for the database: {rows} of {most}, beyond which the oldest are dropped. "
            "See the database"
        ),
        "rows_dropped": (
            "{rows} rows of the access log wait for the database, and the oldest are dropped; the log has their lines. "
            "Bring the database back"
        ),
        "version": "customer-bot {version}",
        "up": "customer-bot {version}, up for {up}",
    },
    visibility_heading="Who sees what of the customer in 易售后's documentation (- is left out):",
    phrases={
        "ahead": "ahead",
        "behind": "behind",
        "needs commands": "/customer and the shortcuts",
        "needs chat:write": "sharing a card, cards in threads",
        "needs links:read": "hearing of links to customers",
        "needs links:write": "cards under links to customers",
        "needs users:read": "everything: nobody is shown a customer of whom Slack does not say who they are",
        "needs channels:read": (
            "sharing, links and cards in public channels: whether they are internal cannot be read"
        ),
        "needs groups:read": "the same in private channels",
        "needs usergroups:read": "ALLOWED_USERGROUPS: nobody is known to be in one of them",
        "lacks channels:history": "customer numbers that people write in public channels get no card",
        "lacks groups:history": "customer numbers that people write in private channels get no card",
        "lacks usergroups:read": "ALLOWED_USERGROUPS cannot be used",
        "crm_unreachable": (
            "Old copies are shown meanwhile. Check the network and `ESHOUHOU_BASE_URL`, or try again later"
        ),
        "crm_refused": (
            "Check `ESHOUHOU_APP_ID` and `ESHOUHOU_APP_SECRET`, or `ESHOUHOU_ACCESS_TOKEN`, and this machine's clock"
        ),
        "crm_rejected": "Check `ESHOUHOU_SERVICE_SPACE_ID` and `ESHOUHOU_SERVICE_NETWORK_ID`",
        "crm_busy": "Wait a minute; if it stays like this, raise `CRM_CONCURRENCY`, should 易售后 bear it",
        "crm_resting": "Wait: it is tried again by itself. Old copies are shown meanwhile",
    },
)
