"""What pure rooms and old rows say in English, said in the language of the page: verdicts, reasons, rules in words.

These sentences are made where no request is known, and many are stored as they were then; here their forms are
recognised again and translated. What fits none of them stays as it is.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from alpr.web.words.language import gettext as _
from alpr.web.words.language import later, spoken
from alpr.web.words.saidforms import FORMS, VALUES

_JOINTS: Final = {"; ": "; ", ", ": ", ", " or ": later(" or "), " and ": later(" and ")}


def value_words(value: str) -> str:
    """Say a word of the domain, such as a verdict or a kind of list, as the page does."""
    return _(VALUES[value]) if value in VALUES else value


def in_language(said: str) -> str:
    """Say an English sentence of the product in the language of the page."""
    return said if spoken().code == "en" else _translated(spoken().code, said)


def each_in_language(said: str) -> str:
    """Say several such sentences, which have semicolons between them, each for itself."""
    return "; ".join(in_language(one) for one in said.split("; "))


@lru_cache(4096)
def _translated(code: str, said: str) -> str:
    """Translate into the language that is spoken, whose code is part of the key alone."""
    for form, fits in _forms():
        if found := fits.fullmatch(said):
            parts = {name: _translated(code, part) for name, part in found.groupdict().items()}
            return _(form) % parts
    if said in VALUES:
        return value_words(said).lower()
    for joint, words in _JOINTS.items():
        if joint in said:
            return _(words).join(_translated(code, part) for part in said.split(joint))
    name, colon, rest = said.partition(": ")
    # A list's name before what is said of it.
    return f"{name}: {_translated(code, rest)}" if colon else said


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((form, re.compile(_pattern(form), re.DOTALL)) for form in FORMS)


def _pattern(form: str) -> str:
    parts = re.split(r"%\((\w+)\)s", form)
    fixed = [re.escape(part.replace("%%", "%")) for part in parts[::2]]
    named = [f"(?P<{name}>.+?)" for name in parts[1::2]]
    return "".join(part for pair in zip(fixed, [*named, ""], strict=True) for part in pair)
