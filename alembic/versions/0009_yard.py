"""Passes, expected containers, batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("reads", sa.Column("size_type", sa.String(8), nullable=False, server_default=sa.text("''")))
    op.add_column("reads", sa.Column("check_digit", sa.String(8)))
    op.add_column("reads", sa.Column("pass_id", sa.String(36)))
    op.add_column("reads", sa.Column("arrival", sa.String(16)))
    op.create_index("ix_reads_pass", "reads", ["pass_id"], sqlite_where=sa.text("pass_id IS NOT NULL"))
    op.create_index(
        "ix_reads_containers",
        "reads",
        ["captured_at", "direction", "size_type", "text", "confidence"],
        sqlite_where=sa.text("kind = 'container'"),
    )
    op.create_index("ix_stills_finished", "stills", ["finished_at", "camera", "status"])
    left = sa.text('"left" IS NOT NULL')
    op.create_index("ix_visits_left", "visits", ["kind", "left", "entered"], sqlite_where=left)
    op.create_table(
        "passes",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("trailer", sa.Text(), nullable=False),
        sa.Column("containers", sa.JSON(), nullable=False),
        sa.Column("container_count", sa.Integer(), nullable=False),
        sa.Column("read_count", sa.Integer(), nullable=False),
        sa.Column("arrival", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passes"),
    )
    op.create_index("ix_passes_counted", "passes", ["began_at", "direction", "container_count"])
    op.create_index("ix_passes_portal", "passes", ["portal", "began_at"])
    op.create_index("ix_passes_carrying", "passes", ["container_count", "began_at"])
    op.create_table(
        "expected",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("container", sa.String(16), nullable=False),
        sa.Column("due", sa.String(10), nullable=False),
        sa.Column("truck", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("arrival", sa.String(16), nullable=False),
        sa.Column("arrived_with", sa.String(36), nullable=False),
        sa.Column("arrived_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_expected"),
    )
    op.create_index("uq_expected_container_due", "expected", ["container", "due"], unique=True)
    op.create_index("ix_expected_due", "expected", ["due", "id"])
    op.create_index("ix_expected_arrived_with", "expected", ["arrived_with"])
    op.create_table(
        "batches",
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("camera", name="pk_batches"),
    )
