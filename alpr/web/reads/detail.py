"""One read as the pages show it: its pictures, its looks, and everything that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alpr.domain import CheckDigit, Kind
from alpr.iso6346 import size_type_words
from alpr.web.reads.view import DIRECTIONS, ReadRow, read_row, vehicle_words
from alpr.web.verdict_view import HitLine, hit_line
from alpr.web.view import Fact, doubt, moment, percent, sentence
from alpr.web.words.language import decimal, later, ngettext, number
from alpr.web.words.language import gettext as _
from alpr.web.words.said import in_language

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alpr.domain import Box, Read, Vehicle
    from alpr.store.hits import Hit
    from alpr.store.reads import StoredLook, StoredRead

_BAR = 44.0
_UNKNOWN_CROP = (440, 120)
_CHECK_DIGITS = {
    CheckDigit.AGREES: later("agrees"),
    CheckDigit.COMPUTED: later("not seen, computed"),
    CheckDigit.DIFFERS: later("does not fit"),
}
_KINDS = {
    Kind.PLATE: later("licence plate"),
    Kind.CONTAINER: later("container code"),
    Kind.VEHICLE: later("vehicle"),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture with its size in pixels."""

    href: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A box as SVG draws it, in whole pixels of the frame."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """How sure one character is, as a bar that grows from the bottom."""

    text: str
    percent: int
    low: bool
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Option:
    """A text that the read could also be."""

    text: str
    percent: int


@dataclass(frozen=True, slots=True)
class LookCard:
    """One look of the strip."""

    href: str
    text: str
    percent: int
    offset: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Checksum:
    """The SHA-256 of a stored file."""

    name: str
    href: str
    sha256: str
    state: str
    """`agrees`, `differs` or `missing`: what the file on disk says now."""


@dataclass(frozen=True, slots=True)
class ReadDetail:
    """One read with its pictures and reasons."""

    row: ReadRow
    frame: Picture | None
    frame_removed: bool
    """Whether there was one: it was too old to keep, or the disk was full."""
    crop: Picture | None
    box: Rectangle
    vehicle_box: Rectangle | None
    characters: tuple[Bar, ...]
    candidates: tuple[Option, ...]
    looks: tuple[LookCard, ...]
    looks_title: str
    in_view: str
    reasons: tuple[str, ...]
    facts: tuple[Fact, ...]
    sums: tuple[Checksum, ...]
    hits: tuple[HitLine, ...]
    owner: HitLine | None
    """The entry that decided, when it held."""


def read_detail(
    stored: StoredRead,
    looks: Sequence[StoredLook],
    hits: Sequence[Hit],
    checks: tuple[str, str],
    zone: ZoneInfo,
    now: datetime,
) -> ReadDetail:
    """Show everything that is known of a read; `checks` say how frame and crop on disk agree with their sums."""
    read, evidence = stored.read, stored.evidence
    lines = tuple(hit_line(hit) for hit in hits)
    row = read_row(stored, zone, now)
    frame_href = f"{row.href}/frame.jpg?v={evidence.frame_sha256[:8]}" if evidence.frame_path else ""
    return ReadDetail(
        row=row,
        frame=Picture(frame_href, evidence.frame_width, evidence.frame_height, _scene(read)) if frame_href else None,
        frame_removed=bool(evidence.frame_sha256) and not frame_href,
        crop=_crop(row, read.box) if row.crop else None,
        box=_rectangle(read.box),
        vehicle_box=_rectangle(read.vehicle_box) if read.vehicle_box else None,
        characters=tuple(_bar(one.text, one.confidence) for one in read.reading.characters),
        candidates=tuple(Option(one.text, percent(one.confidence)) for one in read.reading.candidates),
        looks=tuple(_look(look, row.href, evidence.frame_sha256, read.frame_time) for look in looks),
        looks_title=_looks_title(max(stored.look_count, len(looks))),
        in_view=_("%(seconds)s s in view") % {"seconds": decimal(_seconds_in_view(read))},
        reasons=tuple(sentence(in_language(reason)) for reason in read.reading.reasons),
        facts=_facts(stored, zone, now),
        sums=tuple(
            one
            for one in (
                Checksum("frame.jpg", frame_href, evidence.frame_sha256, checks[0]),
                Checksum("crop.jpg", row.crop, evidence.crop_sha256, checks[1]),
            )
            if one.href
        ),
        hits=lines,
        owner=next((line for line in lines if line.applies), None),
    )


def _looks_title(count: int) -> str:
    return ngettext("%(n)s look, one read", "%(n)s looks, one read", count) % {"n": number(count)}


def _crop(row: ReadRow, box: Box) -> Picture:
    # Of a crop that another system cut out itself nobody knows the size.
    width, height = (round(box.width), round(box.height)) if box.area else _UNKNOWN_CROP
    return Picture(row.crop, width, height, row.label)


def _scene(read: Read) -> str:
    what = _("Vehicle") if read.vehicle is None else vehicle_words(read.vehicle)
    words = _("%(what)s at %(camera)s; a box marks where the text stands")
    return sentence(words % {"what": what, "camera": read.camera})


def _rectangle(box: Box) -> Rectangle:
    return Rectangle(round(box.x1), round(box.y1), round(box.width), round(box.height))


def _bar(text: str, confidence: float) -> Bar:
    height = round(_BAR * max(0.0, min(1.0, confidence)), 1)
    return Bar(text, percent(confidence), bool(doubt(confidence)), round(_BAR - height, 1), height)


def _look(look: StoredLook, href: str, version: str, frame_time: float) -> LookCard:
    return LookCard(
        href=f"{href}/looks/{look.ordinal}.jpg?v={version[:8]}" if look.thumbnail else "",
        text=look.text,
        percent=percent(look.confidence),
        offset=f"{look.time - frame_time:+.2f} s",
        kept=look.kept,
    )


def _seconds_in_view(read: Read) -> float:
    return max(0.0, (read.last_seen - read.first_seen).total_seconds())


def _facts(stored: StoredRead, zone: ZoneInfo, now: datetime) -> tuple[Fact, ...]:
    read = stored.read
    first, last = (moment(at, zone, now).precise for at in (read.first_seen, read.last_seen))
    lines = (
        (_("Kind"), _(_KINDS[read.kind])),
        (_("Region"), (read.reading.region or "").upper()),
        (_("Size and type"), _size_words(read.reading.size_type)),
        (_("Check digit"), _(_CHECK_DIGITS[read.reading.check_digit]) if read.reading.check_digit else ""),
        (_("Vehicle"), _vehicle(read.vehicle)),
        (_("Camera"), read.camera),
        (_("Direction"), _(DIRECTIONS[read.direction]) if read.direction else ""),
        (_("Captured"), moment(read.captured_at, zone, now).exact),
        (_("In view"), _("%(first)s to %(last)s") % {"first": first, "last": last}),
        (_("Sent by"), read.source),
        (_("Models"), ", ".join(filter(None, (read.detector, read.reader)))),
        (_("Read id"), read.id),
    )
    return tuple(Fact(name, words) for name, words in lines if words)


def _size_words(size_type: str) -> str:
    """Say what stands beside a container's code, in the standard's English words."""
    words = size_type_words(size_type)
    return f"{size_type}: {words}" if words else size_type


def _vehicle(vehicle: Vehicle | None) -> str:
    if vehicle is None:
        return _("not seen as one")
    words = vehicle_words(vehicle)
    sure = {"words": words, "percent": percent(vehicle.confidence)}
    return _("%(words)s, %(percent)s %% sure") % sure if vehicle.confidence else words
