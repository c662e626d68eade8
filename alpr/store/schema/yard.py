"""Passes, expected containers, and batches of stills."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table

from alpr.store.columns import AnyText, UtcTime
from alpr.store.schema.base import metadata

# What passed a portal together; its reads name it by `pass_id`.
passes = Table(
    "passes",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("portal", AnyText, nullable=False),
    Column("direction", String(8), nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime, nullable=False),
    Column("plate", AnyText, nullable=False),
    Column("trailer", AnyText, nullable=False),
    # Compact codes, in the order in which they were seen; how many of them there are, to find those that carry any.
    Column("containers", JSON, nullable=False),
    Column("container_count", Integer, nullable=False),
    Column("read_count", Integer, nullable=False),
    # An `Arrival`, the worst of its containers; empty when nothing was expected or nothing came in.
    Column("arrival", String(16), nullable=False),
    # All that reports count.
    Index("ix_passes_counted", "began_at", "direction", "container_count"),
    Index("ix_passes_portal", "portal", "began_at"),
    Index("ix_passes_carrying", "container_count", "began_at"),
)

# Pre-arrivals: days are those of the site's calendar, `YYYY-MM-DD`.
expected = Table(
    "expected",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("container", String(16), nullable=False),
    Column("due", String(10), nullable=False),
    Column("truck", AnyText, nullable=False),
    Column("reference", AnyText, nullable=False),
    Column("note", AnyText, nullable=False),
    Column("arrival", String(16), nullable=False),
    Column("arrived_with", String(36), nullable=False),
    Column("arrived_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", AnyText, nullable=False),
    Index("uq_expected_container_due", "container", "due", unique=True),
    Index("ix_expected_due", "due", "id"),
    Index("ix_expected_arrived_with", "arrived_with"),
)

# Folders that were read as a whole; what became of each picture stands in `stills`, under the batch's name.
batches = Table(
    "batches",
    metadata,
    Column("camera", AnyText, primary_key=True),
    Column("folder", AnyText, nullable=False),
    Column("pictures", Integer, nullable=False),
    Column("workers", Integer, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
)
