"""The texts of the health check: its results, and what to do about them. They are in en/health.py and zh/health.py.

The texts of results have placeholders in braces for facts. Mappings are keyed by the values of enumerations that this
package may not import (a TextKey, a Part); the tests check that none is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HealthTexts:
    help: str
    """In the help: the command and what it does."""
    examining: str
    """While the checks run."""
    headline: Callable[[int, int], str]
    """Takes the numbers of failures and of notes. It is shown alone on a lock screen."""
    for_admins: str
    took: Callable[[str], str]
    """The duration of the check. Takes seconds."""
    left_out: Callable[[int], str]
    """Takes the number of lines that do not fit."""
    span: Callable[[float], str]
    """Takes seconds."""
    part: Mapping[str, str]
    says: Mapping[str, str]
    """The text of a result, by its TextKey."""
    visibility_heading: str
    """Above the table of who sees which field, on the command line."""
    phrases: Mapping[str, str]
    """Parts of these texts, by the name of a Phrase."""
