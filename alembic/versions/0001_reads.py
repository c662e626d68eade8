"""Reads with their looks, and the ledger of stills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _make_reads()
    op.create_table(
        "looks",
        sa.Column("read_id", sa.String(36), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time", sa.Double(), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("quality", sa.Double(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["read_id"], ["reads.id"], name="fk_looks_read_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("read_id", "ordinal", name="pk_looks"),
    )
    op.create_table(
        "stills",
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("retry_at", sa.BigInteger()),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("camera", "path", name="pk_stills"),
    )
    op.create_index("ix_stills_retry", "stills", ["camera", "status", "retry_at"])


def _make_reads() -> None:
    op.create_table(
        "reads",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("characters", sa.JSON(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("region", sa.Text()),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("captured_at", sa.BigInteger(), nullable=False),
        sa.Column("frame_time", sa.Double(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("look_count", sa.Integer(), nullable=False),
        sa.Column("vehicle_type", sa.Text()),
        sa.Column("vehicle_colour", sa.Text()),
        sa.Column("vehicle_confidence", sa.Double()),
        sa.Column("vehicle_box", sa.JSON()),
        sa.Column("direction", sa.String(8)),
        sa.Column("frame_path", sa.Text(), nullable=False),
        sa.Column("frame_sha256", sa.String(64), nullable=False),
        sa.Column("frame_width", sa.Integer(), nullable=False),
        sa.Column("frame_height", sa.Integer(), nullable=False),
        sa.Column("crop_path", sa.Text(), nullable=False),
        sa.Column("crop_sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reads"),
    )
    op.create_index("ix_reads_newest", "reads", ["captured_at", "id"])
    op.create_index("ix_reads_camera_newest", "reads", ["camera", "captured_at", "id"])
    op.create_index("ix_reads_text", "reads", ["text"])
    op.create_index("ix_reads_canonical", "reads", ["canonical"])
