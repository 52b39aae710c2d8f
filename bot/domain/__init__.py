"""The words of the trade as values: no I/O, and no settings."""
