"""Customers: lookup by id, search by number, name, phone or mail address, and their service records."""
