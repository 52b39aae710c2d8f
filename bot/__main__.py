"""``python -m bot``: the same as ``customer-bot``."""

from bot.cli.entry import main

main()
