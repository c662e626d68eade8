"""The demo's lists: its cast and regulars, some allowed, one denied, one watched, one over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alpr.access import Entry, ListKind
from alpr.ops.demo.cast import PARKED, Act, cast
from alpr.site.schedule import parse_schedule
from alpr.store import entries, lists
from alpr.store.database import Database
from alpr.training.plates import Plate

_BY = "demo"
_STAFF, _HAULIERS, _BANNED, _LOOK_OUT = "Staff", "Hauliers", "Banned", "Look out for"
_KINDS = {
    _STAFF: ListKind.ALLOW,
    _HAULIERS: ListKind.ALLOW,
    _BANNED: ListKind.DENY,
    _LOOK_OUT: ListKind.WATCH,
}
_PEOPLE = (
    "Ana Kowal", "Ben Osei", "Carla Dune", "Dmitri Falk", "Edda Holm", "Farid Noor", "Greta Lund", "Hugo Marsh",
    "Ines Prado", "Jonas Weir", "Kaya Stern", "Leo Brandt", "Mira Solt", "Nils Aker", "Olga Peer", "Pavel Quist",
)  # fmt: skip
_COMPANIES = ("Northgate Storage", "Tidewater Freight", "Aldermoor Works", "Fennick Catering", "Brightline Electric")
_ALLOWED_OF_TEN = 7
"""Of the cast and the regulars so many in ten are known."""


async def make_lists(database: Database, now: datetime) -> None:
    """Put the cast on lists, unless there are lists already."""
    if await lists.everyone(database, now):
        return
    ids = {name: await lists.create(database, name, kind, _BY, now) for name, kind in _KINDS.items()}
    for name, made in _entries_of_cast(cast(), now).items():
        list_id = ids[name]
        assert list_id is not None
        await entries.add_all(database, list_id, made, _BY, now)


async def add_regulars(database: Database, plates: Iterable[Plate], now: datetime) -> None:
    """Put most of those who came on the past days on the list of staff."""
    staff = await lists.find(database, _STAFF, now)
    if staff is not None:
        known = [_person(plate, number) for number, plate in enumerate(plates) if number % 10 < _ALLOWED_OF_TEN]
        await entries.add_all(database, staff.id, known, _BY, now)


def _entries_of_cast(acts: Sequence[Act], now: datetime) -> dict[str, list[Entry]]:
    """Give the entries of each list; who is on none is a stranger at the gate."""
    arriving = [act for act in acts if act.camera == "gate-in" and act.readable]
    cars = [act for act in arriving if not act.code]
    denied, watched, over, fleet = cars[2], cars[4], cars[6], next(act for act in arriving if act.code)
    special = {act.plate.text for act in (denied, watched, over, fleet)}
    staff = [
        _person(act.plate, number)
        for number, act in enumerate(act for act in acts if act.plate.text not in special)
        if number % 10 < _ALLOWED_OF_TEN
    ]
    staff.append(replace(_entry(_STAFF, PARKED.shown), owner="Vera Lindt", company="Northgate Storage"))
    ended = now - timedelta(days=2)
    return {
        _STAFF: [
            *staff,
            replace(_entry(_STAFF, over.plate.shown), owner="Tilda Vane", note="left in spring", valid_until=ended),
        ],
        _HAULIERS: [
            replace(
                _entry(_HAULIERS, f"{fleet.plate.text[:4]}*"),
                company="Tidewater Freight",
                opens_inexact=True,
                note="bay 4",
            ),
            *(replace(_entry(_HAULIERS, act.code), company="Aldermoor Works") for act in acts if act.code),
        ],
        _BANNED: [replace(_entry(_BANNED, denied.plate.shown), note="left without paying")],
        _LOOK_OUT: [replace(_entry(_LOOK_OUT, watched.plate.shown), owner="Uwe Zander", note="call the office")],
    }


def _person(plate: Plate, number: int) -> Entry:
    owner, company = _PEOPLE[number % len(_PEOPLE)], _COMPANIES[number % len(_COMPANIES)]
    # A few may come in the daytime only.
    hours = parse_schedule("Mon-Sun 05:00-22:00") if number % 9 == 4 else ()  # noqa: PLR2004
    return replace(_entry(_STAFF, plate.shown), owner=owner, company=company, schedule=hours)


def _entry(list_name: str, pattern: str) -> Entry:
    return Entry(id=0, list_name=list_name, list_kind=_KINDS[list_name], pattern=pattern)
