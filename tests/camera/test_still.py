"""One picture file becomes an upright BGR picture, or one clear line."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import ExifTags, Image

from alpr.camera.still import decode_still, load_file
from alpr.errors import CameraError


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def two_tone(mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue, 40 x 20."""
    image = Image.new("RGB", (40, 20), (255, 0, 0))
    image.paste((0, 0, 255), (20, 0, 40, 20))
    return image.convert(mode)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_every_format_becomes_bgr(kind):
    """The five formats come out with red and blue where BGR has them."""
    picture = decode_still(encoded(two_tone(), kind), "x").picture
    assert (picture.width, picture.height) == (40, 20)
    left, right = picture.bgr()[10, 8].astype(int), picture.bgr()[10, 32].astype(int)
    assert left[2] - left[0] > 140
    assert right[0] - right[2] > 140


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("L", (8, 6), 90), (90, 90, 90)),
        (Image.fromarray(np.full((6, 8), 0x8000, np.uint16)), (128, 128, 128)),
        (Image.new("RGBA", (8, 6), (10, 20, 30, 255)), (30, 20, 10)),
        (Image.new("RGBA", (8, 6), (10, 20, 30, 0)), (255, 255, 255)),
        (Image.new("LA", (8, 6), (77, 255)), (77, 77, 77)),
        (Image.new("1", (8, 6), 1), (255, 255, 255)),
        (Image.new("RGB", (8, 6), (10, 20, 30)).quantize(4), (30, 20, 10)),
    ],
    ids=["grey", "16-bit", "opaque", "transparent", "grey-alpha", "bilevel", "palette"],
)
def test_every_mode_becomes_eight_bit_bgr(image, expected):
    """Grey, 16-bit, alpha, bilevel and palette pictures come out as the colour that a viewer shows."""
    pixels = decode_still(encoded(image), "x").picture.bgr()
    assert pixels.dtype == np.uint8
    assert pixels.shape == (6, 8, 3)
    assert tuple(int(value) for value in pixels[3, 4]) == expected


def test_floating_point_and_cmyk_pictures_become_bgr():
    """A TIFF of fractions is scaled, a CMYK JPEG converted."""
    fractions = Image.fromarray(np.full((6, 8), 0.5, np.float32))
    assert decode_still(encoded(fractions, "TIFF"), "x").picture.bgr()[0, 0, 0] == 127
    cmyk = decode_still(encoded(two_tone("CMYK"), "JPEG"), "x").picture.bgr()
    assert cmyk[10, 8, 2] > 200


def test_a_palette_with_byte_transparency_gives_no_warning():
    """Pillow's warnings do not leave the decoder."""
    image = two_tone().quantize(4)
    data = encoded(image, "PNG", transparency=bytes([0, 255, 255, 255]))
    assert decode_still(data, "x").picture.width == 40


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation):
    """Whatever way the camera was held, the red half comes out on the left."""
    undo = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    stored = two_tone() if undo is None else two_tone().transpose(Image.Transpose(undo))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    picture = decode_still(encoded(stored, "JPEG", exif=exif, quality=95), "x").picture
    assert (picture.width, picture.height) == (40, 20)
    assert picture.bgr()[10, 5, 2] > 200
    assert picture.bgr()[10, 35, 0] > 200


def dated(text: str, offset: str = "") -> bytes:
    exif = Image.Exif()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = text
    if offset:
        details[ExifTags.Base.OffsetTimeOriginal] = offset
    return encoded(two_tone(), "JPEG", exif=exif)


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("2024:06:01 12:00:00", "", datetime(2024, 6, 1, 10, tzinfo=UTC)),
        ("2024:06:01 12:00:00", "-05:00", datetime(2024, 6, 1, 17, tzinfo=UTC)),
        ("2000:01:01 00:00:00", "", None),
        ("2199:01:01 00:00:00", "", None),
        ("    :  :     :  :  ", "", None),
        ("0001:01:01 00:00:00", "", None),
    ],
)
def test_the_time_taken_is_believed_only_when_sane(text, offset, expected):
    """EXIF time is local to the site unless it has an offset; a clock that was never set says nothing."""
    assert decode_still(dated(text, offset), "x", timezone=ZoneInfo("Europe/Berlin")).taken_at == expected


def test_damaged_metadata_does_not_refuse_the_picture():
    """Garbage in the EXIF block costs the time, not the picture."""
    data = dated("2024:06:01 12:00:00").replace(b"2024:06:01", b"\xff\xfe\0\0:06:01")
    whole = data.replace(b"MM\0*", b"MM\0\xff").replace(b"II*\0", b"II\xff\0")
    assert decode_still(whole, "x").picture.width == 40
    assert decode_still(whole, "x").taken_at is None


def png_header(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    header = struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + header + struct.pack(">I", 9) + b"IDAT" + bytes(13)


JPEG = encoded(Image.effect_noise((200, 200), 60), "JPEG")
PNG = encoded(Image.radial_gradient("L"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty (0 bytes)"),
        (b"hello, this is no picture", "no readable JPEG"),
        (JPEG[: len(JPEG) // 2], "damaged or cut short"),
        (PNG[: len(PNG) // 2], "damaged or cut short"),
        (PNG.replace(b"IDAT", b"IDAX"), "no readable JPEG"),
        (PNG[:-200] + b"x" * 200, "damaged or cut short"),
        (png_header(12_000, 10_001), "larger than 120 megapixels (12000 x 10001)"),
        (png_header(60_000, 60_000), "larger than 120 megapixels"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no readable JPEG"),
    ],
)
def test_what_is_no_good_picture_is_refused_in_one_line(data, words):
    """Empty, foreign, cut, damaged and oversized data each give one line that begins with the subject."""
    with pytest.raises(CameraError) as caught:
        decode_still(data, "camera yard")
    assert str(caught.value).startswith("camera yard: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_fifty_megapixels_are_fine():
    """A picture of 50 megapixels decodes without a warning."""
    data = encoded(Image.new("L", (8660, 5774), 200), "JPEG")
    assert decode_still(data, "x").picture.width == 8660


def test_unreadable_paths_are_named(tmp_path: Path):
    """A missing file, a folder and a file used as a folder each get their own words."""
    file = tmp_path / "plain.jpg"
    file.write_bytes(b"x")
    for path, words in [
        (tmp_path / "none.jpg", "does not exist"),
        (tmp_path, "is a folder"),
        (file / "below.jpg", "is a file, not a folder"),
    ]:
        with pytest.raises(CameraError, match=words) as caught:
            load_file(path)
        assert str(caught.value).startswith(f"{path}: ")
