"""The reads that have pictures, by age."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    pictured = sa.text("(frame_path != '' OR crop_path != '')")
    op.create_index("ix_reads_pictured", "reads", ["captured_at"], sqlite_where=pictured)
