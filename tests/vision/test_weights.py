"""Subnormal weights are set to zero in the bytes of a model file, and nothing else is touched."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from alpr.vision.onnx import open_session
from alpr.vision.textline import shipped_text_model
from alpr.vision.weights import without_subnormals

TINY = 1e-40
LEAST = 1.1754944e-38


def field(number: int, wire: int, content: bytes) -> bytes:
    key = bytes([number << 3 | wire])
    return key + (bytes([len(content)]) if wire == 2 else b"") + content


def model(data_type: int, weights: bytes, place: int = 9) -> bytes:
    """Encode a model with one initializer and fields of every wire type round it."""
    tensor = field(1, 0, b"\x03") + field(2, 0, bytes([data_type])) + field(place, 2, weights)
    graph = field(2, 2, b"name") + field(5, 2, tensor)
    return field(1, 0, b"\x88\x01") + field(3, 5, b"1234") + field(4, 1, b"12345678") + field(7, 2, graph)


@pytest.mark.parametrize("place", [4, 9])
def test_subnormal_weights_become_zero_and_no_others_change(place: int) -> None:
    """Float weights below the least normal number are set to zero, in either way of keeping them."""
    before = struct.pack("<5f", 1.5, TINY, -TINY, LEAST, -2e-30)
    after = struct.pack("<5f", 1.5, 0.0, 0.0, LEAST, -2e-30)
    assert without_subnormals(model(1, before, place)) == model(1, after, place)


def test_weights_of_other_types_stay() -> None:
    """What is no float32 has other bits for small numbers: it stays."""
    whole_numbers = model(6, struct.pack("<3i", 1, 2, 3))
    assert without_subnormals(whole_numbers) == whole_numbers


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\xff" * 40, model(1, b"1234")[:-3]])
def test_what_is_no_model_comes_back_as_it_is(content: bytes) -> None:
    """A broken file is left for the runtime to complain about."""
    assert without_subnormals(content) == content


def test_the_shipped_detector_has_subnormal_weights_and_runs_without() -> None:
    """The detector in RapidOCR's wheel gains by it, and still loads."""
    path = shipped_text_model()
    before = path.read_bytes()
    after = without_subnormals(before)
    assert len(after) == len(before)
    assert np.count_nonzero(np.frombuffer(after, "u1") != np.frombuffer(before, "u1")) > 100_000
    assert open_session(path, "cpu", probe=(1, 3, 64, 64)).provider == "CPUExecutionProvider"
