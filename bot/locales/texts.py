"""The texts that people read, in zh and en. A text that one language lacks is a type error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.errors import Trouble


@dataclass(frozen=True, slots=True)
class Texts:
    """Every text of one language. Headlines stand alone on a lock screen, advice says what to do next."""

    labels: Mapping[str, str]
    """The CRM's own labels in this language, by the CRM's label; those not listed stay as they are."""

    unnamed: str
    level: Callable[[str], str]
    more_tags: Callable[[int], str]
    more_fields: Callable[[int], str]
    pictures: Callable[[int], str]
    only_you: str
    crm: str
    as_of: Callable[[str], str]
    stale: Callable[[str, str], str]
    """What is wrong and the copy's age, above an old copy."""
    age: Callable[[float], str]
    """Seconds in words."""

    refresh: str
    retry: str
    code: Callable[[str], str]
    looking_up: Callable[[str], str]
    starting: str
    failed: Callable[[str], str]
    """A bug, in one line with its code."""

    not_found: str
    not_found_advice: str
    invalid: str
    you_typed: Callable[[str], str]
    what_to_type: str
    not_yet: str
    """What people will try all the same."""
    example: Callable[[str], str]
    help: str
    trouble: Mapping[Trouble, str]
    trouble_advice: Mapping[Trouble, str]
    no_copy: str
    crm_says: Callable[[str], str]

    def label(self, key: str) -> str:
        """The CRM's label ``key`` in this language."""
        return self.labels.get(key, key) or self.unnamed
