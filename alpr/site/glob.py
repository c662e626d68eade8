"""Patterns over a whole text: `*` is any run of characters, `?` any one."""

from __future__ import annotations

from alpr.domain import compact

ANY_RUN, ANY_ONE = "*", "?"


def compact_glob(text: str) -> str:
    """Return the letters and digits of a pattern in capitals, with its `*` and `?`: `ab-1*` becomes `AB1*`."""
    typed = ANY_RUN.join(ANY_ONE.join(compact(one) for one in run.split(ANY_ONE)) for run in text.split(ANY_RUN))
    while ANY_RUN * 2 in typed:
        typed = typed.replace(ANY_RUN * 2, ANY_RUN)
    return typed


def align(glob: str, stored: str) -> list[int] | None:
    """Lay the pattern over the text, each run at its leftmost place; return where its letters and digits lie.

    Taking the leftmost place for each run decides the whole pattern without trying others, so that no text and no
    pattern can make it slow.
    """
    runs = glob.split(ANY_RUN)
    places: list[int] = []
    at = 0
    for number, run in enumerate(runs):
        start = _place(run, stored, at, first=number == 0, last=number == len(runs) - 1)
        if start is None:
            return None
        places += [start + offset for offset, sign in enumerate(run) if sign != ANY_ONE]
        at = start + len(run)
    return places


def _place(run: str, stored: str, at: int, *, first: bool, last: bool) -> int | None:
    """Return where the run lies in the text from `at` on: the first one at its start, the last one at its end."""
    end = len(stored) - len(run)
    if first and last and end != 0:
        return None
    starts = range(at, end + 1)
    if first:
        starts = starts[:1]
    elif last:
        starts = starts[-1:]
    return next((start for start in starts if _fits(run, stored[start : start + len(run)])), None)


def _fits(run: str, part: str) -> bool:
    return all(sign in {ANY_ONE, there} for sign, there in zip(run, part, strict=True))
