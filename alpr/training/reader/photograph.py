"""What lies between a plate and the reader's crop: where it hangs, perspective, light, lens, sensor, compression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import GreyImage
from alpr.training.reader.chance import happens
from alpr.training.reader.ornaments import Canvas
from alpr.vision.ocr import CROP_HEIGHT, CROP_WIDTH

Quad: TypeAlias = NDArray[np.float32]
"""`(4, 2) float32`: corners clockwise from the top left."""
_NOISE: Final = 512
_WIDEST: Final = 190


@dataclass(frozen=True, slots=True)
class Shot:
    """How hard one photograph may be on what it shows."""

    margins: tuple[float, float]
    """The crop beyond the plate, as shares of its sides."""
    heights: tuple[float, float] | None = None
    """The same above and below, where that differs."""
    turn: float = 4.0
    """Degrees, one standard deviation."""
    smallest: float = 54.0
    """Width of the plate in the camera's picture."""
    hard: float = 1.0


class Camera:
    """Takes pictures by chance; its noise is made once."""

    def __init__(self, random: Random, surroundings: Sequence[GreyImage] = ()) -> None:
        """Take `surroundings`: grey pictures of where plates hang, the plate in their middle half."""
        self.random = random
        self._chance = np.random.default_rng(random.getrandbits(32))
        self._noise = self._chance.standard_normal((_NOISE, _NOISE), np.float32)
        self._surroundings = surroundings

    def take(self, plate: Canvas, shot: Shot) -> GreyImage:
        """Photograph a drawn plate and cut it out as a detector would: `(48, 128) uint8`."""
        random = self.random
        quad = self._stance(plate, shot)
        box, size = self._crop(quad, shot)
        scene = self._scene(plate, quad, box, size)
        seen = self._exposed(self._blurred(self._lit(scene), quad, shot), shot)
        return self._stored(seen, shot, inverted=happens(random, 0.08))

    def disturbed(self, crop: GreyImage) -> GreyImage:
        """Expose and store a crop `(48, 128)` anew."""
        shot = Shot(margins=(0, 0), hard=0.6)
        return self._stored(self._exposed(crop.astype(np.float32), shot), shot, inverted=False)

    def _stance(self, plate: Canvas, shot: Shot) -> Quad:
        """Hang the plate: where its corners come to lie in the camera's picture."""
        random = self.random
        height, width = plate.shape
        wide = float(np.exp(random.uniform(np.log(shot.smallest), np.log(260))))
        wide = min(wide, 1.3 * width, _WIDEST)
        scale = wide / width
        half = np.array([wide / 2, max(5.0, height * scale / 2)], np.float32)
        quad = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32) * half
        quad[:, 0] *= random.uniform(0.72, 1.02) if happens(random, 0.35) else 1
        turn = np.deg2rad(random.gauss(0, shot.turn * (2.2 if happens(random, 0.12) else 1)))
        lean = random.gauss(0, 0.07)
        turned = quad @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
        turned[:, 0] += turned[:, 1] * lean
        near = random.gauss(0, 0.04)
        turned[:, 1] *= 1 + near * np.sign(turned[:, 0])  # one side is nearer to the camera
        jitter = self._chance.standard_normal((4, 2), np.float32) * half * np.array([0.012, 0.03], np.float32)
        return (turned + jitter).astype(np.float32)

    def _crop(self, quad: Quad, shot: Shot) -> tuple[NDArray[np.float32], tuple[int, int]]:
        """Return the crop's top left corner and its width and height."""
        random = self.random
        low, high = quad.min(0), quad.max(0)
        size = high - low
        left, right = (random.uniform(*shot.margins) for _ in range(2))
        top, bottom = (random.uniform(*(shot.heights or shot.margins)) for _ in range(2))
        if happens(random, 0.15):
            top += random.uniform(0, 0.2)
            bottom += random.uniform(0, 0.2)
        start = low - size * np.array([left, top], np.float32)
        end = high + size * np.array([right, bottom], np.float32)
        wide, tall = (max(8, round(float(v))) for v in end - start)
        return start.astype(np.float32), (wide, tall)

    def _scene(self, plate: Canvas, quad: Quad, start: NDArray[np.float32], size: tuple[int, int]) -> Canvas:
        height, width = plate.shape
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        turn = cv2.getPerspectiveTransform(corners, (quad - start).astype(np.float32))
        shrink = width / max(1.0, float(quad[:, 0].max() - quad[:, 0].min()))
        if shrink > 1.6:  # noqa: PLR2004 - without this, thin strokes would alias
            plate = cv2.blur(plate, (max(1, round(shrink * 0.9)),) * 2).astype(np.float32, copy=False)
        if not self._surroundings:
            return cv2.warpPerspective(
                plate, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            ).astype(np.float32)
        around = self._around(quad, start, size)
        return cv2.warpPerspective(plate, turn, size, around, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT).astype(
            np.float32
        )

    def _around(self, quad: Quad, start: NDArray[np.float32], size: tuple[int, int]) -> Canvas:
        """Return what is seen round the plate, `size` wide and high."""
        random = self.random
        if happens(random, 0.2):
            return np.full(size[::-1], random.uniform(0, 255), np.float32)
        scene = random.choice(self._surroundings)
        tall, wide = scene.shape
        span = (quad.max(0) - quad.min(0)) * 2  # the plate fills the middle half of the scene
        scale = span / np.array([wide, tall], np.float32)
        offset = quad.min(0) - span / 4 - start
        turn = np.array([[scale[0], 0, offset[0]], [0, scale[1], offset[1]]], np.float32)
        out = cv2.warpAffine(scene, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return out.astype(np.float32)

    def _lit(self, scene: Canvas) -> Canvas:
        random = self.random
        tall, wide = scene.shape
        if happens(random, 0.3):
            x = np.linspace(-1, 1, wide, dtype=np.float32)[None] * np.float32(random.uniform(-1, 1))
            y = np.linspace(-1, 1, tall, dtype=np.float32)[:, None] * np.float32(random.uniform(-1, 1))
            slope = x + y
            if happens(random, 0.5):
                scene = scene * np.clip(1 + slope * 0.5, 0.3, 1.6)
            else:  # the edge of a shadow
                scene = scene * np.where(
                    slope > random.uniform(-0.5, 0.5), np.float32(random.uniform(0.35, 0.8)), np.float32(1)
                )
        if happens(random, 0.06):
            glare = np.zeros((tall, wide), np.float32)
            spot = random.randint(0, wide), random.randint(0, tall)
            cv2.circle(glare, spot, max(2, int(tall * random.uniform(0.1, 0.5))), random.uniform(60, 220), -1)
            scene = scene + _soft(glare, max(1.0, tall * 0.15))
        return scene.astype(np.float32, copy=False)

    def _blurred(self, scene: Canvas, quad: Quad, shot: Shot) -> Canvas:
        """Blur as far as letters of that size can bear."""
        random = self.random
        tall = float(quad[:, 1].max() - quad[:, 1].min())
        bear = max(0.6, tall / 34)
        hard = shot.hard
        kind = random.choices(
            ("soft", "streaked", "sharpened", ""), (0.42 * hard, 0.18 * hard, 0.14, 1 - 0.6 * hard - 0.14)
        )[0]
        if kind == "soft":
            scene = _soft(scene, max(0.3, random.uniform(0.25, 1.0) * bear))
        elif kind == "streaked":
            length = random.randint(2, max(2, min(8, round(3.2 * bear))))
            angle = random.uniform(-0.6, 0.6) if happens(random, 0.7) else random.uniform(0, np.pi)
            scene = cv2.filter2D(scene, -1, _streak(length, angle)).astype(np.float32, copy=False)
        elif kind == "sharpened":
            scene = scene + (scene - _soft(scene, random.uniform(0.8, 1.4))) * np.float32(random.uniform(0.4, 2))
        return scene

    def _exposed(self, scene: Canvas, shot: Shot) -> Canvas:
        random = self.random
        over = 0.15 * shot.hard
        kind = random.choices(("dimmed", "burnt", "curved", ""), (0.5, over, 0.2 - over, 0.3))[0]
        if kind == "dimmed":
            bright = float(scene[::2, ::2].max()) + 1
            gain = min(random.uniform(0.25, 1.2), 285 / bright)
            scene = scene * gain + random.uniform(-10, max(5.0, min(60.0, 260 - bright * gain)))
        elif kind == "burnt":
            light = float(np.percentile(scene[::2, ::2], 80))
            scene = scene * (255 / max(light, 20) * random.uniform(0.95, 1.2))
        elif kind == "curved":
            scene = 255 * np.power(np.clip(scene, 0, 255) / 255, random.uniform(0.55, 1.8))
        if happens(random, 0.65 * shot.hard):
            tall, wide = scene.shape
            y, x = random.randint(0, _NOISE - min(tall, _NOISE)), random.randint(0, _NOISE - min(wide, _NOISE))
            grain = self._noise[y : y + tall, x : x + wide]
            if grain.shape == scene.shape:
                scene = scene + grain * np.float32(random.uniform(1, 13 if happens(random, 0.2) else 6))
        return np.clip(scene, 0, 255).astype(np.float32, copy=False)

    def _stored(self, scene: Canvas, shot: Shot, *, inverted: bool) -> GreyImage:
        random = self.random
        image = scene.astype(np.uint8)
        if happens(random, 0.25 * shot.hard) and image.shape[0] > 20:  # noqa: PLR2004 - pixels: small ones stay
            share = random.uniform(0.6, 0.95)
            image = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA).astype(np.uint8)
        if happens(random, 0.6):
            quality = random.randint(22, 95)
            stored = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            decoded = cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE)
            assert decoded is not None, "a JPEG of our own making"
            image = decoded.astype(np.uint8, copy=False)
        method = cv2.INTER_AREA if image.shape[1] > CROP_WIDTH else cv2.INTER_LINEAR
        crop = cv2.resize(image, (CROP_WIDTH, CROP_HEIGHT), interpolation=method).astype(np.uint8, copy=False)
        return 255 - crop if inverted else crop


def legible(crop: GreyImage) -> bool:
    """Whether there is enough contrast in the middle of a crop to learn anything from it."""
    middle = crop[10:38:2, 16:112:2]
    return float(middle.std()) > 9 and float((middle > 250).mean()) < 0.9  # noqa: PLR2004 - grey levels; blown out


def _soft(scene: Canvas, sigma: float) -> Canvas:
    return cv2.GaussianBlur(scene, (0, 0), sigma).astype(np.float32, copy=False)


def _streak(length: int, angle: float) -> NDArray[np.float32]:
    kernel = np.zeros((length, length), np.float32)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    middle = length / 2
    start, end = (middle - reach[0], middle - reach[1]), (middle + reach[0], middle + reach[1])
    cv2.line(kernel, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 1, 1)
    return (kernel / max(float(kernel.sum()), 1e-3)).astype(np.float32)
