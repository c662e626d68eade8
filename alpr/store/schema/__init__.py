"""The single schema: what the migrations must build, and what every statement is written against.

Times are microseconds (`UtcTime`), boxes JSON `[x1, y1, x2, y2]` in pixels of the full frame, picture
paths relative to the folder of pictures with `/` between their parts.
"""

from __future__ import annotations

from alpr.store.schema.accounts import audit, sessions, tokens, users
from alpr.store.schema.activity import (
    activity_basis,
    activity_dirty,
    activity_events,
    activity_models,
    activity_sources,
    activity_station_sums,
    activity_stations,
    activity_sums,
    activity_workers,
)
from alpr.store.schema.base import metadata
from alpr.store.schema.gate import alarms, deliveries, entries, firings, hits, lists, push_subscriptions, rules, tags
from alpr.store.schema.guard import corrections, notes
from alpr.store.schema.reads import looks, reads, stills
from alpr.store.schema.visits import sighting_keys, sightings, visit_decisions, visits
from alpr.store.schema.yard import batches, expected, passes

__all__ = [
    "activity_basis",
    "activity_dirty",
    "activity_events",
    "activity_models",
    "activity_sources",
    "activity_station_sums",
    "activity_stations",
    "activity_sums",
    "activity_workers",
    "alarms",
    "audit",
    "batches",
    "corrections",
    "deliveries",
    "entries",
    "expected",
    "firings",
    "hits",
    "lists",
    "looks",
    "metadata",
    "notes",
    "passes",
    "push_subscriptions",
    "reads",
    "rules",
    "sessions",
    "sighting_keys",
    "sightings",
    "stills",
    "tags",
    "tokens",
    "users",
    "visit_decisions",
    "visits",
]
