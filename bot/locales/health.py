"""What the texts of the check-up are: what was found, and what to do about it. They are in en/health and zh/health.

Those of single findings have gaps in braces, for facts. Mappings are keyed by words that live above this package (a
Word, a Part); the tests hold them complete.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HealthTexts:
    help: str
    """In the help: what there is to type."""
    examining: str
    """While the report is in the making."""
    headline: Callable[[int, int], str]
    """Of how many checks that failed and how many notes; also on a lock screen."""
    for_admins: str
    took: Callable[[str], str]
    """How long it took: takes seconds."""
    left_out: Callable[[int], str]
    """How many lines have no room."""
    span: Callable[[float], str]
    """Seconds in words."""
    part: Mapping[str, str]
    says: Mapping[str, str]
    """What a finding says, by its Word."""
    visibility_heading: str
    """Above the table of who sees which field, on the command line."""
    phrases: Mapping[str, str]
    """Parts of what findings say."""
