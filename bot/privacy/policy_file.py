"""The file that FIELD_POLICY names: TOML with the differences from the built-in policy.

``[private]`` and ``[channel]`` have a line for a role (``phone = "masked"``), ``[private.labels]`` and
``[channel.labels]`` for one of the CRM's own labels (``"结算方式" = "shown"``).
"""

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from bot.domain.field_roles import Role, plain_label, role_of_label
from bot.privacy.policy import BUILT_IN, FieldPolicy, Rules, Visibility

MAX_BYTES: Final = 65_536
_LABELS: Final = "labels"
_PLACE = re.compile(r"(.*) \(at (?:line ([0-9]+), column [0-9]+|end of document)\)", re.DOTALL)

_Path = tuple[str, ...]


class WrongPolicy(ValueError):
    """The text is one line: what cannot be read, or which line is wrong and what is right."""


class _Wrong(Exception):
    """Raised with the path of a value that is meaningless or not allowed, and the reason."""


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
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        place = _PLACE.fullmatch(str(error))
        if place is None:
            raise WrongPolicy("no TOML: a number or a nesting in it has no end") from None
        line = place[2] or text.rstrip().count("\n") + 1
        raise WrongPolicy(f"line {line}: no TOML: {place[1]}") from None
    try:
        for name in tables:
            if name not in FieldPolicy._fields:
                raise _Wrong((name,), f"{name!r} is unknown here: there are the tables [private] and [channel]")
        rules = BUILT_IN._asdict().items()
        return FieldPolicy(*(_rules(name, built_in, tables.get(name, {})) for name, built_in in rules))
    except _Wrong as wrong:
        path, reason = wrong.args
        raise WrongPolicy(f"line {_line_of(path, text)}: {reason}") from None


def _rules(name: str, built_in: Rules, table: object) -> Rules:
    roles, labels = dict(built_in.roles), dict[str, Visibility]()
    lines = _lines((name,), table)
    for word, value in lines.items():
        if word == _LABELS:
            continue
        path: _Path = (name, word)
        if word not in set(Role):
            known = ", ".join(Role)
            raise _Wrong(path, f"{word!r} is no role: labels stand under [{name}.{_LABELS}], and roles are {known}")
        roles[Role(word)] = _visibility(built_in, Role(word), value, path)
    for label, value in _lines((name, _LABELS), lines.get(_LABELS, {})).items():
        path = (name, _LABELS, label)
        plain = plain_label(label)
        if not plain or plain in labels:
            raise _Wrong(path, f"{label!r} is {'the same label as one above' if plain else 'no label'}: take it out")
        labels[plain] = _visibility(built_in, role_of_label(label), value, path)
    return built_in._replace(roles=MappingProxyType(roles), labels=MappingProxyType(labels))


def _lines(path: _Path, table: object) -> Mapping[str, object]:
    if not isinstance(table, dict):
        raise _Wrong(path, f"{path[-1]!r} is no table: write [{'.'.join(path)}], and its lines below")
    return table


def _visibility(rules: Rules, role: Role, value: object, path: _Path) -> Visibility:
    if not isinstance(value, str) or value not in set(Visibility):
        raise _Wrong(path, f"{path[-1]!r} has to be shown, masked or left_out, in quotes")
    visibility = Visibility(value)
    if reason := rules.refusal(role, visibility):
        what = role.value if path[-1] == role.value else f"{path[-1]!r}, a {role.value},"
        raise _Wrong(path, f"[{path[0]}] {what} {reason}")
    return visibility


def _line_of(path: _Path, text: str) -> int:
    """The line that defines ``path``, which tomllib does not report: the last of the shortest beginning that has it."""
    lines = text.split("\n")
    for count in range(1, len(lines)):
        with suppress(ValueError, KeyError, TypeError):  # no TOML, no such key, no table
            found: Any = tomllib.loads("\n".join(lines[:count]))
            for key in path:
                found = found[key]
            return count
    return len(lines)
