"""A check-up: what is looked at, and to whom it is told."""
