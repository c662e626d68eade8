"""What is written on plates: by the formats of authorities, by owners' wishes; look-alikes more often than in life.

A pattern's `A` is a letter, `9` a digit, `X` either; anything else stands as it is. What is drawn and not read: a space
is a gap, `-` and `.` are marks, `:` two seals one above the other, `#` an emblem between the characters.
"""

from __future__ import annotations

from random import Random
from typing import Final

from alpr.training.reader.chance import happens
from alpr.training.reader.words import words
from alpr.vision.ocr import ALPHABET

_LETTERS: Final = ALPHABET[10:]
_DIGITS: Final = ALPHABET[:10]
_HARD: Final = (
    "O0Q", "I1", "IT", "Z2", "Z2", "B8", "S5", "G6C", "D0", "VY", "HMNW", "E8", "A4", "T7", "KX", "3B", "UV", "PR",
    "FE", "LJ",
)  # fmt: skip
_HARD_SHARE: Final = 0.22
_PASSENGER_SHARE: Final = 0.6

STATES: Final[dict[str, tuple[int, tuple[str, ...]]]] = {
    "al": (5, ("9A9999", "99A999", "99AA999", "9A99A99", "9AA9999")),
    "ak": (1, ("AAA 999",)),
    "ar": (3, ("AAA 99A", "999 AAA")),
    "az": (6, ("A9A 9AA", "AAA9999", "AAA 9A9")),
    "ca": (31, ("9AAA999", "9AAA999", "9AAA999", "9A99999", "99999A9")),
    "co": (5, ("AAA-A99", "AAA-999", "999-AAA", "999AAA")),
    "ct": (4, ("AA-99999", "999-AAA", "999#AAA")),
    "dc": (1, ("AA-9999", "AA 9999")),
    "de": (1, ("999999", "99999")),
    "fl": (18, ("AAA A99", "A99 9AA", "AA9 9AA", "999 9AA", "99A AAA")),
    "ga": (9, ("AAA 9999", "AAA#9999")),
    "hi": (1, ("AAA 999",)),
    "ia": (4, ("AAA 999", "999 AAA")),
    "id": (2, ("9A 99999", "9A A9999", "A 999999", "9A#A999")),
    "il": (10, ("AA 99999", "A99 9999", "AA9 9999", "999 9999", "A 999999")),
    "in": (6, ("999AAA", "999A", "999AA", "AAA 999")),
    "ks": (3, ("999 AAA", "9999AAA", "999#AAA")),
    "ky": (4, ("999 AAA", "A9A 999", "AAA 999")),
    "la": (4, ("999 AAA", "AAA 999", "A999999")),
    "ma": (5, ("9AA A99", "999 AA9", "9999 AA", "99A A99")),
    "md": (5, ("9AA 9999", "9AA9999", "AAA 999")),
    "me": (1, ("999 AAA", "9999 AA")),
    "mi": (9, ("AAA 9999", "9AA A99")),
    "mn": (5, ("AAA-999", "999-AAA", "999 AAA")),
    "mo": (5, ("AA9 A9A", "AA9 A9A", "AA9#A9A")),
    "ms": (3, ("AAA 999", "AAA 9999")),
    "mt": (1, ("9-99999A", "99-9999A", "999999A")),
    "nc": (8, ("AAA-9999", "AAA 9999")),
    "nd": (1, ("999 AAA",)),
    "ne": (2, ("AAA 999", "99-A999", "9-A9999")),
    "nh": (1, ("999-9999", "9999999")),
    "nj": (6, ("A99-AAA", "AAA-99A", "A99#AAA")),
    "nm": (2, ("AAA-999", "AAA-A99", "999-AAA")),
    "nv": (3, ("99A-999", "999-AAA", "999-A99")),
    "ny": (11, ("AAA 9999", "AAA-9999")),
    "oh": (10, ("AAA 9999", "AA99 AA")),
    "ok": (4, ("999-AAA", "AAA-999")),
    "or": (4, ("999 AAA", "AAA 999")),
    "pa": (11, ("AAA-9999", "AAA 9999")),
    "ri": (1, ("AA-999", "999-999", "9AA-999")),
    "sc": (4, ("999 AAA", "AAA 999", "AAA 9999")),
    "sd": (1, ("9A9 999", "99A 999")),
    "tn": (6, ("9A9 9A9", "A99-99A", "AAA 9999", "999 AAA")),
    "tx": (22, ("AAA-9999", "AAA 9999", "AA9 A999", "A99-AAA")),
    "ut": (3, ("A99 9AA", "999 AAA", "9A9 9AA", "A999AA")),
    "va": (8, ("AAA-9999", "AAA 9999")),
    "vt": (1, ("AAA 999",)),
    "wa": (7, ("AAA9999", "999-AAA", "AAA 9999")),
    "wi": (5, ("AAA-9999", "999-AAA", "AAA 9999")),
    "wv": (2, ("9AA 999", "AA 9999")),
    "wy": (1, ("9-99999", "99-9999")),
}
"""By state: cars in millions, and the formats of its passenger plates, the current one first."""
AMERICAN: Final = (
    "AAA 9999", "AAA-9999", "AAA 9999", "999 AAA", "999-AAA", "AAA 999", "AAA-999", "AAA#999", "999#AAA", "AAA.999",
    "9AAA999", "9AAA999", "9AAA999", "AA 99999", "AA-99999", "AAA 99A", "A99-AAA", "A99 AAA", "A99#AAA", "99A AAA",
    "999AAA9", "AA9 9AA", "9A9999", "9A99999", "99-9999", "9-99999", "99 A 9999", "99A#A99", "99A A99", "AA#9999",
    "AA 9999", "9999 AA", "99#9999A", "99 9999A", "A999999", "A99 99A", "AAA#9999", "99AA99", "999 AA9", "A#99999",
    "A 99999", "99999A", "999 999", "999-999", "999 9999", "999#9999", "9999999", "999999", "AA 999", "AA-999",
    "AAA99A", "AAA#99A", "A999AA", "9AA A99", "9AA 999", "999 9AA", "9A9 999", "99AAA99", "9AA9999", "AAA9999",
    "AAA 9A99", "AA9 A999", "9AA 9AA", "AA99 AAA", "A9 9999", "99 999A", "AAAA 999", "AAAA999", "9999A9", "AA9999A",
    "A9A 9A9", "9AA.99A", "AAA:99A", "99999", "9999", "A9999", "AA9999", "AA#99 AA", "9AA#A99", "999#A99", "9AA#999",
)  # fmt: skip
GERMAN: Final = (
    "A:AA 999", "A:AA 9999", "A:A 9999", "A:A 999", "AA:AA 999", "AA:AA 99", "AA:A 9999", "AA:A 999", "AAA:AA 99",
    "AAA:A 999", "AA:AA 9", "A:AA 99", "AAA:AA 999", "AA:AA 9999", "A-AA 9999", "AA-AA 999", "AA AA 999E", "A:AA 99H",
)  # fmt: skip
BRITISH: Final = (
    "AA99 AAA", "AA99 AAA", "AA99 AAA", "AA99AAA", "A999 AAA", "A99 AAA", "A9 AAA", "AAA 999A", "AAA 99A", "9 AAA",
    "AAA 9",
)  # fmt: skip
IBERIAN_DIGITS: Final = (
    "9999 AAA",
)  # fmt: skip
EUROPEAN: Final = (
    "AA-999-AA", "AA 999 AA", "AA 999AA", "AA-999-AA", "9999 AA 99", "99-AA-99", "99-AAA-9", "9-AAA-99", "AA-99-AA",
    "99-99-AA", "AAA-99-A", "A-999-AA", "AA-999-A", "AA 99999", "AA 9999A", "AA 99AAA", "AAA 9999", "AAA 99AA",
    "9A9 9999", "9AA 9999", "AA 99 AAA", "A 99 AAA", "B 99 AAA", "B 999 AAA", "AA.999AA", "AA 999AA", "AAA-999",
    "AA 99 999", "AA-9999-A", "AA 999-AA", "9-AAA-999", "1-AAA-999", "AAA 999", "AAA 99A", "AA 999999", "AA.99999",
    "A 9999 AA", "AA 9999 AA", "A 9999 AA", "999 AAA", "AAA-9999", "A 99999", "99 A 9999", "99 AA 999", "99 AAA 99",
    "AA 9999", "AA 99-99", "AA-9999", "AA 999", "999-A-9999", "99-A-99999", "A999AA 99", "A999AA 999", "9999 AA-9",
    "AA 999-A", "AA99 9AA", "A9-99-AAA", "AA A9-999", "AA:999 AA", "AA 999 A", "A:999 AAA", "AA:99 AA",
)  # fmt: skip
BRAZILIAN_OLD: Final = (
    "AAA-9999", "AAA-9999", "AAA 9999", "AAA.9999",
)  # fmt: skip
BRAZILIAN_NEW: Final = (
    "AAA9A99",
)  # fmt: skip
ELSEWHERE: Final = (
    "AAA 999", "AA 999 AA", "AAA.999", "A999AAA", "AAAA:99", "AA AA:99", "AA:9999", "AAA-99-99", "AAA-999-A",
    "A99-AAA", "AAA 99A", "999 AAA", "AA 99 A 9999", "AA 99 AA 9999", "AA99 AA 9999", "AA99AA9999", "AA-99-AA-9999",
    "AA 9A 9999", "99 AA 9999", "AAA 999", "AA-99-AA", "99-99-99", "999-99-999", "99-999-99", "9999 AAA", "AAA999 AA",
    "AA 99 AA AA", "AAA 9999", "A 999 AA", "A.99999", "A.9999", "AAA-9999", "AA-9999", "AA 99999", "A 99999",
    "9AAA 999", "AAA 99AA", "ABC 999A", "AAA 999 A", "AAA 9999 A", "99AA99", "AA99AA", "999 999", "9A A999",
    "1AA 9AA", "9AA 9AA", "S9999AAA", "AAAA 999", "AAAA-999", "AAA 9999", "AAA A999", "A9A 9A9", "AA 9999", "AA 999",
    "A 9999", "99A 9999", "999A 9999",
)  # fmt: skip
ARGENTINE: Final = (
    "AAA 999", "AAA 999", "AAA 999", "AAA.999", "AAA-999", "AA 999 AA",
)  # fmt: skip
CHINESE: Final = (
    "A.99999", "A.99999", "A.9A999", "A.A9999", "A.99A99", "A.999A9", "A.9999A", "A.AA999", "A.A99999", "A.99999A",
)  # fmt: skip
STACKED: Final = (
    "999|AAA", "A99|9AAA", "A99|9AAA", "AA99|AAA", "AAA|9999", "AAA|999", "AA 99|AA 9999", "AA-9|9999",
    "AA 99 A|9999", "A 999|AAA", "AA|999 AA", "9999|AAA", "AAA-99|9999", "AA.A|9999", "99|AAA", "AAA|9A99", "A99|AAA",
    "AA 999|AA", "AA 9|A 9999", "AA|9999", "AA A|9999", "AA|9999 A", "AAA|99 A", "AA 99|AAA", "99-A9|999.99",
    "AA:A|999", "A:AA|999", "AAA|99A", "999|AAA", "AAAA|99", "AA|AA99", "AA99|9999", "A|99999", "AA|999",
    "AA-99-A|9999", "AAA|9 A99",
)  # fmt: skip


def shown_text(random: Random, patterns: tuple[str, ...], *, letters: str = _LETTERS) -> str:
    """Make up a text of one of the patterns, its marks included."""
    return _filled(random, random.choice(patterns), letters)


def wished_text(random: Random) -> str:
    """Make up a text as an owner may wish for it: words, initials, numbers, or anything."""
    if happens(random, 0.4):
        text = "".join(
            random.choice(ALPHABET) for _ in range(random.choices((3, 4, 5, 6, 7, 8), (1, 2, 6, 9, 9, 1))[0])
        )
    else:
        text = "".join(random.choice(words().wishes) for _ in range(random.randint(1, 3)))[:7]
        if happens(random, 0.4):
            text = (
                f"{text[:6]}{random.choice(_DIGITS)}" if happens(random, 0.5) else f"{random.choice(_DIGITS)}{text[:6]}"
            )
    if len(text) > 2 and happens(random, 0.45):  # noqa: PLR2004 - a gap stands between characters
        at = random.randint(1, len(text) - 1)
        text = text[:at] + random.choice("   -.#") + text[at:]
    return text


def american_text(random: Random, letters: str) -> str:
    """Make up a text as a state's passenger plates have it, the large states' most often, or of any other plate."""
    if not happens(random, _PASSENGER_SHARE):
        return shown_text(random, AMERICAN, letters=letters)
    states = tuple(STATES.values())
    _, formats = random.choices(states, [cars for cars, _ in states])[0]
    return shown_text(random, formats, letters=letters)


def read_text(shown: str) -> str:
    """Return what a reader should say: letters and digits only."""
    return "".join(char for char in shown if char in ALPHABET)


def _filled(random: Random, pattern: str, letters: str) -> str:
    text, last = "", ""
    for part in pattern:
        allowed = {"A": letters, "9": _DIGITS, "X": ALPHABET}.get(part)
        last = _character(random, allowed, last) if allowed else part
        text += last
    return text


def _character(random: Random, allowed: str, last: str) -> str:
    if last in ALPHABET and last and last in allowed and happens(random, 0.06):
        return last  # twice the same: what a line reader swallows
    if happens(random, _HARD_SHARE):
        hard = [char for char in random.choice(_HARD) if char in allowed]
        if hard:
            return random.choice(hard)
    return random.choice(allowed)
