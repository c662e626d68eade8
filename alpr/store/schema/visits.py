"""Visits: who is inside, who was."""
