"""Corrections, notes and feedback."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table

from alpr.store.columns import AnyText, UtcTime
from alpr.store.schema.base import metadata

# What persons said of reads, one row a deed: nothing is ever lost, so that each can be undone.
corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("read_id", String(36), ForeignKey("reads.id", ondelete="CASCADE"), nullable=False, index=True),
    # A `Review`.
    Column("deed", String(16), nullable=False),
    Column("text_before", AnyText, nullable=False),
    Column("text_after", AnyText, nullable=False),
    # The columns of the reading and of the review as they were.
    Column("before", JSON, nullable=False),
    Column("why", AnyText, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("by", AnyText, nullable=False),
    Column("undone_at", UtcTime),
    Column("undone_by", AnyText),
)

# Of a read, and through its text of the vehicle; of a vehicle alone when there is no read.
notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("read_id", String(36), ForeignKey("reads.id", ondelete="SET NULL"), index=True),
    # The vehicle's text, look-alikes folded; empty for a read without one.
    Column("canonical", AnyText, nullable=False),
    Column("note", AnyText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", AnyText, nullable=False),
    Index("ix_notes_canonical", "canonical", "at"),
)
