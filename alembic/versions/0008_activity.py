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
    op.create_index(
        "ix_reads_models", "reads", ["captured_at", "state", "camera", "source", "detector", "reader", "confidence"]
    )
    _make_names()
    _make_events()
    _make_sums()


def _make_names() -> None:
    for name in ("workers", "stations"):
        op.create_table(
            f"activity_{name}",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("key", sa.Text(), nullable=False),
            sa.Column("created_at", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_activity_{name}"),
            sa.UniqueConstraint("key", name=f"uq_activity_{name}_key"),
        )
    op.create_table(
        "activity_models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activity_models"),
        sa.UniqueConstraint("name", "version", name="uq_activity_models_name"),
    )
    op.create_table(
        "activity_sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("newest_at", sa.BigInteger()),
        sa.Column("skew", sa.BigInteger(), nullable=False),
        sa.Column("skewed_since", sa.BigInteger()),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("least_delay", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activity_sources"),
        sa.UniqueConstraint("name", name="uq_activity_sources_name"),
    )


def _make_events() -> None:
    op.create_table(
        "activity_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer()),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Text()),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["activity_workers.id"], name="fk_activity_events_worker_id"),
        sa.ForeignKeyConstraint(["station_id"], ["activity_stations.id"], name="fk_activity_events_station_id"),
        sa.ForeignKeyConstraint(["model_id"], ["activity_models.id"], name="fk_activity_events_model_id"),
        sa.ForeignKeyConstraint(["source_id"], ["activity_sources.id"], name="fk_activity_events_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_activity_events"),
        sa.UniqueConstraint("key", name="uq_activity_events_key"),
    )
    op.create_index("ix_activity_events_at", "activity_events", ["at"])
    op.create_index("ix_activity_events_station_id", "activity_events", ["station_id", "at"])
    op.create_index("ix_activity_events_worker_id", "activity_events", ["worker_id", "at"])


def _make_sums() -> None:
    op.create_table(
        "activity_sums",
        *(
            sa.Column(name, kind(), autoincrement=False, nullable=False)
            for name, kind in (
                ("day", sa.Integer),
                ("shift", sa.BigInteger),
                ("worker_id", sa.Integer),
                ("station_id", sa.Integer),
                ("cell", sa.BigInteger),
            )
        ),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("working", "idle", "absent", "unsure", "units", "unsure_units")
        ),
        sa.Column("core", sa.Integer(), nullable=False),
        sa.Column("marginal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "shift", "worker_id", "station_id", "cell", name="pk_activity_sums"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "activity_station_sums",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shift", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cell", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("occupied", sa.BigInteger(), nullable=False),
        sa.Column("busy", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "shift", "station_id", "cell", name="pk_activity_station_sums"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "activity_dirty",
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("minute", name="pk_activity_dirty"),
    )
    op.create_table(
        "activity_basis",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activity_basis"),
    )
