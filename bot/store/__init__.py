"""What outlives the process: claims, mutes, pins and recents, the directory. The only place that speaks SQL.

``store.py`` is the door, and imports nothing heavy. Behind it: ``repositories.py`` makes the database usable,
``database.py`` runs transactions and turns what goes wrong into StoreUnavailable, ``error_messages.py`` words it,
``tables.py`` and ``migrations/`` are the schema, and each kind of thing that is kept has a module of its own.
"""
