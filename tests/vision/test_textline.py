"""The second opinion: reads drawn plates, and folds thousands of characters onto ours."""

from __future__ import annotations

import numpy as np
import pytest

from alpr.errors import ModelError
from alpr.paths import shipped
from alpr.vision.ocr import ALPHABET, CLASSES
from alpr.vision.onnx import open_session
from alpr.vision.textline import LineRecognizer, _folding, shipped_line_model
from tests.drawn_plates import drawn_plate, shipped_engine


def _best_path(ctc: np.ndarray) -> str:
    best = ctc.argmax(axis=1)
    return "".join(ALPHABET[c - 1] for i, c in enumerate(best) if c and (i == 0 or best[i - 1] != c))


@pytest.mark.parametrize(
    ("drawn", "read"), [("ABC1234", "ABC1234"), ("WVX 8832", "WVX8832"), ("KL-M460", "KLM460"), ("abr2345", "ABR2345")]
)
def test_it_reads_a_drawn_plate(drawn, read):
    """Lower case counts as upper case; spaces and dashes vanish."""
    ctc = shipped_engine().second.read(drawn_plate(drawn))
    assert ctc.shape[1] == CLASSES
    assert _best_path(ctc) == read


def test_folding():
    """Each character of the model falls on the class of its upper case, separators on blank, others on nothing."""
    folded = _folding(["a", "A", "·", "7", "車", "é"])
    assert folded[0].tolist() == [0, 3, 7], "blank, the dot, and the space that the model appends"
    assert folded[ALPHABET.index("A") + 1].tolist() == [1, 2]
    assert folded[ALPHABET.index("7") + 1].tolist() == [4]
    assert sum(len(sources) for sources in folded) == 6


def test_what_a_boxed_digit_looks_like_is_that_digit():
    """The box round a check digit makes a circled digit of it, or a character of another script."""
    folded = _folding(["⑥", "回", "\uff21"])
    assert [folded[ALPHABET.index(char) + 1].tolist() for char in "60A"] == [[1], [2], [3]]


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (200, 4), (48, 480)])
def test_odd_crops(shape):
    """Slivers and specks are read without an error."""
    ctc = shipped_engine().second.read(np.full((*shape, 3), 128, np.uint8))
    assert np.isfinite(ctc).all()
    assert (ctc.sum(axis=1) <= 1 + 1e-3).all()


def test_the_newest_shipped_model_is_taken():
    """It comes with rapidocr."""
    assert shipped_line_model().is_file()
    assert "rec" in shipped_line_model().name


def test_a_model_without_characters():
    """The plate reader in its place is refused by name."""
    with pytest.raises(ModelError, match=r"plate-reader\.onnx: carries no character list"):
        LineRecognizer(open_session(shipped("models") / "plate-reader.onnx", "cpu"))
