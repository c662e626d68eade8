"""The single schema: what the migrations must build, and what every statement is written against.

Times are microseconds (`UtcTime`), boxes JSON `[x1, y1, x2, y2]` in pixels of the full frame, picture
paths relative to the folder of pictures with `/` between their parts.
"""

from __future__ import annotations

from alpr.store.schema.accounts import audit, sessions, tokens, users
from alpr.store.schema.base import metadata
from alpr.store.schema.gate import alarms, deliveries, entries, firings, hits, lists, push_subscriptions, rules, tags
from alpr.store.schema.reads import looks, reads, stills

__all__ = [
    "alarms",
    "audit",
    "deliveries",
    "entries",
    "firings",
    "hits",
    "lists",
    "looks",
    "metadata",
    "push_subscriptions",
    "reads",
    "rules",
    "sessions",
    "stills",
    "tags",
    "tokens",
    "users",
]
