"""What is wrong with `[factory]` beyond its single values: hours that are none, overlaps, names given twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from alpr.access import Window
from alpr.configfile.faults import Fault
from alpr.configfile.positions import KeyPath
from alpr.site.factory.floor import parse_break
from alpr.site.schedule import overlap, parse_schedule, schedule_words

_DAY_MINUTES: Final = 24 * 60


def factory_faults(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Give what is wrong with `[factory]` as a whole; values of wrong types are passed over."""
    factory = raw.get("factory")
    if not isinstance(factory, dict):
        return
    held: list[tuple[str, Window]] = []
    for index, shift in enumerate(_tables(factory.get("shift"))):
        path: KeyPath = ("factory", "shift", index)
        hours, said = _hours(shift.get("when"))
        if said:
            yield Fault((*path, "when"), said)
        name = str(shift.get("name", ""))
        for window in hours:
            yield from _overlaps(path, window, held)
            held.append((name, window))
        yield from _breaks(path, shift.get("breaks"), hours)
    for table, key in (("shift", "name"), ("worker", "id"), ("station", "id")):
        yield from _twice(factory, table, key)


def _hours(text: object) -> tuple[tuple[Window, ...], str]:
    if not isinstance(text, str):
        return (), ""
    try:
        hours = parse_schedule(text)
    except ValueError as error:
        return (), f"`when`: {error}"
    return hours, "" if hours else "`when` is empty: write it as `Mon-Fri 06:00-14:00`"


def _overlaps(path: KeyPath, window: Window, held: list[tuple[str, Window]]) -> Iterator[Fault]:
    for other, one in held:
        if overlap([window], [one]):
            said = (
                f"`when` {schedule_words([window])} overlaps {schedule_words([one])} of the shift `{other}`: "
                "nobody could tell in which of them somebody works"
            )
            yield Fault((*path, "when"), said)
            return


def _breaks(path: KeyPath, given: object, hours: tuple[Window, ...]) -> Iterator[Fault]:
    for place, text in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(text, str):
            continue
        try:
            pause = parse_break(text)
        except ValueError as error:
            yield Fault((*path, "breaks", place), f"`breaks`: {error}")
            continue
        if hours and not any(_within(pause, window) for window in hours):
            said = f"the break {text.strip()} does not lie within {schedule_words(hours)}: correct one of the two"
            yield Fault((*path, "breaks", place), said)


def _within(pause: Window, window: Window) -> bool:
    start, length = _span(window)
    begins, lasts = _span(pause)
    return (begins - start) % _DAY_MINUTES + lasts <= length


def _span(window: Window) -> tuple[int, int]:
    """Return begin and length in minutes."""
    begins, ends = (60 * one.hour + one.minute for one in (window.start, window.end))
    return begins, (ends - begins - 1) % _DAY_MINUTES + 1


def _twice(factory: Mapping[str, Any], table: str, key: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, one in enumerate(_tables(factory.get(table))):
        name = one.get(key)
        if isinstance(name, str) and name in seen:
            said = f"the {key} `{name[:80]}` stands twice: give each {table} its own"
            yield Fault(("factory", table, index, key), said)
        elif isinstance(name, str):
            seen.add(name)


def _tables(value: object) -> list[dict[str, Any]]:
    return [table if isinstance(table, dict) else {} for table in value] if isinstance(value, list) else []
