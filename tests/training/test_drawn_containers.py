"""Drawn containers: the same seed draws the same picture, and the truth says where each code stands."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from alpr.iso6346 import is_size_type, is_valid
from alpr.training.containerlettering import LAYOUTS
from alpr.training.containers import draw_face
from alpr.training.containerscene import HEIGHT, WIDTH, draw_scene, draw_stack


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["doors", "side", "end", "roof", "reefer", "tank"])
def test_every_layout_on_every_face(kind, layout):
    """The code is a right one and stands within the face, light on dark or dark on light."""
    face = draw_face(Random(4), kind, layout, own_font=True)
    height, width = face.image.shape[:2]
    x1, y1, x2, y2 = face.place
    assert is_valid(face.code)
    assert is_size_type(face.size_type)
    assert 0 <= x1 < x2 <= width
    assert 0 <= y1 < y2 <= height
    code = face.image[int(y1) : int(y2), int(x1) : int(x2)]
    assert np.ptp(code.astype(int)) > 60


def test_a_scene_tells_what_can_be_seen():
    """Codes that the picture's edge cuts are left out of the truth; a seed draws the same again."""
    one, again, other = draw_scene(Random(5)), draw_scene(Random(5)), draw_scene(Random(6))
    assert np.array_equal(one.image, again.image)
    assert one.codes == again.codes
    assert not np.array_equal(one.image, other.image)
    assert one.image.shape == (HEIGHT, WIDTH, 3)
    for code in [*one.codes, *other.codes]:
        assert 0 <= code.box.x1 < code.box.x2 <= WIDTH
        assert is_valid(code.code)


def test_a_stack_shows_many_codes_none_of_them_covered():
    """Containers stand beside and on each other; no code's box lies in another's."""
    stack = draw_stack(Random(3))
    assert len(stack.codes) >= 6
    assert len({code.code for code in stack.codes}) == len(stack.codes)
    assert all(one.box.iou(other.box) == 0 for one in stack.codes for other in stack.codes if one is not other)
