"""Makers' words for vehicles and colours, and ours."""

from __future__ import annotations

from typing import Final

from alpr.domain import Label

_TYPES: Final = {
    Label.CAR: "car sedan saloon hatchback suv suvmpv mpv smallcar vehicle pickup pickuptruck coupe cabriolet taxi",
    Label.TRUCK: "truck lorry bigtruck heavytruck lighttruck largetruck mediumtruck trailer tractor hgv oiltanktruck",
    Label.VAN: "van minivan minibus minitruck lcv",
    Label.BUS: "bus coach largebus mediumbus midsizepassengercar",
    Label.MOTORCYCLE: "motorcycle motorbike twowheelvehicle twowheeler threewheelvehicle moped",
}
_LABELS: Final = {word: label for label, words in _TYPES.items() for word in words.split()}
_COLOURS: Final = {"gray": "grey", "golden": "yellow", "pink": "red", "cyan": "teal", "deepblue": "blue"}
_NOTHING: Final = frozenset({"", "unknown", "other", "none", "undefined", "null"})


def type_of(word: str) -> str | None:
    """Return the label that a maker's word means, the word itself where it has none, or None for `unknown`."""
    folded = word.casefold()
    if folded in _NOTHING:
        return None
    label = _LABELS.get("".join(character for character in folded if character.isalpha()))
    return label.value if label else folded


def colour_of(word: str) -> str | None:
    """Return the colour in our words, or None for `unknown`."""
    folded = word.casefold()
    return None if folded in _NOTHING else _COLOURS.get(folded, folded)
