"""The single schema: what the migrations must build, and what every statement is written against.

Times are microseconds (`UtcTime`), boxes JSON `[x1, y1, x2, y2]` in pixels of the full frame, picture
paths relative to the folder of pictures with `/` between their parts.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

from alpr.store.columns import AnyText, FileName, UtcTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

reads = Table(
    "reads",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("camera", AnyText, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("text", AnyText, nullable=False),
    Column("canonical", AnyText, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("characters", JSON, nullable=False),
    Column("candidates", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("region", AnyText),
    Column("box", JSON, nullable=False),
    Column("captured_at", UtcTime, nullable=False),
    Column("frame_time", Double, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("look_count", Integer, nullable=False),
    Column("vehicle_type", AnyText),
    Column("vehicle_colour", AnyText),
    Column("vehicle_confidence", Double),
    Column("vehicle_box", JSON(none_as_null=True)),
    Column("direction", String(8)),
    Column("frame_path", AnyText, nullable=False),
    Column("frame_sha256", String(64), nullable=False),
    Column("frame_width", Integer, nullable=False),
    Column("frame_height", Integer, nullable=False),
    Column("crop_path", AnyText, nullable=False),
    Column("crop_sha256", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    # The order of all reads, and their key in the search index (see `places` and `searchindex`).
    Column("place", BigInteger, nullable=False, server_default="0"),
    # A `Verdict`, empty for reads from before there were lists, and the words for it.
    Column("verdict", String(16), nullable=False, server_default=text("''")),
    Column("verdict_reason", AnyText, nullable=False, server_default=text("''")),
    Index("ix_reads_place", "place", unique=True),
    Index("ix_reads_canonical", "canonical"),
    # The rare verdicts are looked for most, newest first.
    Index("ix_reads_verdict", "verdict", "place"),
    # All that statistics count, so that they need not touch the rows.
    Index("ix_reads_counted", "captured_at", "camera", "kind", "state"),
    Index("ix_reads_camera_counted", "camera", "captured_at", "kind", "state"),
)

looks = Table(
    "looks",
    metadata,
    Column("read_id", String(36), ForeignKey("reads.id", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("time", Double, nullable=False),
    Column("box", JSON, nullable=False),
    Column("text", AnyText, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("quality", Double, nullable=False),
    Column("kept", Boolean, nullable=False),
    Column("thumbnail", LargeBinary),
)

stills = Table(
    "stills",
    metadata,
    Column("camera", AnyText, primary_key=True),
    Column("path", FileName, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", AnyText, nullable=False),
    Column("retry_at", UtcTime),
    Column("reads", Integer, nullable=False),
    Column("finished_at", UtcTime, nullable=False),
    Index("ix_stills_retry", "camera", "status", "retry_at"),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", AnyText, nullable=False),
    Column("name_key", AnyText, nullable=False, unique=True),
    Column("password_hash", AnyText, nullable=False),
    Column("role", String(16), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("seen_at", UtcTime, nullable=False),
    Column("address", AnyText, nullable=False),
    Column("agent", AnyText, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", AnyText, nullable=False),
    Column("name_key", AnyText, nullable=False, unique=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", AnyText, nullable=False),
    Column("used_at", UtcTime),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("actor", AnyText, nullable=False),
    Column("action", AnyText, nullable=False),
    Column("subject", AnyText, nullable=False),
    Column("detail", AnyText, nullable=False),
)

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
