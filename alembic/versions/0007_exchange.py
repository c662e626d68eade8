"""Reads of other systems."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("reads", sa.Column("source", sa.Text()))
    op.add_column("reads", sa.Column("external_id", sa.Text()))
    op.add_column("reads", sa.Column("change", sa.BigInteger()))
    op.create_index("ix_reads_source", "reads", ["source", "place"], sqlite_where=sa.text("source IS NOT NULL"))
    op.create_index("ix_reads_change", "reads", ["change"])
    op.add_column("hits", sa.Column("place", sa.BigInteger()))
    op.execute("UPDATE hits SET place = (SELECT place FROM reads WHERE reads.id = hits.read_id)")
    op.create_index("ix_hits_place", "hits", ["place", "ordinal"])
    op.create_index("ix_hits_list_name", "hits", ["list_name", "place", "ordinal"])
