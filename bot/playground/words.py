"""The words of the demo's prompt: what they do, for whoever types, and what each of them clicks."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from bot.cards.action_ids import (
    CUSTOMER_BACK,
    CUSTOMER_CLEAR,
    CUSTOMER_DETAILS,
    CUSTOMER_MENU,
    CUSTOMER_MUTE,
    CUSTOMER_NEXT,
    CUSTOMER_PICK,
    CUSTOMER_READ_AS,
    CUSTOMER_REFRESH,
    CUSTOMER_REVEAL,
    CUSTOMER_SHARE,
    CUSTOMER_STEPS,
    CUSTOMER_TAB_CONTACTS,
    CUSTOMER_TAB_DEVICES,
    CUSTOMER_TAB_PROFILE,
    CUSTOMER_TAB_WORK_ORDERS,
    HOME_UNMUTE,
    MENU_COPY,
    MENU_MUTE_CHANNEL,
    MENU_MUTE_DAY,
    MENU_MUTE_ME,
    MENU_PIN,
)
from bot.playground.sample_crm import DOCUMENTED_CUSTOMER, FAULTS

ADVICE: Final = f"""
Type at the prompt:
  /customer …         as in Slack's message box: an id, a link, a number (CF00000179), a name, a phone, an e-mail
                      address, a device's number (CE00000154) or serial number; why, help; log CF00000179: who looked;
                      doctor: how the bot is
  next  back  open 2  another page of a list of customers, and the second one there
  as                  the other way to read what was not found
  details  share  refresh  copy  pin
                      what can be clicked on the card; after "share", "post" confirms it; "refresh" is Retry, too
  contacts  devices  orders  profile
                      what "details" shows instead; "steps 2", after "orders", are those of the second work order
  reveal              what "details" masks, in full; "profile" masks it again
  say …               a message in #general, where the bot is: numbers and links get a card
  pause  off  never   the menu of such a card: none here for a day, none here, none for you; "undo" takes it back
  shortcut …          Look up customer, from the menu of a message with this text
  find    find …      Find customer, from anywhere in Slack; with a text it is typed into the modal
  type …              after "find": what is suggested while one types (hxx); "choose 2" takes the second
  home                the bot's Home, where "open 2" opens a customer, too, and "clear" forgets them
or:
  customers           the customers of the sample CRM by number and name, and what each one shows
  crm down            make the sample CRM fail ({", ".join(FAULTS)}), and with "crm up" work again
For a start, a line each:
  details · devices · orders · steps · contacts        all that belongs to a customer
  /customer 峤砚口腔 · open 2                          two of one name; by phone: /customer 138 0000 1027
  /customer 有限公司 · next                            a part of a name; pinyin, too: /customer jm
  /customer 13911112222 · as                           nobody, and the other way to read it
  find · type hxx · choose                             what is suggested while one types
  shortcut 请给 138 0000 1001 回电，还有 CE00000154    whom a message names
  crm down · /customer 138 0000 1004 · crm up · refresh
  say https://crm.example.com/customer/{DOCUMENTED_CUSTOMER}
Ctrl-C ends it.

"""


class Wanted(NamedTuple):
    """What a word clicks: something with one of these ids, and a value that begins so."""

    action_ids: frozenset[str]
    beginning: str = ""


CLICKS: Final[Mapping[str, Wanted]] = {
    "details": Wanted(frozenset({CUSTOMER_DETAILS})),
    "share": Wanted(frozenset({CUSTOMER_SHARE})),
    "refresh": Wanted(frozenset({CUSTOMER_REFRESH})),
    "copy": Wanted(frozenset({CUSTOMER_MENU}), MENU_COPY),
    "pin": Wanted(frozenset({CUSTOMER_MENU}), MENU_PIN),
    "pause": Wanted(frozenset({CUSTOMER_MENU}), MENU_MUTE_DAY),
    "off": Wanted(frozenset({CUSTOMER_MENU}), MENU_MUTE_CHANNEL),
    "never": Wanted(frozenset({CUSTOMER_MENU}), MENU_MUTE_ME),
    "undo": Wanted(frozenset({CUSTOMER_MUTE, HOME_UNMUTE})),
    "open": Wanted(frozenset({CUSTOMER_PICK})),
    "clear": Wanted(frozenset({CUSTOMER_CLEAR})),
    "next": Wanted(frozenset({CUSTOMER_NEXT})),
    "back": Wanted(frozenset({CUSTOMER_BACK})),
    "as": Wanted(frozenset({CUSTOMER_READ_AS})),
    "profile": Wanted(frozenset({CUSTOMER_TAB_PROFILE})),
    "contacts": Wanted(frozenset({CUSTOMER_TAB_CONTACTS})),
    "devices": Wanted(frozenset({CUSTOMER_TAB_DEVICES})),
    "orders": Wanted(frozenset({CUSTOMER_TAB_WORK_ORDERS})),
    "reveal": Wanted(frozenset({CUSTOMER_REVEAL})),
    "steps": Wanted(frozenset({CUSTOMER_STEPS})),
}
