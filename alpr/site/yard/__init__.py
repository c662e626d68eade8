"""Containers: passes of trucks, announcements, free time."""
