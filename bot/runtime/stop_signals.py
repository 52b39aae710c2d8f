"""Which signals tell a process to stop. Loaded first, so nothing heavy is imported here."""

import signal
from typing import Final

STOPS: Final = (signal.SIGTERM, signal.SIGINT)
