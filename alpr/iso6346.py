"""Freight container codes: ISO 6346:2022, coding, identification and marking.

A code is an owner's three letters, a category (`U` freight, `J` equipment, `Z` chassis), a serial number of six
digits and a check digit; the size and type (`45G1`) stand beside it and are no part of it.
"""

from __future__ import annotations

import re
from typing import Final

LENGTH: Final = 11
CATEGORIES: Final = "UJZ"
_STRUCTURE: Final = re.compile(r"[A-Z]{3}[UJZ]\d{7}")
_TEN: Final = re.compile(r"[A-Z]{3}[UJZ]\d{6}")
# A = 10, B = 12 ...: multiples of 11 are left out, so that every letter weighs (clause 4.2.2, annex A).
_VALUES: Final = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (v for v in range(10, 39) if v % 11), strict=True)),
}
_LENGTHS: Final = {
    "1": "10 ft", "2": "20 ft", "3": "30 ft", "4": "40 ft", "B": "24 ft", "C": "24 ft 6 in", "G": "41 ft",
    "H": "43 ft", "L": "45 ft", "M": "48 ft", "N": "49 ft", "P": "53 ft",
}  # fmt: skip
_HEIGHTS: Final = {
    "0": "8 ft", "2": "8 ft 6 in", "4": "9 ft", "5": "9 ft 6 in", "6": "over 9 ft 6 in", "8": "4 ft 3 in",
    "9": "under 4 ft", "C": "8 ft 6 in, wide", "D": "9 ft, wide", "E": "9 ft 6 in, wide", "F": "over 9 ft 6 in, wide",
}  # fmt: skip
_TYPES: Final = {
    "G": "general purpose", "V": "ventilated", "B": "bulk", "S": "named cargo", "R": "refrigerated",
    "H": "insulated", "U": "open top", "P": "platform", "T": "tank", "A": "air", "K": "tank", "N": "hopper",
}  # fmt: skip
_SIZE_TYPE: Final = re.compile(rf"[{''.join(_LENGTHS)}][{''.join(_HEIGHTS)}](?:[{''.join(_TYPES)}][0-9A-Z])")


def check_digit(ten: str) -> int:
    """Compute the check digit of the first ten characters (annex A); raises ValueError when they are no such."""
    if not _TEN.fullmatch(ten):
        raise ValueError(f"{ten}: not three letters, U, J or Z, and six digits")
    return sum(_VALUES[char] << place for place, char in enumerate(ten)) % 11 % 10


def is_valid(code: str) -> bool:
    """Whether the compact code has the structure of the standard and its check digit fits."""
    return bool(_STRUCTURE.fullmatch(code)) and check_digit(code[:-1]) == int(code[-1])


def has_structure(code: str) -> bool:
    """Whether the compact code looks like one, whatever its check digit."""
    return bool(_STRUCTURE.fullmatch(code))


def fault(code: str) -> str | None:
    """Say what is wrong with a compact code, in words; None for one that is right."""
    if _STRUCTURE.fullmatch(code):
        due = check_digit(code[:-1])
        return None if due == int(code[-1]) else f"the check digit is {code[-1]}, should be {due}"
    if _TEN.fullmatch(code):
        return f"the check digit is missing, should be {check_digit(code)}"
    if len(code) != LENGTH:
        return f"has {len(code)} characters, not {LENGTH}"
    if not re.fullmatch(r"[A-Z]{3}", code[:3]):
        return f"does not begin with three letters but with {code[:3]}"
    if code[3] not in CATEGORIES:
        return f"has {code[3]} in the fourth place, not U, J or Z"
    return f"has {code[4:]} where seven digits belong"


def spaced(code: str) -> str:
    """Write a compact code as it stands on the container: `MSCU 123456 7`; other texts stay as they are."""
    return f"{code[:4]} {code[4:10]} {code[10]}" if _STRUCTURE.fullmatch(code) else code


def is_size_type(text: str) -> bool:
    """Whether the text is a size and type code, such as `45G1` (clause 5)."""
    return bool(_SIZE_TYPE.fullmatch(text))


def size_type_words(text: str) -> str:
    """Say what a size and type code means, such as `40 ft, 9 ft 6 in, general purpose`; empty for no such code."""
    if not is_size_type(text):
        return ""
    return f"{_LENGTHS[text[0]]}, {_HEIGHTS[text[1]]}, {_TYPES[text[2]]}"


def length_feet(text: str) -> int | None:
    """Return the length that a size and type code tells, in whole feet; None for no such code."""
    return int(_LENGTHS[text[0]].split()[0]) if is_size_type(text) else None
