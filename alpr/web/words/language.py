"""The language of the page being made: a context variable, so that every request has its own; English until chosen."""

from __future__ import annotations

import io
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

CATALOGUES: Final = Path(__file__).parents[2] / "locale"
"""The folder of the catalogues, `de.po`."""
NAMES: Final = {"en": "English", "de": "Deutsch"}
"""The languages there are, each by its own name; the first one is that of the source."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code as in `<html lang>`, how it writes numbers and dates, and its words."""

    code: str
    locale: Locale
    words: NullTranslations


@cache
def language(code: str) -> Language:
    """Return a language of `NAMES`, its catalogue loaded once."""
    if code == "en":
        # British dates, `18 June 2026`: a gate log is read by people of many places, and 6/18 by few.
        return Language("en", Locale("en", "GB"), NullTranslations())
    with (CATALOGUES / f"{code}.po").open("rb") as source:
        catalogue = read_po(source, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(code, Locale(code), GNUTranslations(compiled))


_spoken: ContextVar[Language | None] = ContextVar("language", default=None)


def speak(code: str) -> None:
    """Speak this language of `NAMES` for the rest of the request."""
    _spoken.set(language(code))


def spoken() -> Language:
    """Return the language of the page."""
    return _spoken.get() or language("en")


def gettext(text: str) -> str:
    """Return the text in the language of the page."""
    # The empty text is the catalogue's header.
    return spoken().words.gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form for that many, in the language of the page."""
    return spoken().words.ngettext(one, many, count)


def later(text: str) -> str:
    """Mark a constant whose text is translated where it is shown."""
    return text


def forms(one: str, many: str) -> tuple[str, str]:
    """Mark the two forms of a constant that is counted where it is shown."""
    return one, many


def number(value: float) -> str:
    """Write a whole number as the language does: 1,204 or 1.204."""
    return format_decimal(round(value), locale=spoken().locale)


def decimal(value: float, places: int = 1) -> str:
    """Write a number with so many places behind the point, or the comma: 1.2 or 1,2."""
    return format_decimal(round(value, places), format=f"#,##0.{'0' * places}", locale=spoken().locale)


def wanted(accepted: str) -> str:
    """Return the language that a browser wants by its `Accept-Language` (RFC 9110, 12.5.4), English for want of any."""
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, weight = part.partition(";")
        code = tag.strip().lower().partition("-")[0]
        if code in NAMES and (worth := _weight(weight)) > 0:
            weighed.append((-worth, place, code))
    return min(weighed)[2] if weighed else "en"


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
