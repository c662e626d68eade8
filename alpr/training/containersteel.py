"""The steel of freight containers: folds, doors with their bars, round tanks, and what weather makes of them."""

from __future__ import annotations

from random import Random
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage
from alpr.training.containerlettering import PIXELS_PER_METRE, Spot
from alpr.training.reader.chance import happens

Flat: TypeAlias = NDArray[np.float32]
_BARS: Final = (0.12, 0.38, 0.62, 0.88)


def doors(random: Random, plain: Flat) -> Flat:
    """Shade the frame of a pair of doors, and the gap between them: `(h, w, 3) float32`."""
    height, width = plain.shape[:2]
    pitch = PIXELS_PER_METRE * random.uniform(0.2, 0.3)
    fold = np.clip(np.sin(np.arange(width) * 2 * np.pi / pitch) * 4, -1, 1).astype(np.float32)
    plain = plain + np.float32(random.uniform(2, 6)) * fold[None, :, None]
    edge = round(0.06 * PIXELS_PER_METRE)
    cv2.rectangle(plain, (0, 0), (width - 1, height - 1), (plain[0, 0] * 0.7).tolist(), edge)
    cv2.line(plain, (width // 2, 0), (width // 2, height), (20, 20, 20), 4)
    return plain


def vessel(random: Random, plain: Flat) -> Flat:
    """Put a round vessel behind the frame, dull or bright: it grows darker above and below."""
    height, width = plain.shape[:2]
    across = np.linspace(-1, 1, height, dtype=np.float32)
    round_off = random.uniform(150, 235) * np.sqrt(np.maximum(0.12, 1 - across**2))
    plain[:] = round_off[:, None, None]
    post = round(0.15 * PIXELS_PER_METRE)
    paint = [random.randint(20, 120) for _ in range(3)]
    cv2.rectangle(plain, (0, 0), (width - 1, height - 1), paint, post)
    return plain


def folded(random: Random, image: BgrImage, depth: tuple[float, float]) -> BgrImage:
    """Fold a wall `(h, w, 3) uint8` and what is written on it: faces that are turned away are darker and narrower."""
    height, width = image.shape[:2]
    pitch = PIXELS_PER_METRE * random.uniform(0.2, 0.32)
    phase = np.arange(width, dtype=np.float32) * np.float32(2 * np.pi / pitch) + np.float32(random.uniform(0, 6))
    # A trapezoid: flat ridge, slope, flat valley, slope.
    profile = np.clip(np.sin(phase) * 1.8, -1, 1).astype(np.float32)
    shift = profile * np.float32(random.uniform(-2.5, 2.5))
    across = np.tile(np.arange(width, dtype=np.float32) + shift, (height, 1))
    down = np.tile(np.arange(height, dtype=np.float32)[:, None], (1, width))
    moved = cv2.remap(image, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    light = np.gradient(profile) * np.float32(random.uniform(*depth) * random.choice((-1, 1)))
    lit: BgrImage = np.clip(moved * (1 + light[None, :, None]), 0, 255).astype(np.uint8)
    return lit


def lock_bars(random: Random, image: BgrImage, place: Spot) -> None:
    """Set the four lock bars of the doors; between the characters, as on real doors, hardly ever over them."""
    height, width = image.shape[:2]
    for share in _BARS:
        x = round(width * share)
        if place[0] - 6 < x < place[2] + 6 and not happens(random, 0.03):
            continue
        tone = image[height // 2, min(width - 1, x)].astype(int)
        cv2.line(image, (x, 0), (x, height), (tone * 0.6).tolist(), 7)
        cv2.line(image, (x - 2, 0), (x - 2, height), np.minimum(tone + 50, 255).tolist(), 2)
        if happens(random, 0.5):
            y = round(height * random.uniform(0.4, 0.6))
            cv2.rectangle(image, (x - 9, y), (x + 9, y + 22), (tone * 0.5).tolist(), -1)


def weathered(random: Random, image: BgrImage) -> BgrImage:
    """Add rust that runs down, dirt, scratches and worn paint to `(h, w, 3) uint8`."""
    height, width = image.shape[:2]
    noise = np.random.default_rng(random.getrandbits(32))
    worn = image.astype(np.float32)
    if happens(random, 0.5):
        spots = cv2.resize(noise.random((height // 9, width // 4), np.float32), (width, height))
        rust = (spots > random.uniform(0.86, 0.97)).astype(np.float32)
        share = cv2.GaussianBlur(rust, (0, 0), 1.5, sigmaY=6)[..., None]
        worn = worn * (1 - 0.8 * share) + np.float32(0.8) * share * np.array([35, 60, 110], np.float32)
    if happens(random, 0.5):
        dirt = cv2.resize(noise.random((7, 9), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
        worn = worn * (1 - random.uniform(0.1, 0.4) * dirt)
    if happens(random, 0.3):
        _scratch(random, worn)
    return np.clip(worn, 0, 255).astype(np.uint8)


def _scratch(random: Random, worn: Flat) -> None:
    height, width = worn.shape[:2]
    for _ in range(random.randint(4, 25)):
        x, y = random.randint(0, width), random.randint(0, height)
        end = x + random.randint(-60, 60), y + random.randint(-25, 25)
        cv2.line(worn, (x, y), end, [random.randint(30, 150) for _ in range(3)], random.choice((1, 1, 2)))
