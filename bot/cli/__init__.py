"""The commands of ``customer-bot``, one module each."""
