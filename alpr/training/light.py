"""The light of a scene: what shades surfaces, and how a whole picture is graded. Colours are BGR, 1 is white."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Colour: TypeAlias = tuple[float, float, float]


def tone(colour: Sequence[float]) -> NDArray[np.float32]:
    """Return the colour for arithmetic with pictures, `(3,)`."""
    return np.array(colour, np.float32)


@dataclass(frozen=True, slots=True)
class Light:
    """One time of day."""

    name: str
    ambient: Colour
    """From the sky."""
    bounce: Colour
    """From the ground."""
    sun: Colour
    """Of the sun, at night of the lamps over the lane."""
    towards_sun: tuple[float, float, float]
    zenith: Colour
    horizon: Colour
    ground: Colour
    """What a reflection shows of the ground."""
    grade: Colour
    """Of the scenery, which is painted as by day."""
    lamps: float
    """How much the lamps add, 0 to 1."""
    headlights: float
    """How bright vehicles' lamps are, 0 to 1."""
    plate: float
    """How bright a plate's white is: retro-reflective, lit by the camera's own lamp at night."""
    noise: float
    """Standard deviation of the sensor's noise, of 255."""

    def shade(
        self, colours: NDArray[np.float64], normals: NDArray[np.float64], towards_eye: NDArray[np.float64],
        gloss: NDArray[np.float64],
    ) -> NDArray[np.float64]:  # fmt: skip
        """Return the colours of surfaces, `(n, 3)` BGR 0 to 1, that have these colours, normals and gloss `(n,)`."""
        up = normals[:, 1:2]
        sky = np.array(self.ambient) * (0.55 + 0.45 * up) + np.array(self.bounce) * (0.5 - 0.5 * up)
        towards_sun = np.array(self.towards_sun) / np.linalg.norm(self.towards_sun)
        lit = np.clip(normals @ towards_sun, 0, None)[:, None] * np.array(self.sun)
        facing = np.clip((normals * towards_eye).sum(1), 0, 1)
        mirrored = 2 * facing[:, None] * normals - towards_eye
        height = mirrored[:, 1:2]
        heaven = np.array(self.horizon) + (np.array(self.zenith) - np.array(self.horizon)) * np.clip(height, 0, 1)
        blend = np.clip(height * 6 + 0.5, 0, 1)
        world = blend * heaven + (1 - blend) * np.array(self.ground)
        glint = np.clip(mirrored @ towards_sun, 0, 1)[:, None] ** 40 * np.array(self.sun) * 1.5
        # Schlick 1994: a surface mirrors the more the flatter it is looked at.
        share = (gloss * (0.12 + 0.88 * (1 - facing) ** 4))[:, None]
        shaded: NDArray[np.float64] = np.clip(colours * (sky + lit) * (1 - 0.5 * share) + share * (world + glint), 0, 1)
        return shaded


DAY = Light(
    "day", (0.62, 0.58, 0.55), (0.16, 0.17, 0.18), (0.52, 0.58, 0.62), (-0.55, 0.75, -0.55),
    (0.86, 0.62, 0.40), (0.95, 0.90, 0.84), (0.30, 0.31, 0.32), (1.0, 1.0, 1.0), 0.0, 0.0, 0.93, 2.0,
)  # fmt: skip
DUSK = Light(
    "dusk", (0.40, 0.33, 0.33), (0.09, 0.09, 0.10), (0.13, 0.20, 0.30), (0.8, 0.35, -0.4),
    (0.50, 0.30, 0.26), (0.45, 0.55, 0.85), (0.14, 0.14, 0.15), (0.52, 0.46, 0.50), 0.35, 0.75, 0.78, 2.4,
)  # fmt: skip
NIGHT = Light(
    "night", (0.10, 0.075, 0.06), (0.03, 0.035, 0.04), (0.26, 0.33, 0.38), (0.35, 0.85, -0.45),
    (0.05, 0.03, 0.02), (0.12, 0.08, 0.07), (0.05, 0.055, 0.06), (0.15, 0.11, 0.095), 0.85, 1.0, 0.72, 3.0,
)  # fmt: skip
LIGHTS = {light.name: light for light in (DAY, DUSK, NIGHT)}
