"""Lists and their entries: who may enter."""
