"""Weights of an ONNX file that are too small to be normal numbers: they change no result, and cost most of the time.

A processor works with subnormal numbers (IEEE 754-2008, section 2.1.51) many times slower than with others; training
with weight decay leaves whole layers of them. In PP-OCR's detector they are three fifths of its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

# Protocol Buffers encoding, and the fields of onnx.proto3 on the way to the weights.
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_GRAPH, _INITIALIZER = 7, 5
_DATA_TYPE, _FLOAT_DATA, _RAW_DATA = 2, 4, 9
_FLOAT: Final = 1
_LEAST: Final = np.finfo(np.float32).tiny


def without_subnormals(model: bytes) -> bytes:
    """Return the file with its subnormal weights set to zero; what is no ONNX file comes back as it is."""
    data = bytearray(model)
    try:
        for start, end in _weights(data):
            weights = np.frombuffer(data, "<f4", (end - start) // 4, start)
            weights[np.abs(weights) < _LEAST] = 0.0
    except (IndexError, ValueError):  # truncated, or something else: its reader says so
        return model
    return bytes(data)


def _weights(data: bytearray) -> Iterator[tuple[int, int]]:
    """Give where the float32 values of each initializer begin and end."""
    for field, start, end in _fields(data, 0, len(data)):
        if field != _GRAPH:
            continue
        for inner, first, last in _fields(data, start, end):
            if inner == _INITIALIZER:
                yield from _floats(data, first, last)


def _floats(data: bytearray, start: int, end: int) -> Iterator[tuple[int, int]]:
    fields = list(_fields(data, start, end))
    kinds = [_varint(data, first)[0] for field, first, _ in fields if field == _DATA_TYPE]
    if kinds == [_FLOAT]:
        yield from ((first, last) for field, first, last in fields if field in {_FLOAT_DATA, _RAW_DATA})


def _fields(data: bytearray, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Give number, begin and end of each field of a message; raise ValueError where it is none."""
    place = start
    while place < end:
        key, place = _varint(data, place)
        wire = key & 7
        if wire == _VARINT:
            last = _varint(data, place)[1]
        elif wire == _LENGTH:
            length, place = _varint(data, place)
            last = place + length
        elif wire in {_EIGHT_BYTES, _FOUR_BYTES}:
            last = place + (8 if wire == _EIGHT_BYTES else 4)
        else:
            raise ValueError(f"wire type {wire}")
        if last > end:
            raise ValueError("a field is longer than its message")
        yield key >> 3, place, last
        place = last


def _varint(data: bytearray, place: int) -> tuple[int, int]:
    """Return a number of variable length, and where it ends; raise IndexError past the end."""
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the last byte has its top bit clear
            return value, place
        shift += 7
