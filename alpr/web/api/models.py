"""`/api/v1/models`, `/api/v1/models/drift`: what each version of each model said, and whether it moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from litestar import get

from alpr.domain import utc_now
from alpr.store import modeldrift, modelwatch
from alpr.store.modelwatch import Said
from alpr.web.api import parameters as given
from alpr.web.api.problems import document, wrong
from alpr.web.context import WebParts

_BAD: Final = document(HTTPStatus.BAD_REQUEST)
_USUAL: Final = timedelta(days=7)
_LONGEST: Final = timedelta(days=92)
_YEARS: Final = range(1971, 9000)


@dataclass(frozen=True, slots=True)
class OfState:
    """How many are in a state: of reads `final`, `unread`, of events `working`, `idle` and so on."""

    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Version:
    """What one version of a model said; `confidences` counts the hundredths, 0 to 99."""

    model: str
    count: int
    mean_confidence: float | None
    states: list[OfState]
    confidences: list[int]


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions over one window: of what reads texts, of what finds vehicles, of the factory floor."""

    since: datetime
    until: datetime
    readers: list[Version]
    detectors: list[Version]
    activity: list[Version]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One distribution of the last day against the 28 days before it."""

    subject: str
    """The camera, or the model of the factory floor."""
    of: str
    """`camera` or `model`."""
    what: str
    """`confidence` or `states`."""
    psi: float
    """Population stability index."""
    ks: float | None
    """Largest distance of the cumulative distributions; null for states, which have no order."""
    chance: float
    """How likely equal distributions stand as far apart, 0 to 1."""
    usual_count: int
    lately_count: int
    enough: bool
    """Whether both sides are large enough to say anything."""
    moved: float
    """The index where it is no chance, else 0: what thresholds are compared with."""


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Every camera and model, those that moved most first."""

    comparisons: list[Comparison]


@get("/models", responses=_BAD, summary="Versions of models side by side")
async def list_versions(*, web: WebParts, since: given.Since = None, until: given.Until = None) -> Versions:
    """Give what each version said; without `since` in the last 7 days, at most 92 days at once."""
    begin, end = _window(since, until)
    readers, detectors = await modelwatch.reads_by_model(web.database, begin, end)
    return Versions(
        begin,
        end,
        _shapes(readers),
        _shapes(detectors),
        _shapes(await modelwatch.events_by_model(web.database, begin, end)),
    )


@get("/models/drift", responses=_BAD, summary="Whether what the models say moves")
async def list_drift(*, web: WebParts) -> Comparisons:
    """Compare confidence and states of the last day with the 28 days before it."""
    found = await web.drift.get("", lambda: modeldrift.compare(web.database, utc_now()))
    return Comparisons(
        [
            Comparison(
                one.subject,
                "camera" if one.of_reads else "model",
                one.what,
                round(one.drift.psi, 6),
                round(one.drift.ks, 6) if one.what == "confidence" else None,
                one.drift.chance,
                one.drift.usual,
                one.drift.lately,
                one.drift.enough,
                round(one.drift.level, 6),
            )
            for one in found
        ]
    )


def _window(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    for name, moment in (("since", since), ("until", until)):
        if given.zoned(name, moment) is not None and moment is not None and moment.year not in _YEARS:
            raise wrong(name, "lies beyond all reads")
    end = until or utc_now()
    begin = since or end - _USUAL
    if begin >= end or end - begin > _LONGEST:
        raise wrong("since", "is before `until`, by 92 days at most")
    return begin.astimezone(UTC), end.astimezone(UTC)


def _shapes(said: Sequence[Said]) -> list[Version]:
    return [Version(one.model, one.count, one.mean, _states(one), one.bins) for one in said]


def _states(said: Said) -> list[OfState]:
    return [OfState(state, count) for state, count in sorted(said.states.items())]
