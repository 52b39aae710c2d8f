"""FIELD_POLICY: what a file may say, how one that is wrong is refused, and what none can lift."""

import json
import re
from contextlib import suppress
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import build_inquiries
from bot.cards.channel_card import channel_card, channel_line
from bot.cards.copy_card import copy_card
from bot.cards.profile_card import private_card
from bot.cards.share_view import share_view
from bot.cards.work_objects import unfurl_entity
from bot.domain.field_roles import PROTECTED, Role, plain_label, role_of_label
from bot.domain.inquiry import Audience, Inquiry, Surface
from bot.domain.profile import CustomerProfile, ProfileField, ShowType, profile_field
from bot.domain.results import Found
from bot.locales import texts_in
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.settings import playground_settings
from bot.privacy.filter import visible_profile
from bot.privacy.policy import BUILT_IN, CONTACTS, FieldPolicy, Visibility
from bot.privacy.policy_file import MAX_BYTES, WrongPolicy, policy_in, read_policy
from bot.settings import Settings, WrongSetting, load
from bot.slack.view_state import ViewState
from tests.cli.test_main import Run, run  # noqa: F401  # a fixture
from tests.conftest import Clock, Logs
from tests.support.results import ID, URL, found
from tests.support.secret_strategies import ACCOUNTS, LABELS_OF_ALL, Secret, leaked, shows_whole, texts

SHOWN, MASKED, LEFT_OUT = Visibility
LANGUAGES: Final = (texts_in("zh"), texts_in("en"))
TABLES: Final = ("private", "channel")
EXAMPLE: Final = """\
# for our shop
[private]
address = "left_out"          # nobody visits

[channel]
contact = "shown"
phone = "left_out"

[channel.labels]
"结算方式" = "shown"
"""


def refusal(text: str) -> str:
    with pytest.raises(WrongPolicy) as raised:
        policy_in(text)
    assert "\n" not in str(raised.value)
    return str(raised.value)


# --- What is built in ------------------------------------------------------------------------------------------------


def rules_of(policy: FieldPolicy) -> dict[tuple[str, Role], Visibility]:
    return {(table, role): getattr(policy, table).roles[role] for table, role in product(TABLES, Role)}


def test_asker_sees_all_but_accounts_and_official_numbers() -> None:
    assert {role for role, rule in BUILT_IN.private.roles.items() if rule is SHOWN} == set(Role) - PROTECTED
    assert {role for role, rule in BUILT_IN.private.roles.items() if rule is MASKED} == PROTECTED


def test_channel_sees_who_the_customer_is_and_that_there_is_a_phone() -> None:
    assert {role for role, rule in BUILT_IN.channel.roles.items() if rule is SHOWN} == {
        Role.NAME, Role.NUMBER, Role.TAGS, Role.LEVEL, Role.REGION, Role.OUTLET, Role.OWNER, Role.LAST_SERVICE,
    }  # fmt: skip
    assert {role for role, rule in BUILT_IN.channel.roles.items() if rule is MASKED} == CONTACTS


def test_policy_cannot_be_changed() -> None:
    for rules in (*BUILT_IN, *policy_in(EXAMPLE)):
        with pytest.raises(TypeError):
            rules.roles[Role.PHONE] = SHOWN  # type: ignore[index]
        with pytest.raises(TypeError):
            rules.labels["单选"] = SHOWN  # type: ignore[index]


# --- What a file says ------------------------------------------------------------------------------------------------


def test_file_says_where_it_differs_from_what_is_built_in() -> None:
    policy = policy_in(EXAMPLE)
    changed = {("private", Role.ADDRESS): LEFT_OUT, ("channel", Role.CONTACT): SHOWN, ("channel", Role.PHONE): LEFT_OUT}
    assert rules_of(policy) == rules_of(BUILT_IN) | changed
    assert policy.private.labels == {}
    assert policy.channel.labels == {"结算方式": SHOWN}


@pytest.mark.parametrize("text", ["", "# nothing\n", "[private]\n[channel.labels]\n", "private = {}", "\n\r\n"])
def test_file_that_says_nothing_is_what_is_built_in(text: str) -> None:
    assert policy_in(text) == BUILT_IN


@pytest.mark.parametrize(
    "text",
    [
        '[channel]\nremark = "masked"\nlabels."单选" = "shown"',
        'channel.remark = "masked"\nchannel.labels."单选" = "shown"',
        'channel = {remark = "masked", labels = {"单选" = "shown"}}',
        "[channel]\r\n'remark' = 'masked'\r\n[channel.labels]\r\n\"\\u5355\\u9009\" = \"shown\"\r\n",
        '[channel.labels]\n" 单选2：" = "shown"\n[channel]\nremark = """masked"""',
    ],
)
def test_file_may_be_written_as_toml_can_be(text: str) -> None:
    policy = policy_in(text)
    assert policy.channel.roles[Role.REMARK] is MASKED
    assert policy.channel.labels == {"单选": SHOWN}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("visibility", Visibility)
def test_every_role_can_have_every_rule_that_its_floor_allows(table: str, role: Role, visibility: Visibility) -> None:
    floor = getattr(BUILT_IN, table).floors.get(role)
    text = f'[{table}]\n{role.value} = "{visibility}"'
    if floor is None or visibility in floor.allowed:
        assert rules_of(policy_in(text)) == rules_of(BUILT_IN) | {(table, role): visibility}
    else:
        assert refusal(text) == f"line 2: [{table}] {role.value} {floor.reason}"


# --- What is refused -------------------------------------------------------------------------------------------------

ROLES: Final = ", ".join(role.value for role in Role)
CHANNEL_FLOOR: Final = "may only be masked or left_out: no channel sees it as it is"
PRIVATE_FLOOR: Final = "may only be masked or left_out: Reveal shows it, and writes down to whom"
NOT_A_RULE: Final = "has to be shown, masked or left_out, in quotes"
REFUSED: Final = {
    "an unknown table": (
        "\n[chanel]", "line 2: 'chanel' is unknown here: there are the tables [private] and [channel]",
    ),
    "a role without a table": (
        'phone = "masked"', "line 1: 'phone' is unknown here: there are the tables [private] and [channel]",
    ),
    "a table that is none": (
        'channel = "shown"', "line 1: 'channel' is no table: write [channel], and its lines below",
    ),
    "several tables": ("[[private]]", "line 1: 'private' is no table: write [private], and its lines below"),
    "labels that are no table": (
        "[private]\nlabels = 1", "line 2: 'labels' is no table: write [private.labels], and its lines below",
    ),
    "an unknown role": (
        '[channel]\nlevel = "shown"\nfone = "masked"',
        f"line 3: 'fone' is no role: labels stand under [channel.labels], and roles are {ROLES}",
    ),
    "a label among roles": (
        '[private]\n"结算方式" = "shown"',
        f"line 2: '结算方式' is no role: labels stand under [private.labels], and roles are {ROLES}",
    ),
    "a role over several lines": ('[channel]\n"a\\nb" = """x\ny"""', f"line 3: 'a\\nb' is no role: labels stand under "
                                  f"[channel.labels], and roles are {ROLES}"),
    "an unknown rule": ('[private]\n\nphone = "hidden"', f"line 3: 'phone' {NOT_A_RULE}"),
    "a rule in capitals": ('[private]\nphone = "Shown"', f"line 2: 'phone' {NOT_A_RULE}"),
    "a number": ("[private]\nphone = 1", f"line 2: 'phone' {NOT_A_RULE}"),
    "a truth": ("[channel]\nphone = true", f"line 2: 'phone' {NOT_A_RULE}"),
    "a list": ('[channel]\nphone = [\n  "shown"\n]', f"line 4: 'phone' {NOT_A_RULE}"),
    "a table for a rule": ('[channel.phone]\nx = "shown"', f"line 1: 'phone' {NOT_A_RULE}"),
    "a label's rule": ('[private.labels]\n"单选" = ""', f"line 2: '单选' {NOT_A_RULE}"),
    "a phone for channels": ('[channel]\nphone = "shown"', f"line 2: [channel] phone {CHANNEL_FLOOR}"),
    "a label of phones for channels": (
        '[channel]\n[channel.labels]\n"手机2" = "shown"', f"line 3: [channel] '手机2', a phone, {CHANNEL_FLOOR}",
    ),
    "an account for the asker": ('private.tax_id = "shown"', f"line 1: [private] tax_id {PRIVATE_FLOOR}"),
    "a label of accounts for the asker": (
        '[private]\nlabels = {"收款账号" = "shown"}', f"line 2: [private] '收款账号', a bank_account, {PRIVATE_FLOOR}",
    ),
    "no label": ('[channel.labels]\n" 12：" = "shown"', "line 2: ' 12：' is no label: take it out"),
    "a label twice": (
        '[channel.labels]\n"单选" = "shown"\n# again\n"单选2" = "masked"',
        "line 4: '单选2' is the same label as one above: take it out",
    ),
    "a key twice": ('[private]\nphone = "masked"\nphone = "masked"', "line 3: no TOML: Cannot overwrite a value"),
    "broken TOML": ("[private]\nphone = shown", "line 2: no TOML: Invalid value"),
    "a string without an end": ('[private]\nphone = "shown\n', "line 2: no TOML: Illegal character '\\n'"),
    "a file without an end": ("[private]\n\nphone = [\n\n", "line 3: no TOML: Invalid value"),
    "a number without an end": ("a = " + "9" * 5_000, "no TOML: a number or a nesting in it has no end"),
    "lists without an end": ("a = " + "[" * 50_000, "no TOML: a number or a nesting in it has no end"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_is_refused_with_its_line_and_what_is_right(text: str, words: str) -> None:
    assert refusal(text) == words


@given(before=st.lists(st.sampled_from(["", "# …", 'level = "shown"', 'tags = """\nshown"""'.replace("\n", "\\\n")])))
def test_line_is_that_of_the_file_whatever_stands_above(before: list[str]) -> None:
    lines = "\n".join(["[channel]", *dict.fromkeys(before), 'fone = "shown"']).split("\n")
    assert refusal("\n".join([*lines, 'region = "masked"'])).startswith(f"line {len(lines)}: 'fone'")


@given(st.text() | st.lists(st.sampled_from(["[", "]", "private", "channel.labels", "=", '"', "shown", "\n", "phone"])))
def test_any_text_is_a_policy_or_refused_in_one_line(text: str | list[str]) -> None:
    with suppress(WrongPolicy):
        policy_in("".join(text))
        return
    assert refusal("".join(text))


# --- The file --------------------------------------------------------------------------------------------------------


def policy_file(tmp_path: Path, content: bytes | str) -> Path:
    path = tmp_path / "policy.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert read_policy(policy_file(tmp_path, b"\xef\xbb\xbf" + EXAMPLE.encode())) == policy_in(EXAMPLE)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[channel]\nphone = 'masked' # 电话".encode("gb18030"), "is not UTF-8 text"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"#" * (MAX_BYTES + 1), "is larger than 64 KiB"),
    ],
    ids=["GB 18030", "UTF-16", "a large one"],
)
def test_file_that_is_no_policy_is_refused_by_its_name(tmp_path: Path, content: bytes, reason: str) -> None:
    path = policy_file(tmp_path, content)
    with pytest.raises(WrongPolicy) as raised:
        read_policy(path)
    assert str(raised.value) == f"'{path}' {reason}"


def test_file_that_cannot_be_read_is_refused_by_its_whole_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path, reason in (("nothing.toml", "No such file or directory"), (".", "Is a directory")):
        with pytest.raises(WrongPolicy) as raised:
            read_policy(Path(path))
        assert str(raised.value) == f"'{Path(path).absolute()}' cannot be read: {reason}"


def test_documented_example_is_a_policy() -> None:
    page = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text("utf-8")
    [example] = re.findall("```toml\n(.*?)```", page, re.DOTALL)
    policy = policy_in(example)
    assert policy.private.roles[Role.PHONE] is MASKED
    assert policy.channel.labels == {"结算方式": SHOWN, "内部评级": MASKED}


def test_setting_is_the_policy_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESHOUHOU_ACCESS_TOKEN", "token")
    assert load(Settings).field_policy == BUILT_IN
    monkeypatch.setenv("FIELD_POLICY", f" {policy_file(tmp_path, EXAMPLE)} ")
    assert load(Settings).field_policy == policy_in(EXAMPLE)
    monkeypatch.setenv("FIELD_POLICY", str(policy_file(tmp_path, "[channel]\n\nphone = 'shown'")))
    with pytest.raises(WrongSetting) as raised:
        load(Settings)
    assert str(raised.value) == f"FIELD_POLICY: line 3: [channel] phone {CHANNEL_FLOOR}"


COMMANDS: Final = [
    ("serve",), ("socket",), ("lookup", "x"), ("doctor",), ("forget", "x"), ("directory", "sync"),
    ("directory", "stats"), ("directory", "import", __file__),
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_wrong_policy_stops_every_command_with_one_line(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:  # noqa: F811
    wrong = policy_file(tmp_path, "[channel]\nid_card = 'shown'")
    env = {
        "FIELD_POLICY": str(wrong),
        "ESHOUHOU_ACCESS_TOKEN": "token",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "s",
        "SLACK_APP_TOKEN": "xapp-1",
    }
    result = run(*words, **env)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"customer-bot: FIELD_POLICY: line 2: [channel] id_card {CHANNEL_FLOOR}\n"


@pytest.mark.parametrize(
    ("policy", "is_masked"),
    [
        ("", False),
        ('[private]\nphone = "masked"', True),
        ('[private]\nphone = "left_out"', False),
        ('[private]\nphone = "left_out"\nregion = "masked"', True),
        ('[private.labels]\n"电话备注" = "masked"', False),
        ('[private]\nemail = "masked"', False),
    ],
)
async def test_answer_tells_whether_reveal_would_show_more(
    crm: SampleCrm, clock: Clock, policy: str, is_masked: bool
) -> None:
    """Not where there is nothing to mask, and not where what is hidden is left out when revealed too."""
    rows = {"客户名称": "甲乙", "联系电话": "13800001001", "所属区域": "浙江省", "邮箱": ""}
    crm.customers[ID] = [{"Key": key, "Value": value, "ShowType": 0} for key, value in rows.items()]
    async with build_inquiries(playground_settings(crm.address, field_policy=policy_in(policy)), clock) as (
        inquiries,
        _,
    ):
        asked, shared = await inquiries.ask(Inquiry(ID, Surface.CLI)), await inquiries.preview(Inquiry(ID, Surface.CLI))
    assert isinstance(asked, Found)
    assert isinstance(shared, Found)
    assert asked.is_masked is is_masked
    assert not shared.is_masked


# --- Whatever a policy says ------------------------------------------------------------------------------------------

LABELS: Final = st.sampled_from(LABELS_OF_ALL) | st.text("结算方式电话ABC", max_size=4)


def allowed(table: str, role: Role) -> st.SearchStrategy[Visibility]:
    floor = getattr(BUILT_IN, table).floors.get(role)
    return st.sampled_from(sorted(floor.allowed) if floor else list(Visibility))


@st.composite
def policy_files(draw: st.DrawFn) -> str:
    """Files that say as much as a file may say, mostly that something is shown."""
    lines: list[str] = []
    for table in TABLES:
        roles = draw(st.sets(st.sampled_from(Role)))
        labels = draw(st.lists(LABELS.filter(plain_label), unique_by=plain_label, max_size=4))
        lines += [f"[{table}]", *(f'{role.value} = "{draw(allowed(table, role))}"' for role in roles)]
        lines += [
            f"[{table}.labels]",
            *(f'"{each}" = "{draw(allowed(table, role_of_label(each)))}"' for each in labels),
        ]
    return "\n".join(lines)


EVERYTHING_SHOWN: Final = "\n".join(
    f'{table}.{role.value} = "shown"'
    for table, role in product(TABLES, Role)
    if (floor := getattr(BUILT_IN, table).floors.get(role)) is None or SHOWN in floor.allowed
) + "".join(f'\n{table}.labels."{label}" = "shown"' for table, label in product(TABLES, ["单选", "Owner", "结算方式"]))
POLICIES: Final = st.just(EVERYTHING_SHOWN) | policy_files()
FIELDS: Final = st.tuples(LABELS, texts(), texts(), st.sampled_from(ShowType), st.booleans())


@st.composite
def hidden(draw: st.DrawFn) -> tuple[CustomerProfile, list[Secret]]:
    """A customer with secrets in any field and in labels."""
    fields: list[ProfileField] = []
    secrets: list[Secret] = []
    rows = draw(st.lists(FIELDS, min_size=1, max_size=4))
    for label, (in_label, more), (value, some), show_type, is_in_label in rows:
        fields.append(profile_field(f"{label} {in_label}" if is_in_label else label, value, show_type))
        secrets += [*some, *more] if is_in_label else some
    return CustomerProfile(ID, tuple(fields)), secrets


def strings_in(node: Any) -> list[str]:
    """Every text of a message, a view or an entity, with the asterisks that cards write otherwise."""
    if isinstance(node, str):
        return [node.replace("∗", "*")]
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list | tuple) else []
    return [text for part in inner for text in strings_in(part)]


@given(customer=hidden(), text=POLICIES)
@settings(max_examples=150)
def test_no_policy_shows_a_channel_a_contact_or_an_account(
    customer: tuple[CustomerProfile, list[Secret]], text: str
) -> None:
    whole, secrets = customer
    seen = visible_profile(whole, Audience.CHANNEL, policy_in(text))
    shown = [text for field in seen.fields for text in (field.key, field.value)]
    assert not [(secret, text) for secret in secrets for text in shown if leaked(secret, text)]


@given(customer=hidden(), text=POLICIES)
@settings(max_examples=100)
def test_nothing_that_a_channel_or_a_lock_screen_gets_tells_a_contact_or_an_account(
    customer: tuple[CustomerProfile, list[Secret]], text: str
) -> None:
    """Cards, lines, the preview of a share, the unfurl, the entity, and the text beside every card."""
    whole, secrets = customer
    policy = policy_in(text)
    for_channel = replace(
        found(audience=Audience.CHANNEL, url=URL), profile=visible_profile(whole, Audience.CHANNEL, policy)
    )
    for_asker = replace(found(), profile=visible_profile(whole, Audience.PRIVATE, policy))
    for words in LANGUAGES:
        card = channel_card([for_channel, for_channel], words, "U0123")
        shown = [
            card,
            channel_card([for_channel], words),
            channel_line(for_channel, words),
            share_view(card, words, ViewState(whole.customer_id, "C0123")),
            unfurl_entity(for_channel, URL, words),
            private_card(for_asker, words).text,
            copy_card(for_asker, words).text,
        ]
        assert not [(secret, text) for text in strings_in(shown) for secret in secrets if shows_whole(secret, text)]


@given(account=ACCOUNTS, label=LABELS, text=POLICIES, show_type=st.sampled_from([ShowType.PLAIN, ShowType.TAGS]))
def test_no_policy_shows_the_asker_an_account_that_was_not_revealed(
    account: str, label: str, text: str, show_type: ShowType
) -> None:
    """But for a customer's number, by which the CRM knows it."""
    field = profile_field(label, account, show_type)
    if field.role is not Role.NUMBER:
        seen = visible_profile(CustomerProfile("id", (field,)), Audience.PRIVATE, policy_in(text))
        assert not [field for field in seen.fields if account in field.value]


@given(customer=hidden(), text=POLICIES)
def test_revealed_is_as_the_crm_gives_it_but_for_what_the_policy_leaves_out(
    customer: tuple[CustomerProfile, list[Secret]], text: str
) -> None:
    whole, policy = customer[0], policy_in(text)
    kept = [
        field
        for field in whole.fields
        if field.role is not Role.PICTURE and policy.private.visibility(field) is not LEFT_OUT
    ]
    seen = visible_profile(whole, Audience.REVEALED, policy)
    assert [field for field in seen.fields if field.role is not Role.PICTURE] == kept


@given(customer=hidden(), text=POLICIES)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
async def test_no_log_line_tells_a_contact_or_an_account(
    crm: SampleCrm, clock: Clock, logs: Logs, customer: tuple[CustomerProfile, list[Secret]], text: str
) -> None:
    """Asked and shared through the inquiries, over HTTP, with everything logged."""
    whole, secrets = customer
    crm.customers[whole.customer_id] = [
        {"Key": field.key, "Value": field.value, "ShowType": int(field.show_type)} for field in whole.fields
    ]
    inquiry = Inquiry(whole.customer_id, Surface.CLI)
    async with build_inquiries(playground_settings(crm.address, field_policy=policy_in(text)), clock) as (inquiries, _):
        await inquiries.ask(inquiry)
        await inquiries.preview(inquiry)
    logged = [json.dumps(line, ensure_ascii=False) for line in logs.lines()]
    assert logs.lines("customer_lookup")
    assert not [line for line in logged for secret in secrets if secret.bare in line or secret.written in line]
