"""Which customer has which number, name, phone and mail address."""
