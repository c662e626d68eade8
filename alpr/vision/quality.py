"""How much a plate crop is worth: sharpness x height x frontality x detector score, each 0 to 1."""

from __future__ import annotations

import cv2
import numpy as np

from alpr.domain import Box, GreyImage

_GOOD_HEIGHT = 32.0
"""Pixels: a plate taller than this gains nothing for a reader that sees 48 rows."""
_GOOD_SHARPNESS = 600.0
"""Variance of the Laplacian on a crop of 128x48 with even contrast; blurred plates stay below 100."""
_USUAL_RATIOS = (1.6, 6.0)


def plate_quality(crop: GreyImage, box: Box, score: float) -> float:
    """Score a plate crop `(48, 128) uint8` whose box is in frame pixels: 0 (worthless) to 1."""
    spread = max(float(crop.std()), 1.0)
    sharpness = float(cv2.Laplacian(crop, cv2.CV_32F).var()) * (50.0 / spread) ** 2
    ratio = box.width / max(box.height, 1.0)
    low, high = _USUAL_RATIOS
    frontality = float(np.clip(min(ratio / low, high / max(ratio, 1e-6)), 0.1, 1.0))
    size = min(1.0, box.height / _GOOD_HEIGHT)
    return float(np.clip(sharpness / _GOOD_SHARPNESS, 0.05, 1.0) ** 0.5 * size * frontality * score)
