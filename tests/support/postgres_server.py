"""A PostgreSQL server for the tests, of the programs that this machine has, started when the first test wants it.

It is a cluster of its own in a temporary directory. All workers of pytest-xdist share it; the process that started them
ends it. Its role is a superuser: ``DROP DATABASE … WITH (FORCE)`` may meet a process of the server's own.
"""

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

DIRECTORY: Final = "CUSTOMER_BOT_TEST_POSTGRES"
"""In the environment, which the workers inherit: the directory of this run's server, whether it was started or not."""
UNPRIVILEGED: Final = "postgres"
"""PostgreSQL does not run as root. Its packages bring this user along."""
ROLE: Final = "customer"
_OPTIONS: Final = (
    "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "autovacuum=off", "fsync=off",
    "synchronous_commit=off", "full_page_writes=off",
)  # fmt: skip


def provide_server(config: pytest.Config) -> None:
    """For ``pytest_configure``: the run that began it ends it."""
    if DIRECTORY not in os.environ:
        directory = Path(tempfile.mkdtemp(prefix="customer-bot-postgres-"))
        os.environ[DIRECTORY] = str(directory)
        config.add_cleanup(lambda: _end(directory))


def server() -> str:
    """Its URL, for a role that may do everything. Without PostgreSQL the test is skipped; in CI it fails."""
    missing = _missing()
    if missing and "CI" in os.environ:
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    directory = Path(os.environ[DIRECTORY])
    with _alone(directory):
        address = directory / "address"
        if not address.exists():
            address.write_text(_started(directory))
        return address.read_text()


def _missing() -> str:
    if _programs() is None:
        return "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0 and subprocess.run(["id", UNPRIVILEGED], capture_output=True, check=False).returncode:
        return f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED}"
    return ""


def _programs() -> Path | None:
    """Where ``initdb`` and ``pg_ctl`` are. Debian keeps those of each version beside one another, and out of PATH."""
    on_path = shutil.which("initdb")
    versions = Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb")
    found = [Path(on_path)] if on_path else sorted(versions, key=lambda program: float(program.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _started(directory: Path) -> str:
    password, port = secrets.token_hex(16), _free_port()
    (directory / "password").write_text(password)
    if os.geteuid() == 0:
        for path in (directory, directory / "password"):
            shutil.chown(path, UNPRIVILEGED, UNPRIVILEGED)
    login = (f"--username={ROLE}", "--pwfile=password", "--auth=scram-sha-256")
    _run(directory, "initdb", "--pgdata=data", "--encoding=UTF8", "--locale=C", "--no-sync", *login)
    options = " ".join(f"-c {option}" for option in (*_OPTIONS, f"port={port}"))
    _run(directory, "pg_ctl", "start", "--wait", "--pgdata=data", "--log=log", f"--options={options}")
    return f"postgresql://{ROLE}:{password}@127.0.0.1:{port}/postgres"


def _end(directory: Path) -> None:
    if (directory / "data" / "postmaster.pid").exists():
        _run(directory, "pg_ctl", "stop", "--wait", "--pgdata=data", "--mode=immediate")
    shutil.rmtree(directory)


def _run(directory: Path, program: str, *options: str) -> None:
    """As a user who may. Raises CalledProcessError."""
    programs = _programs()
    assert programs is not None
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        who = {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []}
    command = [str(programs / program), *options]
    subprocess.run(command, cwd=directory, check=True, stdout=subprocess.DEVNULL, timeout=50, **who)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
