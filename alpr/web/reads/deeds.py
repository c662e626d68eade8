"""What a guard says of a read, from every page that shows one: text set, confirmed, no plate, wrong, undone; notes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

from litestar import post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.correction import LONGEST_TEXT, Corrector
from alpr.domain import utc_now
from alpr.errors import CorrectionError
from alpr.store import audit, notes, reads
from alpr.store.notes import LONGEST, Note
from alpr.store.reads import StoredRead
from alpr.store.users import Role
from alpr.web.auth.access import PageRequest, check_form, need_role, safe_next
from alpr.web.context import Web, WebParts
from alpr.web.reads.one import read_page

GUARD = [need_role(Role.GUARD)]
_SEE = HTTPStatus.SEE_OTHER
Answer: TypeAlias = Redirect | Template


@dataclass(frozen=True, slots=True)
class DeedForm:
    """What the browser sends: the text or the reason where there is one, and the page to go back to."""

    text: str = ""
    why: str = ""
    next: str = ""
    csrf: str = ""


@dataclass(frozen=True, slots=True)
class NoteForm:
    """A note that is to be written, or taken away."""

    note: str = ""
    next: str = ""
    csrf: str = ""


@post("/reads/{read_id:str}/text", guards=GUARD, status_code=_SEE)
async def set_text(
    request: PageRequest, web: WebParts, read_id: FromPath[str], data: URLEncodedBody[DeedForm]
) -> Answer:
    """Set the text of a read; the same text confirms it."""
    return await _do(request, web, read_id, data, lambda by: by.correct(read_id, data.text, request.user.name))


@post("/reads/{read_id:str}/confirm", guards=GUARD, status_code=_SEE)
async def confirm(
    request: PageRequest, web: WebParts, read_id: FromPath[str], data: URLEncodedBody[DeedForm]
) -> Answer:
    """Say that a read is right."""
    return await _do(request, web, read_id, data, lambda by: by.confirm(read_id, request.user.name))


@post("/reads/{read_id:str}/doubt", guards=GUARD, status_code=_SEE)
async def doubt(request: PageRequest, web: WebParts, read_id: FromPath[str], data: URLEncodedBody[DeedForm]) -> Answer:
    """Say that a read is wrong."""
    return await _do(request, web, read_id, data, lambda by: by.doubt(read_id, request.user.name))


@post("/reads/{read_id:str}/dismiss", guards=GUARD, status_code=_SEE)
async def dismiss(
    request: PageRequest, web: WebParts, read_id: FromPath[str], data: URLEncodedBody[DeedForm]
) -> Answer:
    """Say that there is no plate."""
    return await _do(request, web, read_id, data, lambda by: by.dismiss(read_id, request.user.name, data.why))


@post("/reads/{read_id:str}/undo", guards=GUARD, status_code=_SEE)
async def undo(request: PageRequest, web: WebParts, read_id: FromPath[str], data: URLEncodedBody[DeedForm]) -> Answer:
    """Take back what was last said."""
    return await _do(request, web, read_id, data, lambda by: by.undo(read_id, request.user.name))


@post("/reads/{read_id:str}/notes", guards=GUARD, status_code=_SEE)
async def add_note(
    request: PageRequest, web: WebParts, read_id: FromPath[str], data: URLEncodedBody[NoteForm]
) -> Redirect:
    """Write a note down; an empty one is none."""
    check_form(request, data.csrf)
    stored = await reads.get(web.database, read_id)
    if stored is None:
        raise NotFoundException
    await write_note(web, request.user.name, data.note, text=stored.read.text, read_id=read_id)
    return Redirect(_back(data.next, read_id), status_code=303)


@post("/notes/{note_id:int}/remove", guards=GUARD, status_code=_SEE)
async def remove_note(
    request: PageRequest, web: WebParts, note_id: FromPath[int], data: URLEncodedBody[NoteForm]
) -> Redirect:
    """Take a note away."""
    check_form(request, data.csrf)
    await forget_note(web, request.user.name, note_id)
    return Redirect(safe_next(data.next), status_code=303)


async def write_note(web: Web, who: str, words: str, *, text: str, read_id: str | None = None) -> int | None:
    """Write a note down, on the record; return its id, None when nothing was written."""
    note = " ".join(words.split())[:LONGEST]
    if not note:
        return None
    made = await notes.add(web.database, Note(note, utc_now(), who, text, read_id))
    await audit.record(web.database, audit.Entry(utc_now(), who, "note add", text or read_id or "", note))
    return made


async def forget_note(web: Web, who: str, note_id: int) -> Note | None:
    """Take a note away, on the record; return it, None when there was none."""
    gone = await notes.remove(web.database, note_id) if note_id < 2**63 else None
    if gone is not None:
        await audit.record(web.database, audit.Entry(utc_now(), who, "note remove", gone.text, gone.note))
    return gone


async def _do(
    request: PageRequest,
    web: Web,
    read_id: str,
    form: DeedForm,
    deed: Callable[[Corrector], Awaitable[StoredRead]],
) -> Answer:
    """Do what was asked and go back; where it cannot be, show the read with what was typed and why not."""
    check_form(request, form.csrf)
    if await reads.get(web.database, read_id) is None:
        raise NotFoundException
    try:
        await deed(web.corrector)
    except CorrectionError as error:
        typed = form.text[: 2 * LONGEST_TEXT]
        return await read_page(request, web, read_id, typed=typed, fault=str(error).partition(": ")[2])
    return Redirect(_back(form.next, read_id), status_code=303)


def _back(target: str, read_id: str) -> str:
    return safe_next(target) if target else f"/reads/{read_id}"
