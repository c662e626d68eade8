"""The language of the page being made: a context variable, so that every request has its own; English until chosen."""

from __future__ import annotations

from contextvars import ContextVar
from gettext import NullTranslations
from typing import Final

_ENGLISH: Final = NullTranslations()
_chosen: ContextVar[NullTranslations] = ContextVar("translations", default=_ENGLISH)


def choose(translations: NullTranslations) -> None:
    """Speak this language for the rest of the request."""
    _chosen.set(translations)


def gettext(text: str) -> str:
    """Return the text in the language of the page."""
    return _chosen.get().gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form for that many, in the language of the page."""
    return _chosen.get().ngettext(one, many, count)


def later(text: str) -> str:
    """Mark a constant whose text is translated where it is shown."""
    return text
