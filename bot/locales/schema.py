"""Which texts there are. A text that one of the languages lacks is a type error.

Mappings are keyed by the values of enumerations that this package may not import (a Refusal, a Limit); the tests
check that none is missing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import Trouble
from bot.locales.audit import AuditTexts
from bot.locales.automatic_cards import AutomaticCardTexts
from bot.locales.health import HealthTexts
from bot.locales.records import RecordTexts
from bot.locales.search import SearchTexts

_NUMBERED: Final = re.compile(r"(.*\D)\s*([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class CustomerTexts:
    """On the cards, the details and the menus of a customer."""

    details: str
    view_details: str
    """The same on a channel card, where only the user who clicks sees the details."""
    share: str
    open_in_crm: str
    reveal: str
    hide: str
    revealed: str
    """Masked values are shown: to whom, and who can see that."""
    not_revealed: str
    not_revealed_advice: str
    """The database, which would record it, is unavailable."""
    copy: str
    pin: str
    """A toggle: one text for both."""
    mute_day: str
    mute_channel: str
    mute_me: str
    last_service: Callable[[str], str]
    shared_by: Callable[[str], str]
    """Takes a mention."""
    customer: str
    """The name of the Work Object's type."""

    contact: str
    address: str
    invoicing: str
    service: str
    other: str
    pictures: str
    """Headings of the details."""
    open_picture: Callable[[str], str]
    attention: str
    """The label of the note that a copy is old."""
    not_shown: Callable[[int], str]
    more_items: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class ModalTexts:
    """In modals. ``title``, ``close`` and the names of submit buttons are at most 24 characters."""

    title: str
    close: str
    loading: str
    too_much: str
    """Instead of a modal that Slack would refuse."""
    find: str
    input_label: str
    input_hint: str
    no_saved_customers: str
    """Pinned and recent customers cannot be read."""
    pinned: str
    recent: str
    open: str
    open_whom: Callable[[str], str]
    """For screen readers, as the buttons have the same text."""
    nothing_found: str
    looked_for: str
    several: Callable[[int], str]
    """Takes the number of customers found in a message."""
    no_match: str
    """No customer that a message names was found."""
    not_found: Callable[[str], str]
    failed: Callable[[str, str], str]
    """Takes a query and why it has no result."""
    left_out: Callable[[int], str]

    share_preview: str
    share_buttons: str
    share_where: str
    share_hint: str
    the_channel: str
    post: str
    posting: Callable[[str], str]
    """This and the next take a channel's link."""
    posted: Callable[[str], str]
    not_posted: str
    perhaps_posted: str
    not_posted_advice: Mapping[str, str]
    """By Slack's error code; "" for all others."""


@dataclass(frozen=True, slots=True)
class HomeTexts:
    greeting: str
    find: str
    no_pins: str
    no_recents: str
    clear: str
    clear_question: str
    clear_yes: str
    clear_no: str
    muted: str
    nothing_muted: str
    no_mutes: str
    """The mutes cannot be read."""
    how: str
    how_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """Every text of one language. Headlines stand alone on a lock screen, advice says what to do next."""

    labels: Mapping[str, str]
    """The CRM's own labels in this language, by the CRM's label; those not listed stay as they are."""

    unnamed: str
    level: Callable[[str], str]
    more_fields: Callable[[int], str]
    pictures: Callable[[int], str]
    only_you: str
    crm: str
    as_of: Callable[[str], str]
    stale: Callable[[str, str], str]
    """Above an old copy. Takes the trouble and the age of the copy."""
    age: Callable[[float], str]
    """Takes seconds."""

    refresh: str
    retry: str
    code: Callable[[str], str]
    looking_up: Callable[[str], str]
    starting: str
    failed: Callable[[str], str]
    """A bug. Takes its code."""

    you_typed: Callable[[str], str]
    what_to_type: str
    help: str
    help_why: str
    denied: Mapping[str, str]
    """By the value of a Refusal."""
    denied_advice: Mapping[str, str]
    limited: Mapping[str, str]
    """By the value of a Limit."""
    limited_advice: Callable[[float], str]
    """Takes the seconds until the limit allows the next inquiry."""
    admins: Callable[[str], str]
    """Takes mentions."""
    outdated: str
    store: str
    store_advice: str
    pinned: Callable[[str], str]
    unpinned: Callable[[str], str]
    trouble: Mapping[Trouble, str]
    trouble_advice: Mapping[Trouble, str]
    no_copy: str
    crm_says: Callable[[str], str]

    search: SearchTexts
    customer: CustomerTexts
    modal: ModalTexts
    home: HomeTexts
    automatic_cards: AutomaticCardTexts
    records: RecordTexts
    audit: AuditTexts
    health: HealthTexts

    def label(self, key: str) -> str:
        """The CRM's label ``key`` in this language; the 2 of 联系人2 stays."""
        if key in self.labels or not self.labels:
            return self.labels.get(key, key) or self.unnamed
        numbered = _NUMBERED.fullmatch(key)
        known = self.labels.get(numbered[1].strip()) if numbered else None
        return f"{known} {numbered[2]}" if numbered and known else key or self.unnamed
