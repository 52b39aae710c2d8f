"""How requests arrive, and where the metrics are read."""
