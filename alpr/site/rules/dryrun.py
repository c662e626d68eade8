"""What rules would have done with the reads of the past: the same conditions and limits, over columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alpr.site.rules.firing import ReadyRule
from alpr.site.rules.passage import Mask, Passages

SHOWN: Final = 20
"""So many of the latest firings are kept to be shown."""
_SECOND_US: Final = 1_000_000
_HOUR_US: Final = 3600 * _SECOND_US


@dataclass(slots=True)
class Tried:
    """One rule, and what it would have done by now."""

    ready: ReadyRule
    fired: int = 0
    held_back: int = 0
    latest: deque[str] = field(default_factory=lambda: deque(maxlen=SHOWN))
    """Ids of the reads it would have fired for, the newest last."""
    last_of: dict[str, int] = field(default_factory=dict)
    recent: deque[int] = field(default_factory=deque)


def trying(rules: Iterable[ReadyRule]) -> list[Tried]:
    """Begin a dry run of these rules."""
    return [Tried(one) for one in rules]


def try_on(tried: Sequence[Tried], many: Passages) -> None:
    """Let the next reads, in the order of their times, go through all rules."""
    masks: dict[object, Mask] = {}
    subjects = _subjects(many)
    for one in tried:
        among = _among(one.ready, many, masks)
        places = np.flatnonzero(among)
        if not len(places):
            continue
        if one.ready.rule.cooldown or one.ready.rule.at_most:
            places = _not_held_back(one, many, places, subjects)
        one.fired += len(places)
        one.latest.extend(many.ids[place] for place in places[-SHOWN:].tolist())


def _among(ready: ReadyRule, many: Passages, masks: dict[object, Mask]) -> Mask:
    """Return the reads for which the rule fires; what several rules ask is answered once."""
    among: Mask = np.ones(len(many), np.bool_)
    for condition in ready.conditions:
        if condition not in masks:
            masks[condition] = condition.where(many)
        among &= masks[condition]
    return among


def _not_held_back(one: Tried, many: Passages, places: NDArray[np.int64], subjects: Sequence[str]) -> NDArray[np.int64]:
    """Return the places at which the limits of the rule let it tell, and count the others."""
    moments = many.microseconds[places]
    if one.ready.rule.cooldown:
        told = _cooled(one, [subjects[place] for place in places.tolist()], moments.tolist())
    else:
        told = _rated(one, moments)
    one.held_back += len(places) - len(told)
    return places[np.array(told, np.int64)]


def _rated(one: Tried, moments: NDArray[np.int64]) -> list[int]:
    """Go from one that is told to the next: what lies between, once the hour is full, is never looked at."""
    told, at, most = [], 0, one.ready.rule.at_most
    while at < len(moments):
        if len(one.recent) >= most:
            at = max(at, int(np.searchsorted(moments, one.recent[0] + _HOUR_US)))
            if at >= len(moments):
                break
            one.recent.popleft()
        one.recent.append(int(moments[at]))
        told.append(at)
        at += 1
    return told


def _cooled(one: Tried, subjects: Sequence[str], moments: Sequence[int]) -> list[int]:
    """Look at each in turn: when its plate was told last, and how many were told in the hour before."""
    cooldown, most, told = int(one.ready.rule.cooldown * _SECOND_US), one.ready.rule.at_most, []
    last_of = one.last_of
    for at, (subject, moment) in enumerate(zip(subjects, moments, strict=True)):
        if moment - last_of.get(subject, -cooldown) < cooldown or (most and _is_full(one.recent, moment, most)):
            continue
        last_of[subject] = moment
        told.append(at)
        if most:
            one.recent.append(moment)
    return told


def _is_full(recent: deque[int], moment: int, most: int) -> bool:
    while recent and recent[0] <= moment - _HOUR_US:
        recent.popleft()
    return len(recent) >= most


def _subjects(many: Passages) -> list[str]:
    """Return what cooldown counts for, as `rules.subject_of` does for one read."""
    texts, cameras = list(many.text.known), list(many.camera.known)
    pairs = zip(many.text.codes.tolist(), many.camera.codes.tolist(), strict=True)
    return [texts[text] or f"unread at {cameras[camera]}" for text, camera in pairs]
