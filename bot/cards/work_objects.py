"""Work Objects: the channel card's and the details' content for Slack's own panel beside a link.

There is no type for customers, and an item has custom fields alone; ``url`` and ``external_ref`` have to be the same
under the link and in the panel (https://docs.slack.dev/messaging/work-objects-implementation).
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from bot.cards.components import fields_below, picture_count, require_audience
from bot.cards.escaping import bare
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
from bot.domain.profile import ProfileField
from bot.domain.results import Denied, Found, Limited, Result, Unavailable
from bot.locales import Texts
from bot.privacy.filter import listed_fields

MAX_FIELDS: Final = 60
MAX_FIELDS_LENGTH: Final = 10_000
"""As JSON. Slack refuses what is too much without saying how much that is."""
LABEL_LENGTH: Final = 60
VALUE_LENGTH: Final = 500
TITLE_LENGTH: Final = 150

Entity = dict[str, Any]


def unfurl_entity(found: Found, url_in_message: str, texts: Texts) -> Entity:
    """What everyone sees under a link. ``url_in_message`` is as the event gave it.

    Raises ValueError for a result that was not made for a channel.
    """
    require_audience(Audience.CHANNEL, found)
    fields = [
        next((field for field in found.profile.fields if field.role is role and field.value), None)
        for role in (Role.TAGS, Role.REGION, Role.OUTLET, Role.LAST_SERVICE)
    ]
    shown = [*filter(None, fields), *listed_fields(found.profile)]
    return {**_entity(found, found.url or url_in_message, shown, texts), "app_unfurl_url": url_in_message}


def flexpane_entity(found: Found, url: str, texts: Texts) -> Entity:
    """What only the user sees who opened the panel: every field; pictures are counted, Details shows them.

    ``url`` is that of the unfurl, which outlives CUSTOMER_URL_TEMPLATE: Slack takes no other (documented).
    Raises ValueError for a result that was not made for the asker alone.
    """
    require_audience(Audience.PRIVATE, found)
    fields = fields_below(found.profile, (Role.NAME, Role.NUMBER))
    return _entity(found, url, (field for field in fields if field.role is not Role.PICTURE), texts)


def flexpane_error(result: Result, texts: Texts) -> dict[str, str]:
    """Why the panel stays empty, as entity.presentDetails takes it.

    The words are the bot's own: Slack's for ``restricted`` say neither why nor what to do.
    """
    match result:
        case Denied(refusal=refusal, code=code):
            title, advice = texts.denied[refusal], texts.denied_advice[refusal]
        case Limited(limit=limit, seconds=seconds, code=code):
            title, advice = texts.limited[limit], texts.limited_advice(seconds)
        case Unavailable(failure=failure):
            title, advice, code = texts.trouble[failure.trouble], texts.trouble_advice[failure.trouble], failure.code
        case _:
            return {"status": "not_found"}
    return {"status": "custom", "custom_title": title, "custom_message": f"{advice} ({code})"}


def _entity(found: Found, url: str, shown: Iterable[ProfileField], texts: Texts) -> Entity:
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
    rows = []
    if found.failure is not None:
        stale = texts.stale(texts.trouble[found.failure.trouble], texts.age(found.age))
        rows.append((texts.customer.attention, f"{stale} ({found.failure.code})"))
    for field in shown:
        label = bare(texts.label(field.key), LABEL_LENGTH) or texts.unnamed
        rows.append((label, bare(field.value, VALUE_LENGTH) or "…"))
    if pictures := picture_count(profile, texts):
        rows.append((texts.customer.pictures, pictures))
    fields = _custom_fields(rows, texts)
    return {
        "entity_type": "slack#/entities/item",
        "url": url,
        "external_ref": {"id": profile.customer_id, "type": "customer"},
        "entity_payload": {
            "attributes": attributes,
            "custom_fields": fields,
            "display_order": [field["key"] for field in fields],
        },
    }


def _custom_fields(rows: list[tuple[str, str]], texts: Texts) -> list[Entity]:
    """As many as there is room for; the rest is counted. Labels recur, so the keys are numbers."""
    fields: list[Entity] = []
    used = 0
    for i, (label, value) in enumerate(rows):
        field = {"key": f"field_{i}", "label": label, "type": "string", "value": value}
        used += len(json.dumps(field, ensure_ascii=False))
        if i == MAX_FIELDS or used > MAX_FIELDS_LENGTH:
            return [*fields, {**field, "label": "…", "value": texts.more_fields(len(rows) - i)}]
        fields.append(field)
    return fields
