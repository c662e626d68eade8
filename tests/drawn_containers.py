"""Steel with texts on it, drawn in Pillow's own font: the same picture on every machine."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from alpr.domain import BgrImage
from alpr.recognizers.container import ContainerRecognizer
from alpr.recognizers.registry import with_text
from tests.drawn_plates import shipped_engine


@cache
def shipped_recognizer(*owners: str) -> ContainerRecognizer:
    """Return the recogniser on the models that come with the product."""
    text = with_text(shipped_engine(), "cpu").text
    assert text is not None
    return ContainerRecognizer(text.finder, text.lines, owners)


def steel(*texts: tuple[str, int, int] | tuple[str, int, int, int], size: tuple[int, int] = (960, 540)) -> BgrImage:
    """Write `(text, x, y)` or `(text, x, y, height)` on a blue wall `(540, 960, 3) uint8`."""
    picture = Image.new("RGB", size, (40, 70, 120))
    draw = ImageDraw.Draw(picture)
    for text, left, y, *tall in texts:
        x: float = left
        font = ImageFont.load_default(round((tall or [26])[0] * 1.38))
        for char in text:
            draw.text((x, y), char, (235, 235, 235), font=font, stroke_width=1)
            x += draw.textlength(char, font=font) + 3
    noise = np.random.default_rng(5).normal(0, 4, (size[1], size[0], 3))
    return np.clip(np.asarray(picture)[:, :, ::-1] + noise, 0, 255).astype(np.uint8)
