"""What a box suggests while one types in the stand-in Slack, held to Slack's limits.

https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
"""

from collections.abc import Iterator
from typing import Any, Final

from bot.cards.limits import option_violations, text_object_violations
from bot.playground.fake_slack.exchange import Exchange
from bot.slack.message import Block

MAX_OPTIONS: Final = 100
"""Of an answer or a group, and of groups."""
DEFAULT_QUERY_LENGTH: Final = 3


def hold_to_query_length(box: Block, typed: str) -> None:
    """Raises AssertionError where Slack would not ask yet."""
    least = box.get("min_query_length", DEFAULT_QUERY_LENGTH)
    assert len(typed) >= least, f"Slack asks from {least} characters on"


def suggested(exchange: Exchange) -> list[Block]:
    """The options that Slack shows; none is "no results". Raises AssertionError where it shows an error instead."""
    assert exchange.acknowledged, "no answer came in time"
    assert exchange.status == 200, f"the answer is a {exchange.status}"
    options, groups = exchange.answer.get("options"), exchange.answer.get("option_groups")
    assert (options is None) != (groups is None), "neither options nor option_groups, or both"
    found = [*_options(options)] if groups is None else [*_groups(groups)]
    assert not found, f"Slack would show nothing of this answer: {found}"
    return [option for group in groups or [{"options": options}] for option in group["options"]]


def _groups(groups: Any) -> Iterator[str]:
    yield from _counted("groups", groups)
    for group in _objects(groups):
        yield from text_object_violations("label", group.get("label"), 75, "plain_text")
        yield from _options(group.get("options"))


def _options(options: Any) -> Iterator[str]:
    yield from _counted("options", options)
    for option in _objects(options):
        yield from option_violations(option)
    values = [option.get("value") for option in _objects(options)]
    if len(set(values)) < len(values):
        yield "the same value twice"


def _counted(what: str, listed: Any) -> Iterator[str]:
    if not isinstance(listed, list) or len(_objects(listed)) < len(listed):
        yield f"{what} are no list of objects"
    elif len(listed) > MAX_OPTIONS:
        yield f"{len(listed)} {what}"


def _objects(listed: Any) -> list[Block]:
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
