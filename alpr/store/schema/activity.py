"""Workers, stations, and the events of the factory floor."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from alpr.store.columns import AnyText, UtcTime
from alpr.store.schema.base import metadata

activity_workers = Table(
    "activity_workers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", AnyText, nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
)

activity_stations = Table(
    "activity_stations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", AnyText, nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
)

activity_models = Table(
    "activity_models",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", AnyText, nullable=False),
    Column("version", AnyText, nullable=False),
    UniqueConstraint("name", "version", name="uq_activity_models_name"),
)

activity_sources = Table(
    "activity_sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", AnyText, nullable=False, unique=True),
    Column("events", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("newest_at", UtcTime),
    # How far its clock is off, in microseconds: above 0 ahead, below 0 behind; how many arrivals in a row came late,
    # and the least late of them.
    Column("skew", BigInteger, nullable=False),
    Column("skewed_since", UtcTime),
    Column("late", Integer, nullable=False),
    Column("least_delay", BigInteger, nullable=False),
)

activity_events = Table(
    "activity_events",
    metadata,
    Column("id", Integer, primary_key=True),
    # A digest of the sender's id, or of the content where there is none: what tells repetitions.
    Column("key", LargeBinary(16), nullable=False, unique=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("worker_id", Integer, ForeignKey("activity_workers.id"), nullable=False),
    Column("station_id", Integer, ForeignKey("activity_stations.id"), nullable=False),
    # 0 working, 1 idle, 2 absent, 4 product count.
    Column("kind", Integer, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("count", Integer, nullable=False),
    Column("model_id", Integer, ForeignKey("activity_models.id")),
    Column("source_id", Integer, ForeignKey("activity_sources.id"), nullable=False),
    Column("event_id", AnyText),
    Column("received_at", UtcTime, nullable=False),
)
Index("ix_activity_events_worker_id", activity_events.c.worker_id, activity_events.c.at)
Index("ix_activity_events_station_id", activity_events.c.station_id, activity_events.c.at)

# Sums by day, shift, worker, station and cell, made of the events; see alpr.site.factory.tally. In the order in which
# they are added up, so that a year is one walk.
activity_sums = Table(
    "activity_sums",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("shift", BigInteger, primary_key=True, autoincrement=False),
    Column("worker_id", Integer, primary_key=True, autoincrement=False),
    Column("station_id", Integer, primary_key=True, autoincrement=False),
    Column("cell", BigInteger, primary_key=True, autoincrement=False),
    Column("working", BigInteger, nullable=False),
    Column("idle", BigInteger, nullable=False),
    Column("absent", BigInteger, nullable=False),
    Column("unsure", BigInteger, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("unsure_units", BigInteger, nullable=False),
    Column("core", Integer, nullable=False),
    Column("marginal", Integer, nullable=False),
    sqlite_with_rowid=False,
)

activity_station_sums = Table(
    "activity_station_sums",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("shift", BigInteger, primary_key=True, autoincrement=False),
    Column("station_id", Integer, primary_key=True, autoincrement=False),
    Column("cell", BigInteger, primary_key=True, autoincrement=False),
    Column("occupied", BigInteger, nullable=False),
    Column("busy", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Minutes (of UTC, counted since 1970) that events have changed since the sums of their hour were made, each with a mark
# that is another one after every change.
activity_dirty = Table(
    "activity_dirty",
    metadata,
    Column("minute", Integer, primary_key=True, autoincrement=False),
    Column("mark", BigInteger, nullable=False),
)

# By which plan the sums were made: one row.
activity_basis = Table(
    "activity_basis",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("plan", String(64), nullable=False),
)
