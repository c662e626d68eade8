"""The model watch as its page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from alpr.site.drift import FEWEST, MOVED, SHIFTED
from alpr.store.modeldrift import Moved
from alpr.store.modelwatch import BINS, Said
from alpr.web.charts import drawing as charts
from alpr.web.charts.drawing import Chart, Series
from alpr.web.words.language import decimal, later, number
from alpr.web.words.language import gettext as _

_STATES: Final = {
    "final": later("complete"),
    "unread": later("unread"),
    "preview": later("passing now"),
    "working": later("working"),
    "idle": later("idle"),
    "absent": later("absent"),
    "product_count": later("product counts"),
}
_LOOKS: Final = ("first", "second", "third")
_TENTHS: Final = 10
_WHAT: Final = {"confidence": later("Confidence"), "states": later("Shares of states")}
_NONE: Final = "–"  # noqa: RUF001  nothing to say


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a model."""

    model: str
    count: str
    mean: str
    states: str


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of one kind of model, and how sure each was."""

    title: str
    rows: tuple[VersionRow, ...]
    chart: Chart


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One distribution, lately against usually."""

    subject: str
    what: str
    counts: str
    means: str
    psi: str
    ks: str
    chance: str
    words: str
    needs: bool


FILE_HEADS: Final = ("kind", "model", "confidence_from", "count")


def versions(title: str, said: Sequence[Said], file: str) -> Versions:
    """Put the versions of one kind side by side; `file` is the address of their figures."""
    return Versions(title, tuple(_version_row(one) for one in said), charts.with_csv(_chart(said), file))


def file_rows(kind: str, said: Sequence[Said]) -> Iterator[tuple[object, ...]]:
    """Give how many results of each version fall into each hundredth of confidence as rows of a file."""
    for one in said:
        yield from ((kind, one.model, n / BINS, count) for n, count in enumerate(one.bins) if count)


def drift_row(one: Moved) -> DriftRow:
    """Show a comparison with its figures."""
    drift = one.drift
    means = "" if one.usual is None or one.lately is None else f"{_percent(one.usual)} → {_percent(one.lately)}"
    return DriftRow(
        one.subject or _("without a name"),
        _(_WHAT[one.what]),
        f"{number(drift.usual)} / {number(drift.lately)}",
        means,
        decimal(drift.psi, 3) if drift.enough else _NONE,
        decimal(drift.ks, 3) if drift.enough and one.what == "confidence" else _NONE,
        _chance(drift.chance) if drift.enough else _NONE,
        _verdict(one),
        drift.level >= MOVED,
    )


def _verdict(one: Moved) -> str:
    if not one.drift.enough:
        return _("too few to say (%(n)s are needed)") % {"n": FEWEST}
    if one.drift.level >= SHIFTED:
        return _("has shifted")
    return _("has moved") if one.drift.level >= MOVED else _("steady")


def _version_row(one: Said) -> VersionRow:
    shares = (
        f"{_percent(count / one.count)} {_(_STATES.get(state, state))}" for state, count in sorted(one.states.items())
    )
    mean = _NONE if one.mean is None else _percent(one.mean)
    return VersionRow(one.model or _("without a name"), number(one.count), mean, ", ".join(shares))


def _chart(said: Sequence[Said]) -> Chart:
    """Draw which share of each version's results falls into each tenth of confidence, for the three busiest."""
    labels = [f"{n * _TENTHS}–{(n + 1) * _TENTHS} %" for n in range(_TENTHS)]  # noqa: RUF001  a range
    lines = [
        Series(one.model or _("without a name"), _tenths(one.bins), look)
        for one, look in zip([one for one in said if any(one.bins)], _LOOKS, strict=False)
    ]
    return charts.trend(_("How sure they are"), _("Confidence"), labels, lines, _percent, scale=_whole)


def _tenths(bins: Sequence[int]) -> tuple[float | None, ...]:
    wide = BINS // _TENTHS
    return tuple(sum(bins[n * wide : (n + 1) * wide]) / sum(bins) for n in range(_TENTHS))


def _percent(share: float) -> str:
    return f"{decimal(100 * share)} %"


def _whole(share: float) -> str:
    return f"{number(100 * share)} %"


def _chance(chance: float) -> str:
    return "< 0.1 %" if chance < 0.001 else _percent(chance)  # noqa: PLR2004  less than it is worth to tell
