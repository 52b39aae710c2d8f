"""Who sees which field, how values are masked, and what is encrypted."""
