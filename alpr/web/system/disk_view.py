"""How full the disk is and when it will be full, in words and as a drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alpr.web.view import Fact, counted
from alpr.web.words.language import decimal
from alpr.web.words.language import gettext as _

if TYPE_CHECKING:
    from alpr.store.usage import Usage

_NEVER: Final = 3650.0
_CHART: Final = (240.0, 320.0, 80.0, 8.0)
"""Today's x, the right edge, and the y of empty and of full."""
SOON: Final = 14.0
"""Days: a disk that is full by then needs somebody now."""
SCARCE: Final = 0.97


@dataclass(frozen=True, slots=True)
class DiskChart:
    """How full the disk was over the last days and will be, as SVG paths on a ground of 320 by 100."""

    curve: str
    area: str
    ahead: str
    today_y: float
    label_y: float
    percent: int
    words: str


def size(count: float) -> str:
    """Say a number of bytes: `640 kB`, `1.9 GB`, `2.0 TB`."""
    for unit, one in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= one:
            return f"{decimal(count / one)} {unit}"
    return f"{count / 1e3:.0f} kB"


def disk_state(usage: Usage | None) -> tuple[str, bool]:
    """Say how the disk does, and whether somebody should look after it soon: not where it makes room by itself."""
    if usage is None:
        return _("not known"), True
    if usage.used >= SCARCE:
        return _("nearly full"), True
    days = usage.days_until(usage.limits.disk or 1.0)
    if days is None or days > _NEVER:
        return _("steady"), False
    if usage.limits.disk and not days:
        return _("oldest pictures go"), False
    if usage.limits.disk:
        return _("oldest pictures go in %(days)s") % {"days": days_words(days)}, False
    return _("full in %(days)s") % {"days": days_words(days)}, days < SOON


def days_words(days: float) -> str:
    """Say when something is, in the unit that says it best."""
    if days < 1:
        return _("less than a day")
    if days < 60:  # noqa: PLR2004  up to here days say it better
        return counted(int(days), "day")
    return _("%(n)s years") % {"n": decimal(days / 365)} if days >= 730 else counted(int(days / 30), "month")  # noqa: PLR2004


def disk_facts(usage: Usage) -> tuple[Fact, ...]:
    """Return what is free, what reads take, and how long they are kept."""
    limits = usage.limits
    room = _("as long as there is room") if limits.disk else _("for ever")
    return (
        Fact(_("Free"), _("%(free)s of %(all)s") % {"free": size(usage.free), "all": size(usage.total)}),
        Fact(
            _("Reads take"),
            _("%(day)s a day, %(each)s each") % {"day": size(usage.bytes_per_day), "each": size(usage.bytes_per_read)},
        ),
        Fact(_("Pictures are kept"), counted(limits.pictures.days, "day") if limits.pictures else room),
        Fact(_("Reads are kept"), counted(limits.reads.days, "day") if limits.reads else _("for ever")),
    )


def disk_chart(usage: Usage) -> DiskChart:
    """Draw the last thirty days back from what is used now, less what our reads brought since."""
    today, right, empty, full = _CHART
    since, shares = 0, []
    for count in (*reversed(usage.reads_by_day), 0):
        shares.append(max(0.0, usage.used - since * usage.bytes_per_read / usage.total))
        since += count
    shares.reverse()
    step = today / (len(shares) - 1)
    points = [(round(n * step, 1), round(_height(share), 1)) for n, share in enumerate(shares)]
    line = " ".join(f"{x} {y}" for x, y in points)
    now_y = points[-1][1]
    daily = usage.bytes_per_day / usage.total
    days_right = (right - today) / step
    ahead = min(1.0, usage.used + daily * days_right)
    reach = right if ahead < 1 else today + step * (1 - usage.used) / daily
    percent = round(100 * usage.used)
    return DiskChart(
        curve=f"M{line}",
        area=f"M0 {empty:g}V{points[0][1]}L{line}V{empty:g}z",
        ahead=f"M{today:g} {now_y}L{reach:.1f} {_height(ahead):.1f}",
        today_y=now_y,
        label_y=now_y - 8 if now_y - full > 24 else now_y + 16,  # noqa: PLR2004  room for the figure
        percent=percent,
        words=_("Disk use over 30 days, %(percent)s percent now, %(state)s")
        % {"percent": percent, "state": disk_state(usage)[0]},
    )


def _height(share: float) -> float:
    _, _, empty, full = _CHART
    return empty - share * (empty - full)
