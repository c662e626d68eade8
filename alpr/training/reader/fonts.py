"""Typefaces and words set in the fonts that the machine has; a fixed list, so that two machines with them agree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from alpr.training.reader.typeface import GLYPH_HEIGHT, Mask, Typeface, alike
from alpr.vision.ocr import ALPHABET

_FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts")
_FOR_PLATES: Final = (
    "OSP-DIN*", "RG2014[A-F]*", "osifont*", "routed-gothic*", "LiberationSans*-Bold*", "LiberationSans-Regular*",
    "NimbusSans*-Bold*", "NimbusSansNarrow-Regular*", "BebasNeue-Bold*", "BebasNeue-Regular*", "ClearSans-Medium*",
    "ClearSans-Bold*", "OCRB.otf", "Dosis-Bold*", "Dosis-SemiBold*", "Dosis-Medium*", "NationalPark-Regular*",
    "NationalPark-Heavy*", "Roboto-Medium*", "Roboto-Bold*", "RobotoCondensed-*", "B612-Bold.otf", "B612-Regular*",
    "B612Mono-Bold.otf", "YanoneKaffeesatz-Regular*", "YanoneKaffeesatz-Bold*", "YanoneKaffeesatz-SemiBold*",
    "UniversalisADFStd-Bold*", "UniversalisADFStd-Cond*", "UniversalisADFStd-Regular*", "SwitzeraADF-*Cond.otf",
    "SwitzeraADF-Bold.otf", "SwitzeraADF-DemiBold.otf", "texgyreheros*-bold.otf", "texgyreheros*-regular.otf",
    "Oxygen-Sans*", "Play-Bold.*", "Play-Regular.*", "LeagueSpartan-Bold*", "Tuffy_Bold.ttf", "Jura-Bold*",
    "Jura-SemiBold*", "GemunuLibre-Bold*", "GemunuLibre-Medium*", "GemunuLibre-SemiBold*", "Cabin-Bold.otf",
    "Cabin-SemiBold.otf", "Karla-Bold.otf", "Uniol*", "DejaVuSansCondensed-Bold.ttf",
    "DejaVuSans-Bold.ttf", "DejaVuSansMono-Bold.ttf", "NimbusMonoPS-Bold.otf", "LiberationMono-Bold.ttf",
)  # fmt: skip
_FOR_WORDS: Final = ("*.otf", "*.ttf")
_NOT_FOR_PLATES: Final = ("Ital", "ital", "Obl", "Outline", "wght", "Thin")
_UNREADABLE: Final = ("Symbol", "D050", "Math", "Thin", "Tamil", "OCRBX")
_WORD_HEIGHT: Final = 30


def installed_typefaces() -> list[Typeface]:
    """Load the typefaces of the list that the machine has, in the order of their names; maybe none."""
    return [face for face in map(_typeface, plate_fonts()) if face is not None]


def plate_fonts() -> list[Path]:
    """Return the fonts of the list that the machine has, in the order of their names; maybe none."""
    return [path for path in _installed(_FOR_PLATES) if not any(part in path.name for part in _NOT_FOR_PLATES)]


def word_masks(random: Random, words: Sequence[str], count: int) -> list[Mask]:
    """Set words in fonts by chance: masks of various sizes; in Pillow's own font where there is no other."""
    paths = [path for path in _installed(_FOR_WORDS) if not any(part in path.name for part in _UNREADABLE)]
    masks: list[Mask] = []
    for _ in range(count):
        font = _font(random.choice(paths), _WORD_HEIGHT) if paths else None
        mask = _set(random.choice(words), font or _own_font(_WORD_HEIGHT))
        if mask is not None:
            masks.append(mask)
    return masks


def _installed(patterns: Sequence[str]) -> list[Path]:
    found = {
        path.name: path
        for folder in _FOLDERS
        if Path(folder).is_dir()
        for path in sorted(Path(folder).rglob("*"))
        if any(path.match(pattern) for pattern in patterns)
    }
    return [found[name] for name in sorted(found)]


def _font(path: Path, size: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(path, size)
    except OSError:  # a file by that name that is no font
        return None


def _own_font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow without FreeType"
    return font


def _set(word: str, font: ImageFont.FreeTypeFont) -> Mask | None:
    left, top, right, bottom = (int(v) for v in font.getbbox(word))
    if right - left < 4 or bottom - top < 4:  # noqa: PLR2004 - pixels: the font lacks these characters
        return None
    image = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), word, font=font, fill=255)
    mask = np.asarray(image, np.uint8)
    return mask if mask.max() > 100 else None  # noqa: PLR2004 - of 255


def _typeface(path: Path) -> Typeface | None:
    trial = _font(path, 100)
    if trial is None:
        return None
    _, top, _, bottom = trial.getbbox("H")
    font = _font(path, round(100 * GLYPH_HEIGHT / max(1, bottom - top)))
    if font is None:
        return None
    _, top, _, bottom = (int(v) for v in font.getbbox("H0"))
    glyphs: dict[str, Mask] = {}
    for char in ALPHABET:
        left, _, right, _ = (int(v) for v in font.getbbox(char))
        image = Image.new("L", (max(2, right - left) + 2, bottom - top + 2))
        ImageDraw.Draw(image).text((1 - left, 1 - top), char, font=font, fill=255)
        mask = np.asarray(image, np.uint8)
        glyphs[char] = cv2.resize(mask, (mask.shape[1], GLYPH_HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8)
    if min(int(glyph.max()) for glyph in glyphs.values()) < 100 or alike(glyphs["A"], glyphs["B"]):  # noqa: PLR2004 - of 255
        return None
    return Typeface(path.stem, glyphs, ambiguous=alike(glyphs["O"], glyphs["0"]) or alike(glyphs["I"], glyphs["1"]))
