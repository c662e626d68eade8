"""Passes made from labelled stills: the camera closes in, things blur, the sensor is noisy, H.264 takes its share."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from alpr.camera.folder import load_still
from alpr.domain import BgrImage, Box
from alpr.training.truth import Truth

_RATE: Final = Fraction(25, 2)
_FRAMES: Final = 25
_PAUSE: Final = 13
"""Frames of an empty scene before each pass."""
_BITS: Final = 2.2
"""A second and pixel: 2 Mbit/s for 1280 x 720."""
_GATE: Final = (1280, 720)
"""Pixels of the video where the truth has boxes: plates become 40 to 110 of them wide, as a gate camera sees them."""
_PLATE: Final = (40.0, 110.0)
_PORT: Final = (1920, 1080)
"""Pixels of the video where it has none: the picture as a whole is what the camera sees."""
_WHOLE: Final = (0.8, 1.0)
_NOISE: Final = 3.0
_GRAINS: Final = 6
"""Frames until the same noise comes again: enough for nothing to be learned from it."""
_BLUR: Final = 4.0
"""Pixels that a frame is smeared sideways at most."""


def write_passes(
    folder: Path, truths: Mapping[str, Sequence[Truth]], video: Path, *, count: int, seed: int = 1
) -> None:
    """Film so many of the pictures, each a pass of two seconds, with the truth beside the video as JSON.

    Raises CameraError when a picture cannot be opened.
    """
    dice, noise = random.Random(seed), np.random.default_rng(seed)  # noqa: S311 - which pictures, and how they move
    files = sorted(truths)
    dice.shuffle(files)
    files = _apart(files[:count], truths)
    size = _GATE if any(truth.box for file in files for truth in truths[file]) else _PORT
    ground = _ground(size, noise)

    def scene() -> Iterator[BgrImage]:
        for file in tqdm(files, desc="passes", unit="pass", leave=False, disable=None):
            yield from [ground] * _PAUSE
            image = load_still(folder / file)[0].bgr()
            yield from _closing_in(image, next((t.box for t in truths[file] if t.box), None), ground, dice)
        yield from [ground] * 3 * _PAUSE

    grains = [noise.standard_normal(ground.shape, np.float32) * _NOISE for _ in range(_GRAINS)]
    _write(video, (_sensed(picture, number, grains) for number, picture in enumerate(scene())), size)
    step = _PAUSE + _FRAMES
    told = [
        {
            "text": truth.text,
            "start": float((number * step + _PAUSE) / _RATE),
            "end": float((number + 1) * step / _RATE),
        }
        for number, file in enumerate(files)
        for truth in truths[file]
    ]
    video.with_suffix(".json").write_text(json.dumps(told), "utf-8")


def _apart(files: Sequence[str], truths: Mapping[str, Sequence[Truth]]) -> list[str]:
    """Order the passes so that none of the same vehicle follow each other, as far as there are others.

    Who comes again within seconds has not left: two photographs of one vehicle in a row would be one pass.
    """
    texts = {file: frozenset(truth.text for truth in truths[file]) for file in files}
    rest, ordered = list(files), list[str]()
    while rest:
        last = texts[ordered[-1]] if ordered else frozenset[str]()
        left = Counter(texts[file] for file in rest)
        # Those of whom there are most go first: at the end they would be among themselves.
        following = max(rest, key=lambda file: (last.isdisjoint(texts[file]), left[texts[file]]))
        rest.remove(following)
        ordered.append(following)
    return ordered


def _write(video: Path, pictures: Iterable[BgrImage], size: tuple[int, int]) -> None:
    with av.open(str(video), "w") as output:
        stream = output.add_stream("libx264", rate=_RATE)
        stream.width, stream.height = size
        stream.pix_fmt, stream.bit_rate = "yuv420p", int(_BITS * size[0] * size[1])
        stream.options = {"preset": "veryfast"}
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def _closing_in(image: BgrImage, box: Box | None, ground: BgrImage, dice: random.Random) -> Iterator[BgrImage]:
    """Yield the frames of a pass: from afar, from aside and turned, to the plate (or all of the picture) up close."""
    height, width = ground.shape[:2]
    tall, wide = image.shape[:2]
    fits = min(width / wide, height / tall)
    (x, y), (far, close) = (
        (box.centre, (_PLATE[0] / box.width, _PLATE[1] / box.width))
        if box
        else ((wide / 2, tall / 2), (_WHOLE[0] * fits, _WHOLE[1] * fits))
    )
    aside, turned = (dice.uniform(-0.25, 0.25), dice.uniform(-0.15, 0.15)), dice.uniform(-6, 6)
    if box is None:
        aside, turned = (aside[0] * 0.4, aside[1] * 0.4), turned / 2
    sink = 0.62 if box else 0.5
    mask = np.full((tall, wide), 255, np.uint8)
    for number in range(_FRAMES):
        share = number / (_FRAMES - 1)
        near = share * share * (3 - 2 * share)
        matrix = cv2.getRotationMatrix2D((x, y), turned * (1 - near), far + (close - far) * near)
        matrix[:, 2] += width * (0.5 + aside[0] * (1 - near)) - x, height * (sink + aside[1] * (1 - near)) - y
        shown = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_AREA).astype(np.float32)
        edge = cv2.erode(cv2.warpAffine(mask, matrix, (width, height)), np.ones((9, 9), np.uint8))
        weight = cv2.GaussianBlur(edge, (0, 0), 4)[..., None].astype(np.float32) / 255
        smear = int(1 + _BLUR * abs(math.sin(math.pi * share)) * dice.uniform(0.3, 1))
        yield cv2.blur(shown * weight + ground * (1 - weight), (smear, 1)).astype(np.uint8)


def _ground(size: tuple[int, int], noise: np.random.Generator) -> BgrImage:
    """Paint what is there while nothing passes: grey and soft."""
    grain = noise.integers(70, 110, (size[1] // 8, size[0] // 8, 3), dtype=np.uint8)
    return cv2.resize(cv2.GaussianBlur(grain, (0, 0), 3), size).astype(np.uint8, copy=False)


def _sensed(picture: BgrImage, number: int, grains: Sequence[NDArray[np.float32]]) -> BgrImage:
    """Add what a sensor adds: the exposure wanders, and every pixel trembles."""
    exposure = np.float32(1 + 0.06 * math.sin(number / 7))
    sensed: BgrImage = np.clip(picture * exposure + grains[number % len(grains)], 0, 255).astype(np.uint8)
    return sensed
