"""Columns of characters that stand below each other, laid side by side so that a reader of lines can read them."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage

_CELL: Final = 48
_PITCHES: Final = 0.75, 1.65
"""From one character to the next, in widths of the column's box: a character is taller than wide, and stands apart."""
_FAINT: Final = 0.25
"""Of the energy of strong rows: a place without more is empty."""
_GROUP: Final = 1.9
"""Pitches that the next group of characters may begin later."""
_EVEN, _UNEVEN, _APART, _START = 0.2, 0.5, 0.2, 0.05


def laid_out(column: BgrImage) -> BgrImage | None:
    """Lay the characters of a column `(h, w, 3) uint8` side by side: a line 48 pixels tall, None without any."""
    runs = character_rows(column)
    if not runs:
        return None
    cells = [_cell(column[top:bottom]) for top, bottom in runs]
    return np.ascontiguousarray(np.concatenate(cells, axis=1))


def character_rows(column: BgrImage) -> list[tuple[int, int]]:
    """Return where the characters of a column begin and end, in rows from the top.

    They stand at an even pitch, groups of them a little apart; the cuts are taken that cross the least ink.
    """
    energy = _energy(column)
    height, width = column.shape[:2]
    strong = float(np.percentile(energy, 85))
    if strong <= 0 or height < width:
        return []
    ink = np.minimum(energy / strong, 1.0)
    pitches = np.arange(_PITCHES[0] * width, min(_PITCHES[1] * width, height), max(1.0, width / 16))
    # Twice the pitch of a column fits as well: of two that cross as little ink the narrower one counts.
    ways = ((cost * (0.5 + pitch / width), cuts) for pitch in pitches for cost, cuts in [_cuts(ink, float(pitch))])
    _, cuts = min(ways, default=(0.0, [0, height]))
    runs = (_inked(ink, top, bottom) for top, bottom in pairwise(sorted({0, *cuts, height})))
    usual = height / max(1, len(cuts) - 1)
    return [run for run in runs if run is not None and run[1] - run[0] > 0.3 * usual]


def _cuts(ink: NDArray[np.float32], pitch: float) -> tuple[float, list[int]]:
    """Cut at about this pitch where the least ink is; return what a cut costs on average, and all of them.

    The cheapest way from the top to the bottom (dynamic programming over rows).
    """
    height = len(ink)
    steps = np.arange(max(2, round(0.8 * pitch)), round(_GROUP * pitch) + 1)
    off = np.abs(steps / pitch - 1)
    extra = np.where(off < _EVEN, _UNEVEN * off, _APART)
    cost = np.full(height + 1, np.inf)
    cost[: round(pitch) + 1] = 0.0  # the first cut lies above the first character
    cost[:height] += np.where(np.isfinite(cost[:height]), ink, 0.0)
    before = np.full(height + 1, -1)
    here = np.append(ink, 0.0)
    for row in range(int(steps[0]), height + 1):
        back = row - steps
        back = back[back >= 0]
        ways = cost[back] + extra[: len(back)]
        best = int(np.argmin(ways))
        if ways[best] + here[row] < cost[row]:
            cost[row], before[row] = ways[best] + here[row], back[best]
    last = height - round(pitch) + int(np.argmin(cost[height - round(pitch) :]))
    cuts, row = [last], last
    while before[row] >= 0:
        row = int(before[row])
        cuts.append(row)
    # A wider pitch has fewer cuts to place: it has to be better by as much.
    return (float(cost[last]) + _START) / len(cuts), cuts[::-1]


def _inked(ink: NDArray[np.float32], top: int, bottom: int) -> tuple[int, int] | None:
    rows = np.flatnonzero(ink[top:bottom] > _FAINT)
    return (top + int(rows[0]), top + int(rows[-1]) + 1) if len(rows) else None


def _energy(column: BgrImage) -> NDArray[np.float32]:
    """Return how much each row varies from left to right, beyond the folds of the steel: `(h,) float32`."""
    grey = cv2.GaussianBlur(cv2.cvtColor(column, cv2.COLOR_BGR2GRAY), (0, 0), 1.0).astype(np.float32)
    margin = max(1, round(0.08 * grey.shape[1]))
    inner = grey[:, margin:-margin] if grey.shape[1] > 3 * margin else grey
    spread = inner.std(axis=1)
    energy: NDArray[np.float32] = np.maximum(spread - np.percentile(spread, 5), 0.0).astype(np.float32)
    return energy


def _cell(character: BgrImage) -> BgrImage:
    """Scale a character to a cell, with a little of its own ground above and below."""
    room = max(1, round(0.15 * character.shape[0]))
    padded = cv2.copyMakeBorder(character, room, room, 0, 0, cv2.BORDER_REPLICATE)
    width = max(6, round(padded.shape[1] * _CELL / padded.shape[0]))
    return cv2.resize(padded, (width, _CELL), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
