"""What a soak has come to, for people to read."""

import os
import resource
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import NamedTuple

from tests.support.fault_harness import End, lines_of
from tests.support.outages import Passed
from tests.support.response_auditor import Request, ResponseAuditor, Verdict


class Memory(NamedTuple):
    """Resident, of one process, in MB: when it had warmed up, at most, and at the end."""

    process: str
    warm: float
    most: float
    end: float


class Soaked(NamedTuple):
    """All that is known in the end."""

    seconds: float
    seed: int
    people: int
    auditor: ResponseAuditor
    verdict: Verdict
    passed: Sequence[Passed]
    memories: Sequence[Memory]
    crm_asked: Counter[str]
    ends: Sequence[End]

    @property
    def outcomes(self) -> Counter[tuple[str, str]]:
        return sum((end.outcomes() for end in self.ends), Counter())

    def count(self, outcome: str) -> int:
        """How many lookups ended so, from wherever the customer was."""
        return sum(number for (each, _), number in self.outcomes.items() if each == outcome)


def resident_mb(pid: int) -> float:
    """0.0 for one that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0.0)


def cpu_seconds(whose: int) -> float:
    """Of this process (RUSAGE_SELF), or of those that it started and that have ended (RUSAGE_CHILDREN)."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest that so many percent of all do not exceed; 0.0 of none."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


def acknowledged_in(requests: Iterable[Request]) -> list[float]:
    """Seconds, each until Slack had the acknowledgement: those that had none were not waited for any longer."""
    return [request.ack_seconds for request in requests]


def report(soaked: Soaked) -> Iterator[str]:
    """Line by line."""
    requests = soaked.auditor.requests
    yield f"soak: {soaked.seconds:.0f} s, {soaked.people} people, seed {soaked.seed}"
    yield f"requests: {len(requests)} ({len(requests) / soaked.seconds:.1f} a second): {_counted(_kinds(requests))}"
    lost, doubled, wrong, unacknowledged = map(len, soaked.verdict)
    yield f"verdict: {lost} lost, {doubled} doubled, {wrong} wrong, {unacknowledged} unacknowledged"
    yield from (f"  {name}: {each}" for name, found in soaked.verdict._asdict().items() for each in found[:10])
    yield f"lookups: {_counted({' '.join(filter(None, key)): count for key, count in soaked.outcomes.items()})}"
    yield f"CRM asked: {_counted(soaked.crm_asked)}"
    yield f"log: {_counted(_troubles(soaked.ends))}"
    yield f"acknowledged in ms: {_percentiles(acknowledged_in(requests))}"
    for kind, of_kind in _by_kind(requests).items():
        yield f"  {kind}: {_percentiles(acknowledged_in(of_kind))}"
    yield from (
        f"{one.name}: {one.seconds:.1f} s, met {one.felt} times, well again after {one.mended_seconds:.1f} s"
        for one in soaked.passed
    )
    people, bot = cpu_seconds(resource.RUSAGE_SELF), cpu_seconds(resource.RUSAGE_CHILDREN)
    yield f"CPU: {people:.0f} s for people, Slack and CRM, {bot:.0f} s for the bot; of {os.cpu_count()} cores"
    for memory in soaked.memories:
        yield f"memory of {memory.process}: warm {memory.warm:.0f} MB, most {memory.most:.0f}, end {memory.end:.0f}"


def _kinds(requests: Iterable[Request]) -> Counter[str]:
    return Counter(request.kind.name for request in requests)


def _by_kind(requests: Iterable[Request]) -> dict[str, list[Request]]:
    found: dict[str, list[Request]] = {}
    for request in requests:
        found.setdefault(request.kind.name, []).append(request)
    return found


def _troubles(ends: Iterable[End]) -> Counter[str]:
    return Counter(line["event"] for line in lines_of(*ends) if line["level"] in ("warning", "error"))


def _percentiles(seconds: Sequence[float]) -> str:
    marks = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    return ", ".join(f"{name} {percentile(seconds, mark) * 1000:.0f}" for name, mark in marks.items())


def _counted(counts: "Counter[str] | dict[str, int]") -> str:
    return ", ".join(f"{name} {count}" for name, count in Counter(counts).most_common())
