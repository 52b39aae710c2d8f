"""Values and pure functions: no I/O and no settings."""
