"""Visits: which reads are of one vehicle, and who is inside."""
