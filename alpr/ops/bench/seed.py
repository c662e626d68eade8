"""Fill a database with made-up reads, so that speed can be measured at the size that a site reaches after years."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from alpr.domain import Box, Candidate, Character, Kind, Read, Reading, State, Vehicle, new_read_id
from alpr.store import schema
from alpr.store.database import Database
from alpr.store.places import first_place
from alpr.store.readrows import Evidence, row_values

CAMERAS = ("gate-in", "gate-out", "yard-north", "yard-south")
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_STEP = timedelta(seconds=25)
"""Between two reads: a million of them are 290 days."""
_BATCH = 5_000
_REGULARS = 0.7
_UNREAD = 0.04


async def seed(database: Database, count: int, now: datetime, *, seed: int = 1) -> None:
    """Store `count` reads that end at `now`, without looks and without picture files; the same for the same `seed`.

    Seven in ten are of vehicles that come often, one in 25 could not be read.
    """
    dice = random.Random(seed)  # noqa: S311  made-up plates, no secrets
    regulars = [_plate(dice) for _ in range(max(1, count // 50))]
    made = _reads(dice, count, now, regulars)
    while rows := [_row(read) for _, read in zip(range(_BATCH), made, strict=False)]:
        async with database.write() as connection:
            await connection.execute(insert(schema.reads), rows)


def _reads(dice: random.Random, count: int, now: datetime, regulars: list[str]) -> Iterator[Read]:
    for left in range(count, 0, -1):
        at = now - left * _STEP + _STEP * dice.uniform(0.05, 0.95)
        unread = dice.random() < _UNREAD
        text = "" if unread else dice.choice(regulars) if dice.random() < _REGULARS else _plate(dice)
        yield _read(dice, at, text)


def _plate(dice: random.Random) -> str:
    letters, digits = dice.choice(((2, 4), (3, 3), (3, 4), (1, 5)))
    return "".join(dice.choices(_LETTERS, k=letters)) + "".join(dice.choices("0123456789", k=digits))


def _read(dice: random.Random, at: datetime, text: str) -> Read:
    sure = round(dice.betavariate(30, 1.2), 4)
    characters = tuple(Character(one, round(dice.uniform(sure, 1.0), 4)) for one in text)
    camera = dice.choices(CAMERAS, (10, 10, 3, 1))[0]
    return Read(
        id=new_read_id(at),
        camera=camera,
        kind=Kind.PLATE if text else Kind.VEHICLE,
        state=State.FINAL if text else State.UNREAD,
        reading=Reading(
            text,
            sure if text else 0.0,
            characters,
            (Candidate(text.replace("8", "B"), 0.02),) if text else (),
            "de" if text else None,
            ("6 looks agree", "format of de fits") if text else ("no look was sure enough",),
        ),
        box=Box(514, 522, 686, 568),
        captured_at=at,
        frame_time=0.0,
        first_seen=at - timedelta(seconds=1),
        last_seen=at + timedelta(seconds=1),
        vehicle=Vehicle(dice.choice(("car", "van", "truck")), dice.choice(("white", "grey", "blue")), 0.9),
        vehicle_box=Box(322, 164, 878, 644),
        direction="out" if camera == "gate-out" else "in",
    )


def _row(read: Read) -> dict[str, Any]:
    folder = f"{read.captured_at:%Y/%m/%d}/{read.camera}/{read.id}"
    evidence = Evidence(f"{folder}-frame.jpg", "0" * 64, 1920, 1080, f"{folder}-crop.jpg", "0" * 64)
    values = row_values(read, evidence, read.captured_at)
    return {"id": read.id, "place": first_place(read.captured_at), "created_at": read.captured_at, **values}
