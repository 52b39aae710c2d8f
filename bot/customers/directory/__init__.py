"""The directory of customers by number, name, phone and mail address."""
