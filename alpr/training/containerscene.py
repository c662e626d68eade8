"""Pictures with containers whose codes are known: faces in perspective before a yard, with shadow, blur and noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage, Box
from alpr.training.containers import Face, draw_face
from alpr.training.reader.chance import happens

WIDTH, HEIGHT = 1280, 720
_SHADOW: Final = 0.35
_TALL: Final = 24.0
"""Pixels of a character on a flat face, about."""


@dataclass(frozen=True, slots=True)
class DrawnCode:
    """A code that stands in a picture: text, size and type, layout, and the box round it."""

    code: str
    size_type: str
    layout: str
    box: Box
    height: float
    """Pixels of a character."""


@dataclass(frozen=True, slots=True)
class ContainerScene:
    """A picture and all codes that can be seen in it."""

    image: BgrImage
    codes: tuple[DrawnCode, ...]


@dataclass(frozen=True, slots=True)
class View:
    """How a face stands in the picture: its top left, its size in it, how it recedes and leans."""

    x: float
    y: float
    scale: float
    recede: float
    lean: float
    turn: float = 0.0
    """Degrees, against the clock."""


def draw_scene(
    random: Random,
    *,
    containers: int | None = None,
    characters: tuple[float, float] = (14, 34),
    faces: list[Face] | None = None,
) -> ContainerScene:
    """Draw a picture `(720, 1280, 3) uint8`; `characters` is how tall they are, in pixels, from and to."""
    noise = np.random.default_rng(random.getrandbits(32))
    image = _yard(random, noise)
    count = containers if containers is not None else random.choices((1, 2), (0.8, 0.2))[0]
    codes: list[DrawnCode] = []
    for index, face in enumerate(faces or [draw_face(random) for _ in range(count)]):
        tall = random.uniform(*characters)
        scale = tall / _TALL
        room = WIDTH / count
        view = View(
            room * index + max(0.0, room - face.image.shape[1] * scale) * random.random(),
            max(-20.0, (HEIGHT - face.image.shape[0] * scale) * random.uniform(0.1, 0.6)),
            scale, random.uniform(-0.3, 0.3), random.uniform(-0.12, 0.12), random.gauss(0, 2),
        )  # fmt: skip
        codes = _put(image, face, view, tall, codes)
    return ContainerScene(camera_effects(random, noise, image), tuple(codes))


def draw_stack(random: Random, *, characters: tuple[float, float] = (9, 14)) -> ContainerScene:
    """Draw a stack of containers that fills the picture `(720, 1280, 3) uint8`, as a crane's camera sees it."""
    noise = np.random.default_rng(random.getrandbits(32))
    image = _yard(random, noise)
    kind = random.choices(("doors", "side", "end"), (0.6, 0.25, 0.15))[0]
    tall = random.uniform(*characters)
    recede, lean = random.uniform(-0.05, 0.05), random.uniform(-0.02, 0.02)
    codes: list[DrawnCode] = []
    y = random.uniform(0, 60)
    while y < HEIGHT:
        x, face = random.uniform(-80, 60), draw_face(random, kind)
        while x < WIDTH:
            face = draw_face(random, kind)
            codes = _put(image, face, View(x, y, tall / _TALL, recede, lean), tall, codes)
            x += face.image.shape[1] * tall / _TALL + random.uniform(2, 12)
        y += face.image.shape[0] * tall / _TALL + random.uniform(1, 6)
    return ContainerScene(camera_effects(random, noise, image), tuple(codes))


def _put(image: BgrImage, face: Face, view: View, tall: float, before: Sequence[DrawnCode]) -> list[DrawnCode]:
    """Put a face into the picture; return what codes can be seen now: it may stand before another's."""
    box, covered = place(image, face, view)
    codes = [code for code in before if not _meet(code.box, covered)]
    if box.x1 >= 0 and box.y1 >= 0 and box.x2 <= WIDTH and box.y2 <= HEIGHT:
        codes.append(DrawnCode(face.code, face.size_type, face.layout, box, tall))
    return codes


def _meet(one: Box, other: Box) -> bool:
    return one.x1 < other.x2 and other.x1 < one.x2 and one.y1 < other.y2 and other.y1 < one.y2


def place(image: BgrImage, face: Face, view: View) -> tuple[Box, Box]:
    """Put a face into the picture; return the box round its code there, and the one round all of it."""
    height, width = face.image.shape[:2]
    w, h = width * view.scale, height * view.scale
    shrink = view.recede * h / 2
    left, right = max(0.0, shrink), max(0.0, -shrink)
    w *= 1 - abs(view.recede)
    slope = view.lean * w
    level = np.array([[0, left], [w, right + slope], [w, h - right + slope], [0, h - left]], np.float32)
    turned = cv2.transform(level[None], cv2.getRotationMatrix2D((w / 2, h / 2), view.turn, 1.0))[0]
    target = (turned + np.array([view.x, view.y])).astype(np.float32)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    # Shrunk with area means first: a warp alone would alias the strokes.
    small = face.image
    if view.scale < 1:
        shrunk = cv2.resize(face.image, None, fx=view.scale, fy=view.scale, interpolation=cv2.INTER_AREA)
        small = shrunk.astype(np.uint8, copy=False)
        matrix = matrix @ np.diag([width / small.shape[1], height / small.shape[0], 1.0])
    size = image.shape[1], image.shape[0]
    drawn = cv2.warpPerspective(small, matrix, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full(small.shape[:2], 255, np.uint8), matrix, size)[..., None] / 255.0
    image[:] = (drawn * mask + image * (1 - mask)).astype(np.uint8)
    x1, y1, x2, y2 = face.place
    corners = np.array([[[x1, y1], [x2, y1], [x2, y2], [x1, y2]]], np.float32)
    code = cv2.perspectiveTransform(corners, cv2.getPerspectiveTransform(source, target))[0]
    return _round(code), _round(target)


def _round(corners: NDArray[Any]) -> Box:
    return Box(*map(float, (*corners.min(axis=0), *corners.max(axis=0))))


def _yard(random: Random, noise: np.random.Generator) -> BgrImage:
    """Draw sky, ground and unsharp things between."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    horizon = random.randint(HEIGHT // 4, HEIGHT // 2)
    image[:horizon] = [random.randint(150, 240) for _ in range(3)]
    image[horizon:] = random.randint(70, 130)
    for _ in range(random.randint(3, 14)):
        x, y = random.randint(-60, WIDTH), random.randint(horizon - 160, horizon + 60)
        corner = x + random.randint(40, 320), y + random.randint(30, 200)
        cv2.rectangle(image, (x, y), corner, [random.randint(30, 210) for _ in range(3)], -1)
    grain = cv2.resize(noise.integers(0, 40, (90, 160, 3), dtype=np.uint8), (WIDTH, HEIGHT))
    return cv2.GaussianBlur(cv2.add(image, grain), (0, 0), random.uniform(1, 3)).astype(np.uint8)


def camera_effects(random: Random, noise: np.random.Generator, image: BgrImage) -> BgrImage:
    """Cast a shadow, then expose, blur, add noise and compress, as a camera in the open does."""
    picture = image.astype(np.float32)
    if happens(random, _SHADOW):
        points = np.array([[random.randint(0, WIDTH), random.randint(0, HEIGHT)] for _ in range(4)], np.int32)
        shade = np.ones((HEIGHT, WIDTH), np.float32)
        cv2.fillConvexPoly(shade, cv2.convexHull(points), random.uniform(0.45, 0.75))
        picture *= cv2.GaussianBlur(shade, (0, 0), 6)[..., None]
    picture = (picture - 110) * random.uniform(0.7, 1.05) + 110 * random.uniform(0.6, 1.15)
    if happens(random, 0.4):
        kernel = np.zeros((5, 5), np.float32)
        cv2.line(kernel, (0, random.randint(1, 3)), (4, random.randint(1, 3)), 1.0, 1)
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum()).astype(np.float32)
    picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.3, 1.0)).astype(np.float32)
    picture += noise.normal(0, random.uniform(1, 6), picture.shape).astype(np.float32)
    done, data = cv2.imencode(
        ".jpg", np.clip(picture, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, random.randint(55, 92)]
    )
    assert done, "a JPEG of a picture in memory"
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None, "our own JPEG"
    return decoded.astype(np.uint8)
