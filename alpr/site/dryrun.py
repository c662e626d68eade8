"""What rules would have done with the reads of the past: the same conditions and limits, over columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alpr.site.passage import Coded, Mask, Passages
from alpr.site.rules import ReadyRule

SHOWN: Final = 20
"""So many of the latest firings are kept to be shown."""
_SECOND_US: Final = 1_000_000
_HOUR_US: Final = 3600 * _SECOND_US
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Tried:
    """One rule, and what it would have done by now."""

    ready: ReadyRule
    fired: int = 0
    held_back: int = 0
    latest: deque[tuple[str, datetime]] = field(default_factory=lambda: deque(maxlen=SHOWN))
    """Ids and times of the reads it would have fired for, the newest last."""
    last_of: dict[str, int] = field(default_factory=dict)
    recent: deque[int] = field(default_factory=deque)


def trying(rules: Iterable[ReadyRule]) -> list[Tried]:
    """Begin a dry run of these rules."""
    return [Tried(one) for one in rules]


def try_on(tried: Sequence[Tried], many: Passages) -> None:
    """Let the next reads, in the order of their times, go through all rules."""
    masks: dict[object, Mask] = {}
    for one in tried:
        among = _among(one.ready, many, masks)
        places = np.flatnonzero(among)
        if not len(places):
            continue
        if one.ready.rule.cooldown or one.ready.rule.at_most:
            places = _not_held_back(one, many, places)
        one.fired += len(places)
        for place in places[-SHOWN:].tolist():
            one.latest.append((many.ids[place], _EPOCH + timedelta(microseconds=int(many.microseconds[place]))))


def _among(ready: ReadyRule, many: Passages, masks: dict[object, Mask]) -> Mask:
    """Return the reads for which the rule fires; what several rules ask is answered once."""
    among: Mask = np.ones(len(many), np.bool_)
    for condition in ready.conditions:
        if condition not in masks:
            masks[condition] = condition.where(many)
        among &= masks[condition]
    return among


def _not_held_back(one: Tried, many: Passages, places: NDArray[np.int64]) -> NDArray[np.int64]:
    rule, told = one.ready.rule, []
    subjects, moments = _subjects(many, places), many.microseconds[places].tolist()
    cooldown = int(rule.cooldown * _SECOND_US)
    for place, subject, moment in zip(places.tolist(), subjects, moments, strict=True):
        while one.recent and one.recent[0] <= moment - _HOUR_US:
            one.recent.popleft()
        last = one.last_of.get(subject)
        cold = last is not None and moment - last < cooldown
        if cold or (rule.at_most and len(one.recent) >= rule.at_most):
            one.held_back += 1
            continue
        one.last_of[subject] = moment
        one.recent.append(moment)
        told.append(place)
    return np.array(told, np.int64)


def _subjects(many: Passages, places: NDArray[np.int64]) -> list[str]:
    texts, cameras = _words(many.text, places), _words(many.camera, places)
    return [text or f"unread at {camera}" for text, camera in zip(texts, cameras, strict=True)]


def _words(column: Coded[str], places: NDArray[np.int64]) -> list[str]:
    known = list(column.known)
    return [known[code] for code in column.codes[places].tolist()]
