"""Every benchmark in turn: ``make bench``. With ``--write``, what they print goes to benchmarks/RESULTS.md too.

The exit status is 1 where a budget does not hold. Each runs in a process of its own, so that none measures what
another left behind. A word after that is the DATABASE_URL for typing ahead.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Final

BENCHMARKS: Final = (
    "cached_command",
    "reading",
    "masking",
    "rendering",
    "cached_profiles",
    "one_request",
    "crm_request",
    "starting",
    "typing_ahead",
)
LIBRARIES: Final = ("slack-bolt", "slack-sdk", "uvicorn", "uvloop", "httptools", "starlette", "httpx", "SQLAlchemy")
RESULTS: Final = Path(__file__).with_name("RESULTS.md")


def main(given: Sequence[str]) -> int:
    database = [word for word in given if word != "--write"]
    status, printed = 0, []
    for name in BENCHMARKS:
        print(f"\n{name}", flush=True)
        more = database if name == "typing_ahead" else []
        ran = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", *more], stdout=subprocess.PIPE, text=True, check=False
        )
        said = ran.stdout.rstrip() or "it broke off: nothing was measured"
        print(said, flush=True)
        printed.append(f"## {name}\n\n```text\n{said}\n```\n")
        status = status or min(ran.returncode, 1)
    if "--write" in given:
        RESULTS.write_text("\n".join([_heading(), *printed]), "utf-8")
    return status


def _heading() -> str:
    load, *_ = os.getloadavg()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
    return (
        "# What the benchmarks said last\n\n"
        "Written by `make bench WRITE=1`. The ratios count, and are of one run; the budgets stand beside them.\n\n"
        f"{date.today():%Y-%m-%d}, {os.cpu_count()} cores of {_cpu()}, load {load:.1f} at the end;"
        f" {platform.python_implementation()} {platform.python_version()} on {platform.system()}; {versions}.\n"
    )


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
