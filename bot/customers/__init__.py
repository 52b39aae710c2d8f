"""Customers: kept by id, found by what is typed, and what belongs to them."""
