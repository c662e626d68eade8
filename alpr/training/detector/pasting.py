"""Laying drawn plates into photographs in perspective, in the light of the place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage
from alpr.training.detector.signs import Texture

Quad: TypeAlias = NDArray[np.float32]
"""`(4, 2)` x y of top left, top right, bottom right, bottom left."""
MIRRORED: Final = [1, 0, 3, 2]
"""The corners of a mirrored quad in the order of an upright one."""
_VISIBLE_BLUR: Final = 0.3


@dataclass(frozen=True, slots=True)
class Shade:
    """How light falls on a pasted plate."""

    gain: tuple[float, float, float]
    """Blue, green, red."""
    slope: float
    """How much darker its upper edge is than its lower, as a share."""
    blur: float
    """Pixels."""


def width_of(quad: Quad) -> float:
    """Return the mean length of the upper and lower edge."""
    return float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2


def height_of(quad: Quad) -> float:
    """Return the mean length of the left and right edge."""
    return float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2


def random_quad(random: Random, centre: tuple[float, float], width: float, aspect: float) -> Quad:
    """Turn, shear and tip a plate of this width in pixels as cameras see it."""
    height = width / aspect
    narrow = math.cos(min(1.1, abs(random.gauss(0, 0.45))))
    half = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64) * (width * narrow / 2, height / 2)
    # The nearer end of a plate that is seen from the side is taller.
    tip = random.gauss(0, 0.35) * math.sqrt(1 - narrow**2)
    half[[0, 3], 1] *= 1 - tip
    half[[1, 2], 1] *= 1 + tip
    half[:, 1] += half[:, 0] * random.gauss(0, 0.08 + 0.25 * (1 - narrow))
    half[:, 0] += half[:, 1] * random.gauss(0, 0.06)
    angle = math.radians(random.gauss(0, 4))
    turn = np.array([(math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))])
    quad: Quad = (half @ turn + centre).astype(np.float32)
    return quad


def under(image: BgrImage, quad: Quad) -> BgrImage:
    """Return the pixels of the picture where the quad lies; maybe none."""
    height, width = image.shape[:2]
    low = np.clip(quad.min(0), 0, (width, height)).astype(int)
    high = np.clip(quad.max(0) + 1, 0, (width, height)).astype(int)
    return image[low[1] : high[1], low[0] : high[0]]


def shade_of(random: Random, around: BgrImage) -> Shade:
    """Choose a light that fits the pixels `(h, w, 3)` where the plate shall hang; there may be none."""
    level, tint = 0.8, np.ones(3)
    if around.size:
        bright = np.percentile(around.reshape(-1, 3), 85, axis=0) + 8
        level = float(bright.mean()) / 235
        tint = np.clip(bright / bright.mean(), 0.75, 1.3)
    gain = np.clip(level * random.uniform(0.8, 1.3), 0.3, 1.15) * tint
    blue, green, red = (float(g) for g in gain)
    return Shade((blue, green, red), random.choice((0.0, 0.0, random.uniform(0, 0.6))), abs(random.gauss(0, 0.5)))


def paste(canvas: BgrImage, texture: Texture, quad: Quad, shade: Shade) -> None:
    """Warp the texture so that its plate's edge lies on the quad, and lay it on the canvas."""
    wide = max(float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[2] - quad[3])))
    pixels, inner = _shrunk(texture, wide)
    height, width = pixels.shape[:2]
    matrix = cv2.getPerspectiveTransform(inner, quad)
    outline = np.array([[(0, 0), (width, 0), (width, height), (0, height)]], np.float32)
    reach = cv2.perspectiveTransform(outline, matrix)[0]
    low = np.maximum(np.floor(reach.min(0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(reach.max(0)).astype(int) + 2, canvas.shape[1::-1])
    if (high <= low + 1).any():
        return
    shift = np.array([(1, 0, -low[0]), (0, 1, -low[1]), (0, 0, 1)], np.float64)
    size = int(high[0] - low[0]), int(high[1] - low[1])
    warped = cv2.warpPerspective(pixels, shift @ matrix, size, flags=cv2.INTER_LINEAR).astype(np.float32)
    if shade.blur > _VISIBLE_BLUR:
        warped = cv2.GaussianBlur(warped, (0, 0), shade.blur).astype(np.float32, copy=False)
    cover = warped[..., 3:] / 255
    slope = 1 - shade.slope * np.linspace(1, 0, size[1], dtype=np.float32)
    light = np.asarray(shade.gain, np.float32) * slope[:, None, None]
    region = canvas[low[1] : high[1], low[0] : high[0]]
    # A texture's colours are weighted by its cover: towards the edge both fade into nothing.
    region[:] = np.clip(region * (1 - cover) + warped[..., :3] * light, 0, 255).astype(np.uint8)


def _shrunk(texture: Texture, wide: float) -> tuple[NDArray[np.uint8], Quad]:
    """Shrink a texture to about the size at which it is seen, so that warping does not alias."""
    share = min(1.0, max(0.04, 1.15 * wide / float(texture.inner[1, 0] - texture.inner[0, 0])))
    pixels = texture.pixels
    if share < 1:
        size = max(4, round(pixels.shape[1] * share)), max(3, round(pixels.shape[0] * share))
        shrunk = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        scale = np.array((size[0] / pixels.shape[1], size[1] / pixels.shape[0]), np.float32)
        return shrunk, texture.inner * scale
    return pixels, texture.inner
