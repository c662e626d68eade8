"""What cameras do to a picture: colour, exposure, night, blur, grain, compression."""

from __future__ import annotations

import math
from random import Random

import cv2
import numpy as np

from alpr.domain import BgrImage
from alpr.training.detector.dice import chance


def expose(random: Random, image: BgrImage) -> BgrImage:
    """Return the picture `(h, w, 3) uint8` as another camera at another hour would have taken it."""
    image = _lit(random, _tinted(random, image))
    image = _blurred(random, image)
    if chance(random, 0.18):
        image = _grainy(random, image)
    if chance(random, 0.25):
        image = compressed(image, random.randint(25, 85))
    return image


def compressed(image: BgrImage, quality: int) -> BgrImage:
    """Return the picture as JPEG of this quality leaves it."""
    _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(content, cv2.IMREAD_COLOR)
    assert decoded is not None, "what was just encoded"
    return decoded.astype(np.uint8, copy=False)


def _tinted(random: Random, image: BgrImage) -> BgrImage:
    if chance(random, 0.12):
        return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
    if chance(random, 0.5):
        return image
    hue, saturation, value = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2HSV))
    steps = np.arange(256)
    hue = cv2.LUT(hue, ((steps + random.gauss(0, 6)) % 180).astype(np.uint8))
    saturation = cv2.LUT(saturation, np.clip(steps * random.uniform(0.5, 1.4), 0, 255).astype(np.uint8))
    return cv2.cvtColor(cv2.merge([hue, saturation, value]), cv2.COLOR_HSV2BGR).astype(np.uint8, copy=False)


def _lit(random: Random, image: BgrImage) -> BgrImage:
    gamma, gain, lift = math.exp(random.gauss(0, 0.25)), random.uniform(0.75, 1.3), random.gauss(0, 0.05)
    if chance(random, 0.22):
        gamma, gain, lift = random.uniform(1, 2), random.uniform(0.15, 0.6), random.uniform(0, 0.05)
    curve = np.linspace(0, 1, 256) ** gamma
    tints = random.uniform(0.92, 1.08), 1.0, random.uniform(0.92, 1.08)
    table = np.stack([np.clip(255 * (gain * tint * curve + lift), 0, 255) for tint in tints], -1)
    return cv2.LUT(image, table.astype(np.uint8)[None]).astype(np.uint8, copy=False)


def _blurred(random: Random, image: BgrImage) -> BgrImage:
    if chance(random, 0.12):
        return cv2.GaussianBlur(image, (0, 0), random.uniform(0.4, 1.3)).astype(np.uint8, copy=False)
    if chance(random, 0.11):
        length = random.choice((3, 5, 7))
        across = (length, 1) if chance(random, 0.7) else (1, length)
        return cv2.blur(image, across).astype(np.uint8, copy=False)
    return image


def _grainy(random: Random, image: BgrImage) -> BgrImage:
    noise = np.random.default_rng(random.getrandbits(32)).integers(-25, 26, (*image.shape[:2], 1), np.int16)
    strength = round(random.uniform(0.2, 1.0) * 16)
    grain = (noise * np.int16(strength)) >> 4
    return np.clip(image.astype(np.int16) + grain, 0, 255).astype(np.uint8)
