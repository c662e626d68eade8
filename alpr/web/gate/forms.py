"""What a guard does about the vehicle at the gate: `/gate/{name}/text`, `/visitor` and `/note`.

Each is a page of its own, and the same form in a dialog where scripts run; what was typed stays until it is right.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from alpr.domain import utc_now
from alpr.errors import CorrectionError
from alpr.site.lists.entryfields import EntryFaultsError
from alpr.store import notes
from alpr.store.reads import StoredRead
from alpr.store.users import Role
from alpr.web.auth.access import PageRequest, check_form, need_role
from alpr.web.auth.csrf import form_token
from alpr.web.context import Web, WebParts
from alpr.web.gate.pages import known_gate, known_read
from alpr.web.gate.view import Gate
from alpr.web.gate.visitors import LASTS, add_visitor, is_one_text
from alpr.web.page import is_fragment, page
from alpr.web.reads.view import read_row
from alpr.web.view import moment, sentence
from alpr.web.words.language import gettext as _
from alpr.web.words.said import in_language


class FormFaultsError(ValueError):
    """What is wrong with a form, by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done about a read: it returns the words for what came of it, or raises FormFaultsError."""

    fields: tuple[str, ...]
    do: Callable[[Web, str, StoredRead, Mapping[str, str]], Awaitable[str]]


@get("/gate/{name:str}/{deed:str}", guards=[need_role(Role.GUARD)])
async def ask_deed(
    request: PageRequest,
    web: WebParts,
    name: FromPath[str],
    deed: FromPath[str],
    read: FromQuery[str] = "",
    kiosk: FromQuery[str] = "",
) -> Template:
    """Show the form of a deed."""
    _known(deed)
    gate = known_gate(web, name)
    stored = await known_read(web, gate, read)
    return _form(request, web, gate, stored, deed, {"text": stored.read.text, "plate": stored.read.text}, kiosk=kiosk)


@post("/gate/{name:str}/{deed:str}", guards=[need_role(Role.GUARD)], status_code=HTTPStatus.OK)
async def do_deed(
    request: PageRequest, web: WebParts, name: FromPath[str], deed: FromPath[str], kiosk: FromQuery[str] = ""
) -> Template | Redirect:
    """Do it, or show the form again with what is wrong."""
    known, gate = _known(deed), known_gate(web, name)
    form = await request.form()
    check_form(request, _text(form, "csrf"))
    stored = await known_read(web, gate, _text(form, "read"))
    typed = {field: _text(form, field) for field in known.fields}
    try:
        words = await known.do(web, request.user.name, stored, typed)
    except FormFaultsError as error:
        return _form(request, web, gate, stored, deed, typed, error.faults, kiosk=kiosk)
    if is_fragment(request):
        return Template("_gate_done.html", context={"words": words})
    return Redirect(gate.url(kiosk=bool(kiosk), read=stored.read.id, done=deed), status_code=303)


async def _fix_text(web: Web, actor: str, stored: StoredRead, typed: Mapping[str, str]) -> str:
    try:
        now = await web.corrector.correct(stored.read.id, typed["pick"] or typed["text"], actor)
    except CorrectionError as error:
        raise FormFaultsError({"text": sentence(in_language(str(error).removeprefix("text: ")))}) from error
    return _("The text is %(text)s now.") % {"text": now.read.text}


async def _register(web: Web, actor: str, stored: StoredRead, typed: Mapping[str, str]) -> str:
    try:
        ends = await add_visitor(web, actor, typed["plate"], typed["who"], typed["company"], typed["lasts"])
    except EntryFaultsError as error:
        told = {"owner": "who"}
        faults = {told.get(one.field, one.field): sentence(in_language(one.words)) for one in error.faults}
        raise FormFaultsError(faults) from error
    again = await web.corrector.judge_again(stored.read.id, actor)
    if again is not None and not again.read.text and is_one_text(typed["plate"]):
        # Nobody could read it but the guard, who typed what stands there.
        await web.corrector.correct(stored.read.id, typed["plate"], actor)
    until = moment(ends, web.zone, utc_now())
    return _("%(plate)s is registered as a visitor until %(time)s.") % {"plate": typed["plate"], "time": until.exact}


async def _write_note(web: Web, actor: str, stored: StoredRead, typed: Mapping[str, str]) -> str:
    words = typed["note"].strip()
    if not words:
        raise FormFaultsError({"note": _("Write something first.")})
    if len(words) > notes.LONGEST:
        raise FormFaultsError({"note": _("At most %(n)s characters.") % {"n": notes.LONGEST}})
    await notes.add(web.database, notes.Note(words, utc_now(), actor, stored.read.text, stored.read.id))
    return _("The note is kept.")


_DEEDS: Final = {
    "text": Deed(("text", "pick"), _fix_text),
    "visitor": Deed(("plate", "who", "company", "lasts"), _register),
    "note": Deed(("note",), _write_note),
}


def _known(deed: str) -> Deed:
    if deed not in _DEEDS:
        raise NotFoundException
    return _DEEDS[deed]


def _form(  # noqa: PLR0913  what the form is about, what was typed, and what is wrong with it
    request: PageRequest,
    web: Web,
    gate: Gate,
    stored: StoredRead,
    deed: str,
    typed: Mapping[str, str],
    faults: Mapping[str, str] | None = None,
    *,
    kiosk: str,
) -> Template:
    values = {
        "gate": gate,
        "kiosk": bool(kiosk),
        "row": read_row(stored, web.zone, utc_now()),
        "candidates": [one.text for one in stored.read.reading.candidates[:3]],
        "deed": deed,
        "typed": typed,
        "faults": faults or {},
        "lasts": LASTS,
        "longest_note": notes.LONGEST,
    }
    if is_fragment(request):
        shown = Template("_gate_form.html", context=values | {"csrf": form_token(request.auth.token)})
    else:
        shown = page(request, web, "gate_form.html", here="gate", **values)
    shown.status_code = HTTPStatus.BAD_REQUEST if faults else HTTPStatus.OK
    return shown


def _text(form: FormMultiDict, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
