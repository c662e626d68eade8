"""What somebody typed to find a text: the pattern, whether a text fits it, and why. Pure: no database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alpr.domain import compact, fold
from alpr.site.glob import ANY_ONE, ANY_RUN, align, compact_glob


class Mode(StrEnum):
    """How much of a text the typed part must be."""

    CONTAINS = "contains"
    PREFIX = "prefix"
    EXACT = "exact"
    WILDCARD = "wildcard"


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is looked for in the compact text (`alpr.domain.compact`); `*` is any run, `?` one character."""

    typed: str
    """Over the whole text: `*AB1*` for what contains `AB1`; letters as they were typed."""
    folded: str
    """The same with look-alikes folded (`alpr.domain.canonical`)."""
    mode: Mode
    look_alikes: bool = True
    """Whether a look-alike of what was typed fits as well."""

    @property
    def empty(self) -> bool:
        """Whether no letter and no digit was typed: every text fits a pattern of `*` alone."""
        return not self.typed.strip(ANY_RUN + ANY_ONE)


@dataclass(frozen=True, slots=True)
class Match:
    """Why a text fits."""

    how: str
    """`is`, `begins with`, `contains` or `fits`."""
    typed: str
    """The pattern as a person would write it."""
    swaps: tuple[tuple[str, str], ...] = ()
    """Look-alikes that were forgiven: typed, stored."""

    @property
    def reason(self) -> str:
        """Say it in words: `matched with O=0`, `begins with AB1`."""
        if self.swaps:
            return "matched with " + ", ".join(f"{typed}={stored}" for typed, stored in self.swaps)
        return f"{self.how} {self.typed}"


def parse_pattern(text: str, mode: Mode | None = None, *, look_alikes: bool = True) -> Pattern:
    """Read what was typed; without a mode `*` and `?` make it a wildcard over the whole text, else it is contained."""
    if mode is None:
        mode = Mode.WILDCARD if ANY_RUN in text or ANY_ONE in text else Mode.CONTAINS
    if mode is Mode.WILDCARD:
        typed = compact_glob(text)
    else:
        before = ANY_RUN if mode is Mode.CONTAINS else ""
        after = "" if mode is Mode.EXACT else ANY_RUN
        typed = compact_glob(f"{before}{compact(text)}{after}")
    return Pattern(typed, fold(typed), mode, look_alikes)


def match(pattern: Pattern, text: str) -> Match | None:
    """Return why the text fits the pattern, or None."""
    stored = compact(text)
    # The very characters that were typed explain more than look-alikes further to the left.
    places = align(pattern.typed, stored)
    if places is None and pattern.look_alikes:
        places = align(pattern.folded, fold(stored))
    if places is None:
        return None
    signs = (sign for sign in pattern.typed if sign not in {ANY_RUN, ANY_ONE})
    pairs = dict.fromkeys((sign, stored[place]) for sign, place in zip(signs, places, strict=True))
    swaps = tuple((typed, there) for typed, there in pairs if typed != there)
    typed = pattern.typed if pattern.mode is Mode.WILDCARD else pattern.typed.strip(ANY_RUN)
    return Match(_how(pattern.mode, places, len(stored)), typed, swaps)


def match_reason(query: str, text: str) -> str:
    """Say why a text was found by a query as typed into a search field; empty when it does not fit."""
    found = match(parse_pattern(query), text)
    return "" if found is None else found.reason


def _how(mode: Mode, places: list[int], length: int) -> str:
    if mode is Mode.WILDCARD:
        return "fits"
    if len(places) == length:
        return "is"
    return "begins with" if places[:1] == [0] else "contains"
