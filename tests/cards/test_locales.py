"""The texts: the same in every language, complete, and true to the CRM's own words."""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from string import Formatter
from typing import Any

import pytest

from bot.access.audit_log import OUTCOMES
from bot.cards.share_view import NO_ANSWER
from bot.domain.health import Part, TextKey
from bot.domain.inquiry import Audience, Surface
from bot.domain.preferences import CardOutcome
from bot.domain.query import ReadAs, Unread
from bot.domain.records import Pending, State
from bot.domain.results import Limit, Refusal
from bot.errors import Trouble
from bot.health.slack_check import OPTIONAL_SCOPES, REQUIRED_SCOPES, USERGROUPS_SCOPE
from bot.locales import Texts, texts_in
from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER, sample_customers

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
DOCUMENTED_LABELS = {
    row["Key"] for entry in sample_customers() if entry["id"] == DOCUMENTED_CUSTOMER for row in entry["rows"]
}
GROUPS = ("search", "customer", "modal", "home", "automatic_cards", "records", "audit", "health")
KEYED = {
    "trouble": set(Trouble),
    "trouble_advice": set(Trouble),
    "denied": {refusal.value for refusal in Refusal},
    "denied_advice": {refusal.value for refusal in Refusal},
    "limited": {limit.value for limit in Limit},
    "automatic_cards.why": {outcome.value for outcome in CardOutcome},
    **{f"search.{name}": set(ReadAs) for name in ("query", "not_found", "not_found_advice", "look_as")},
    **{f"search.{name}": set(Unread) for name in ("invalid", "invalid_advice")},
    "records.state": {state.value for state in State},
    "records.pending": {pending.value for pending in Pending} - {Pending.DEFAULT.value},
    "audit.did": {audience.value for audience in Audience},
    "audit.outcome": set(OUTCOMES.values()) - {"found", "several"},
    "audit.surface": set(Surface),
    "health.part": set(Part),
    "health.says": set(TextKey),
    "health.phrases": {
        *("ahead", "behind", "crm_unreachable", "crm_refused", "crm_rejected", "crm_busy", "crm_resting"),
        *(f"needs {scope}" for scope in (*REQUIRED_SCOPES, USERGROUPS_SCOPE)),
        *(f"lacks {scope}" for scope in OPTIONAL_SCOPES),
    },
    "modal.not_posted_advice": {
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "restricted_action",
        "ratelimited",
        NO_ANSWER,
        "",
    },
}
"""The texts that are chosen by a word, and all the words."""
TAKES_A_NUMBER = {
    "more_fields", "pictures", "age", "customer.not_shown", "customer.more_items", "modal.several",
    "modal.left_out", "search.is_cut", "records.open_work_orders", "records.devices_in", "limited_advice",
    "health.span", "health.left_out",
}  # fmt: skip
TAKES_TWO = {
    "stale", "modal.failed", "automatic_cards.channel_until", "automatic_cards.muted_channel",
    "automatic_cards.last_message", "records.count", "records.first", "records.devices_out",
    "records.devices_unclear", "search.found", "search.more", "audit.all", "health.headline",
}  # fmt: skip
TAKES_THREE = {"search.page", "audit.newest"}
ALIKE = {"crm", "modal.failed"}
"""What is the same in both languages."""


def get(texts: Texts, name: str) -> Any:
    return attrgetter(name)(texts)


def said(texts: Texts, name: str) -> str:
    """The text ``name``, with something in each of its gaps."""
    text: Any = get(texts, name)
    if not callable(text):
        return str(text)
    if name in TAKES_THREE:
        return str(text("«1»", "«2»", "«3»"))
    if name in TAKES_TWO:
        return str(text("«1»", "«2»"))
    return str(text(7 if name in TAKES_A_NUMBER else "«1»"))


ALL = [field.name for field in fields(Texts) if field.name not in ("labels", *GROUPS)]
ALL += [f"{group}.{field.name}" for group in GROUPS for field in fields(getattr(ZH, group))]
NAMES = [name for name in ALL if name not in KEYED]


@pytest.mark.parametrize("name", NAMES)
@LANGUAGES
def test_every_text_says_something_and_keeps_what_it_is_given(texts: Texts, name: str) -> None:
    text = said(texts, name)
    assert text.strip()
    if callable(get(texts, name)) and name != "age":
        assert ("7" if name in TAKES_A_NUMBER else "«1»") in text
        assert ("«2»" in text) == (name in {*TAKES_TWO, *TAKES_THREE})


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_kind_of_text(name: str) -> None:
    assert callable(get(ZH, name)) == callable(get(EN, name))


@pytest.mark.parametrize("name", sorted(set(NAMES) - ALIKE))
def test_no_text_of_one_language_was_left_in_the_other(name: str) -> None:
    assert said(ZH, name) != said(EN, name)


@pytest.mark.parametrize(("name", "words"), KEYED.items())
@LANGUAGES
def test_every_word_has_its_own_text(texts: Texts, name: str, words: set[str]) -> None:
    said_of = get(texts, name)
    assert set(said_of) == words
    assert len(set(said_of.values())) == len(words)
    assert all(text.strip() for text in said_of.values())


@pytest.mark.parametrize("word", TextKey)
def test_result_text_has_the_same_facts_in_every_language(word: TextKey) -> None:
    facts = [{name for _, name, _, _ in Formatter().parse(texts.health.says[word]) if name} for texts in (ZH, EN)]
    assert facts[0] == facts[1]


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0.2, "0 秒", "0 seconds"),
        (1.2, "1 秒", "1 second"),
        (119.0, "119 秒", "119 seconds"),
        (120.0, "2 分钟", "2 minutes"),
        (7_199.0, "119 分钟", "119 minutes"),
        (7_200.0, "2 小时", "2 hours"),
        (172_800.0, "2 天", "2 days"),
    ],
)
def test_span_in_words(seconds: float, zh: str, en: str) -> None:
    """In a unit of which there are two: nothing is rounded to half of what it is."""
    assert (ZH.health.span(seconds), EN.health.span(seconds)) == (zh, en)


@pytest.mark.parametrize(
    ("failed", "notes", "zh", "en"),
    [
        (0, 0, "体检：没有发现问题", "Check-up: nothing has failed"),
        (1, 0, "体检：1 项有问题", "Check-up: 1 check failed"),
        (0, 1, "体检：没有发现问题，1 项请留意", "Check-up: nothing has failed, 1 note"),
        (2, 3, "体检：2 项有问题，3 项请留意", "Check-up: 2 checks failed, 3 notes"),
    ],
)
def test_headline_of_a_check_up_counts(failed: int, notes: int, zh: str, en: str) -> None:
    assert (ZH.health.headline(failed, notes), EN.health.headline(failed, notes)) == (zh, en)


@pytest.mark.parametrize("name", ["modal.title", "modal.close", "modal.find", "modal.post"])
@LANGUAGES
def test_titles_and_buttons_of_modals_are_short(texts: Texts, name: str) -> None:
    assert len(get(texts, name)) <= 24


def test_english_translates_every_label_of_the_documented_customer_that_has_a_meaning() -> None:
    """单选 ("single choice") is a tenant's own field; it stays as it is."""
    assert set(EN.labels) == DOCUMENTED_LABELS - {"单选"}
    assert all(label.strip() for label in EN.labels.values())


def test_chinese_labels_are_the_crms_own() -> None:
    assert not ZH.labels


@pytest.mark.parametrize(
    ("texts", "key", "label"),
    [
        pytest.param(EN, "联系电话", "Phone", id="a documented one"),
        pytest.param(EN, "结算方式", "结算方式", id="a tenant's own"),
        pytest.param(EN, "联系人2", "Contact 2", id="a second one"),
        pytest.param(EN, "联系电话 12", "Phone 12", id="a twelfth one, with a blank"),
        pytest.param(EN, "结算方式2", "结算方式2", id="a second one of a tenant's own"),
        pytest.param(EN, "2", "2", id="a number alone"),
        pytest.param(ZH, "联系人2", "联系人2", id="a second one in Chinese"),
        pytest.param(EN, "", "(no label)", id="none"),
        pytest.param(ZH, "联系电话", "联系电话", id="in Chinese"),
        pytest.param(ZH, "", "（无标签）", id="none in Chinese"),
    ],
)
def test_label(texts: Texts, key: str, label: str) -> None:
    assert texts.label(key) == label


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0.0, "1 分钟内", "less than a minute ago"),
        (59.9, "1 分钟内", "less than a minute ago"),
        (60.0, "1 分钟前", "1 minute ago"),
        (119.9, "1 分钟前", "1 minute ago"),
        (120.0, "2 分钟前", "2 minutes ago"),
        (3_599.9, "59 分钟前", "59 minutes ago"),
        (3_600.0, "1 小时前", "1 hour ago"),
        (7_199.9, "1 小时前", "1 hour ago"),
        (7_200.0, "2 小时前", "2 hours ago"),
        (86_399.9, "23 小时前", "23 hours ago"),
        (86_400.0, "1 天前", "1 day ago"),
        (172_799.9, "1 天前", "1 day ago"),
        (172_800.0, "2 天前", "2 days ago"),
        (86_400.0 * 366, "366 天前", "366 days ago"),
    ],
)
def test_age_in_words(seconds: float, zh: str, en: str) -> None:
    assert (ZH.age(seconds), EN.age(seconds)) == (zh, en)


def age_in_a_sentence(texts: Texts) -> str:
    return texts.stale(texts.trouble[Trouble.NO_ANSWER], texts.age(30.0))


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        pytest.param(ZH, "易售后没有回应；这是 1 分钟内的副本", id="zh"),
        pytest.param(EN, "易售后 is not answering; this is the copy from less than a minute ago", id="en"),
    ],
)
def test_age_reads_well_in_its_sentence(texts: Texts, sentence: str) -> None:
    assert age_in_a_sentence(texts) == sentence


def test_english_numbers_agree() -> None:
    counted: Callable[[int], str] = EN.pictures
    assert [counted(1), counted(2)] == ["1 picture", "2 pictures"]


@pytest.mark.parametrize(("language", "texts"), [("zh", ZH), ("en", EN), ("auto", ZH)])
def test_language_setting(language: Any, texts: Texts) -> None:
    """``auto`` is Chinese: the labels of the CRM are."""
    assert texts_in(language) is texts
