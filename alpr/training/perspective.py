"""A pinhole camera above flat ground.

World coordinates are metres: x to the right, y up from the ground, z away from the camera's foot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import cos, sin
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)  # no slots: the axes are computed once
class View:
    """Where the camera stands and looks: `height` metres above the origin, angles in radians."""

    width: int
    height_px: int
    focal: float
    """Pixels."""
    height: float
    pitch: float
    """Downwards."""
    yaw: float
    """To the right."""

    @cached_property
    def axes(self) -> NDArray[np.float64]:
        """Right, up and forward as the rows of `(3, 3)`."""
        forward = (sin(self.yaw) * cos(self.pitch), -sin(self.pitch), cos(self.yaw) * cos(self.pitch))
        right = (cos(self.yaw), 0.0, -sin(self.yaw))
        return np.array([right, np.cross(forward, right), forward])

    @property
    def eye(self) -> Points:
        """Where the camera is, `(3,)`."""
        return np.array([0.0, self.height, 0.0])

    def project(self, points: Points) -> tuple[Points, NDArray[np.float64]]:
        """Return where points `(..., 3)` are in the picture, `(..., 2)` pixels, and how far before it, `(...)`."""
        local = (points - self.eye) @ self.axes.T
        depth = local[..., 2]
        near = np.maximum(depth, 0.05)
        x = self.width / 2 + self.focal * local[..., 0] / near
        y = self.height_px / 2 - self.focal * local[..., 1] / near
        return np.stack([x, y], axis=-1), depth

    def ground(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
        """Return x and z of the ground under every pixel, `(h, w)` each, and where the picture shows ground."""
        columns, rows = np.meshgrid(
            (np.arange(self.width) + 0.5 - self.width / 2) / self.focal,
            (self.height_px / 2 - np.arange(self.height_px) - 0.5) / self.focal,
        )
        right, up, forward = self.axes
        rays = columns[..., None] * right + rows[..., None] * up + forward
        below = rays[..., 1] < -1e-3  # noqa: PLR2004 - a ray that reaches the ground within kilometres
        reach = np.where(below, -self.height / np.where(below, rays[..., 1], -1), 0)
        return (rays[..., 0] * reach).astype(np.float32), (rays[..., 2] * reach).astype(np.float32), below

    def scaled(self, factor: float) -> View:
        """Return the same view in a picture of another size."""
        return replace(
            self,
            width=round(self.width * factor),
            height_px=round(self.height_px * factor),
            focal=self.focal * factor,
        )
