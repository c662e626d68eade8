"""Lists: who may enter, and how surely an entry fits."""
