"""Containers: the yard, passes of trucks, announcements, batches of stills."""
