"""Events of the factory floor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("reads", sa.Column("detector", sa.Text()))
    op.add_column("reads", sa.Column("reader", sa.Text()))
