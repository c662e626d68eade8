"""What a person said of a read, in the read's own row: kept whatever the machine says later, and taken back whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from alpr.domain import Character, CheckDigit, Kind, Reading, Review, State, canonical
from alpr.iso6346 import is_valid
from alpr.store.readrows import READING

REVIEW: Final = ("review", "reviewed_by")
_PASSING: Final = timedelta(minutes=2)
"""A track that was seen last longer ago than this has ended."""


def said(row: Row[Any]) -> dict[str, Any]:
    """Return the columns of what is read in a row now, as JSON takes them."""
    return {name: getattr(row, name) for name in READING}


def by_machine(row: Row[Any]) -> dict[str, Any]:
    """Return the columns of what the machine read, whatever persons have said since."""
    return dict(row.machine) if row.machine else said(row)


def machine_state(row: Row[Any]) -> str:
    """Return how complete the machine's read is."""
    return str(by_machine(row)["state"])


def kept(row: Row[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a completed read with what a person has said of it left as it is.

    That a text is wrong was said of that text alone: another one that the machine comes to stands for itself.
    """
    if row.review is None:
        return dict(values)
    machine = {name: values[name] for name in READING}
    if row.review == Review.WRONG and values["text"] != row.text:
        return {**values, "review": None, "reviewed_at": None, "reviewed_by": None, "machine": None}
    mine = {name: getattr(row, name) for name in (*READING, "canonical")}
    if row.review == Review.WRONG:
        mine |= machine
    elif row.review != Review.DISMISSED:
        mine["state"] = State.FINAL.value if values["state"] == State.UNREAD else values["state"]
    return {**values, **mine, "machine": machine}


def corrected(row: Row[Any], text: str, kind: Kind) -> dict[str, Any]:
    """Return the columns of a read whose text a person has set: every character is certain."""
    state = State.FINAL.value if row.state in {State.UNREAD, State.DISMISSED} else row.state
    reading = Reading(text, 1.0, tuple(Character(one, 1.0) for one in text))
    return {
        "kind": kind.value,
        "state": state,
        "text": text,
        "canonical": canonical(text),
        "confidence": reading.confidence,
        "characters": [[one.text, one.confidence] for one in reading.characters],
        "candidates": [],
        "region": row.region,
        "reasons": [],
        "size_type": row.size_type,
        "check_digit": _check_digit(text) if kind is Kind.CONTAINER else None,
    }


def _check_digit(code: str) -> str:
    return (CheckDigit.AGREES if is_valid(code) else CheckDigit.DIFFERS).value


def restored(row: Row[Any], before: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the columns as they were before a deed; before the first one, what the machine says by now."""
    first = before["review"] is None
    values = {name: (by_machine(row) if first else before)[name] for name in READING}
    if values["state"] == State.PREVIEW and now - row.last_seen > _PASSING:
        values["state"] = State.FINAL.value
    values |= {"canonical": canonical(values["text"]), "review": before["review"]}
    values |= {"reviewed_by": before["reviewed_by"], "reviewed_at": None if first else now}
    return values | ({"machine": None} if first else {})
