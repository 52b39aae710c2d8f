"""What comes of a question: who is meant, what its asker sees, and what is kept of that."""
