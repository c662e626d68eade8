"""Errors of the API as problem details (RFC 9457): what went wrong, and with which parameter."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import ResponseSpec

_log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one parameter."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """An error: `status` is that of the answer, `errors` names each parameter that is wrong."""

    title: str
    status: int
    detail: str
    errors: list[FieldError]
    type: str = "about:blank"


_WORDS = {
    HTTPStatus.UNAUTHORIZED: "Send `Authorization: Bearer` with a token (`alpr token add NAME` makes one).",
    HTTPStatus.NOT_FOUND: "There is nothing under this address.",
}
_OURS = "The fault is on our side: try again, and if it stays tell your admin to look into the log for"


_MISSING = re.compile(r"Missing required query parameter '(\w+)'")


def parameter_names(handler: BaseRouteHandler) -> dict[str, str]:
    """Return the parameters of a handler and of what it depends on: their names in Python and in the address."""
    fields = dict(handler.parsed_fn_signature.parameters)
    for name, provided in handler.resolve_dependencies().items():
        if fields.pop(name, None) is not None:
            fields |= provided.parsed_fn_signature.parameters
    return {name: getattr(field.kwarg_definition, "name", None) or name for name, field in fields.items()}


def document(*statuses: HTTPStatus) -> dict[int, ResponseSpec]:
    """Describe for OpenAPI the errors that a handler can answer; every one needs a login."""
    every = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, *statuses)
    return {
        status.value: ResponseSpec(Problem, generate_examples=False, description=status.phrase, media_type=MEDIA_TYPE)
        for status in every
    }


def wrong(field: str, message: str) -> ValidationException:
    """Make the error that refuses one parameter."""
    return ValidationException(f"{field}: {message}", extra=[{"key": field, "message": message}])


def for_programs(
    show: Callable[[Request[Any, Any, Any], Any], Response[Any]],
) -> Callable[[Request[Any, Any, Any], Any], Response[Any]]:
    """Answer an error under `/api/` as a problem and leave all others to the pages' `show`."""

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        if not request.url.path.startswith(PREFIX):
            return show(request, error)
        if isinstance(error, HTTPException) and _is_told(error):
            return _answer(error, _fields(request, error))
        number = secrets.token_hex(2).upper()
        _log.error("request of a program failed", path=request.url.path, error_number=number, exc_info=error)
        return _answer(HTTPException(f"{_OURS} {number}.", status_code=HTTPStatus.INTERNAL_SERVER_ERROR), [])

    return handle


def _is_told(error: HTTPException) -> bool:
    """Whether the error is no bug of ours, but something to be told."""
    return error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR or error.status_code == HTTPStatus.SERVICE_UNAVAILABLE


def _answer(error: HTTPException, fields: list[FieldError]) -> Response[Problem]:
    status = HTTPStatus(error.status_code)
    said = "" if error.detail in {"", status.phrase} else error.detail
    problem = Problem(
        title=status.phrase,
        status=status.value,
        detail=said or _WORDS.get(status, status.phrase),
        errors=fields,
    )
    headers = dict(error.headers or {})
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(problem, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _fields(request: Request[Any, Any, Any], error: HTTPException) -> list[FieldError]:
    """Name the parameters that are wrong as they stand in the address."""
    if missing := _MISSING.match(error.detail):
        return [FieldError(missing[1], "is required")]
    if not isinstance(error, ValidationException) or not isinstance(error.extra, list):
        return []
    names = parameter_names(request.route_handler)
    # Litestar gives the source as well, and the name that the parameter has in Python; `wrong` the name as it is sent.
    return [
        FieldError(names.get(one["key"], one["key"]) if "source" in one else one["key"], one["message"])
        for one in error.extra
    ]
