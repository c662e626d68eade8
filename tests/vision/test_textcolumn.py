"""Columns of characters laid side by side."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from alpr.vision.ocr import ALPHABET
from alpr.vision.textcolumn import character_rows, laid_out
from tests.drawn_plates import shipped_engine


def column(text: str, pitch: int = 40, tall: int = 30, *, noise: float = 3.0) -> np.ndarray:
    """Write a text downwards, a space leaves half a place: BGR `(h, 40, 3) uint8`."""
    height = sum(pitch // 2 if char == " " else pitch for char in text) + 12
    picture = Image.new("RGB", (40, height), (60, 60, 110))
    draw, font, y = ImageDraw.Draw(picture), ImageFont.load_default(round(tall * 1.38)), 8
    for char in text:
        if char != " ":
            draw.text((20, y), char, (230, 230, 230), font=font, anchor="mt", stroke_width=1)
        y += pitch // 2 if char == " " else pitch
    grain = np.random.default_rng(1).normal(0, noise, (height, 40, 3))
    return np.clip(np.asarray(picture)[:, :, ::-1] + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("text", ["MSKU", "413532", "MSKU 413532", "EEEE", "1111", "8030"])
@pytest.mark.parametrize("pitch", [36, 44])
def test_every_character_is_cut_out_once(text, pitch):
    """Also where letters have empty rows of their own, as E has, and where groups stand apart."""
    rows = character_rows(column(text, pitch))
    assert len(rows) == len(text.replace(" ", ""))
    assert all(20 < bottom - top < 44 for top, bottom in rows)


def test_the_line_reads_as_the_column_did():
    """From the top down is from left to right."""
    line = laid_out(column("CSQU 305438"))
    best = shipped_engine().second.read(line).argmax(axis=1)
    text = "".join(ALPHABET[c - 1] for i, c in enumerate(best) if c and (i == 0 or best[i - 1] != c))
    assert text == "CSQU305438"


def test_an_empty_wall_has_no_line():
    """One colour; or a box that is no column."""
    assert laid_out(np.full((200, 30, 3), 90, np.uint8)) is None
    assert character_rows(np.full((20, 60, 3), 90, np.uint8)) == []
