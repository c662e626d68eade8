"""`/review`: the reads that a person should look at, one after the other: Enter accepts, typing corrects."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.domain import CheckDigit, Review, State, utc_now
from alpr.errors import CorrectionError
from alpr.store import hits, reads, reviews
from alpr.store.reads import StoredRead
from alpr.store.reviews import ReviewQuery
from alpr.store.users import Role
from alpr.web.auth.access import PageRequest, check_form, need_role
from alpr.web.context import Web, WebParts
from alpr.web.page import page
from alpr.web.reads.detail import ReadDetail, read_detail
from alpr.web.reads.review_view import review_words
from alpr.web.words.language import gettext as _
from alpr.web.words.language import number

_GUARD = [need_role(Role.GUARD)]
_LONGEST = 32
Answer: TypeAlias = Redirect | Template


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What the browser sends: the read, the text, and what was pressed."""

    id: str = ""
    text: str = ""
    deed: str = "accept"
    camera: str = ""
    csrf: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """The read that is looked at."""

    read: ReadDetail
    why: str
    suggestion: str
    next_frame: str
    """The picture of the one after it, to be fetched ahead."""


@get("/review", guards=_GUARD)
async def show_review(
    request: PageRequest,
    web: WebParts,
    after: FromQuery[str] = "",
    at: FromQuery[str] = "",
    camera: FromQuery[str] = "",
) -> Template:
    """Show the newest read that waits, the next one `after` a read, or the very one that somebody went back to."""
    return await _page(request, web, after=after, at=at, camera=camera)


@post("/review", guards=_GUARD, status_code=HTTPStatus.SEE_OTHER)
async def review_read(request: PageRequest, web: WebParts, data: URLEncodedBody[ReviewForm]) -> Answer:
    """Do what was pressed and go to the next read."""
    check_form(request, data.csrf)
    who, corrector = request.user.name, web.corrector
    try:
        if data.deed == "dismiss":
            await corrector.dismiss(data.id, who)
        elif data.deed == "unreadable":
            await corrector.confirm(data.id, who)
        elif data.deed == "accept":
            await corrector.correct(data.id, data.text, who)
    except CorrectionError as error:
        fault = str(error).partition(": ")[2]
        return await _page(request, web, at=data.id, camera=data.camera, typed=data.text[:_LONGEST], fault=fault)
    return Redirect(_address(after=data.id, camera=data.camera), status_code=303)


async def _page(
    request: PageRequest, web: Web, *, after: str = "", at: str = "", camera: str = "", typed: str = "", fault: str = ""
) -> Template:
    now = utc_now()
    query = _query(web, camera, now)
    place = await reviews.place_of(web.database, after) if after else None
    found = await reviews.waiting(web.database, query, place, 2)
    chosen = await reads.get(web.database, at) if at else None
    shown = chosen or next(iter(found), None)
    following = next((one for one in found if shown is None or one.read.id != shown.read.id), None)
    left = await reviews.count(web.database, query)
    return page(
        request,
        web,
        "review.html",
        here="review",
        item=await _item(web, shown, following, now) if shown else None,
        done=await _done(web, after),
        waiting=left,
        left=f"{number(left)}+" if left >= reviews.MOST else number(left),
        more=left > 0,
        camera=camera,
        cameras=list(web.status.cameras),
        skip=_address(after=shown.read.id, camera=camera) if shown else "",
        again=_address(camera=camera),
        back=_address(at=after, camera=camera),
        typed=typed,
        fault=_(fault),
    )


def _query(web: Web, camera: str, now: datetime) -> ReviewQuery:
    settings = web.review()
    return ReviewQuery(settings.below, now - timedelta(days=settings.days), camera[:64])


async def _item(web: Web, stored: StoredRead, following: StoredRead | None, now: datetime) -> Item:
    looks = await reads.looks(web.database, stored.read.id)
    said = await hits.of_read(web.database, stored.read.id)
    detail = read_detail(stored, looks, said, ("agrees", "agrees"), web.zone, now)
    ahead = following and following.evidence.frame_path
    return Item(
        read=detail,
        why=_why(stored),
        suggestion=_suggestion(stored),
        next_frame=f"/reads/{following.read.id}/frame.jpg?v={following.evidence.frame_sha256[:8]}"
        if following and ahead
        else "",
    )


def _suggestion(stored: StoredRead) -> str:
    """Return the text to begin with: a read that is said to be wrong begins with its runner-up."""
    reading = stored.read.reading
    others = [one.text for one in reading.candidates if one.text != reading.text]
    if stored.review is Review.WRONG or not reading.text:
        return others[0] if others else ""
    return reading.text


def _why(stored: StoredRead) -> str:
    if stored.review is Review.WRONG:
        return _("%(name)s says that this text is wrong") % {"name": stored.reviewed_by}
    if stored.read.state is State.UNREAD:
        return _("Could not be read")
    if stored.read.reading.check_digit is CheckDigit.DIFFERS:
        return _("The check digit does not fit")
    if stored.read.reading.check_digit is CheckDigit.COMPUTED:
        return _("The check digit was not seen")
    return _("Not sure enough")


@dataclass(frozen=True, slots=True)
class Done:
    """What was just said, with the way back."""

    text: str
    words: str
    undo: str
    back: str


async def _done(web: Web, read_id: str) -> Done | None:
    stored = await reads.get(web.database, read_id) if read_id else None
    if stored is None:
        return None
    words = review_words(stored.review) if stored.review and stored.review is not Review.WRONG else _("skipped")
    undo = f"/reads/{read_id}/undo" if stored.review and stored.review is not Review.WRONG else ""
    return Done(stored.read.text or _("Unread vehicle"), words, undo, _address(at=read_id))


def _address(**values: str) -> str:
    query = urlencode({name: value for name, value in values.items() if value})
    return f"/review?{query}" if query else "/review"
