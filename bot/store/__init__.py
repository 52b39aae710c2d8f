"""The database: the only room that speaks SQL. One module for each kind of record; ``store.py`` opens it."""
