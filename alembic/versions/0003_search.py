"""The order of reads and their search index; counts without touching the rows.

The index `read_search` is FTS5 without content: all that it holds is made from the read by the triggers, in the same
transaction. A later migration that builds `reads` anew (batch mode) loses the triggers with the old table and has to
make them again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SPAN = 2048
_LATEST = 2**63 // _SPAN - _SPAN
_BATCH = 10_000


def upgrade() -> None:
    """Apply."""
    op.add_column("reads", sa.Column("place", sa.BigInteger(), nullable=False, server_default="0"))
    _fill_places()
    op.create_index("ix_reads_place", "reads", ["place"], unique=True)
    op.create_index("ix_reads_counted", "reads", ["captured_at", "camera", "kind", "state"])
    op.create_index("ix_reads_camera_counted", "reads", ["camera", "captured_at", "kind", "state"])
    op.drop_index("ix_reads_newest", "reads")
    op.drop_index("ix_reads_camera_newest", "reads")
    op.drop_index("ix_reads_text", "reads")
    _make_search()


def _fill_places() -> None:
    connection = op.get_bind()
    # Written down beside first: an index that is walked while its rows change would give some of them twice.
    connection.exec_driver_sql("CREATE TEMP TABLE placed (id TEXT PRIMARY KEY, place INTEGER) WITHOUT ROWID")
    last, batch = -1, []
    for read_id, captured_at in connection.exec_driver_sql(
        "SELECT id, captured_at FROM reads ORDER BY captured_at, id"
    ):
        last = max(last + 1, min(max(captured_at, 0), _LATEST) * _SPAN)
        batch.append((read_id, last))
        if len(batch) == _BATCH:
            connection.exec_driver_sql("INSERT INTO placed VALUES (?, ?)", batch)
            batch = []
    if batch:
        connection.exec_driver_sql("INSERT INTO placed VALUES (?, ?)", batch)
    connection.exec_driver_sql("UPDATE reads SET place = (SELECT place FROM placed WHERE placed.id = reads.id)")
    connection.exec_driver_sql("DROP TABLE temp.placed")


def _make_search() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE read_search USING fts5(terms, content='', detail=none, columnsize=0, prefix='1 2',"
        " tokenize=\"ascii tokenchars '<>?=@'\")"
    )
    op.execute(f"INSERT INTO read_search (rowid, terms) SELECT place, {_terms('reads')} FROM reads ORDER BY place")
    op.execute("INSERT INTO read_search (read_search) VALUES ('optimize')")
    add = f"INSERT INTO read_search (rowid, terms) VALUES (new.place, {_terms('new')});"
    drop = f"INSERT INTO read_search (read_search, rowid, terms) VALUES ('delete', old.place, {_terms('old')});"
    changes = " OR ".join(f"old.{name} IS NOT new.{name}" for name in _INDEXED)
    op.execute(f"CREATE TRIGGER reads_search_insert AFTER INSERT ON reads BEGIN {add} END")
    op.execute(f"CREATE TRIGGER reads_search_delete AFTER DELETE ON reads BEGIN {drop} END")
    op.execute(
        f"CREATE TRIGGER reads_search_update AFTER UPDATE OF {', '.join(_INDEXED)} ON reads WHEN {changes}"
        f" BEGIN {drop} {add} END"
    )


_INDEXED = ("place", "text", "canonical", "confidence", "camera", "kind", "state", "direction")


def _terms(row: str) -> str:
    """Return the expression of a read's terms; `alpr.store.searchindex` says what they mean."""
    canonical = f"{row}.canonical"
    padded = f"('<' || {canonical} || '>>')"
    numbers = ", ".join(f"({number})" for number in range(1, 65))
    grams = (
        f"(SELECT group_concat(substr({padded}, n.column1, 3)"
        f" || CASE WHEN n.column1 <= length({canonical})"
        f" THEN ' ' || substr({padded}, n.column1, 1) || '?' || substr({padded}, n.column1 + 2, 1) ELSE '' END, ' ')"
        f" FROM (VALUES {numbers}) AS n WHERE n.column1 <= length({canonical}) + 1)"
    )
    facets = f"' =' || length({canonical}) || ' @s' || {row}.state || ' @k' || {row}.kind || ' @c' || hex({row}.camera)"
    facets += f" || CASE WHEN {row}.direction IS NULL THEN '' ELSE ' @d' || hex({row}.direction) END"
    facets += f" || CASE WHEN {row}.confidence < 0.9 AND {row}.text <> '' THEN ' @u' ELSE '' END"
    return f"{grams} || {facets}"
