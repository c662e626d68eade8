"""The colour of a vehicle in few, robust classes; nothing when the light does not tell."""

from __future__ import annotations

import cv2
import numpy as np

from alpr.domain import BgrImage, Box

_HUES = ((8, "red"), (20, "orange"), (34, "yellow"), (85, "green"), (130, "blue"), (155, "purple"), (180, "red"))
"""Upper bounds of hue in OpenCV's 0 to 180."""
_MIN_PIXELS = 400


def vehicle_colour(image: BgrImage, vehicle: Box) -> str | None:
    """Name the paint of the vehicle in `image`; `None` for infrared pictures, darkness and tiny boxes."""
    box = Box(
        vehicle.x1 + 0.15 * vehicle.width,
        vehicle.y1 + 0.35 * vehicle.height,
        vehicle.x2 - 0.15 * vehicle.width,
        vehicle.y1 + 0.75 * vehicle.height,
    ).clipped(image.shape[1], image.shape[0])
    if box.area < _MIN_PIXELS or _is_infrared(image):
        return None
    patch = image[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)]
    hue, saturation, value = (
        channel.ravel() for channel in cv2.split(cv2.cvtColor(patch[::2, ::2], cv2.COLOR_BGR2HSV))
    )
    brightness = float(np.median(value))
    paint = (saturation > 70) & (value > 40)  # noqa: PLR2004 - of 255
    if paint.mean() > 0.45:  # noqa: PLR2004 - nearly half of the body is coloured
        middle = float(np.median(hue[paint]))
        return next(name for bound, name in _HUES if middle <= bound)
    for bound, name in ((35, None), (75, "black"), (165, "grey"), (255, "white")):
        if brightness <= bound:
            return name
    return None


def _is_infrared(image: BgrImage) -> bool:
    """Whether the picture has no colour at all, as cameras give at night."""
    small = image[::16, ::16].astype(np.int16)
    return float(np.abs(small - small.mean(axis=2, keepdims=True)).mean()) < 2.0  # noqa: PLR2004 - of 255
