"""Work Objects: the channel card's and the details' content for Slack's own panel beside a link.

There is no type for customers, and an item has custom fields alone; ``url`` and ``external_ref`` have to be the same
under the link and in the panel (https://docs.slack.dev/messaging/work-objects-implementation).
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from bot.cards.audience import hold_to
from bot.cards.escaping import bare
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile, ProfileField
from bot.domain.results import Denied, Found, Limited, Result, Unavailable
from bot.locales import Texts
from bot.privacy.filter import listed_fields

MAX_FIELDS: Final = 60
MAX_FIELDS_LENGTH: Final = 10_000
"""As JSON. Slack refuses what is too much without saying how much that is."""
LABEL_LENGTH: Final = 60
VALUE_LENGTH: Final = 500
TITLE_LENGTH: Final = 150

_CHANNEL_ROLES: Final = (Role.TAGS, Role.REGION, Role.OUTLET, Role.LAST_SERVICE)
_ABOVE: Final = (Role.NAME, Role.NUMBER)

Entity = dict[str, Any]


class _Row(NamedTuple):
    label: str
    value: str


def unfurl_entity(found: Found, url_in_message: str, texts: Texts) -> Entity:
    """What everybody sees under a link. ``url_in_message`` is as the event gave it.

    Raises ValueError for an answer that was not made for a channel.
    """
    hold_to(Audience.CHANNEL, found)
    profile = found.profile
    fields = [field for role in _CHANNEL_ROLES for field in _first(profile, role)]
    rows = [_row(field, texts) for field in (*fields, *listed_fields(profile))]
    entity = _entity(found, url_in_message, [*rows, *_pictures(profile, texts)], texts)
    return {**entity, "app_unfurl_url": url_in_message}


def flexpane_entity(found: Found, url_in_message: str, texts: Texts) -> Entity:
    """What the one person sees who opened the panel: every field; pictures are counted, Details shows them.

    Raises ValueError for an answer that was not made for that.
    """
    hold_to(Audience.PRIVATE, found)
    profile = found.profile
    above = [field for role in _ABOVE for field in _first(profile, role)]
    rows = [
        _row(field, texts)
        for field in profile.fields
        if field.value and field.role is not Role.PICTURE and not any(field is shown for shown in above)
    ]
    return _entity(found, url_in_message, [*rows, *_pictures(profile, texts)], texts)


def flexpane_error(result: Result, texts: Texts) -> dict[str, str]:
    """Why the panel stays empty, as entity.presentDetails takes it."""
    match result:
        case Denied(refusal=refusal, code=code):
            return _custom_error(texts.denied[refusal], texts.denied_advice[refusal], code)
        case Limited(limit=limit, seconds=seconds, code=code):
            return _custom_error(texts.limited[limit], texts.limited_advice(seconds), code)
        case Unavailable(failure=failure):
            return _custom_error(texts.trouble[failure.trouble], texts.trouble_advice[failure.trouble], failure.code)
        case _:
            return {"status": "not_found"}


def _custom_error(title: str, advice: str, code: str) -> dict[str, str]:
    """In words of the bot's own: Slack's for ``restricted`` say neither why nor what to do."""
    return {"status": "custom", "custom_title": title, "custom_message": f"{advice} ({code})"}


def _entity(found: Found, url_in_message: str, rows: Sequence[_Row], texts: Texts) -> Entity:
    profile = found.profile
    number = bare(profile.number, LABEL_LENGTH)
    attributes: dict[str, Any] = {
        "title": {"text": bare(profile.name, TITLE_LENGTH) or number or profile.customer_id},
        "display_type": texts.customer.customer,
        "product_name": texts.crm,
        "metadata_last_modified": int(found.as_of),
    }
    if number:
        attributes["display_id"] = number
    fields = _custom_fields([*_warning(found, texts), *rows], texts)
    return {
        "entity_type": "slack#/entities/item",
        "url": found.url or url_in_message,
        "external_ref": {"id": profile.customer_id, "type": "customer"},
        "entity_payload": {
            "attributes": attributes,
            "custom_fields": fields,
            "display_order": [field["key"] for field in fields],
        },
    }


def _custom_fields(rows: Sequence[_Row], texts: Texts) -> list[Entity]:
    """As many as there is room for; the rest is counted. Labels recur, so the keys are numbers."""
    fields: list[Entity] = []
    used = 0
    for i, row in enumerate(rows):
        field = {"key": f"field_{i}", "label": row.label, "type": "string", "value": row.value}
        used += len(json.dumps(field, ensure_ascii=False))
        if i == MAX_FIELDS or used > MAX_FIELDS_LENGTH:
            rest = {**field, "label": "…", "value": texts.more_fields(len(rows) - i)}
            return [*fields, rest]
        fields.append(field)
    return fields


def _row(field: ProfileField, texts: Texts) -> _Row:
    label = bare(texts.label(field.key), LABEL_LENGTH) or texts.unnamed
    return _Row(label, bare(field.value, VALUE_LENGTH) or "…")


def _first(profile: CustomerProfile, role: Role) -> Iterator[ProfileField]:
    """The first field of ``role`` that has a value, if there is one."""
    yield from [field for field in profile.fields if field.role is role and field.value][:1]


def _pictures(profile: CustomerProfile, texts: Texts) -> list[_Row]:
    count = len(profile.pictures)
    return [_Row(texts.customer.pictures, texts.pictures(count))] if count else []


def _warning(found: Found, texts: Texts) -> list[_Row]:
    """Of an old copy: why there is no new one and how old it is."""
    if found.failure is None:
        return []
    stale = texts.stale(texts.trouble[found.failure.trouble], texts.age(found.age))
    return [_Row(texts.customer.attention, f"{stale} ({found.failure.code})")]
