"""`/api/v1/reads/{id}/…`: what persons say of a read, their notes, its evidence, and the queue of those that wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar import Response, delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody, QueryParameter

from alpr.domain import Review, compact, utc_now
from alpr.errors import CorrectionError
from alpr.store import corrections, notes, reads, reviews
from alpr.store.reviews import ReviewQuery
from alpr.store.users import Role
from alpr.web.api import parameters as given
from alpr.web.api.changing import may_change
from alpr.web.api.problems import document, wrong
from alpr.web.api.shapes import Read, read_shape
from alpr.web.auth.access import PageRequest, need_role
from alpr.web.context import Web, WebParts
from alpr.web.reads import evidence
from alpr.web.reads.deeds import forget_note, write_note

_GUARD = [may_change(Role.GUARD)]
_LOOK = [need_role(Role.GUARD)]
_GONE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_BAD = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_MOST = 100
_LARGEST_ID = 2**63 - 1
Few: TypeAlias = Annotated[int, QueryParameter(ge=1, le=_MOST, description="Reads a page.")]


@dataclass(frozen=True, slots=True)
class TextFields:
    """The text that stands on the plate or container; letters and digits count."""

    text: str


@dataclass(frozen=True, slots=True)
class WhyFields:
    """Why it is no plate; may be empty."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class NoteFields:
    """A note, 500 characters at most."""

    note: str


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that somebody said of a read."""

    id: int
    review: Review
    text_before: str
    text_after: str
    why: str
    at: datetime
    by: str
    undone_at: datetime | None
    undone_by: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """What was said of a read, oldest first."""

    corrections: list[Correction]


@dataclass(frozen=True, slots=True)
class Note:
    """A note, with the read that it was made of."""

    id: int
    note: str
    at: datetime
    by: str
    read: str | None


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes, newest first."""

    notes: list[Note]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Reads that a person should look at, newest first; `waiting` counts all of them, 1000 at most."""

    waiting: int
    reads: list[Read]


@post("/reads/{read_id:str}/text", guards=_GUARD, status_code=200, responses=_GONE, summary="Correct a text")
async def set_text(request: PageRequest, web: WebParts, read_id: FromPath[str], data: JSONBody[TextFields]) -> Read:
    """Set the text of a read, which is judged anew; the same text confirms it. For guards."""
    await _known(web, read_id)
    try:
        return read_shape(await web.corrector.correct(read_id, data.text, request.user.name))
    except CorrectionError as error:
        field, _, words = str(error).partition(": ")
        raise wrong(field, words) from error


@post("/reads/{read_id:str}/confirm", guards=_GUARD, status_code=200, responses=_GONE, summary="Say it is right")
async def confirm(request: PageRequest, web: WebParts, read_id: FromPath[str]) -> Read:
    """Say that a read is right, or that nobody can read it. For guards."""
    await _known(web, read_id)
    return read_shape(await web.corrector.confirm(read_id, request.user.name))


@post("/reads/{read_id:str}/doubt", guards=_GUARD, status_code=200, responses=_GONE, summary="Say it is wrong")
async def doubt(request: PageRequest, web: WebParts, read_id: FromPath[str]) -> Read:
    """Say that a read is wrong without knowing the right text: it waits to be looked at. For guards."""
    await _known(web, read_id)
    return read_shape(await web.corrector.doubt(read_id, request.user.name))


@post("/reads/{read_id:str}/dismiss", guards=_GUARD, status_code=200, responses=_GONE, summary="Say it is none")
async def dismiss(request: PageRequest, web: WebParts, read_id: FromPath[str], data: JSONBody[WhyFields]) -> Read:
    """Say that a read is of no plate, code or vehicle: it leaves lists, counts and visits. For guards."""
    await _known(web, read_id)
    return read_shape(await web.corrector.dismiss(read_id, request.user.name, data.why))


@post("/reads/{read_id:str}/undo", guards=_GUARD, status_code=200, responses=_GONE, summary="Take it back")
async def undo(request: PageRequest, web: WebParts, read_id: FromPath[str]) -> Read:
    """Take back what was last said of a read. For guards."""
    await _known(web, read_id)
    try:
        return read_shape(await web.corrector.undo(read_id, request.user.name))
    except CorrectionError as error:
        raise wrong("read", "there is nothing to undo") from error


@get("/reads/{read_id:str}/corrections", responses=_GONE, summary="What was said of a read")
async def list_corrections(web: WebParts, read_id: FromPath[str]) -> Corrections:
    """Give the history of a read, with what was undone."""
    await _known(web, read_id)
    return Corrections(
        [
            Correction(
                one.id,
                one.review,
                one.text_before,
                one.text_after,
                one.why,
                one.at,
                one.by,
                one.undone_at,
                one.undone_by,
            )
            for one in await corrections.of_read(web.database, read_id)
        ]
    )


@get("/reads/{read_id:str}/notes", responses=_GONE, summary="The notes of a read")
async def list_notes(web: WebParts, read_id: FromPath[str]) -> Notes:
    """Give the notes of a read."""
    await _known(web, read_id)
    return Notes([_note(one) for one in await notes.of_read(web.database, read_id)])


@post("/reads/{read_id:str}/notes", guards=_GUARD, responses=_GONE, summary="Note something of a read")
async def add_note(request: PageRequest, web: WebParts, read_id: FromPath[str], data: JSONBody[NoteFields]) -> Notes:
    """Write a note down; give all of the read. For guards."""
    stored = await reads.get(web.database, read_id)
    if stored is None:
        raise NotFoundException
    if await write_note(web, request.user.name, data.note, text=stored.read.text, read_id=read_id) is None:
        raise wrong("note", "is empty")
    return Notes([_note(one) for one in await notes.of_read(web.database, read_id)])


@get("/vehicles/{text:str}/notes", responses=_GONE, summary="The notes of a vehicle")
async def list_vehicle_notes(web: WebParts, text: FromPath[str]) -> Notes:
    """Give the notes of a plate or code, look-alikes forgiven."""
    return Notes([_note(one) for one in await notes.of_text(web.database, text)])


@post("/vehicles/{text:str}/notes", guards=_GUARD, responses=_GONE, summary="Note something of a vehicle")
async def add_vehicle_note(
    request: PageRequest, web: WebParts, text: FromPath[str], data: JSONBody[NoteFields]
) -> Notes:
    """Write a note of a plate or code down; give all of it. For guards."""
    if not compact(text):
        raise wrong("text", "has no letter and no digit")
    if await write_note(web, request.user.name, data.note, text=compact(text)[:32]) is None:
        raise wrong("note", "is empty")
    return Notes([_note(one) for one in await notes.of_text(web.database, text)])


@delete("/notes/{note_id:int}", guards=_GUARD, responses=_GONE, summary="Remove a note")
async def remove_note(request: PageRequest, web: WebParts, note_id: FromPath[int]) -> None:
    """Take a note away. For guards."""
    if note_id > _LARGEST_ID or await forget_note(web, request.user.name, note_id) is None:
        raise NotFoundException


@get(
    "/reads/{read_id:str}/evidence.zip",
    guards=_LOOK,
    responses=_GONE,
    summary="The evidence package",
    media_type="application/zip",
)
async def get_evidence(request: PageRequest, web: WebParts, read_id: FromPath[str]) -> Response[bytes]:
    """Send pictures, facts, history and audit lines of a read, signed by the site. For guards."""
    response: Response[bytes] = await evidence.send_evidence.fn(request, web, read_id)
    return response


@get("/review", guards=_LOOK, responses=_BAD, summary="Reads that wait for a person")
async def list_waiting(web: WebParts, camera: given.CameraName = None, limit: Few = 50) -> Waiting:
    """Give the reads that are unread, unsure, contradicted by their check digit or said to be wrong. For guards."""
    settings = web.review()
    query = ReviewQuery(settings.below, utc_now() - timedelta(days=settings.days), camera or "")
    found = await reviews.waiting(web.database, query, limit=limit)
    return Waiting(await reviews.count(web.database, query), [read_shape(one) for one in found])


async def _known(web: Web, read_id: str) -> None:
    if await reads.get(web.database, read_id) is None:
        raise NotFoundException


def _note(one: notes.Note) -> Note:
    return Note(one.id, one.note, one.at, one.by, one.read_id)
