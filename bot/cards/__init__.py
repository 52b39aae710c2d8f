"""The only place that knows Block Kit: an answer becomes blocks."""
