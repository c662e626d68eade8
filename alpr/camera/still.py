"""One picture file, or its bytes, as an upright BGR picture."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from alpr.camera.faults import path_fault
from alpr.camera.picture import ImagePicture
from alpr.domain import BgrImage, GreyImage, Picture
from alpr.errors import CameraError

PICTURE_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
MAX_PIXELS: Final = 120_000_000
MAX_BYTES: Final = 256 * 1024 * 1024

# Nothing that starts a program of its own (EPS) and nothing exotic: what cameras and phones write.
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_OLDEST_TIME: Final = datetime(2005, 1, 1, tzinfo=UTC)  # a camera whose clock was never set says 1970 or 2000
_CLOCK_AHEAD: Final = timedelta(days=1)

_UPRIGHT: Final[Mapping[int, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its EXIF orientation (CIPA DC-008, section 4.6.4)."""


@dataclass(frozen=True, slots=True)
class DecodedStill:
    """A picture, upright, and when its camera says that it was taken."""

    picture: Picture
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Exif:
    orientation: int = 1
    taken_at: datetime | None = None


def load_file(path: Path) -> bytes:
    """Return the bytes of a picture file; raise CameraError when it cannot be read or is past 256 MiB."""
    try:
        if path.is_dir():
            raise CameraError(f"{path}: is a folder, not a picture: name the files in it")
        if path.stat().st_size > MAX_BYTES:
            raise CameraError(f"{path}: larger than {MAX_BYTES >> 20} MiB, too large for a picture: check the file")
        return path.read_bytes()
    except OSError as error:
        raise CameraError(f"{path}: {path_fault(error)}") from None


def decode_still(data: bytes, subject: str, *, timezone: tzinfo = UTC, most_pixels: int = MAX_PIXELS) -> DecodedStill:
    """Decode a JPEG, PNG, WebP, BMP or TIFF into an upright BGR picture; `subject` begins every error.

    `timezone` is the one that the camera's clock runs in, for an EXIF time without an offset. Raises
    CameraError when the data is empty, no picture, cut short, damaged or above `most_pixels`.
    """
    if not data:
        raise CameraError(f"{subject}: empty (0 bytes): check that the sender finishes its files")
    _quieten_pillow()
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _check_size(image, subject, most_pixels)
            exif = _exif(image, timezone)
            image.load()
            return DecodedStill(ImagePicture(_bgr(image, exif.orientation)), exif.taken_at)
    except CameraError:
        raise
    except UnidentifiedImageError:
        raise CameraError(f"{subject}: no readable JPEG, PNG, WebP, BMP or TIFF: check what writes it") from None
    except Image.DecompressionBombError:
        raise CameraError(_too_large(subject, most_pixels)) from None
    except Exception as error:  # noqa: BLE001 - Pillow's parsers raise any class on damaged data, SyntaxError included
        detail = " ".join(str(error).split())[:120]
        raise CameraError(f"{subject}: damaged or cut short ({detail}): check the camera or the transfer") from None


def _quieten_pillow() -> None:
    # What Pillow thinks of a stranger's metadata is no business of ours. Set each time, because it
    # costs nothing and warnings.catch_warnings() is not safe in threads.
    warnings.filterwarnings("ignore", module=r"PIL\.")


def _check_size(image: Image.Image, subject: str, most_pixels: int) -> None:
    if image.width * image.height > most_pixels:
        raise CameraError(_too_large(subject, most_pixels, f" ({image.width} x {image.height})"))


def _too_large(subject: str, most_pixels: int, size: str = "") -> str:
    return f"{subject}: larger than {most_pixels // 1_000_000} megapixels{size}: store it smaller"


def _bgr(image: Image.Image, orientation: int) -> BgrImage:
    upright = image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image
    if upright.mode.startswith(("I", "F")):
        return cv2.cvtColor(_eight_bits(upright), cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
    if "A" in upright.getbands() or "transparency" in upright.info:
        rgba = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return cv2.cvtColor(np.asarray(upright.convert("RGB")), cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)


def _eight_bits(image: Image.Image) -> GreyImage:
    """Return the grey values of a 16-bit, 32-bit or floating-point picture as `(h, w) uint8`."""
    values: NDArray[Any] = np.asarray(image)
    scale = 1 / 256
    if image.mode == "F":
        scale = 255.0 if values.size and float(values.max()) <= 1.0 else 1.0
    grey: GreyImage = np.clip(values * scale, 0, 255).astype(np.uint8)
    return grey


def _exif(image: Image.Image, timezone: tzinfo) -> _Exif:
    try:
        tags = image.getexif()
        orientation = tags.get(ExifTags.Base.Orientation, 1)
        details = tags.get_ifd(ExifTags.IFD.Exif)
    except Exception:  # noqa: BLE001 - damaged metadata raises any class, and the picture is good without it
        return _Exif()
    return _Exif(orientation if isinstance(orientation, int) else 1, _taken_at(details, timezone))


def _taken_at(details: Mapping[int, Any], timezone: tzinfo) -> datetime | None:
    """Return EXIF DateTimeOriginal in UTC, or None when there is none or a clock was not set."""
    try:
        text = str(details[ExifTags.Base.DateTimeOriginal]).strip("\0 ")
        local = datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=_offset(details) or timezone)
        taken_at = local.astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None
    return taken_at if _OLDEST_TIME <= taken_at <= datetime.now(UTC) + _CLOCK_AHEAD else None


def _offset(details: Mapping[int, Any]) -> tzinfo | None:
    text = str(details.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
    try:
        parsed = datetime.strptime(text, "%z").utcoffset()
    except ValueError:
        return None
    return None if parsed is None else timezone(parsed)
