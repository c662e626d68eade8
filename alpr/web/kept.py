"""What a browser remembers of its user's choices: one cookie a choice, for a year, for the server's eyes alone."""

from __future__ import annotations

from typing import Final

from litestar.datastructures import Cookie

_ONE_YEAR: Final = 31_536_000


def kept(name: str, value: str, *, secure: bool) -> Cookie:
    """Keep a choice; an empty one is forgotten."""
    return Cookie(
        key=name,
        value=value,
        path="/",
        max_age=_ONE_YEAR if value else 0,
        httponly=True,
        secure=secure,
        samesite="lax",
    )
