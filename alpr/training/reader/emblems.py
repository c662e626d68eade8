"""Emblems: drawn things that stand beside and between characters and are none."""

from __future__ import annotations

from random import Random
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.training.reader.chance import happens
from alpr.training.reader.typeface import Mask


def emblem(random: Random, width: int, height: int) -> Mask:
    """Draw something that is no character: a tree, a state, a fruit, a star, an animal, a shield, or several in one."""
    mask = np.zeros((max(3, height), max(3, width)), np.uint8)
    random.choice(_EMBLEMS)(random, mask)
    if happens(random, 0.55):  # a picture: parts before parts
        for _ in range(random.randint(1, 4)):
            high, wide = (max(3, int(size * random.uniform(0.2, 0.8))) for size in mask.shape)
            part = np.zeros((high, wide), np.uint8)
            random.choice(_EMBLEMS)(random, part)
            y, x = random.randint(0, mask.shape[0] - high), random.randint(0, mask.shape[1] - wide)
            room = mask[y : y + high, x : x + wide]
            room[part > 60] = random.randint(0, 255)  # noqa: PLR2004 - where the part is
    if happens(random, 0.3):
        speckle = np.frombuffer(random.randbytes(mask.size), np.uint8).reshape(mask.shape)
        mask[speckle < 60] = mask[speckle < 60] // 2  # noqa: PLR2004 - of 255: pictures are not flat
    return mask


def polygon(mask: Mask, points: NDArray[np.float64], tone: int) -> None:
    """Fill a polygon `(n, 2)`."""
    cv2.fillPoly(mask, [np.round(points * 8).astype(np.int32)], tone, cv2.LINE_AA, 3)


def _tree(random: Random, mask: Mask) -> None:
    height, width = mask.shape
    layers = random.randint(2, 6)
    for layer in range(layers):
        top, bottom = height * layer / layers * 0.9, height * min(1.0, (layer + 1.4) / layers)
        reach = width * (0.15 + 0.35 * (layer + 1) / layers)
        middle = width / 2 + random.uniform(-0.06, 0.06) * width
        polygon(
            mask,
            np.array([(middle, top), (middle + reach, bottom), (middle - reach, bottom)]),
            random.randint(120, 255),
        )


def _state(random: Random, mask: Mask) -> None:
    height, width = mask.shape
    count = random.randint(4, 11)
    angles = np.sort([random.uniform(0, 2 * np.pi) for _ in range(count)])
    reach = np.array([random.uniform(0.25, 0.5) for _ in range(count)])
    points = np.stack([width * (0.5 + np.cos(angles) * reach), height * (0.5 + np.sin(angles) * reach)], axis=1)
    polygon(mask, points, random.randint(90, 255))


def _fruit(random: Random, mask: Mask) -> None:
    height, width = mask.shape
    for _ in range(random.randint(1, 2)):
        centre = int(width * random.uniform(0.4, 0.6)), int(height * random.uniform(0.45, 0.7))
        radius = max(2, int(min(width, height) * random.uniform(0.25, 0.45)))
        cv2.circle(mask, centre, radius, random.randint(110, 255), -1, cv2.LINE_AA)
    leaf = np.array([(width * 0.5, height * 0.3), (width * random.uniform(0.6, 1), 0), (width * 0.9, height * 0.35)])
    polygon(mask, leaf, random.randint(90, 255))


def _star(random: Random, mask: Mask) -> None:
    height, width = mask.shape
    arms = random.choice((4, 5, 5, 6, 8))
    angles = np.arange(2 * arms) * np.pi / arms - np.pi / 2
    reach = np.where(np.arange(2 * arms) % 2 == 0, 0.5, random.uniform(0.18, 0.35)) * min(width, height)
    points = np.stack([width / 2 + np.cos(angles) * reach, height / 2 + np.sin(angles) * reach], axis=1)
    polygon(mask, points, random.randint(150, 255))


def _beast(random: Random, mask: Mask) -> None:
    height, width = mask.shape
    cv2.ellipse(
        mask, (width // 2, height // 2), (max(2, int(width * 0.35)), max(2, int(height * random.uniform(0.15, 0.3)))),
        random.uniform(-40, 40), 0, 360, random.randint(120, 255), -1, cv2.LINE_AA,
    )  # fmt: skip
    for _ in range(random.randint(2, 6)):
        start = int(width * random.uniform(0.25, 0.75)), int(height * random.uniform(0.35, 0.65))
        end = int(width * random.uniform(0, 1)), int(height * random.uniform(0, 1))
        cv2.line(mask, start, end, random.randint(120, 255), random.randint(1, max(1, width // 8)), cv2.LINE_AA)


def _badge(random: Random, mask: Mask) -> None:
    height, width = mask.shape
    centre, axes = (width // 2, height // 2), (max(2, int(width * 0.46)), max(2, int(height * 0.46)))
    filled = happens(random, 0.5)
    cv2.ellipse(
        mask, centre, axes, 0, 0, 360, random.randint(110, 255), -1 if filled else random.randint(1, 3), cv2.LINE_AA
    )
    inner = 0 if filled else random.randint(120, 255)
    for _ in range(random.randint(1, 5)):
        start = int(width * random.uniform(0.2, 0.8)), int(height * random.uniform(0.2, 0.8))
        end = int(width * random.uniform(0.2, 0.8)), int(height * random.uniform(0.2, 0.8))
        cv2.line(mask, start, end, inner, random.randint(1, max(1, width // 7)), cv2.LINE_AA)


def _sun(random: Random, mask: Mask) -> None:
    height, width = mask.shape
    centre, size = (width // 2, height // 2), min(width, height)
    cv2.circle(
        mask, centre, max(1, int(size * random.uniform(0.12, 0.25))), 255, random.choice((-1, 1, 2)), cv2.LINE_AA
    )
    for turn in np.arange(4) * np.pi / 2:
        for side in (-0.06, 0.0, 0.06):
            shift = np.array([-np.sin(turn), np.cos(turn)]) * side * size
            start, end = (np.array([np.cos(turn), np.sin(turn)]) * reach * size + shift for reach in (0.2, 0.48))
            ends = [(round(float(p[0])) + centre[0], round(float(p[1])) + centre[1]) for p in (start, end)]
            cv2.line(mask, ends[0], ends[1], 255, 1, cv2.LINE_AA)


def _dash(random: Random, mask: Mask) -> None:
    height, width = mask.shape
    for level in random.choice(((0.5,), (0.42, 0.58), (0.5,))):
        half = max(1, int(height * random.uniform(0.02, 0.07)))
        middle = int(height * level)
        mask[max(0, middle - half) : middle + half, int(width * 0.05) : int(width * 0.95)] = 255
    if happens(random, 0.3):
        cv2.circle(mask, (width // 2, int(height * 0.3)), max(1, width // 8), 255, -1, cv2.LINE_AA)


def _strokes(random: Random, mask: Mask) -> None:
    height, width = mask.shape
    for _ in range(random.randint(3, 8)):
        x, y = random.randint(0, width), random.randint(0, height)
        end = (
            (x + random.randint(-width // 2, width // 2), y)
            if happens(random, 0.5)
            else (x, y + random.randint(-height // 2, height // 2))
        )
        cv2.line(mask, (x, y), end, random.randint(150, 255), random.randint(1, max(1, width // 9)), cv2.LINE_AA)


def _tower(random: Random, mask: Mask) -> None:
    """Draw a lighthouse, a bottle, a person: upright and narrow like a 1 or an I."""
    height, width = mask.shape
    foot, head = random.uniform(0.15, 0.4), random.uniform(0.08, 0.25)
    sides = [(0.5 - head, 0.15), (0.5 + head, 0.15), (0.5 + foot, 1.0), (0.5 - foot, 1.0)]
    polygon(mask, np.array(sides) * (width, height), random.randint(120, 255))
    cv2.circle(mask, (width // 2, int(height * 0.1)), max(1, int(min(width, height) * 0.1)), 255, -1, cv2.LINE_AA)
    for level in np.arange(0.3, 1, random.uniform(0.12, 0.3)):
        cv2.line(mask, (0, int(level * height)), (width, int(level * height)), random.randint(0, 160), 1, cv2.LINE_AA)


def _fir(random: Random, mask: Mask) -> None:
    """Draw a fir with its branches, as wide as a character."""
    height, width = mask.shape
    middle, tone = width // 2, random.randint(100, 255)
    cv2.line(mask, (middle, 0), (middle, height), tone, max(1, width // 12), cv2.LINE_AA)
    level = 0.05
    while level < 0.95:  # noqa: PLR2004 - down to the foot
        reach = width * 0.5 * (0.15 + 0.85 * level) * random.uniform(0.5, 1.0)
        for side in (-1, 1):
            end = (int(middle + side * reach), int((level + 0.08) * height))
            cv2.line(mask, (middle, int(level * height)), end, tone, random.randint(1, max(1, width // 8)), cv2.LINE_AA)
        level += random.uniform(0.05, 0.12)


_EMBLEMS: Final = (
    _tree,
    _fir,
    _fir,
    _tower,
    _state,
    _state,
    _fruit,
    _star,
    _beast,
    _badge,
    _badge,
    _sun,
    _dash,
    _strokes,
)
