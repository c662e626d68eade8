"""Verdicts and hits as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alpr.access import ListKind, Verdict
from alpr.web.view import percent, sentence
from alpr.web.words.said import in_language, value_words

if TYPE_CHECKING:
    from alpr.store.hits import Hit

LIST_VERDICTS = {ListKind.ALLOW: Verdict.ALLOWED, ListKind.DENY: Verdict.DENIED, ListKind.WATCH: Verdict.WATCH}


@dataclass(frozen=True, slots=True)
class Badge:
    """A verdict: its word is never left to its colour."""

    value: str
    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class HitLine:
    """An entry that fitted the read, as it was then."""

    value: str
    """The verdict that its list stands for."""
    list_name: str
    pattern: str
    owner: str
    company: str
    note: str
    reason: str
    percent: int
    applies: bool


def badge(verdict: Verdict, reason: str) -> Badge:
    """Show a verdict with what led to it."""
    return Badge(verdict.value, value_words(verdict.value), sentence(in_language(reason)))


def hit_line(hit: Hit) -> HitLine:
    """Show an entry that fitted a read."""
    return HitLine(
        value=LIST_VERDICTS[hit.list_kind].value,
        list_name=hit.list_name,
        pattern=hit.pattern,
        owner=hit.owner,
        company=hit.company,
        note=hit.note,
        reason=sentence(in_language(hit.reason)),
        percent=percent(hit.probability),
        applies=hit.applies,
    )
