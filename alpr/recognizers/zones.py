"""Where a camera looks and where it looks away: polygons in fractions of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alpr.domain import Detection


@dataclass(frozen=True, slots=True)
class ZoneMask:
    """The polygons of one camera; without any the whole picture counts."""

    include: tuple[tuple[tuple[float, float], ...], ...] = ()
    ignore: tuple[tuple[tuple[float, float], ...], ...] = ()
    named: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = ()
    """Polygons with a name, of any mode: where somebody was."""

    def name_at(self, x: float, y: float) -> str | None:
        """Return the name of the first named polygon round a point (fractions of the picture)."""
        return next((name for name, polygon in self.named if _inside(polygon, x, y)), None)

    def keep(self, detections: Sequence[Detection], width: int, height: int) -> list[Detection]:
        """Drop what stands outside the included or inside an ignored zone, judged by the middle of its box."""
        return [d for d in detections if self.allows(d.box.centre[0] / width, d.box.centre[1] / height)]

    def allows(self, x: float, y: float) -> bool:
        """Whether the point (fractions of the picture) is looked at."""
        if any(_inside(polygon, x, y) for polygon in self.ignore):
            return False
        return not self.include or any(_inside(polygon, x, y) for polygon in self.include)


def _inside(polygon: Sequence[tuple[float, float]], x: float, y: float) -> bool:
    """Even-odd rule (Shimrat 1962)."""
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
