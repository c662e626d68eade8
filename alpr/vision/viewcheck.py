"""Whether a camera still sees what it is there to see: something may hang before its lens, or somebody has turned it.

Judged by edges alone, on a picture of 96 by 54: they stay where they are by day and by night, brightness does not.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import GreyImage
from alpr.status import View

_SMALL: Final = 96, 54
_CELLS: Final = 8, 6
"""The view is compared cell by cell, across and down: a vehicle covers some of them, another view changes most."""
_FLAT: Final = 8.0
"""Standard deviation of the brightness (0 to 255) below which a picture shows hardly anything."""
_WORN: Final = 0.2
"""A picture with less than this share of its usual edges shows hardly anything either."""
_EDGE: Final = 4.0
"""Mean gradient above which a cell has something to compare."""
_FEW: Final = 8
"""Cells that must have something to compare."""
_ALIKE: Final = 0.45
"""Correlation of the edges of one cell with what they were."""
_MOVED: Final = 0.75
"""Share of the cells that must be unlike before the view is another one: a lorry before the lens covers fewer."""
_LEARN: Final = 300.0
"""Seconds in which the usual view follows the seasons of a day."""
_SETTLED: Final = 1800.0
"""After so long another view is the usual one."""


class ViewCheck:
    """Remembers the usual view of one camera; `patience` seconds must pass before anything is said."""

    def __init__(self, *, patience: float = 20.0) -> None:
        self._patience = patience
        self._usual: NDArray[np.float32] | None = None
        self._seen = 0.0
        self._since: dict[View, float] = {}
        self.view = View.CLEAR

    def look(self, luma: GreyImage, time: float) -> View:
        """Judge a picture `(h, w) uint8` taken at `time` (seconds, of any clock that only goes forward)."""
        small, edges = _edges(luma)
        found = self._judge(small, edges)
        if found is View.CLEAR:
            self._since.clear()
            self.view = View.CLEAR
            self._learn(edges, time)
        else:
            lasted = time - self._since.setdefault(found, time)
            if lasted >= self._patience:
                self.view = found
            if found is View.MOVED and lasted >= _SETTLED:
                self._usual = edges
        self._seen = time
        return self.view

    def _judge(self, small: NDArray[np.float32], edges: NDArray[np.float32]) -> View:
        usual = self._usual
        if float(small.std()) < _FLAT:
            return View.BLOCKED
        if usual is None:
            return View.CLEAR
        if float(edges.mean()) < _WORN * float(usual.mean()):
            return View.BLOCKED
        return View.MOVED if _unlike(edges, usual) >= _MOVED else View.CLEAR

    def _learn(self, edges: NDArray[np.float32], time: float) -> None:
        if self._usual is None:
            self._usual = edges
            return
        share = min(1.0, max(0.0, time - self._seen) / _LEARN)
        self._usual += share * (edges - self._usual)


def _edges(luma: GreyImage) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the small picture and its gradient's magnitude, both `(54, 96) float32`."""
    step = max(1, luma.shape[0] // 270)
    small = cv2.resize(luma[::step, ::step], _SMALL, interpolation=cv2.INTER_AREA).astype(np.float32)
    across, down = (cv2.Sobel(small, cv2.CV_32F, *order, ksize=3) for order in ((1, 0), (0, 1)))
    magnitude = cv2.GaussianBlur(np.hypot(across, down), (3, 3), 0)
    return small, np.asarray(magnitude, dtype=np.float32)


def _unlike(edges: NDArray[np.float32], usual: NDArray[np.float32]) -> float:
    """Return the share of the cells with edges whose edges are elsewhere now; 0 when there is too little to compare."""
    now, before = _by_cell(edges), _by_cell(usual)
    textured = (before.mean(axis=1) > _EDGE) | (now.mean(axis=1) > _EDGE)
    if int(textured.sum()) < _FEW:
        return 0.0
    now, before = (part[textured] - part[textured].mean(axis=1, keepdims=True) for part in (now, before))
    sizes = np.sqrt((now**2).sum(axis=1) * (before**2).sum(axis=1)) + 1e-6
    alike = (now * before).sum(axis=1) / sizes
    return float((alike < _ALIKE).mean())


def _by_cell(edges: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the pixels of each cell in a row of its own: `(cells, pixels) float32`."""
    across, down = _CELLS
    high, wide = edges.shape[0] // down, edges.shape[1] // across
    return edges.reshape(down, high, across, wide).transpose(0, 2, 1, 3).reshape(across * down, high * wide)
