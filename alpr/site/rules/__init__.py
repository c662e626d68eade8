"""Rules: what happens when, and what is told."""
