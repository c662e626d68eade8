"""Reads of one truck's passing become one pass: front plate, trailer plate, containers, by several cameras.

Trucks pass each camera of a portal one behind the other. So what is alike belongs together; else a read goes to the
first truck that still lacks what this camera shows, unless the camera has shown a later one already. The result does
not depend on the order in which reads come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

from alpr.domain import Kind, canonical
from alpr.iso6346 import is_valid

_CONTAINERS = 2
"""A truck carries one container, or two of 20 feet."""
_PLATE_SLIPS = 1
_CODE_SLIPS = 3
_SHORTEST_ALIKE = 5
"""Plates shorter than this are another with one other character."""


@dataclass(frozen=True, slots=True)
class Portal:
    """The cameras that see one lane, and how long a truck takes past all of them."""

    name: str
    cameras: tuple[str, ...]
    span: timedelta
    rear: tuple[str, ...] = ()
    """Cameras that see trucks from behind: their plates are trailers'."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One read as passes see it."""

    id: str
    camera: str
    at: datetime
    kind: Kind
    text: str = ""
    confidence: float = 0.0
    direction: str = ""
    pass_id: str = ""
    """The pass that it belongs to so far."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A plate or container of a pass, seen once or by several cameras; the surest text stands."""

    kind: Kind
    text: str
    confidence: float
    glimpses: tuple[Glimpse, ...]


@dataclass(frozen=True, slots=True)
class Pass:
    """What passed together; the parts that were not seen are empty."""

    id: str
    began: datetime
    ended: datetime
    direction: str
    plate: str
    trailer: str
    containers: tuple[str, ...]
    reads: tuple[str, ...]


@dataclass(slots=True, eq=False)
class _Truck:
    """A pass while it is put together."""

    glimpses: list[Glimpse] = field(default_factory=list)

    @property
    def began(self) -> datetime:
        return self.glimpses[0].at

    def has(self, one: Glimpse) -> bool:
        return bool(one.text) and any(is_alike(one, other) for other in self.glimpses)

    def lacks(self, one: Glimpse) -> bool:
        """Whether what this read shows is still missing: another plate for each camera, two containers in all."""
        if one.kind is Kind.CONTAINER:
            return not one.text or len(things(self.glimpses, Kind.CONTAINER)) < _CONTAINERS
        return not any(other.camera == one.camera and other.kind is not Kind.CONTAINER for other in self.glimpses)

    def seen_by(self, camera: str) -> bool:
        return any(other.camera == camera for other in self.glimpses)


def group(glimpses: Iterable[Glimpse], portal: Portal) -> tuple[Pass, ...]:
    """Return the passes that these reads of one portal make, by their beginning."""
    trucks: list[_Truck] = []
    for one in sorted(glimpses, key=_order):
        open_ones = [truck for truck in trucks if _may_join(truck, one, portal.span)]
        truck = _fitting(open_ones, one)
        if truck is None:
            truck = _Truck()
            trucks.append(truck)
        truck.glimpses.append(one)
    taken: set[str] = set()
    return tuple(_pass(truck.glimpses, portal, taken) for truck in trucks)


def chain(glimpses: Sequence[Glimpse], read_id: str, span: timedelta) -> tuple[Glimpse, ...]:
    """Return the reads around this one between which there is never a gap longer than `span`."""
    ordered = sorted(glimpses, key=_order)
    links: list[list[Glimpse]] = [ordered[:1]]
    for before, after in pairwise(ordered):
        if after.at - before.at > span:
            links.append([])
        links[-1].append(after)
    return next((tuple(link) for link in links if any(one.id == read_id for one in link)), ())


def things(glimpses: Iterable[Glimpse], kind: Kind) -> tuple[Thing, ...]:
    """Return the different plates or containers among these reads, in the order in which they were seen."""
    found: list[list[Glimpse]] = []
    for one in glimpses:
        if one.kind is not kind or not one.text:
            continue
        same = next((thing for thing in found if any(is_alike(one, other) for other in thing)), None)
        if same is None:
            found.append([one])
        else:
            same.append(one)
    return tuple(_thing(kind, same) for same in found)


def is_alike(one: Glimpse, other: Glimpse) -> bool:
    """Whether two reads may be of one plate or container: two right codes that differ are two containers."""
    if one.kind is not other.kind or not one.text or not other.text:
        return False
    a, b = canonical(one.text), canonical(other.text)
    if one.kind is Kind.CONTAINER:
        if is_valid(one.text) and is_valid(other.text):
            return one.text == other.text
        return len(a) == len(b) and _slips(a, b) <= _CODE_SLIPS
    return a == b or (len(a) == len(b) >= _SHORTEST_ALIKE and _slips(a, b) <= _PLATE_SLIPS)


def _fitting(trucks: Sequence[_Truck], one: Glimpse) -> _Truck | None:
    """Return the truck that shows the same, else the first that lacks it and that no later one has overtaken."""
    same = [truck for truck in trucks if truck.has(one)]
    if same:
        return same[-1]
    seen = [place for place, truck in enumerate(trucks) if truck.seen_by(one.camera)]
    first = seen[-1] if seen else 0
    lacking = [truck for truck in trucks[first:] if truck.lacks(one)]
    if one.kind is Kind.CONTAINER and one.text and len(lacking) > 1:
        return _carrier(lacking, one)
    return next(iter(lacking), None)


def _carrier(trucks: Sequence[_Truck], one: Glimpse) -> _Truck:
    """Return whose container it is: the second one of the first truck, unless a later one is far enough on by now."""
    first = trucks[0]
    carried = next((other.at for other in first.glimpses if other.kind is Kind.CONTAINER and other.text), None)
    if carried is None:
        return first
    # A later truck's container cannot come much sooner after its beginning than the first truck's did.
    soonest = (carried - first.began) / 2
    later = (truck for truck in trucks[1:] if one.at - truck.began >= soonest)
    return next((truck for truck in later if not things(truck.glimpses, Kind.CONTAINER)), first)


def _may_join(truck: _Truck, one: Glimpse, span: timedelta) -> bool:
    ways = {other.direction for other in truck.glimpses if other.direction}
    return one.at - truck.began <= span and (not one.direction or not ways or one.direction in ways)


def _pass(glimpses: Sequence[Glimpse], portal: Portal, taken: set[str]) -> Pass:
    plates = things(glimpses, Kind.PLATE)
    at_the_rear = partial(_only_at, portal.rear)
    front = [plate for plate in plates if not at_the_rear(plate)]
    behind = [*(plate for plate in plates if at_the_rear(plate)), *front[1:]]
    return Pass(
        id=_id(glimpses, taken),
        began=glimpses[0].at,
        ended=max(one.at for one in glimpses),
        direction=next((one.direction for one in glimpses if one.direction), ""),
        plate=front[0].text if front else "",
        trailer=behind[0].text if behind else "",
        containers=tuple(thing.text for thing in things(glimpses, Kind.CONTAINER)),
        reads=tuple(one.id for one in glimpses),
    )


def _id(glimpses: Sequence[Glimpse], taken: set[str]) -> str:
    """Keep the id that the reads know already, so that addresses stay; a new pass is called as its first read."""
    known = [one.pass_id for one in glimpses if one.pass_id and one.pass_id not in taken]
    chosen = min(known, default=glimpses[0].id)
    taken.add(chosen)
    return chosen


def _only_at(cameras: Sequence[str], thing: Thing) -> bool:
    return all(one.camera in cameras for one in thing.glimpses)


def _thing(kind: Kind, same: Sequence[Glimpse]) -> Thing:
    weight: dict[str, float] = {}
    for one in same:
        weight[one.text] = weight.get(one.text, 0.0) + one.confidence
    right = [text for text in weight if kind is Kind.CONTAINER and is_valid(text)]
    text = max(right or weight, key=lambda text: (weight[text], text))
    return Thing(kind, text, max(one.confidence for one in same if one.text == text), tuple(same))


def _slips(a: str, b: str) -> int:
    return sum(x != y for x, y in zip(a, b, strict=True))


def _order(one: Glimpse) -> tuple[datetime, str]:
    return one.at, one.id
