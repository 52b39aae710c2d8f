"""The commands in the documents work as they stand, in a folder that has nothing but .env.example."""

import asyncio
import re
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

from bot.playground.fake_crm.server import APP_ID, APP_SECRET, SampleCrm
from bot.playground.fake_slack.server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, StandInSlack
from tests.project.test_documents import PAGES, ROOT, named

NOT_HERE: Final = re.compile(
    r"(?:sudo |git clone |docker |createuser |createdb |make )"  # the machine, or what CI runs
    r"|python3 -m venv |\.venv/bin/pip |\.venv/bin/customer-bot (?:socket|serve)|echo "
    r"|.*(?:<[^>]+>|customers\.csv)"  # what the reader fills in
)


def commands_of(page: Path) -> list[str]:
    """The lines of a page's blocks of shell, those that go on in the next line joined."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]


PAGES_BY_COMMANDS: Final = {
    lines: page for page in PAGES if (lines := tuple(line for line in commands_of(page) if not NOT_HERE.match(line)))
}  # a translated page has the commands of the original


@pytest.mark.parametrize("lines", PAGES_BY_COMMANDS, ids=lambda lines: named(PAGES_BY_COMMANDS[lines]))
async def test_commands_of_a_page_work_in_a_fresh_folder(lines: tuple[str, ...], tmp_path: Path) -> None:
    shutil.copy(ROOT / ".env.example", tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "customer-bot").symlink_to(Path(sys.executable).with_name("customer-bot"))
    async with SampleCrm().open() as crm, StandInSlack().open() as slack:
        shell = await asyncio.create_subprocess_exec(
            "bash", "-euc", "\n".join(lines), cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "SSL_CERT_DIR": str(tmp_path), "ESHOUHOU_BASE_URL": crm.address,
                 "ESHOUHOU_APP_ID": APP_ID, "ESHOUHOU_APP_SECRET": APP_SECRET, "SLACK_API_URL": f"{slack.address}/api/",
                 "SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_SIGNING_SECRET": SIGNING_SECRET},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        printed, _ = await shell.communicate()
    assert shell.returncode == 0, printed.decode()
