"""A live picture as a JPEG: boxes and texts drawn on a copy that is small enough to send often."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from alpr.domain import BgrImage
    from alpr.live import LivePicture, Mark

_QUALITY: Final = 78
_WHITE, _BLACK = (255, 255, 255), (18, 14, 11)
_SURE: Final = 0.4
"""Below this a text would only flicker."""
_LETTERS: Final = 0.036
"""Height of the letters as a share of the picture's width."""


def draw_jpeg(live: LivePicture, widest: int) -> bytes:
    """Draw the marks and compress the picture, at most `widest` pixels wide."""
    image = _shrunk(live.frame.picture.bgr(), widest)
    scale = image.shape[1] / live.frame.picture.width
    for mark in sorted(live.marks, key=lambda mark: bool(mark.text)):
        _draw(image, mark, scale)
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise ValueError(f"no JPEG can be made of a picture of shape {image.shape}")
    return data.tobytes()


def _shrunk(image: BgrImage, widest: int) -> BgrImage:
    height, width = image.shape[:2]
    if width <= widest:
        return image.copy()
    size = (widest, max(1, round(height * widest / width)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _draw(image: BgrImage, mark: Mark, scale: float) -> None:
    """Draw a box, thin for a vehicle and strong for a plate, light on dark so that it shows on any paint."""
    box = mark.box.clipped(image.shape[1] / scale, image.shape[0] / scale)
    first = round(box.x1 * scale), round(box.y1 * scale)
    last = round(box.x2 * scale), round(box.y2 * scale)
    if mark.label.is_vehicle:
        cv2.rectangle(image, first, last, _BLACK, 2, cv2.LINE_AA)
        cv2.rectangle(image, first, last, _WHITE, 1, cv2.LINE_AA)
    else:
        cv2.rectangle(image, first, last, _BLACK, 5, cv2.LINE_AA)
        cv2.rectangle(image, first, last, _WHITE, 2, cv2.LINE_AA)
    if mark.text and mark.confidence >= _SURE:
        _write(image, mark.text, first, last)


def _write(image: BgrImage, text: str, first: tuple[int, int], last: tuple[int, int]) -> None:
    """Write the text above the box, below it where there is no room."""
    height, width = image.shape[:2]
    label = _label(text[:24], max(12, round(width * _LETTERS)))
    label = label[:height, :width]
    high, wide = label.shape[:2]
    x = min(max(0, (first[0] + last[0] - wide) // 2), width - wide)
    above = first[1] - high - 6
    y = min(above if above >= 0 else last[1] + 6, height - high)
    image[y : y + high, x : x + wide] = label


@lru_cache(64)
def _label(text: str, size: int) -> NDArray[np.uint8]:
    """Return the text dark on a light ground, as plates are: BGR `(h, w, 3) uint8`."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(text)
    margin = round(size * 0.32)
    picture = Image.new("RGB", (round(right - left) + 2 * margin, round(bottom - top) + 2 * margin), (249, 249, 244))
    draw = ImageDraw.Draw(picture)
    draw.text((margin - left, margin - top), text, font=font, fill=(20, 24, 28))
    draw.rectangle((0, 0, picture.width - 1, picture.height - 1), outline=(20, 24, 28), width=2)
    return np.asarray(picture)[:, :, ::-1].copy()
