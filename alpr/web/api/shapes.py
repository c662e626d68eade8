"""What the API answers with. Boxes are `[x1, y1, x2, y2]` in pixels of the full frame, times are UTC."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from alpr.access import Verdict
from alpr.domain import Box, CheckDigit, Kind, Review, State
from alpr.status import CameraState, CameraStatus
from alpr.store.reads import Evidence, StoredLook, StoredRead
from alpr.store.search import Match

_BASE = "/api/v1/reads"
_SUM_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Sure:
    """A text, or one character of it, and how sure it is, 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture: the bytes under `url` have this SHA-256."""

    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame that the text was read from."""

    url: str
    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What is known of the vehicle."""

    type: str
    colour: str | None
    confidence: float
    box: list[float] | None


@dataclass(frozen=True, slots=True)
class Read:
    """One thing that passed one camera once."""

    id: str
    camera: str
    kind: Kind
    state: State
    text: str
    confidence: float
    characters: list[Sure]
    candidates: list[Sure]
    region: str | None
    size_type: str
    """Of a container: what stands beside its code, such as `45G1`."""
    check_digit: CheckDigit | None
    """Of a container's code: read and right, computed because it was not seen, or read and wrong."""
    reasons: list[str]
    direction: str | None
    source: str | None
    """The system that sent it, null for what our own cameras saw."""
    external_id: str | None
    box: list[float] | None
    captured_at: datetime
    first_seen: datetime
    last_seen: datetime
    looks: int
    vehicle: Vehicle | None
    detector: str
    reader: str
    verdict: Verdict | None
    verdict_reason: str
    review: Review | None
    """What a person said of it; `corrected` reads carry what the machine had read as `machine_text`."""
    reviewed_at: datetime | None
    reviewed_by: str
    machine_text: str | None
    pass_id: str | None
    """What passed together with it."""
    arrival: str
    """How a container, or what a truck brought in, stands to the expected list; empty when nothing is to be said."""
    frame: Frame | None
    crop: Picture | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Reads:
    """A page of reads, newest first; `next` is the `cursor` of the page that follows, null on the last one."""

    reads: list[Read]
    next: str | None


@dataclass(frozen=True, slots=True)
class Swap:
    """A look-alike that was forgiven."""

    typed: str
    stored: str


@dataclass(frozen=True, slots=True)
class Found:
    """A read that fits a search, and why."""

    read: Read
    reason: str
    swaps: list[Swap]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of what a search found, newest first; `next` as for reads."""

    found: list[Found]
    next: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """One crop of one frame that was read; `picture` is null where no crop was kept."""

    ordinal: int
    time: float
    box: list[float]
    text: str
    confidence: float
    quality: float
    kept: bool
    picture: str | None


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks that were fused into a read, in the order they were made."""

    looks: list[Look]


@dataclass(frozen=True, slots=True)
class Camera:
    """What a camera is doing, with its counters since the start of the program."""

    name: str
    state: CameraState
    since: datetime
    error: str
    last_frame_at: datetime | None
    width: int
    height: int
    codec: str
    frames_decoded: int
    frames_taken: int
    frames_dropped: int
    frames_analysed: int
    packets_lost: int
    decode_errors: int
    reconnects: int
    reads: int


@dataclass(frozen=True, slots=True)
class Cameras:
    """All cameras of the configuration."""

    cameras: list[Camera]


def read_shape(stored: StoredRead) -> Read:
    """Show a read to a program."""
    read, evidence = stored.read, stored.evidence
    vehicle, reading = read.vehicle, read.reading
    return Read(
        id=read.id,
        camera=read.camera,
        kind=read.kind,
        state=read.state,
        text=read.text,
        confidence=reading.confidence,
        characters=[Sure(one.text, one.confidence) for one in reading.characters],
        candidates=[Sure(one.text, one.confidence) for one in reading.candidates],
        region=reading.region,
        size_type=reading.size_type,
        check_digit=reading.check_digit,
        reasons=list(reading.reasons),
        direction=read.direction,
        source=read.source or None,
        external_id=read.external_id or None,
        box=_corners(read.box) if read.box.area else None,
        captured_at=read.captured_at,
        first_seen=read.first_seen,
        last_seen=read.last_seen,
        looks=stored.look_count,
        vehicle=None
        if vehicle is None
        else Vehicle(
            vehicle.type, vehicle.colour, vehicle.confidence, _corners(read.vehicle_box) if read.vehicle_box else None
        ),
        detector=read.detector,
        reader=read.reader,
        verdict=stored.verdict,
        verdict_reason=stored.verdict_reason,
        review=stored.review,
        reviewed_at=stored.reviewed_at,
        reviewed_by=stored.reviewed_by,
        machine_text=stored.machine.text if stored.machine else None,
        pass_id=stored.pass_id or None,
        arrival=stored.arrival,
        frame=_frame(read.id, evidence),
        crop=_crop(read.id, evidence),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def _frame(read_id: str, evidence: Evidence) -> Frame | None:
    if not evidence.frame_path:
        return None
    url = _picture_url(read_id, "frame.jpg", evidence.frame_sha256)
    return Frame(url, evidence.frame_sha256, evidence.frame_width, evidence.frame_height)


def _crop(read_id: str, evidence: Evidence) -> Picture | None:
    if not evidence.crop_path:
        return None
    return Picture(_picture_url(read_id, "crop.jpg", evidence.crop_sha256), evidence.crop_sha256)


def found_shape(stored: StoredRead, match: Match) -> Found:
    """Show a read that a search found."""
    return Found(read_shape(stored), match.reason, [Swap(typed, there) for typed, there in match.swaps])


def look_shape(read_id: str, look: StoredLook) -> Look:
    """Show a look to a program."""
    picture = f"{_BASE}/{quote(read_id, safe='')}/looks/{look.ordinal}.jpg" if look.thumbnail is not None else None
    return Look(
        look.ordinal, look.time, _corners(look.box), look.text, look.confidence, look.quality, look.kept, picture
    )


def camera_shape(camera: CameraStatus) -> Camera:
    """Show a camera to a program; its address stays inside."""
    return Camera(
        name=camera.name,
        state=camera.state,
        since=camera.since,
        error=camera.error,
        last_frame_at=camera.last_frame_at,
        width=camera.width,
        height=camera.height,
        codec=camera.codec,
        frames_decoded=camera.frames_decoded,
        frames_taken=camera.frames_taken,
        frames_dropped=camera.frames_dropped,
        frames_analysed=camera.frames_analysed,
        packets_lost=camera.packets_lost,
        decode_errors=camera.decode_errors,
        reconnects=camera.reconnects,
        reads=camera.reads,
    )


def _picture_url(read_id: str, name: str, sha256: str) -> str:
    return f"{_BASE}/{quote(read_id, safe='')}/{name}?v={sha256[:_SUM_SHOWN]}"


def _corners(box: Box) -> list[float]:
    return [box.x1, box.y1, box.x2, box.y2]
