"""Rules: what happens when, tried on past days."""
