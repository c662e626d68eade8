"""Reads, their looks, and the stills they came from."""

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
    String,
    Table,
    text,
)

from alpr.store.columns import AnyText, FileName, UtcTime
from alpr.store.schema.base import metadata

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
    # The named polygon of its camera that it was in.
    Column("zone", AnyText),
    # The system that sent it and what it is called there, for reads of other systems; grows with every save.
    Column("source", AnyText),
    Column("external_id", AnyText),
    Column("change", BigInteger),
    # Name and version of the models that found and read it.
    Column("detector", AnyText),
    Column("reader", AnyText),
    # Of containers: what stands beside the code, and a `CheckDigit`.
    Column("size_type", String(8), nullable=False, server_default=text("''")),
    Column("check_digit", String(8)),
    # The pass that it belongs to, and an `Arrival` where a container comes in while some are expected.
    Column("pass_id", String(36)),
    Column("arrival", String(16)),
    # What a person said of it (a `Review`), and what the machine had read: the columns of a `Reading`.
    Column("review", String(16)),
    Column("reviewed_at", UtcTime),
    Column("reviewed_by", AnyText),
    Column("machine", JSON(none_as_null=True)),
    Index("ix_reads_place", "place", unique=True),
    Index("ix_reads_canonical", "canonical"),
    # The rare verdicts are looked for most, newest first.
    Index("ix_reads_verdict", "verdict", "place"),
    Index("ix_reads_check_digit", "check_digit", "place", sqlite_where=text("check_digit IS NOT NULL")),
    # What else reads are narrowed by, newest first.
    Index("ix_reads_region", "region", "place", sqlite_where=text("region IS NOT NULL")),
    Index("ix_reads_vehicle_type", "vehicle_type", "place", sqlite_where=text("vehicle_type IS NOT NULL")),
    Index("ix_reads_vehicle_colour", "vehicle_colour", "place", sqlite_where=text("vehicle_colour IS NOT NULL")),
    Index("ix_reads_review", "review", "place", sqlite_where=text("review IS NOT NULL")),
    Index("ix_reads_source", "source", "place", sqlite_where=text("source IS NOT NULL")),
    Index("ix_reads_change", "change"),
    Index("ix_reads_pass", "pass_id", sqlite_where=text("pass_id IS NOT NULL")),
    # Those that pictures can be taken from, the oldest first.
    Index("ix_reads_pictured", "captured_at", sqlite_where=text("(frame_path != '' OR crop_path != '')")),
    # All that reports say of containers.
    Index(
        "ix_reads_containers",
        "captured_at",
        "direction",
        "size_type",
        "text",
        "confidence",
        sqlite_where=text("kind = 'container'"),
    ),
    # All that the model watch counts.
    Index("ix_reads_models", "captured_at", "state", "camera", "source", "detector", "reader", "confidence"),
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
    Index("ix_stills_finished", "finished_at", "camera", "status"),
)
