"""`POST /api/v1/reads`: takes the reads of other systems."""

from http import HTTPStatus
from typing import Annotated, Any, Final, TypeAlias

from litestar import Request, post
from litestar.connection import ASGIConnection
from litestar.exceptions import (
    ClientException,
    HTTPException,
    InternalServerException,
    PermissionDeniedException,
    ValidationException,
)
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE

from alpr.errors import StoreError
from alpr.exchange.outcome import Fate, Outcome
from alpr.exchange.payload import items_of
from alpr.exchange.told import FieldFaultError, Format, Item
from alpr.intake.reads import Intake
from alpr.store.users import Role
from alpr.web.api.changing import may_change
from alpr.web.api.exchangeshapes import SentReads, TakesReads, sent_shape
from alpr.web.api.problems import document, wrong
from alpr.web.auth.access import Account, PageRequest
from alpr.web.context import Web, WebParts

_MEGA: Final = 1_000_000
_SWALLOWED: Final = 64 * _MEGA
"""Of a body that is too large so much is read and thrown away: whoever still sends does not hear the answer."""
_MAY_SEND: Final = frozenset({Role.SENDER, Role.GUARD, Role.ADMIN})
_ANSWERS = document(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
Source: TypeAlias = Annotated[
    str, QueryParameter(max_length=80, description="The system that sends; left out, the name of the token.")
]
InFormat: TypeAlias = Annotated[
    Format | None, QueryParameter(name="format", description="Whose shape the body has; left out, it is found out.")
]
Secret: TypeAlias = Annotated[
    str,
    QueryParameter(max_length=200, description="A token with the role sender, for cameras that can send no header."),
]


def may_send(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let in tokens that may send, guards and admins."""
    may_change(Role.SENDER)(connection, handler)
    account: Account = connection.user
    if account.role not in _MAY_SEND:
        raise PermissionDeniedException(
            f"{account.name} ({account.role}) may not send: `alpr token add NAME --role sender` makes a token that may."
        )


@post(
    "/reads",
    guards=[may_send],
    status_code=HTTPStatus.OK,
    responses=_ANSWERS,
    operation_class=TakesReads,
    request_max_body_size=None,
    opt={"senders": True},
    summary="Send reads of another system",
)
async def send_reads(
    request: PageRequest,
    web: WebParts,
    source: Source = "",
    in_format: InFormat = None,
    access_token: Secret = "",  # noqa: ARG001  looked at before anything else; no password but its absence
) -> SentReads:
    """Take one read or many, in our own shape or as Plate Recognizer Stream, Axis and Hikvision cameras send them.

    Each item is answered on its own; 400 when none was taken. The same event sent again is a duplicate: by `source`
    and the id that the sender gives it, else by what it says. What was answered is stored.
    """
    intake = _open(web)
    body = await read_body(request, intake.settings.request_bytes)
    items = _items(request, body, in_format, intake.settings.batch)
    try:
        outcomes = await intake.take(items, source.strip() or request.user.name)
    except StoreError as error:
        raise HTTPException(
            f"Nothing can be stored at the moment ({error}): send it again.",
            status_code=HTTPStatus.SERVICE_UNAVAILABLE,
            headers={"Retry-After": "5"},
        ) from error
    if all(one.fate is Fate.REFUSED for one in outcomes):
        raise _all_refused(outcomes)
    return sent_shape(outcomes)


def _open(web: Web) -> Intake:
    if web.intake is None or not web.intake.settings.enabled:
        raise PermissionDeniedException("This site takes no reads of other systems: see [exchange] in alpr.toml.")
    return web.intake


async def read_body(request: Request[Any, Any, Any], most: int) -> bytes:
    """Return the body; of one that is too large nothing is kept."""
    taken, size = bytearray(), 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= most:
                taken += chunk
            else:
                taken.clear()
                if size > _SWALLOWED:
                    break
    except InternalServerException as error:
        raise ClientException("the connection ended before the body did") from error
    if size > most:
        raise HTTPException(
            f"The body has more than {most / _MEGA:g} MB: send fewer reads at a time, or smaller pictures.",
            status_code=HTTP_413_REQUEST_ENTITY_TOO_LARGE,
        )
    return bytes(taken)


def _items(request: Request[Any, Any, Any], body: bytes, wanted: Format | None, most: int) -> list[Item]:
    try:
        return items_of(request.headers.get("content-type", ""), body, wanted, most)
    except FieldFaultError as error:
        raise wrong(error.fault.field, error.fault.message) from error


def _all_refused(outcomes: list[Outcome]) -> ValidationException:
    alone = len(outcomes) == 1
    told = [
        {"key": fault.field if alone else f"reads[{position}].{fault.field}", "message": fault.message}
        for position, one in enumerate(outcomes)
        for fault in one.faults
    ]
    first = told[0] if told else {"key": "body", "message": "has no read in it"}
    return ValidationException(f"{first['key']}: {first['message']}", extra=told)
