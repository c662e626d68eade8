"""The search index of reads: SQLite's FTS5, filled by triggers of migration 0003 in the reads' own transaction.

Each read has one row of terms, over its canonical text between `<` and `>>`: every three characters in a row (`<ab`,
`ab1`, …, `1>>`), every two with one between them (`a?1`), its length (`=7`) and its facets (`@sfinal`, `@kplate`, `@u`
for a text that is unsure, `@c` and `@d` with camera and direction in hexadecimal). FTS5 keeps lists of the first one
and two characters of terms as well, so that a single typed letter is one term too. Only the first 64 characters of a
text have terms. Rows lie in the order of `place`: an answer is read newest first and ends at the limit, however many
reads fit.

Terms narrow, they do not decide: statements repeat every condition on the row itself, so the same statement without
this file gives the same answer on another database, from its own indexes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, FromClause, column, table

from alpr.domain import Kind, State
from alpr.site.glob import ANY_ONE, ANY_RUN
from alpr.store import schema
from alpr.store.search import Pattern

NAME = "read_search"
UNSURE = 0.9
"""Texts less sure than this have a term of their own."""

_index = table(NAME, column("rowid"), column(NAME))
PLACE: ColumnElement[int] = _index.c.rowid
"""The place of an indexed read, to order and to page by."""


def join_reads() -> FromClause:
    """Return the index joined with the reads."""
    return _index.join(schema.reads, schema.reads.c.place == PLACE)


def holding(terms: frozenset[str]) -> ColumnElement[bool]:
    """Return the condition that a read has all the terms."""
    return _index.c[NAME].op("MATCH", is_comparison=True)(" AND ".join(sorted(terms)))


def holding_any(expression: str) -> ColumnElement[bool]:
    """Return the condition that a read's terms fit an FTS5 expression of ours."""
    return _index.c[NAME].op("MATCH", is_comparison=True)(expression)


def terms_of(
    *,
    camera: str | None = None,
    kind: Kind | None = None,
    state: State | None = None,
    direction: str | None = None,
    below: float | None = None,
    patterns: Iterable[Pattern] = (),
) -> frozenset[str]:
    """Return the terms that every read of the query has; none when nothing that is indexed narrows."""
    terms = {term for pattern in patterns for term in _pattern_terms(pattern.folded)}
    facets = {"k": kind and kind.value, "s": state and state.value, "d": direction and _hex(direction)}
    facets |= {
        "c": None if camera is None else _hex(camera),
        "u": "" if below is not None and below <= UNSURE else None,
    }
    return frozenset(terms | {_term(f"@{name}{value}") for name, value in facets.items() if value is not None})


def _hex(text: str) -> str:
    return text.encode("utf-8", "replace").hex()


def _pattern_terms(folded: str) -> Iterator[str]:
    if ANY_RUN not in folded:
        yield _term(f"={len(folded)}")
    for run in f"<{folded}>".split(ANY_RUN):
        yield from _run_terms(run)


def _run_terms(run: str) -> Iterator[str]:
    """Give the terms of a run without `*`: three characters where there are, else two, else one."""
    covered: set[int] = set()
    for start in range(len(run) - 2):
        one, middle, other = run[start], run[start + 1], run[start + 2]
        if ANY_ONE not in (one, other):
            covered.update((start, start + 2) if middle == ANY_ONE else range(start, start + 3))
            yield _term(run[start : start + 3])
    for start in range(len(run) - 1):
        pair = run[start : start + 2]
        if ANY_ONE not in pair and not covered.issuperset((start, start + 1)):
            covered.update((start, start + 1))
            yield _term(pair, begins=True)
    for place, sign in enumerate(run):
        if place not in covered and sign not in {ANY_ONE, "<", ">"}:
            yield _term(sign, begins=True)


def _term(characters: str, *, begins: bool = False) -> str:
    return f'"{characters}"{"*" if begins else ""}'
