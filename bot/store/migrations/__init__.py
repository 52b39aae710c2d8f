"""Alembic's scripts: part of the package, so that they are found wherever the process was started."""
