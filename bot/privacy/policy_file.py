"""The file that FIELD_POLICY names: TOML that says where it differs from what is built in.

``[private]`` and ``[channel]`` have a line for a role (``phone = "masked"``), ``[private.labels]`` and
``[channel.labels]`` for one of the CRM's own labels (``"结算方式" = "shown"``).
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from bot.domain.field_roles import Role, plain_label, role_of_label
from bot.privacy.policy import BUILT_IN, FieldPolicy, Rules, Visibility

MAX_BYTES: Final = 65_536
_LABELS: Final = "labels"
_WORDS: Final = "shown, masked or left_out"
_PLACE = re.compile(r"(.*) \(at (?:line ([0-9]+), column [0-9]+|end of document)\)", re.DOTALL)

_Path = tuple[str, ...]


class WrongPolicy(ValueError):
    """Its text is one line that names what cannot be read, or the line that is wrong, and says what is right."""


class _Wrong(Exception):
    """What stands at ``path`` means nothing, or may not be."""

    def __init__(self, path: _Path, reason: str) -> None:
        super().__init__(reason)
        self.path = path


def read_policy(path: Path) -> FieldPolicy:
    """Raises WrongPolicy."""
    name = repr(str(path.absolute()))
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise WrongPolicy(f"{name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongPolicy(f"{name} is not UTF-8 text") from None
    if len(content) > MAX_BYTES:
        raise WrongPolicy(f"{name} is larger than {MAX_BYTES // 1024} KiB")
    return policy_in(text)


def policy_in(text: str) -> FieldPolicy:
    """Raises WrongPolicy."""
    text = text.replace("\r\n", "\n")
    try:
        return _policy(tomllib.loads(text))
    except _Wrong as wrong:
        raise WrongPolicy(f"line {_line_of(wrong.path, text)}: {wrong}") from None
    except (ValueError, RecursionError) as error:
        raise WrongPolicy(_no_toml(str(error), text)) from None


def _policy(tables: Mapping[str, Any]) -> FieldPolicy:
    for name in tables:
        if name not in FieldPolicy._fields:
            raise _Wrong((name,), f"{name!r} is unknown here: there are the tables [private] and [channel]")
    private, channel = (_rules(name, rules, tables.get(name, {})) for name, rules in BUILT_IN._asdict().items())
    return FieldPolicy(private, channel)


def _rules(name: str, built_in: Rules, table: object) -> Rules:
    roles = dict(built_in.roles)
    for word, value in _lines((name,), table).items():
        if word != _LABELS:
            role = _role(word, (name, word))
            roles[role] = _visibility(built_in, role, value, (name, word))
    labels = _label_rules(name, built_in, _lines((name,), table).get(_LABELS, {}))
    return built_in._replace(roles=MappingProxyType(roles), labels=MappingProxyType(labels))


def _label_rules(name: str, built_in: Rules, table: object) -> dict[str, Visibility]:
    rules: dict[str, Visibility] = {}
    for label, value in _lines((name, _LABELS), table).items():
        path = (name, _LABELS, label)
        plain = plain_label(label)
        if not plain or plain in rules:
            raise _Wrong(path, f"{label!r} is {'the same label as one above' if plain else 'no label'}: take it out")
        rules[plain] = _visibility(built_in, role_of_label(label), value, path)
    return rules


def _lines(path: _Path, table: object) -> Mapping[str, object]:
    if not isinstance(table, dict):
        raise _Wrong(path, f"{path[-1]!r} is no table: write [{'.'.join(path)}], and its lines below")
    return table


def _role(word: str, path: _Path) -> Role:
    try:
        return Role(word)
    except ValueError:
        roles = ", ".join(role.value for role in Role)
        below = f"[{path[0]}.{_LABELS}]"
        raise _Wrong(path, f"{word!r} is no role: labels stand under {below}, and roles are {roles}") from None


def _visibility(rules: Rules, role: Role, value: object, path: _Path) -> Visibility:
    if not isinstance(value, str) or value not in set(Visibility):
        raise _Wrong(path, f"{path[-1]!r} has to be {_WORDS}, in quotes")
    visibility = Visibility(value)
    if reason := rules.refusal(role, visibility):
        what = role.value if path[-1] == role.value else f"{path[-1]!r}, a {role.value},"
        raise _Wrong(path, f"[{path[0]}] {what} {reason}")
    return visibility


def _line_of(path: _Path, text: str) -> int:
    """The line with which ``path`` is there. tomllib does not tell: the shortest beginning that has it does."""
    lines = text.split("\n")
    return next(count for count in range(1, len(lines) + 1) if _has(path, "\n".join(lines[:count])))


def _has(path: _Path, beginning: str) -> bool:
    try:
        found: Any = tomllib.loads(beginning)
    except ValueError:  # it ends within something
        return False
    for key in path:
        if not isinstance(found, dict) or key not in found:
            return False
        found = found[key]
    return True


def _no_toml(words: str, text: str) -> str:
    """tomllib's words with the line before them."""
    place = _PLACE.fullmatch(words)
    if place is None:
        return "no TOML: a number or a nesting in it has no end"
    line = place[2] or str(text.rstrip().count("\n") + 1)
    return f"line {line}: no TOML: {place[1]}"
