"""Measured by hand, each by one command; what is measured stands in the module's docstring."""
