"""One module a revision, named for it. They are never changed once released, and only ever add."""
