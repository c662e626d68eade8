"""Drawn plates laid into pictures: where the corners say, in the light of the place, and nothing else touched."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from alpr.training.detector.clutter import draw_no_plate
from alpr.training.detector.pasting import Shade, height_of, paste, random_quad, shade_of, under, width_of
from alpr.training.detector.signs import Texture, draw_any_plate, outline

_PLAIN = Shade((1.0, 1.0, 1.0), 0.0, 0.0)


def _white(width: int = 200, height: int = 50) -> Texture:
    return Texture(np.full((height, width, 4), 255, np.uint8), outline(0, 0, width, height))


def test_a_plate_fills_its_quad_and_nothing_else():
    """Inside the corners all is plate, a pixel outside nothing is."""
    canvas = np.zeros((200, 300, 3), np.uint8)
    quad = np.array([(60, 50), (200, 70), (204, 110), (58, 95)], np.float32)
    paste(canvas, _white(), quad, _PLAIN)
    rows, columns = np.nonzero(canvas[..., 0] > 127)
    assert (columns.min(), columns.max()) == (pytest.approx(58, abs=2), pytest.approx(203, abs=2))
    assert (rows.min(), rows.max()) == (pytest.approx(50, abs=2), pytest.approx(109, abs=2))
    area = 0.5 * abs(np.dot(quad[:, 0], np.roll(quad[:, 1], -1)) - np.dot(quad[:, 1], np.roll(quad[:, 0], -1)))
    assert (canvas[..., 0] / 255).sum() == pytest.approx(area, rel=0.03)


@pytest.mark.parametrize("shift", [(-500, 0), (0, 900), (260, 150)])
def test_a_plate_beyond_the_edge_is_cut_off(shift):
    """Quads partly or wholly outside the picture are laid as far as they show."""
    canvas = np.zeros((200, 300, 3), np.uint8)
    paste(canvas, _white(), np.array([(0, 0), (90, 0), (90, 30), (0, 30)], np.float32) + np.float32(shift), _PLAIN)
    assert bool(canvas.max() == 255) is (shift == (260, 150))


def test_light_follows_the_place():
    """A plate on a dark place is darker than on a bright one, and bluish where all is bluish."""
    dark = shade_of(Random(1), np.full((20, 60, 3), 40, np.uint8))
    bright = shade_of(Random(1), np.full((20, 60, 3), 220, np.uint8))
    blue = shade_of(Random(1), np.full((20, 60, 3), (200, 120, 120), np.uint8))
    assert max(dark.gain) < min(bright.gain)
    assert blue.gain[0] > blue.gain[2]
    assert shade_of(Random(1), np.zeros((0, 0, 3), np.uint8)).gain[0] > 0


def test_pixels_under_a_quad():
    """The part of the picture that a quad covers; outside there is none."""
    image = np.arange(300 * 200 * 3, dtype=np.uint32).reshape(200, 300, 3).astype(np.uint8)
    quad = np.array([(10, 20), (50, 20), (50, 40), (10, 40)], np.float32)
    assert np.array_equal(under(image, quad), image[20:41, 10:51])
    assert under(image, quad + 1000).size == 0


def test_random_quads_are_plates_seen_by_cameras():
    """Corners in order, round the middle, no wider than asked, convex."""
    random = Random(3)
    for _ in range(200):
        quad = random_quad(random, (300.0, 200.0), 120.0, 4.7)
        edges = np.roll(quad, -1, 0) - quad
        turns = edges[:, 0] * np.roll(edges[:, 1], -1) - edges[:, 1] * np.roll(edges[:, 0], -1)
        assert (turns > 0).all()
        assert np.allclose(quad.mean(0), (300, 200), atol=3)
        assert 40 < width_of(quad) < 150
        assert 15 < height_of(quad) < 45


@pytest.mark.parametrize("draw", [draw_any_plate, draw_no_plate])
def test_drawings(draw):
    """The same seed draws the same; the plate's edge lies in the drawing; colours are weighted by their cover."""
    one, again, other = draw(Random(4)), draw(Random(4)), draw(Random(5))
    assert np.array_equal(one.pixels, again.pixels)
    assert not np.array_equal(one.pixels[:20, :20], other.pixels[:20, :20]) or one.pixels.shape != other.pixels.shape
    random = Random(6)
    for _ in range(60):
        texture = draw(random)
        height, width = texture.pixels.shape[:2]
        assert texture.pixels.dtype == np.uint8
        assert texture.inner.min() >= 0
        assert (texture.inner.max(0) <= (width, height)).all()
        assert (texture.pixels[..., :3].max(-1) <= texture.pixels[..., 3]).all()


def test_plates_of_many_shapes():
    """Long, square and two-row plates, on light and dark paper."""
    random = Random(1)
    textures = [draw_any_plate(random) for _ in range(150)]
    aspects = [texture.aspect for texture in textures]
    assert min(aspects) < 1.3
    assert max(aspects) > 4.5
    papers = [float(np.median(texture.pixels[..., :3])) for texture in textures]
    assert min(papers) < 80
    assert max(papers) > 200
