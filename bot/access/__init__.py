"""Who may ask, how often, and what is written down of it."""
