"""Lists, rules, alarms, deliveries, and who is told."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, String, Table

from alpr.store.columns import AnyText, UtcTime
from alpr.store.schema.base import metadata

lists = Table(
    "lists",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", AnyText, nullable=False),
    Column("name_key", AnyText, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", AnyText, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("list_id", Integer, ForeignKey("lists.id", ondelete="CASCADE"), nullable=False, index=True),
    # As typed, and as compared: look-alikes folded, `*` and `?` kept.
    Column("pattern", AnyText, nullable=False),
    Column("canonical", AnyText, nullable=False, index=True),
    Column("owner", AnyText, nullable=False),
    Column("company", AnyText, nullable=False),
    Column("note", AnyText, nullable=False),
    Column("opens_inexact", Boolean, nullable=False),
    Column("valid_from", UtcTime),
    Column("valid_until", UtcTime),
    # Names of cameras, [] for all; windows [{"days": [0-6], "start": "HH:MM", "end": "HH:MM"}], [] for always.
    Column("cameras", JSON, nullable=False),
    Column("schedule", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", AnyText, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

# What an entry said of a read, kept as it was then: the entry may change or go.
hits = Table(
    "hits",
    metadata,
    Column("read_id", String(36), ForeignKey("reads.id", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("entry_id", Integer, nullable=False, index=True),
    Column("list_name", AnyText, nullable=False),
    Column("list_kind", String(16), nullable=False),
    Column("pattern", AnyText, nullable=False),
    Column("owner", AnyText, nullable=False),
    Column("company", AnyText, nullable=False),
    Column("note", AnyText, nullable=False),
    Column("match", String(16), nullable=False),
    Column("probability", Double, nullable=False),
    Column("reason", AnyText, nullable=False),
    # Whether the entry held at that time and gate.
    Column("applies", Boolean, nullable=False),
    # Of the read, so that all hits can be paged newest first.
    Column("place", BigInteger),
    Index("ix_hits_place", "place", "ordinal"),
    Index("ix_hits_list_name", "list_name", "place", "ordinal"),
)

tags = Table(
    "tags",
    metadata,
    Column("read_id", String(36), ForeignKey("reads.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", AnyText, primary_key=True),
    Column("rule", AnyText, nullable=False),
    Index("ix_tags_tag", "tag"),
)

# Rules made on the page; those of `alpr.toml` have no row.
rules = Table(
    "rules",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", AnyText, nullable=False),
    Column("name_key", AnyText, nullable=False, unique=True),
    Column("enabled", Boolean, nullable=False),
    Column("definition", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", AnyText, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

# That a rule fired: what cooldown and rate limits count, and why a second try fires nothing.
firings = Table(
    "firings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", AnyText, nullable=False, unique=True),
    Column("rule", AnyText, nullable=False),
    Column("subject", AnyText, nullable=False),
    Column("read_id", String(36)),
    Column("fired_at", UtcTime, nullable=False),
    Column("held_back", AnyText, nullable=False),
    Index("ix_firings_rule", "rule", "fired_at"),
    Index("ix_firings_subject", "rule", "subject", "fired_at"),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Integer, primary_key=True),
    # What it is about, such as `camera silent/gate-in`: at most one alarm of a key is not over.
    Column("key", AnyText, nullable=False),
    Column("rule", AnyText, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("text", AnyText, nullable=False),
    Column("read_id", String(36)),
    Column("sound", Boolean, nullable=False),
    Column("raised_at", UtcTime, nullable=False),
    Column("over_at", UtcTime),
    Column("acknowledged_at", UtcTime),
    Column("acknowledged_by", AnyText, nullable=False),
    Column("escalate_at", UtcTime),
    Column("escalated_at", UtcTime),
    Index("ix_alarms_key", "key", "over_at"),
    Index("ix_alarms_raised_at", "raised_at"),
    Index("ix_alarms_escalate_at", "escalate_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    # Their order, for each target its own.
    Column("id", Integer, primary_key=True),
    # What a receiver can tell a repetition by; a second row of the same key is never made.
    Column("key", AnyText, nullable=False, unique=True),
    Column("target", AnyText, nullable=False),
    Column("rule", AnyText, nullable=False),
    Column("read_id", String(36)),
    Column("subject", AnyText, nullable=False),
    Column("body", AnyText, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("with_picture", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", AnyText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("retried_at", UtcTime),
    Column("finished_at", UtcTime),
    Index("ix_deliveries_queue", "state", "target", "id"),
    Index("ix_deliveries_target", "target", "id"),
    Index("ix_deliveries_created_at", "created_at"),
    Index("ix_deliveries_read_id", "read_id"),
)

push_subscriptions = Table(
    "push_subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("endpoint", AnyText, nullable=False, unique=True),
    Column("p256dh", AnyText, nullable=False),
    Column("auth", AnyText, nullable=False),
    Column("agent", AnyText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)
