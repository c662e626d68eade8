"""Visits: who was here, and who is inside."""
