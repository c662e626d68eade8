"""Reads of other systems between a request and the store: which are new, which complete one, which are known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import Read, State
from alpr.exchange.admission import Admitted, again
from alpr.exchange.outcome import Fate
from alpr.exchange.told import FieldFaultError
from alpr.intake.evidence import Pictures
from alpr.store import foreign, reads
from alpr.store.foreign import Known
from alpr.store.images import Images, Picture
from alpr.store.readrows import Evidence

_ANOTHER: Final = timedelta(minutes=10)
"""Events of one name this far apart are two, of makers whose names come again."""
_BARE: Final = Evidence("", "", 0, 0, "", "")


@dataclass(slots=True)
class Arrival:
    """One read on its way."""

    admitted: Admitted
    read: Read
    pictures: Pictures = field(default_factory=Pictures)
    evidence: Evidence = _BARE
    notes: tuple[FieldFaultError, ...] = ()
    fate: Fate = Fate.ACCEPTED
    replaced: Evidence | None = None
    """The pictures of the preview that it completed."""


async def add(connection: AsyncConnection, arrivals: list[Arrival], now: datetime) -> list[Arrival]:
    """Store the reads that are new or complete one, and note of each what became of it."""
    known = await foreign.known_in(connection, {arrival.read.id for arrival in arrivals})
    renamed = [one for one in arrivals if _is_another(one, known)]
    for arrival in renamed:
        arrival.read = replace(arrival.read, id=again(arrival.admitted))
    if renamed:
        known |= await foreign.known_in(connection, {arrival.read.id for arrival in renamed})
    fresh: dict[str, Arrival] = {}
    followers: list[Arrival] = []
    for arrival in arrivals:
        if arrival.read.id in known or arrival.read.id in fresh:
            followers.append(arrival)
        else:
            fresh[arrival.read.id] = arrival
    await foreign.add_all(connection, [(one.read, one.evidence) for one in fresh.values()], now)
    completed = {one.read.id: one for one in await _complete(connection, followers, known, fresh, now)}
    # Of a preview whose final came with it only the final is judged.
    return [*(one for id_, one in fresh.items() if id_ not in completed), *completed.values()]


async def _complete(
    connection: AsyncConnection,
    followers: list[Arrival],
    known: dict[str, Known],
    fresh: dict[str, Arrival],
    now: datetime,
) -> list[Arrival]:
    """Complete previews by what followed them; everything else is known already."""
    completed: list[Arrival] = []
    states = {id_: one.state for id_, one in known.items()} | {id_: one.read.state for id_, one in fresh.items()}
    for arrival in followers:
        if states[arrival.read.id] is State.PREVIEW and arrival.read.state is not State.PREVIEW:
            if arrival.evidence == _BARE:
                arrival.evidence = (await foreign.pictures_of(connection, [arrival.read.id]))[arrival.read.id]
            saved = await reads.save(connection, arrival.read, arrival.evidence, (), now)
            arrival.replaced = saved.replaced
            arrival.read = saved.read or arrival.read
            arrival.fate = Fate.COMPLETED
            states[arrival.read.id] = arrival.read.state
            completed.append(arrival)
        else:
            arrival.fate = Fate.DUPLICATE
    return completed


def is_news(admitted: Admitted, known: Known | None) -> bool:
    """Whether the pictures of a read may be needed."""
    if known is None or (admitted.recycles and abs(known.captured_at - admitted.read.captured_at) > _ANOTHER):
        return True
    return known.state is State.PREVIEW and admitted.read.state is not State.PREVIEW


def write(images: Images, arrival: Arrival) -> Evidence:
    """Write the pictures of a read, synced when this returns; blocks, raises StoreError."""
    read, shown = arrival.read, arrival.pictures
    prefix = "preview-" if read.state is State.PREVIEW else ""
    given = (("frame", shown.frame), ("crop", shown.crop))
    files = [Picture(f"{prefix}{part}", jpeg) for part, jpeg in given if jpeg]
    stored = images.write(read.camera, read.id, read.captured_at, files)
    paths = {file.part.removeprefix(prefix): one for file, one in zip(files, stored, strict=True)}
    frame, crop = paths.get("frame"), paths.get("crop")
    return Evidence(
        frame.path if frame else "",
        frame.sha256 if frame else "",
        shown.width,
        shown.height,
        crop.path if crop else "",
        crop.sha256 if crop else "",
    )


def paths_of(evidence: Evidence) -> tuple[str, ...]:
    """Return the pictures that there are."""
    return tuple(filter(None, (evidence.frame_path, evidence.crop_path)))


def _is_another(arrival: Arrival, known: dict[str, Known]) -> bool:
    """Whether a maker has given the name of this event to another one before."""
    before = known.get(arrival.read.id)
    far = before is not None and abs(before.captured_at - arrival.read.captured_at) > _ANOTHER
    return arrival.admitted.recycles and far
