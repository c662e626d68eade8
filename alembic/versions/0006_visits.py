"""Visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("reads", sa.Column("zone", sa.Text()))
    op.create_table(
        "visits",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("entered", sa.BigInteger()),
        sa.Column("left", sa.BigInteger()),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("reads", sa.JSON(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("turned_round", sa.Boolean(), nullable=False),
        sa.Column("came_camera", sa.Text(), nullable=False),
        sa.Column("went_camera", sa.Text(), nullable=False),
        sa.Column("last_camera", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("by_hand", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
    )
    op.create_index("ix_visits_began", "visits", ["began", "id"])
    op.create_index("ix_visits_canonical", "visits", ["canonical", "began"])
    op.create_index("ix_visits_state", "visits", ["state", "began"])
    _make_sightings()
    op.create_table(
        "visit_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(16), nullable=False),
        sa.Column("read_id", sa.String(36), nullable=False),
        sa.Column("other_read_id", sa.String(36)),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger()),
        sa.Column("undone_by", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.ForeignKeyConstraint(["read_id"], ["reads.id"], name="fk_visit_decisions_read_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["other_read_id"], ["reads.id"], name="fk_visit_decisions_other_read_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_visit_decisions"),
    )
    op.create_index("ix_visit_decisions_other_read_id", "visit_decisions", ["other_read_id"])
    op.create_index("ix_visit_decisions_read_id", "visit_decisions", ["read_id"])


def _make_sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("read_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.String(36)),
        sa.Column("dismissed", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.ForeignKeyConstraint(["read_id"], ["reads.id"], name="fk_sightings_read_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("read_id", name="pk_sightings"),
    )
    op.create_index("ix_sightings_folded", "sightings", ["kind", "folded", "at"])
    op.create_index("ix_sightings_visit_id", "sightings", ["visit_id"])
    op.create_table(
        "sighting_keys",
        sa.Column("read_id", sa.String(36), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["read_id"], ["reads.id"], name="fk_sighting_keys_read_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("read_id", "folded", name="pk_sighting_keys"),
    )
    op.create_index("ix_sighting_keys_folded", "sighting_keys", ["kind", "folded", "at"])
