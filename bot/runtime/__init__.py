"""What every process needs: logs, metrics, tasks, signals, sockets."""

import signal
from typing import Final

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
"""The signals that stop a process. Defined here, as the command line catches them before it loads anything else."""
