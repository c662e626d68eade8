"""Passes, expected containers, and batches of stills."""
