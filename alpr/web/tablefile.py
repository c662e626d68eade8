"""Tables as CSV files, for spreadsheets (RFC 4180)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from litestar import Response

from alpr.site.lists.file import guarded


def csv_answer(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response[bytes]:
    """Send rows as a CSV file called after `name`, with the mark by which spreadsheets know UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    file = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "table"
    return Response(
        written.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file}.csv"', "Cache-Control": "no-store"},
    )
