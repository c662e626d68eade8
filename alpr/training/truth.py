"""Labelled pictures: a folder whose `truth.csv` has the columns `file, x, y, w, h, text`, one row a plate."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alpr.domain import Box
from alpr.errors import ConfigError

TRUTH_FILE: Final = "truth.csv"


@dataclass(frozen=True, slots=True)
class Truth:
    """One labelled plate: its text, and where it stands if that is known."""

    text: str
    box: Box | None = None
    rows: int = 1
    """In how many rows it stands, as far as the label tells by `/` between them."""


def load_truth(folder: Path) -> dict[str, list[Truth]]:
    """Load `truth.csv`: file → plates. Raises ConfigError that names the file, the line and the column."""
    path = folder / TRUTH_FILE
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: no comma-separated text in UTF-8 ({error}): save it as such") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}: give a folder with {TRUTH_FILE} (file,x,y,w,h,text)") from error
    truths: dict[str, list[Truth]] = {}
    for number, row in rows:
        if not row.get("file") or row.get("text") is None:
            raise ConfigError(f"{path}:{number}: needs at least the columns `file` and `text`")
        truths.setdefault(row["file"], []).append(
            Truth(_plain(row["text"]), _box(row, path, number), 1 + row["text"].count("/"))
        )
    if not truths:
        raise ConfigError(f"{path}: no rows: nothing to measure")
    return truths


def _plain(text: str) -> str:
    """Return the text as reads have it: upper case, letters and digits only."""
    return "".join(char for char in text.upper() if char.isalnum())


def _box(row: dict[str, str], path: Path, number: int) -> Box | None:
    if not row.get("w"):
        return None
    try:
        x, y, w, h = (float(row[key]) for key in "xywh")
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{path}:{number}: x, y, w, h must be numbers of pixels, or empty") from None
    return Box(x, y, x + w, y + h)
