"""Visits: who is inside, who was."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Double, ForeignKey, Index, Integer, String, Table, text

from alpr.store.columns import AnyText, UtcTime
from alpr.store.schema.base import metadata

# A function of the sightings and decisions below: never changed by hand, made anew whenever these change.
visits = Table(
    "visits",
    metadata,
    # Of the first of its reads.
    Column("id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("text", AnyText, nullable=False),
    Column("canonical", AnyText, nullable=False),
    Column("state", String(16), nullable=False),
    # When it began: entered, or left where the coming in was missed.
    Column("began", UtcTime, nullable=False),
    Column("entered", UtcTime),
    Column("left", UtcTime),
    Column("last_seen", UtcTime, nullable=False),
    # Ids in the order of time.
    Column("reads", JSON, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("turned_round", Boolean, nullable=False),
    Column("came_camera", AnyText, nullable=False),
    Column("went_camera", AnyText, nullable=False),
    Column("last_camera", AnyText, nullable=False),
    Column("zone", AnyText, nullable=False),
    # Who closed, opened or merged it, empty: nobody.
    Column("by_hand", AnyText, nullable=False),
    Index("ix_visits_began", "began", "id"),
    Index("ix_visits_canonical", "canonical", "began"),
    Index("ix_visits_state", "state", "began"),
    # How long those stayed who left in some days.
    Index("ix_visits_left", "kind", "left", "entered", sqlite_where=text('"left" IS NOT NULL')),
)

# Each read with a text as visits see it, and the visit that it belongs to, if any.
sightings = Table(
    "sightings",
    metadata,
    Column("read_id", String(36), ForeignKey("reads.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), nullable=False),
    # As it was taken up: the read itself may have been corrected since.
    Column("text", AnyText, nullable=False),
    Column("folded", AnyText, nullable=False),
    Column("way", String(8), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("visit_id", String(36)),
    # No plate at all, somebody said: takes no part.
    Column("dismissed", Boolean, nullable=False, server_default=text("0")),
    Index("ix_sightings_folded", "kind", "folded", "at"),
    Index("ix_sightings_visit_id", "visit_id"),
)

# Under which texts besides the first a read may be of a vehicle: the runners-up, folded.
sighting_keys = Table(
    "sighting_keys",
    metadata,
    Column("read_id", String(36), ForeignKey("reads.id", ondelete="CASCADE"), primary_key=True),
    Column("folded", AnyText, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_sighting_keys_folded", "kind", "folded", "at"),
)

# What people decided about visits, kept apart so that it outlives every recomputation.
visit_decisions = Table(
    "visit_decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("deed", String(16), nullable=False),
    # A read of the visit that is meant, and of the other one for a merge.
    Column("read_id", String(36), ForeignKey("reads.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("other_read_id", String(36), ForeignKey("reads.id", ondelete="CASCADE"), index=True),
    Column("at", UtcTime, nullable=False),
    Column("made_by", AnyText, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("undone_at", UtcTime),
    Column("undone_by", AnyText, nullable=False, server_default=text("''")),
)
