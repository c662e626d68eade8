"""Whether what the models say has moved: the last day against the four weeks before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alpr.site.drift import Drift, compare_named, compare_ordered
from alpr.store.database import Database
from alpr.store.modelwatch import Said, events_by_model, reads_by_camera

LATELY: Final = timedelta(days=1)
USUALLY: Final = timedelta(days=28)
_PASSING: Final = frozenset({"preview"})
_COUNTS: Final = "product_count"


@dataclass(frozen=True, slots=True)
class Moved:
    """One distribution, compared: of a camera's reads, or of a model of the factory floor."""

    subject: str
    """The camera, or the model's name."""
    of_reads: bool
    what: str
    """`confidence` or `states`."""
    drift: Drift
    usual: float | None = None
    lately: float | None = None
    """The mean confidence then and now."""

    @property
    def key(self) -> str:
        """What alarms call it."""
        return f"{self.subject} {self.what}"


async def compare(db: Database, now: datetime) -> tuple[Moved, ...]:
    """Compare cameras and floor models, those that moved most first."""
    begin, middle = now - LATELY - USUALLY, now - LATELY
    cameras, lately = await reads_by_camera(db, begin, middle, now)
    floor, floor_now = await events_by_model(db, begin, middle), await events_by_model(db, middle, now)
    found = [*_of(cameras, lately, of_reads=True), *_of(_merged(floor), _merged(floor_now), of_reads=False)]
    return tuple(sorted(found, key=lambda one: (-one.drift.level, -one.drift.psi, one.subject, one.what)))


def _of(usual: Mapping[str, Said], lately: Mapping[str, Said], *, of_reads: bool) -> Iterator[Moved]:
    for subject in sorted(usual.keys() | lately.keys()):
        before, after = usual.get(subject, Said(subject)), lately.get(subject, Said(subject))
        sure = compare_ordered(before.bins, after.bins)
        yield Moved(subject, of_reads, "confidence", sure, before.mean, after.mean)
        names = sorted((before.states.keys() | after.states.keys()) - _PASSING - {_COUNTS})
        counts = [[one.states.get(name, 0) for name in names] for one in (before, after)]
        yield Moved(subject, of_reads, "states", compare_named(*counts))


def _merged(found: tuple[Said, ...]) -> dict[str, Said]:
    """Add up the versions of each model: a new version is what may have moved it."""
    merged: dict[str, Said] = {}
    for one in found:
        name = one.model.rpartition(" ")[0] or one.model
        whole = merged.setdefault(name, Said(name))
        whole.total += one.total
        whole.bins = [had + more for had, more in zip(whole.bins, one.bins, strict=True)]
        for state, count in one.states.items():
            whole.states[state] = whole.states.get(state, 0) + count
    return merged
