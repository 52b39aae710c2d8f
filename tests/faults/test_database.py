"""What the database may do: customers are looked up all the same, and what needs it is left out or says so."""

import resource
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.playground.network_faults import Broken, Line
from tests.support.databases import empty_database
from tests.support.fault_harness import (  # noqa: F401  # a fixture
    House,
    assert_each_answered_once,
    house_fixture,
    open_house,
)
from tests.support.surfaces import NO_DATABASE

pytestmark = pytest.mark.faults

FULL_BYTES = 256 * 1024


def file_of(house: House) -> Path:
    return Path(house.database.removeprefix("sqlite:///"))


async def test_file_and_its_directory_are_removed(house: House) -> None:
    bot = await house.serve()
    await house.warm_up()
    shutil.rmtree(file_of(house).parent)
    await house.mix()
    assert_each_answered_once(house, await bot.stop())


async def test_another_process_holds_the_lock(house: House) -> None:
    """Another process that writes and never ends: users get an error; the bot recovers by itself."""
    bot = await house.serve()
    await house.warm_up()
    with closing(sqlite3.connect(file_of(house), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await house.mix()
    await house.database_is_back()
    end = await bot.stop()
    assert end.events()["database_lost"] == end.events()["database_back"] == 1
    assert_each_answered_once(house, end)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own that the schema fits on, and little else."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={FULL_BYTES}", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


async def test_disk_is_full(tiny_disk: Path, migrated: Path) -> None:
    """The last byte is taken by another program."""
    shutil.copy(migrated, tiny_disk / "customer-bot.db")
    async with open_house(f"sqlite:///{tiny_disk / 'customer-bot.db'}") as house:
        bot = await house.serve()
        await house.warm_up()
        fill_up(tiny_disk / "others.log")
        await house.mix()
        end = await bot.stop()
    assert end.events()["database_lost"]
    assert_each_answered_once(house, end)


def fill_up(file: Path) -> None:
    with file.open("wb", buffering=0) as others:
        try:
            while True:
                others.write(b"x" * 512)
        except OSError:
            return


async def test_process_may_write_no_larger_files(house: House) -> None:
    """A limit of the operating system (RLIMIT_FSIZE), which the database's files reach."""
    size = file_of(house).stat().st_size + 8 * 1024

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    bot = await house.serve(preexec_fn=limit)
    await house.warm_up()
    await house.mix()
    end = await bot.stop()
    assert end.events()["database_lost"]
    assert_each_answered_once(house, end)


async def test_there_is_no_database(house: House) -> None:
    """Nor has there ever been one."""
    bot = await house.serve(database_opens=False, DATABASE_URL=NO_DATABASE)
    await house.look_around()
    await house.mix()
    assert_each_answered_once(house, await bot.stop())


@pytest.fixture
async def postgres(tmp_path: Path) -> AsyncIterator[tuple[House, Line]]:
    """A house whose database is behind a line."""
    async with empty_database("postgresql", tmp_path) as url, Line(url).open() as line:
        who, _, _ = urlsplit(url).netloc.rpartition("@")
        behind = urlsplit(url)._replace(netloc=f"{who}@127.0.0.1:{line.port}").geturl()
        async with open_house(behind) as house:
            yield house, line


@pytest.mark.parametrize("gone", [None, Broken.DEAF, Broken.RESET], ids=["refuses", "hangs", "resets"])
async def test_postgresql_is_gone_and_back(postgres: tuple[House, Line], gone: Broken | None) -> None:
    """Killed, unreachable or behind a dead line, in the middle of everything."""
    house, line = postgres
    bot = await house.serve()
    await house.warm_up()
    if gone is None:
        await line.cut_off()
    line.broken = gone
    await house.mix()
    await line.mend()
    await house.database_is_back()
    end = await bot.stop()
    assert end.events()["database_lost"]
    assert end.events()["database_back"]
    assert_each_answered_once(house, end)
