"""Surfaces made of four-cornered faces, and how they are drawn: shaded, sorted by distance, filled from the back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, sin
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.training.light import Colour, Light
from alpr.training.perspective import Points, View

Canvas: TypeAlias = NDArray[np.uint8]
_SHIFT = 3
_NEAREST = 0.4
_MOST = 8000.0


@dataclass(frozen=True, slots=True)
class Mesh:
    """Faces with a colour each; wound so that the front is seen counter-clockwise unless `two_sided`."""

    corners: NDArray[np.float64]
    """`(n, 4, 3)` metres; a triangle repeats a corner."""
    colours: NDArray[np.float64]
    """`(n, 3)` BGR, 0 to 1."""
    gloss: NDArray[np.float64]
    """`(n,)`, 0 matt to 1 mirror."""
    glow: NDArray[np.float64]
    """`(n,)`, light of its own at night."""
    bias: NDArray[np.float64]
    """`(n,)` metres that it counts as nearer: what lies on another face."""
    middle: NDArray[np.float64]
    """`(n, 3)` a point inside for each face, which looks away from it. Faces with a bias look where they are seen."""

    def placed(self, x: float, z: float, heading: float) -> Mesh:
        """Return it turned by `heading` radians about the vertical and moved along the ground."""
        turn = rotation(heading)
        shift = np.array([x, 0.0, z])
        return Mesh(
            self.corners @ turn.T + shift, self.colours, self.gloss, self.glow, self.bias, self.middle @ turn.T + shift
        )


def rotation(heading: float) -> NDArray[np.float64]:
    """Return the matrix `(3, 3)` that turns about the vertical."""
    return np.array([[cos(heading), 0, sin(heading)], [0, 1, 0], [-sin(heading), 0, cos(heading)]])


class Faces:
    """Collects faces round a spine: a level line along z at a height, which they look away from."""

    def __init__(self, height: float, begin: float, end: float, *, x: float = 0.0) -> None:
        self._spine = x, height, begin, end
        self._corners: list[NDArray[np.float64]] = []
        self._rows: list[tuple[float, ...]] = []

    def quad(
        self, corners: Sequence[Sequence[float]], colour: Colour, gloss: float = 0.1, glow: float = 0.0,
        bias: float = 0.0,
    ) -> None:  # fmt: skip
        """Add a face of four corners."""
        self._corners.append(np.array(corners, np.float64))
        self._rows.append((*colour, gloss, glow, bias))

    def polygon(
        self, corners: Sequence[Sequence[float]], colour: Colour, gloss: float = 0.1, glow: float = 0.0,
        bias: float = 0.0,
    ) -> None:  # fmt: skip
        """Add a convex polygon, cut into faces of four corners."""
        first = corners[0]
        for at in range(1, len(corners) - 1, 2):
            last = corners[min(at + 2, len(corners) - 1)]
            self.quad([first, corners[at], corners[at + 1], last], colour, gloss, glow, bias)

    def grid(self, points: NDArray[np.float64], colour: Colour, gloss: float = 0.1, glow: float = 0.0) -> None:
        """Add the faces between rows of points `(rows, columns, 3)`."""
        for one, other in pairwise(points):
            for at in range(len(one) - 1):
                self.quad([one[at], one[at + 1], other[at + 1], other[at]], colour, gloss, glow)

    def box(
        self, low: Sequence[float], high: Sequence[float], colour: Colour, gloss: float = 0.1, glow: float = 0.0,
        bias: float = 0.0,
    ) -> None:  # fmt: skip
        """Add a box, each side in cells of at most about a metre so that they sort well."""
        a, b = np.array(low, np.float64), np.array(high, np.float64)
        for axis in range(3):
            one, other = (axis + 1) % 3, (axis + 2) % 3
            cells = [max(1, int(np.ceil((b[i] - a[i]) / 1.2))) for i in (one, other)]
            for side in (a[axis], b[axis]):
                for i in range(cells[0]):
                    for j in range(cells[1]):
                        corners = np.empty((4, 3))
                        corners[:, axis] = side
                        for corner, (di, dj) in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
                            corners[corner, one] = a[one] + (b[one] - a[one]) * (i + di) / cells[0]
                            corners[corner, other] = a[other] + (b[other] - a[other]) * (j + dj) / cells[1]
                        self.quad(corners.tolist(), colour, gloss, glow, bias)

    def mesh(self) -> Mesh:
        """Return what was collected."""
        rows, corners = np.array(self._rows), np.array(self._corners)
        x, height, begin, end = self._spine
        along = np.clip(corners[:, :, 2].mean(1), begin, end)
        middle = np.stack([np.full_like(along, x), np.full_like(along, height), along], axis=1)
        return Mesh(corners, rows[:, :3], rows[:, 3], rows[:, 4], rows[:, 5], middle)


def draw(canvas: Canvas, view: View, offset: tuple[float, float], meshes: Sequence[Mesh], light: Light) -> None:
    """Draw the meshes on a canvas `(h, w, 4) uint8` (BGR and cover) whose top left is at `offset` in the view."""
    corners = np.concatenate([mesh.corners for mesh in meshes])
    colours = np.concatenate([mesh.colours for mesh in meshes])
    gloss, glow, bias = (np.concatenate([getattr(mesh, name) for mesh in meshes]) for name in ("gloss", "glow", "bias"))
    middles = np.concatenate([mesh.middle for mesh in meshes])
    normals, towards_eye, front = _facing(corners, middles, view.eye)
    pixels, depth = view.project(corners)
    seen = (front | (bias > 0)) & (depth.min(1) > _NEAREST)
    normals[bias > 0] *= np.where(front[bias > 0], 1, -1)[:, None]
    shaded = light.shade(colours, normals, towards_eye, gloss)
    shaded = np.maximum(shaded, colours * (glow * light.headlights)[:, None])
    order = np.argsort(-(np.linalg.norm(corners.mean(1) - view.eye, axis=1) - bias))
    order = order[seen[order]]
    polygons = np.clip((pixels[order] - offset) * (1 << _SHIFT), -_MOST * 8, _MOST * 8).astype(np.int32)
    fills = (shaded[order] * 255).round().tolist()
    for polygon, (blue, green, red) in zip(polygons, fills, strict=True):
        cv2.fillConvexPoly(canvas, polygon, (blue, green, red, 255), cv2.LINE_8, _SHIFT)


def _facing(
    corners: NDArray[np.float64], middles: NDArray[np.float64], eye: Points
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return normals that look away from the middle, directions to the eye, and which faces are seen from there."""
    centres = corners.mean(1)
    normals = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    outwards = ((centres - middles) * normals).sum(1) >= 0
    normals *= np.where(outwards, 1, -1)[:, None]
    towards_eye = eye - centres
    towards_eye /= np.maximum(np.linalg.norm(towards_eye, axis=1, keepdims=True), 1e-9)
    return normals, towards_eye, (normals * towards_eye).sum(1) > 0
