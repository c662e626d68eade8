"""Pictures that other systems send: looked at before they are believed, kept as they came where they can be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np

from alpr.camera.still import decode_still
from alpr.domain import BgrImage, Box, Read
from alpr.errors import CameraError
from alpr.exchange.told import FieldFaultError, Image
from alpr.vision.crop import cut

_MOST_PIXELS: Final = 40_000_000
_QUALITY: Final = 90
_JPEG: Final = b"\xff\xd8\xff"
_EXIF: Final = b"Exif\0\0"
_HEAD: Final = 4096
_NOWHERE: Final = Box(0, 0, 0, 0)
_MEGA: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a read as they will lie on disk, either may be empty; the size is that of the frame."""

    frame: bytes = field(default=b"", repr=False)
    width: int = 0
    height: int = 0
    crop: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class _Checked:
    jpeg: bytes
    bgr: BgrImage


def look_at(read: Read, frame: Image | None, crop: Image | None, most_bytes: int) -> tuple[Read, Pictures]:
    """Return the pictures of a read and the read with its boxes in them; blocks. Raises FieldFaultError.

    A crop that did not come is cut out of the frame; boxes that do not lie in the frame are left out.
    """
    whole = None if frame is None else _checked(frame, most_bytes)
    part = None if crop is None else _checked(crop, most_bytes)
    if whole is None:
        # Nobody can tell what pixels the boxes count.
        bare = replace(read, box=_NOWHERE, vehicle_box=None)
        return bare, Pictures(crop=part.jpeg if part else b"")
    height, width = whole.bgr.shape[:2]
    box = read.box if _lies_in(read.box, width, height) else _NOWHERE
    vehicle = read.vehicle_box if read.vehicle_box and _lies_in(read.vehicle_box, width, height) else None
    if part is None:
        shown = box if box.area else vehicle
        cropped = _encoded(cut(whole.bgr, shown)) if shown else whole.jpeg
    else:
        cropped = part.jpeg
    return replace(read, box=box, vehicle_box=vehicle), Pictures(whole.jpeg, width, height, cropped)


def _lies_in(box: Box, width: int, height: int) -> bool:
    inside = box.clipped(width, height)
    return box.area > 0 and inside.width > 0 and inside.height > 0 and inside.area >= box.area / 2


def _checked(image: Image, most_bytes: int) -> _Checked:
    """Decode a picture, all of it; a JPEG that stands upright is kept to the byte."""
    if len(image.data) > most_bytes:
        size, most = len(image.data) / _MEGA, most_bytes / _MEGA
        raise FieldFaultError(image.name, f"has {size:.1f} MB, {most:g} at most are taken")
    try:
        bgr = decode_still(image.data, image.name, most_pixels=_MOST_PIXELS).picture.bgr()
    except CameraError as error:
        raise FieldFaultError(image.name, str(error).partition(": ")[2]) from None
    # EXIF may say that it lies on its side, which our pages would not see in the boxes.
    as_it_came = image.data.startswith(_JPEG) and _EXIF not in image.data[:_HEAD]
    return _Checked(image.data if as_it_came else _encoded(bgr), bgr)


def _encoded(bgr: BgrImage) -> bytes:
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(bgr), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise ValueError(f"no JPEG can be made of a picture of shape {bgr.shape}")
    return data.tobytes()
