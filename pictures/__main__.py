"""``python -m pictures``: make the README's pictures anew, from the playground's page."""

import sys
from pathlib import Path
from typing import Final

from bot.runtime.logging import configure_terminal_logging
from pictures.studio import taken
from tests.support.browser import MISSING, installed_browser, launched

HERE: Final = Path(__file__).parent


def main() -> None:
    path = installed_browser()
    if path is None:
        sys.exit(MISSING)
    configure_terminal_logging("CRITICAL")
    with launched(path) as browser:
        for name, png in taken(browser):
            file = HERE / f"{name}.png"
            file.write_bytes(png)
            sys.stdout.write(f"{file.relative_to(Path.cwd())}  {len(png) // 1024} KB\n")


main()
