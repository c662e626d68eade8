"""Corrections, notes and feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("reads", sa.Column("review", sa.String(16)))
    op.add_column("reads", sa.Column("reviewed_at", sa.BigInteger()))
    op.add_column("reads", sa.Column("reviewed_by", sa.Text()))
    op.add_column("reads", sa.Column("machine", sa.JSON()))
    for name in ("region", "vehicle_type", "vehicle_colour", "check_digit", "review"):
        op.create_index(f"ix_reads_{name}", "reads", [name, "place"], sqlite_where=sa.text(f"{name} IS NOT NULL"))
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("read_id", sa.String(36), nullable=False),
        sa.Column("deed", sa.String(16), nullable=False),
        sa.Column("text_before", sa.Text(), nullable=False),
        sa.Column("text_after", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.BigInteger()),
        sa.Column("undone_by", sa.Text()),
        sa.ForeignKeyConstraint(["read_id"], ["reads.id"], ondelete="CASCADE", name="fk_corrections_read_id"),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_read_id", "corrections", ["read_id"])
    op.create_index("ix_corrections_at", "corrections", ["at"])
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("read_id", sa.String(36)),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["read_id"], ["reads.id"], ondelete="SET NULL", name="fk_notes_read_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_read_id", "notes", ["read_id"])
    op.create_index("ix_notes_canonical", "notes", ["canonical", "at"])
