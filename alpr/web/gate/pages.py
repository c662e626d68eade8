"""`/gate`: which gate. `/gate/{name}`: the vehicle that is there, large, with what the guard can do about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from litestar import get
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from alpr.access import MAY_STAND
from alpr.domain import utc_now
from alpr.store import hits, notes, reads, sessions, visits
from alpr.store.reads import ReadQuery, StoredRead
from alpr.web.auth.access import Account, PageRequest, cookie, cookie_name, session_end, token_digest
from alpr.web.auth.csrf import form_token
from alpr.web.context import Web, WebParts
from alpr.web.gate.barriers import may_open, openers
from alpr.web.gate.view import (
    AtGate,
    Gate,
    Place,
    at_gate,
    choices,
    gates,
    newest_first,
    standing_facts,
    state_words,
    waiting_words,
)
from alpr.web.kept import kept
from alpr.web.page import is_fragment, page
from alpr.web.reads.view import ReadRow, read_row
from alpr.web.view import Fact
from alpr.web.words.language import gettext as _

COOKIE = "alpr-gate"
_EARLIER = 8
_MOST_WAITING = 20
_NOTES = 2
_SHOWN_WAITING = 3
_LONGEST_ID = 36


@dataclass(frozen=True, slots=True)
class Screen:
    """What is on the guard's screen."""

    gate: Gate
    kiosk: bool
    shape: str
    state: str
    shown: AtGate | None
    opens: tuple[str, ...]
    waiting: tuple[ReadRow, ...]
    """The first of those that came after the one that is shown, in their order."""
    waiting_count: int
    waiting_words: str
    earlier: tuple[ReadRow, ...]
    may_act: bool

    @property
    def next_href(self) -> str:
        """Where the next one that waits is shown."""
        return self.at(self.waiting[0]) if self.waiting else ""

    def at(self, row: ReadRow) -> str:
        """Return where a read is shown at this gate."""
        return self.gate.url(kiosk=self.kiosk, read=row.id)

    def deed(self, name: str) -> str:
        """Return where something is done about the read that is shown."""
        return self.gate.url(kiosk=self.kiosk, read=self.shown.row.id if self.shown else "", deed=name)


@get("/gate")
async def show_gates(
    request: PageRequest, web: WebParts, kiosk: FromQuery[str] = "", choose: FromQuery[str] = ""
) -> Template | Redirect:
    """Show every gate to choose from; go straight to the one there is, or the one that this browser chose last."""
    every = choices(gates(web.status, web.barriers))
    chosen = next((one for one in every if quote(one.name) == request.cookies.get(COOKIE, "")), None)
    chosen = every[0] if len(every) == 1 else chosen
    if chosen is not None and not choose:
        return Redirect(chosen.url(kiosk=bool(kiosk)), status_code=303)
    places = [await _place(web, one, utc_now()) for one in every]
    return page(request, web, "gates.html", here="gate", places=places, kiosk=bool(kiosk))


@get("/gate/{name:str}")
async def show_gate(
    request: PageRequest,
    web: WebParts,
    name: FromPath[str],
    read: FromQuery[str] = "",
    kiosk: FromQuery[str] = "",
    done: FromQuery[str] = "",
) -> Template:
    """Show the newest vehicle at a gate, or the one that is asked for; htmx and scripts get what has changed."""
    gate, now = known_gate(web, name), utc_now()
    screen = await screen_of(web, request.user, gate, read, kiosk=bool(kiosk))
    if is_fragment(request):
        return Template("_gate_screen.html", context=_values(web, screen, request.auth.token))
    others = len(choices(gates(web.status, web.barriers))) > 1
    values = _values(web, screen, request.auth.token)
    values |= {"others": others, "done": done, "kiosk": screen.kiosk, "zone": web.zone.key}
    shown = page(request, web, "gate.html", here="gate", wide=True, **values)
    shown.cookies.append(_remembered(web, name))
    if screen.kiosk:
        shown.cookies += await _lasting(request, web, now)
    return shown


def known_gate(web: Web, name: str) -> Gate:
    """Return the gate of this name; raises NotFoundException."""
    found = next((one for one in gates(web.status, web.barriers) if one.name == name), None)
    if found is None:
        raise NotFoundException
    return found


async def known_read(web: Web, gate: Gate, read_id: str) -> StoredRead:
    """Return a read of this gate; raises NotFoundException."""
    stored = await reads.get(web.database, read_id[:_LONGEST_ID])
    if stored is None or stored.read.camera not in gate.cameras:
        raise NotFoundException
    return stored


async def _at(web: Web, gate: Gate, query: ReadQuery) -> list[StoredRead]:
    """Return the newest reads of all cameras of a gate."""
    found: list[StoredRead] = []
    for camera in gate.cameras:
        found += await reads.page(web.database, _of_camera(query, camera))
    return newest_first(found)[: query.limit]


def _of_camera(query: ReadQuery, camera: str) -> ReadQuery:
    return ReadQuery(camera=camera, since=query.since, before=query.before, limit=query.limit)


async def screen_of(web: Web, user: Account, gate: Gate, read_id: str = "", *, kiosk: bool) -> Screen:
    """Return the screen of the newest read at a gate, or of the one that is named; raises NotFoundException."""
    now = utc_now()
    waits: list[StoredRead] = []
    stored: StoredRead | None
    if read_id:
        stored = await known_read(web, gate, read_id)
        waits = await _after(web, gate, stored)
        earlier = await _before(web, gate, stored)
    else:
        stored, earlier = await _newest(web, gate)
    shape, state = state_words([web.status.camera(name) for name in gate.cameras])
    fresh = stored is not None and now - stored.read.last_seen < MAY_STAND
    mine = openers(web, user)
    return Screen(
        gate=gate,
        kiosk=kiosk,
        shape=shape,
        state=state,
        shown=await _at_gate(web, stored, now) if stored else None,
        opens=tuple(mine.get(stored.read.camera, ())) if stored and fresh else (),
        waiting=tuple(read_row(one, web.zone, now) for one in waits[:_SHOWN_WAITING]),
        waiting_count=len(waits),
        waiting_words=waiting_words(waits, now),
        earlier=tuple(read_row(one, web.zone, now) for one in earlier),
        may_act=may_open(user),
    )


def screen_html(web: Web, screen: Screen, token: str) -> str:
    """Render what changes on the screen, for whoever has this session."""
    return web.templates.get_template("_gate_screen.html").render(_values(web, screen, token))


def _values(web: Web, screen: Screen, token: str) -> dict[str, Any]:
    follows = not screen.waiting_count
    return {"screen": screen, "static": web.templates.globals["static"], "follows": follows, "csrf": form_token(token)}


async def _newest(web: Web, gate: Gate) -> tuple[StoredRead | None, list[StoredRead]]:
    """Return the newest read of a gate, and those before it."""
    found = await _at(web, gate, ReadQuery(limit=1 + _EARLIER))
    return next(iter(found), None), found[1:]


async def _after(web: Web, gate: Gate, stored: StoredRead) -> list[StoredRead]:
    """Return what came after a read, the first first."""
    since = ReadQuery(since=stored.read.captured_at, limit=_MOST_WAITING + 1)
    place = (stored.read.captured_at, stored.read.id)
    found = await _at(web, gate, since)
    return [one for one in reversed(found) if (one.read.captured_at, one.read.id) > place]


async def _before(web: Web, gate: Gate, stored: StoredRead) -> list[StoredRead]:
    return await _at(web, gate, ReadQuery(before=reads.Cursor(stored.read.captured_at, stored.read.id), limit=_EARLIER))


async def _at_gate(web: Web, stored: StoredRead, now: datetime) -> AtGate:
    found = await hits.of_read(web.database, stored.read.id)
    text = stored.read.text
    facts: list[Fact] = []
    if text:
        standing = await visits.standing(web.database, text, stored.read.kind, now)
        facts += standing_facts(standing, stored.read.id, web.zone, now)
    noted = await notes.of_text(web.database, text) or await notes.of_read(web.database, stored.read.id)
    facts += [Fact(_("Note by %(name)s") % {"name": one.by}, one.note) for one in noted[:_NOTES]]
    return at_gate(stored, found, facts, web.zone, now)


async def _place(web: Web, gate: Gate, now: datetime) -> Place:
    last = next(iter(await _at(web, gate, ReadQuery(limit=1))), None)
    shape, state = state_words([web.status.camera(name) for name in gate.cameras])
    return Place(gate, shape, state, read_row(last, web.zone, now) if last else None)


def _remembered(web: Web, name: str) -> Cookie:
    return kept(COOKIE, quote(name), secure=web.secure_cookies)


async def _lasting(request: PageRequest, web: Web, now: datetime) -> list[Cookie]:
    """Let the session of a kiosk last: once half of it is over it begins anew, as long as the page is used."""
    ends = request.user.expires_at
    if ends is None or ends - now > timedelta(hours=web.session_hours) / 2:
        return []
    token = request.auth.token
    await sessions.extend(web.database, token_digest(token), session_end(web))
    assert cookie_name("session", secure=web.secure_cookies) in request.cookies, "a page has its session in a cookie"
    return [cookie("session", token, web, int(web.session_hours * 3600))]
