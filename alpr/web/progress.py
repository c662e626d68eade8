"""How far long downloads are: counted by the one who writes, asked for by the page that waits."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

_MOST: Final = 64


@dataclass(slots=True)
class Progress:
    """How much of a file has been written."""

    total: int
    done: int = 0
    ended: bool = False

    @property
    def percent(self) -> int:
        """Of all, 0 to 100."""
        return 100 if self.ended else min(99, 100 * self.done // max(1, self.total))


class Downloads:
    """The files that were offered last; the oldest is forgotten first."""

    def __init__(self) -> None:
        self._known: dict[str, Progress] = {}

    def begin(self, total: int) -> str:
        """Offer a file of so many rows; return its name here."""
        while len(self._known) >= _MOST:
            del self._known[next(iter(self._known))]
        job = secrets.token_urlsafe(12)
        self._known[job] = Progress(total)
        return job

    def count(self, job: str, rows: int) -> None:
        """Note that rows have been written; nothing where the file has been forgotten."""
        if (known := self._known.get(job)) is not None:
            known.done, known.ended = (0, False) if known.ended else (known.done, False)
            known.done += rows

    def end(self, job: str) -> None:
        """Note that the file is complete."""
        if (known := self._known.get(job)) is not None:
            known.ended = True

    def of(self, job: str) -> Progress | None:
        """Return how far a file is."""
        return self._known.get(job)
