"""What can be read, one file a kind, and what becomes a read."""
