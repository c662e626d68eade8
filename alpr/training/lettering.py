"""The typefaces of real authorities, struck from the strokes that the training draws its own from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from alpr.training.reader.strokes import Die, struck_typeface
from alpr.training.reader.typeface import Typeface

_USUAL: Final[Mapping[str, float]] = {
    "1": 0.64, "I": 0.3, "M": 1.26, "W": 1.34, "O": 1.06, "Q": 1.06, "0": 0.94, "E": 0.9, "F": 0.88, "L": 0.86,
    "J": 0.86, "A": 1.06, "V": 1.06, "X": 1.02, "Y": 1.02,
}  # fmt: skip
"""How wide characters are against the others."""
_EVEN: Final[Mapping[str, float]] = {"1": 0.66, "I": 0.5, "M": 1.24, "W": 1.24}
"""The same where falsifying was made hard: nearly all alike."""


@dataclass(frozen=True, slots=True)
class _Design:
    die: Die
    shares: Mapping[str, float] = field(default_factory=lambda: _USUAL)
    variants: Mapping[str, int] = field(default_factory=dict)


def _die(width: float, across: float, *, along: float = 0.9, radius: float = 12.0, square: bool = True) -> Die:
    return Die(width, across, across * along, radius, square=square, slant=0.0, even=False)


_DESIGNS: Final[Mapping[str, _Design]] = {
    "din": _Design(_die(31, 7.6)),
    "even": _Design(_die(33, 7.4), _EVEN, {"0": 1, "O": 1, "4": 2, "6": 1, "9": 1, "3": 1, "M": 3, "W": 1}),
    "bold": _Design(_die(34, 9.6), variants={"1": 2}),
    "narrow": _Design(_die(29, 6.6, square=False)),
    "round": _Design(_die(32, 7.4, square=False), variants={"1": 2, "2": 0, "7": 0}),
}  # fmt: skip


@cache
def lettering(name: str) -> Typeface:
    """Return one of the typefaces: `din`, `even`, `bold`, `narrow`, `round`."""
    design = _DESIGNS[name]
    return struck_typeface(name, design.die, design.variants, design.shares)
