"""What the API answers with about visits; times are UTC, lengths seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alpr.domain import Kind, utc_now
from alpr.stay import VisitState
from alpr.store import hits
from alpr.store.visits import StoredVisit
from alpr.web.context import Web
from alpr.web.visits.view import ends, lists_of


@dataclass(frozen=True, slots=True)
class Visit:
    """From coming in to leaving; `id` is that of its first read and may change when an earlier one comes late.

    `dwell` is in seconds, null when one end was missed; `too_long` compares it with `[visits]` of the configuration.
    """

    id: str
    kind: Kind
    text: str
    state: VisitState
    entered: datetime | None
    left: datetime | None
    last_seen: datetime
    dwell: float | None
    too_long: bool
    came_camera: str
    went_camera: str
    last_camera: str
    zone: str
    confidence: float
    turned_round: bool
    by_hand: str
    lists: list[str]
    owner: str
    company: str
    reads: list[str]


@dataclass(frozen=True, slots=True)
class Visits:
    """A page of visits, those that began last first; `next` is the `cursor` of the page that follows."""

    visits: list[Visit]
    next: str | None


@dataclass(frozen=True, slots=True)
class VisitSummary:
    """How many visits began, of how many vehicles and containers, how many of these came more than once."""

    visits: int
    vehicles: int
    repeated: int
    first: Visit | None
    last: Visit | None


@dataclass(frozen=True, slots=True)
class Fill:
    """How many are inside, and how many there is room for; null where nobody knows."""

    name: str
    count: int
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How full the site is, by list and by the named zone seen in last."""

    count: int
    capacity: int | None
    vehicles: int
    containers: int
    lists: list[Fill]
    zones: list[Fill]


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody said of a visit."""

    id: int
    deed: str
    at: datetime
    made_by: str
    made_at: datetime
    undone_by: str


@dataclass(frozen=True, slots=True)
class VisitDetail:
    """A visit, what people said of it, newest first, and what passed the gate together with it, such as a trailer."""

    visit: Visit
    decisions: list[Decision]
    companions: list[Visit]


@dataclass(frozen=True, slots=True)
class Closing:
    """When it left, with its zone; null for now."""

    left: datetime | None = None


@dataclass(frozen=True, slots=True)
class Merging:
    """Any read of the other visit."""

    other: str


async def visit_shapes(web: Web, found: Sequence[StoredVisit]) -> list[Visit]:
    """Show visits to a program, with whom the lists know them by."""
    known = await hits.of_reads(web.database, [read for one in found for read in ends(one)])
    now = utc_now()
    return [_shape(web, one, lists_of(one, known), now) for one in found]


def _shape(web: Web, one: StoredVisit, named: dict[str, hits.Hit], now: datetime) -> Visit:
    visit = one.visit
    dwell, longest = visit.dwell(now), web.visits.room.longest(named, visit.kind)
    hit = next(iter(reversed(named.values())), None)
    return Visit(
        id=visit.id,
        kind=visit.kind,
        text=visit.text,
        state=visit.state,
        entered=visit.entered,
        left=visit.left,
        last_seen=visit.last_seen,
        dwell=dwell.total_seconds() if dwell is not None else None,
        too_long=dwell is not None and longest is not None and dwell > longest,
        came_camera=one.came_camera,
        went_camera=one.went_camera,
        last_camera=one.last_camera,
        zone=one.zone,
        confidence=visit.confidence,
        turned_round=visit.turned_round,
        by_hand=one.by_hand,
        lists=sorted(named),
        owner=hit.owner if hit else "",
        company=hit.company if hit else "",
        reads=list(visit.reads),
    )
