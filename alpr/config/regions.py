"""Every region that plates can be told to come from."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

REGIONS: Final[Mapping[str, str]] = {
    "eu": "Europe", "us": "United States", "ca": "Canada", "mx": "Mexico", "br": "Brazil", "ar": "Argentina",
    "cl": "Chile", "co": "Colombia", "pe": "Peru", "uy": "Uruguay", "al": "Albania", "at": "Austria",
    "ba": "Bosnia and Herzegovina", "be": "Belgium", "bg": "Bulgaria", "by": "Belarus", "ch": "Switzerland",
    "cy": "Cyprus", "cz": "Czechia", "de": "Germany", "dk": "Denmark", "ee": "Estonia", "es": "Spain",
    "fi": "Finland", "fr": "France", "gb": "United Kingdom", "gr": "Greece", "hr": "Croatia", "hu": "Hungary",
    "ie": "Ireland", "is": "Iceland", "it": "Italy", "lt": "Lithuania", "lu": "Luxembourg", "lv": "Latvia",
    "md": "Moldova", "me": "Montenegro", "mk": "North Macedonia", "mt": "Malta", "nl": "Netherlands",
    "no": "Norway", "pl": "Poland", "pt": "Portugal", "ro": "Romania", "rs": "Serbia", "se": "Sweden",
    "si": "Slovenia", "sk": "Slovakia", "tr": "Turkey", "ua": "Ukraine", "ru": "Russia", "cn": "China",
    "in": "India", "au": "Australia", "nz": "New Zealand", "za": "South Africa", "ae": "United Arab Emirates",
}  # fmt: skip
"""Every region that plates can be told to come from: ISO 3166 country codes, and `eu` for all of Europe."""

_AMERICA = {"us", "ca", "mx", "br", "ar", "cl", "co", "pe", "uy"}
_ELSEWHERE = {"ru", "cn", "in", "au", "nz", "za", "ae"}
EUROPE: Final = frozenset(REGIONS) - _AMERICA - _ELSEWHERE - {"eu"}
"""The countries that `eu` stands for."""

_ALIASES = {"uk": "gb", "el": "gr", "usa": "us"}


def region_code(text: str) -> str:
    """Return the code of a region in lower case; raise ValueError with a suggestion when there is none."""
    code = text.strip().lower()
    code = _ALIASES.get(code, code)
    if code in REGIONS:
        return code
    names = {name.lower(): known for known, name in REGIONS.items()}
    close = get_close_matches(code, names, 1) or get_close_matches(code, REGIONS, 1)
    hint = f"did you mean `{names.get(close[0], close[0])}`?" if close else f"known are {', '.join(REGIONS)}"
    raise ValueError(f"unknown region `{text}`, {hint}")
