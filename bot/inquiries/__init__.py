"""The one guarded way to customer data, cards that come by themselves, and a person's pins and recents."""
