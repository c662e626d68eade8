"""Formats of plate texts by region, as a soft prior: they repair look-alikes and forbid nothing."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from alpr.errors import ConfigError
from alpr.vision.ocr import ALPHABET

FloatArray: TypeAlias = NDArray[np.float64]

_LETTERS = ALPHABET[10:]
_DIGITS = ALPHABET[:10]
_ELEMENT = re.compile(r"(\[[A-Z0-9]+\]|[A-Z0-9])(?:\{(\d)-(\d)\})?")
_PROJECTIONS = 4
_UNUSUAL = 0.05
"""Weight of a text that fits no format of the site's regions, against a text drawn at random: some do."""
_TRUST = 0.5
"""Exponent of the prior: the table of formats is neither complete nor weighted by how common each is."""
_RARE = 0.25
"""How often a letter that a country avoids (in the US mostly I, O and Q) stands where another would."""
_LIKELY = 0.1
_CLEARLY = 0.7
"""Probability of a region from which its formats are asked, and from which it is named."""
_FEW = 8
"""Formats a length needs before each of them counts for less than an eighth."""


@dataclass(frozen=True, slots=True)
class _Table:
    """All formats of one length.

    `log_share` is `(formats, length, 36) float64`: the log of how likely a format puts a character at a
    place, -inf where it never does.
    """

    log_share: FloatArray
    countries: tuple[str, ...]


class FormatGrammar:
    """The formats of some regions; without any region every text is as usual as any other."""

    def __init__(self, regions: Sequence[str] = ()) -> None:
        codes = _countries_of(tuple(sorted(set(regions))))
        self._tables = _tables(codes)
        self._words = any(_formats()[1][code].words for code in codes)
        self._longest = max(self._tables, default=0) + (1 if self._words else 0)

    def log_prior(self, text: str) -> float:
        """Return the log of how much more usual the text is than a random one of its length.

        A format is a mixture component that spreads over what it allows, so a digit's place (10 ways)
        says more than a letter's (26). Without regions every text is as usual as any other.
        """
        if not self._tables:
            return 0.0
        gains = self._log_shares(text) + len(text) * math.log(len(ALPHABET))
        usual = float(np.exp(gains).sum()) / max(_FEW, len(gains))
        return _TRUST * math.log(_UNUSUAL + usual)

    def projections(self, places: FloatArray) -> Iterable[str]:
        """Give the best texts of known formats for `places` `(length, 36)`, log-probabilities."""
        table = self._tables.get(len(places))
        if table is None:
            return
        scores = places + _TRUST * table.log_share
        totals = scores.max(axis=2).sum(axis=1)
        for index in np.argsort(-totals)[:_PROJECTIONS]:
            yield "".join(ALPHABET[i] for i in scores[index].argmax(axis=1))

    def region(self, text: str) -> str | None:
        """Name the one country whose formats the text fits; nothing when several share the format."""
        table = self._tables.get(len(text))
        fitting = {table.countries[i] for i in np.flatnonzero(np.isfinite(self._log_shares(text)))} if table else set()
        return next(iter(fitting)) if len(fitting) == 1 else None

    def is_lettering(self, text: str) -> bool:
        """Whether no plate of the regions says this, but a badge or a shop may: no digit in it, or too much of it.

        Never where owners may wish for any text, unless it is longer than a plate has room for.
        """
        if not self._tables or np.isfinite(self._log_shares(text)).any():
            return False
        return len(text) > self._longest or (text.isalpha() and not self._words)

    def _log_shares(self, text: str) -> FloatArray:
        """Return, for each format of the text's length, the log of its share of all texts of the format."""
        table = self._tables.get(len(text))
        if table is None or not all(char in ALPHABET for char in text):
            return np.zeros(0)
        shares: FloatArray = table.log_share[:, np.arange(len(text)), [ALPHABET.index(char) for char in text]].sum(
            axis=1
        )
        return shares


class HintedGrammar:
    """The formats of several regions, each as far as the plate looks like one of its own."""

    def __init__(self, parts: Sequence[tuple[FormatGrammar, float]]) -> None:
        """Take grammars with their probabilities, which sum to 1."""
        self._parts = [(part, share) for part, share in parts if share > 0]

    def log_prior(self, text: str) -> float:
        """Return the log of the mixture of the parts' priors."""
        return math.log(sum(share * math.exp(part.log_prior(text)) for part, share in self._parts))

    def projections(self, places: FloatArray) -> Iterable[str]:
        """Give the texts that the likely parts propose."""
        for part, share in self._parts:
            if share > _LIKELY:
                yield from part.projections(places)

    def is_lettering(self, text: str) -> bool:
        """Whether it is none of a plate, of wherever the plate clearly looks to come from."""
        return sum(share for part, share in self._parts if part.is_lettering(text)) > _CLEARLY

    def region(self, text: str) -> str | None:
        """Name the country whose formats the text fits, if the plate looks like one of that region."""
        part, share = max(self._parts, key=lambda each: each[1])
        return part.region(text) if share > _CLEARLY else None


def known_regions() -> tuple[str, ...]:
    """Return every region code that has formats: groups first, then countries."""
    groups, countries = _formats()
    return (*groups, *countries)


@dataclass(frozen=True, slots=True)
class _Country:
    formats: tuple[str, ...]
    letters: str = _LETTERS
    rare: str = ""
    words: bool = False


@cache
def _formats() -> tuple[dict[str, list[str]], dict[str, _Country]]:
    """Return `(group → countries, country → its formats)`."""
    data = tomllib.loads((files(__package__) / "formats.toml").read_text("utf-8"))
    countries = {
        code: _Country(
            tuple(entry["formats"]), entry.get("letters", _LETTERS), entry.get("rare", ""), entry.get("words", False)
        )
        for code, entry in data["countries"].items()
    }
    return data["groups"], countries


def _countries_of(regions: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes of the countries, those of groups included; raise ConfigError for one that is not known."""
    groups, countries = _formats()
    unknown = [region for region in regions if region not in groups and region not in countries]
    if unknown:
        raise ConfigError(f"region {', '.join(unknown)}: not known; known are {', '.join(known_regions())}")
    return tuple(dict.fromkeys(code for region in regions for code in groups.get(region, [region])))


@cache
def _tables(codes: tuple[str, ...]) -> dict[int, _Table]:
    _, countries = _formats()
    rows: dict[int, list[tuple[FloatArray, str]]] = {}
    for code in codes:
        for pattern in countries[code].formats:
            for shares in _expand(pattern, countries[code]):
                rows.setdefault(len(shares), []).append((shares, code))
    return {
        length: _Table(np.stack([shares for shares, _ in found]), tuple(code for _, code in found))
        for length, found in rows.items()
    }


def _expand(pattern: str, country: _Country) -> Iterable[FloatArray]:
    """Give the `(length, 36)` log-shares of every length that the pattern stands for."""
    elements = _ELEMENT.findall(pattern)
    repeats = [range(int(low or 1), int(high or low or 1) + 1) for _, low, high in elements]
    for counts in product(*repeats):
        places = [
            _log_share(symbol, country)
            for (symbol, _, _), count in zip(elements, counts, strict=True)
            for _ in range(count)
        ]
        yield np.stack(places)


def _log_share(symbol: str, country: _Country) -> FloatArray:
    allowed = {"A": country.letters, "9": _DIGITS, "X": ALPHABET}.get(symbol, symbol.strip("[]"))
    weights = np.array([(_RARE if char in country.rare else 1.0) if char in allowed else 0.0 for char in ALPHABET])
    with np.errstate(divide="ignore"):
        logs: FloatArray = np.log(weights / weights.sum())
    return logs
