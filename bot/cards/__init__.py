"""The only place that knows Block Kit: a result becomes blocks."""
