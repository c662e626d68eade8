"""A look into the database of a site that may be running or may not have begun; nothing is made or migrated."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alpr.store.lock import DATABASE_FILE


def list_names(data: Path) -> frozenset[str] | None:
    """Return the names of all lists of the data folder; None when it does not say."""
    path = (data / DATABASE_FILE).absolute()
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            return frozenset(name for (name,) in connection.execute("SELECT name FROM lists"))
    except sqlite3.Error:  # older than lists, locked or damaged: the start of the site tells more
        return None
