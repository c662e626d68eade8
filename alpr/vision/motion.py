"""The motion gate: a static scene costs next to nothing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import GreyImage

_GRID = 64, 36
"""Blocks across and down: a plate that is worth reading covers at least one."""


class MotionGate:
    """Compares the block means of the brightness with those of the last frame that passed."""

    def __init__(self, *, threshold: float = 5.0, blocks: int = 2, every: float = 2.0) -> None:
        self._threshold = threshold
        self._blocks = blocks
        self._every = every
        self._last: NDArray[np.float32] | None = None
        self._passed_at = -np.inf
        self.changed = True
        """Whether the last frame differed; one that passed without a difference had its turn."""

    def moved(self, luma: GreyImage, time: float) -> bool:
        """Whether enough blocks changed since the last frame that passed, or `every` seconds went by.

        `luma` is `(h, w) uint8`; `time` in seconds of the source. A change of the whole picture's
        brightness (a cloud, the camera's gain) is taken out first.
        """
        # Every fourth row and column first: area means over the full plane cost ten times as much.
        step = max(1, luma.shape[0] // 270)
        small = cv2.resize(luma[::step, ::step], _GRID, interpolation=cv2.INTER_AREA).astype(np.float32)
        self.changed = self._last is None or self._differs(small, self._last)
        passes = self.changed or time - self._passed_at >= self._every
        if passes:
            self._last, self._passed_at = small, time
        return passes

    def _differs(self, small: NDArray[np.float32], last: NDArray[np.float32]) -> bool:
        difference = small - last
        difference -= np.median(difference)
        return int((np.abs(difference) > self._threshold).sum()) >= self._blocks
