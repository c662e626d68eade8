"""The nouns of the product: frozen values, no I/O.

Boxes are `x1 y1 x2 y2` in pixels of the full frame, times are timezone-aware UTC, images are BGR
`(h, w, 3) uint8`, grey images `(h, w) uint8`. A `read` is a noun here: one thing that passed one
camera once.
"""

from __future__ import annotations

import secrets
import unicodedata
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

BgrImage: TypeAlias = NDArray[np.uint8]
GreyImage: TypeAlias = NDArray[np.uint8]


class Kind(StrEnum):
    """What a read is of."""

    PLATE = "plate"
    CONTAINER = "container"
    VEHICLE = "vehicle"


class State(StrEnum):
    """How complete a read is: a preview is sure enough to act on, its track still runs; a dismissed one was none."""

    PREVIEW = "preview"
    FINAL = "final"
    UNREAD = "unread"
    DISMISSED = "dismissed"


class Review(StrEnum):
    """What a person said of a read: it is right, its text set, it is of no plate, or wrong, the right text unknown."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    DISMISSED = "dismissed"
    WRONG = "wrong"


class CheckDigit(StrEnum):
    """What is known of the check digit of a container's code (ISO 6346)."""

    AGREES = "agrees"
    """Read, and it fits the rest."""
    COMPUTED = "computed"
    """Not seen: computed from the rest."""
    DIFFERS = "differs"
    """Read, and it does not fit."""


class Label(StrEnum):
    """What a detector can find."""

    PLATE = "plate"
    CONTAINER = "container"
    """The code on a container, not the container."""
    CAR = "car"
    TRUCK = "truck"
    BUS = "bus"
    MOTORCYCLE = "motorcycle"
    VAN = "van"

    @property
    def is_vehicle(self) -> bool:
        """Whether the label names a vehicle."""
        return self not in {Label.PLATE, Label.CONTAINER}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle `x1 y1 x2 y2` in pixels of the full frame."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        """Pixels from left to right."""
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        """Square pixels; 0 for an empty box."""
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, `(x, y)`."""
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def intersection(self, other: Box) -> float:
        """Area shared with `other`."""
        width = min(self.x2, other.x2) - max(self.x1, other.x1)
        height = min(self.y2, other.y2) - max(self.y1, other.y1)
        return max(0.0, width) * max(0.0, height)

    def iou(self, other: Box) -> float:
        """Intersection over union with `other`, 0 to 1."""
        shared = self.intersection(other)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0

    def contains(self, x: float, y: float) -> bool:
        """Whether the point lies inside."""
        return self.x1 <= x <= self.x2 and self.y1 <= y <= self.y2

    def grown(self, horizontal: float, vertical: float) -> Box:
        """Return the box with a margin of these fractions of its own size on each side."""
        dx, dy = self.width * horizontal, self.height * vertical
        return Box(self.x1 - dx, self.y1 - dy, self.x2 + dx, self.y2 + dy)

    def clipped(self, width: int, height: int) -> Box:
        """Return the part inside a picture of this size."""
        return Box(max(0.0, self.x1), max(0.0, self.y1), min(float(width), self.x2), min(float(height), self.y2))


class Picture(Protocol):
    """Pixels that are converted only when somebody asks for them.

    A picture is immutable and safe to use from any thread.
    """

    @property
    def width(self) -> int:
        """Pixels."""
        ...

    @property
    def height(self) -> int:
        """Pixels."""
        ...

    def luma(self) -> GreyImage:
        """Return the brightness plane `(h, w) uint8`; cheap, may be a view."""
        ...

    def bgr(self) -> BgrImage:
        """Return the picture as BGR `(h, w, 3) uint8`; not to be written to."""
        ...


@dataclass(frozen=True, slots=True)
class Still:
    """The identity of one still of a watched folder, so that it is never read twice."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture of one camera."""

    camera: str
    number: int
    captured_at: datetime
    time: float
    """Seconds since the source started: stream time for files, arrival time for live cameras."""
    picture: Picture
    still: Still | None = None
    """Set when the frame is a still of its own (folder), not one of a moving sequence."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A box with a label and a score, for a plate perhaps with its four corners."""

    label: Label
    box: Box
    score: float
    corners: tuple[tuple[float, float], ...] | None = None
    """Top left, top right, bottom right, bottom left; they may lie outside the picture."""

    def moved(self, x: float, y: float) -> Detection:
        """Return the detection that many pixels further right and down."""
        box = Box(self.box.x1 + x, self.box.y1 + y, self.box.x2 + x, self.box.y2 + y)
        corners = self.corners and tuple((cx + x, cy + y) for cx, cy in self.corners)
        return replace(self, box=box, corners=corners)


@dataclass(frozen=True, slots=True)
class Character:
    """One character of a read and how sure it is, 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that the read could also be, with its share of the probability."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the looks at one thing say together: the fused text and how sure it is."""

    text: str
    confidence: float
    characters: tuple[Character, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    region: str | None = None
    reasons: tuple[str, ...] = ()
    size_type: str = ""
    """What stands beside a container's code, such as `45G1`."""
    check_digit: CheckDigit | None = None
    """Of a container's code; None for other kinds."""


@dataclass(frozen=True, slots=True)
class Look:
    """One crop of one frame that was read, kept to show what was fused."""

    time: float
    """Seconds of the source, as `Frame.time`."""
    box: Box
    text: str
    confidence: float
    quality: float
    kept: bool = False
    """Whether the read shows this look's frame as its evidence."""
    crop: BgrImage | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What is known of the vehicle: type (a `Label` value), colour, and how sure the type is."""

    type: str
    colour: str | None = None
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Read:
    """One thing that passed one camera once, as it is stored."""

    id: str
    camera: str
    kind: Kind
    state: State
    reading: Reading
    box: Box
    """Where the text (or the unread vehicle) stands in the evidence frame."""
    captured_at: datetime
    """When the evidence frame was captured."""
    frame_time: float
    """Seconds of the source at the evidence frame."""
    first_seen: datetime
    last_seen: datetime
    looks: tuple[Look, ...] = ()
    vehicle: Vehicle | None = None
    vehicle_box: Box | None = None
    direction: str | None = None
    """`in`, `out` or nothing, from the camera's role, or by the way over its line."""
    zone: str | None = None
    """The named polygon of the camera that it was in."""
    source: str = ""
    """The system that sent the read; empty when a camera of ours saw it."""
    external_id: str = ""
    """What that system calls the read."""
    detector: str = ""
    """Name and version of the model that found it; empty where nobody says."""
    reader: str = ""
    """Name and version of the model that read it."""

    @property
    def text(self) -> str:
        """The fused text, empty when unread."""
        return self.reading.text


@dataclass(frozen=True, slots=True)
class Capture:
    """A read on its way into the store, with the pixels of its evidence."""

    read: Read
    frame: Picture
    """The very frame that `read.box` and the kept look were taken from."""
    crop: BgrImage


@dataclass(frozen=True, slots=True)
class Recording:
    """What is stored in one transaction: captures, and the still that they came from, if any.

    A still without any capture is recorded too: it has been read, and nothing was in it.
    """

    camera: str
    captures: tuple[Capture, ...]
    still: Still | None = None


def new_read_id(captured_at: datetime) -> str:
    """Make an id that sorts by time: UUID version 7 (RFC 9562, section 5.7)."""
    milliseconds = int(captured_at.timestamp() * 1000) & (1 << 48) - 1
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def still_read_id(camera: str, still: Still, index: int) -> str:
    """Make the id of the n-th read of a still: the same again when the still is read again."""
    name = f"{camera}\n{still.path}\n{still.size}\n{still.mtime_ns}\n{index}"
    return str(uuid.uuid5(uuid.UUID("6f9f1f0e-2a34-5c8e-9a51-3f6c0f2b7d11"), name))


def foreign_read_id(source: str, name: str) -> str:
    """Make the id of a read of another system: the same again when it is sent again."""
    return str(uuid.uuid5(uuid.UUID("0b0a6c0e-7a1d-5f3e-8d55-2f1c4f7a9e31"), f"{source}\n{name}"))


_LOOK_ALIKES = str.maketrans("ODQIBSZGАВЕКМНОРСТУХ", "00018526A8EKMH0PCTYX")  # noqa: RUF001 - Cyrillic, as typed in the east
"""To which character the ones that cameras and people mix up are folded."""


def compact(text: str) -> str:
    """Return the letters and digits of a text alone, in capitals: `ab-12 C` becomes `AB12C`."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in plain if character.isalnum())


def canonical(text: str) -> str:
    """Fold a text so that look-alikes are equal: compact, O = D = Q = 0, I = 1, B = 8 and so on."""
    return fold(compact(text))


def fold(text: str) -> str:
    """Replace each look-alike by the one that stands for all of them; lengths and other characters stay."""
    return text.translate(_LOOK_ALIKES)


def utc_now() -> datetime:
    """Return the time now, timezone-aware, UTC."""
    return datetime.now(UTC)
