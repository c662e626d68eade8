"""Who may change something through the API: a program with its token, or a page of ours with its form token."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from alpr.store.users import Role
from alpr.web.auth.access import Ticket, need_role
from alpr.web.auth.csrf import token_fits

HEADER = "x-csrf-token"


def may_change(role: Role) -> Guard:
    """Make a guard that lets in accounts with this role or a higher one, and no form of another site."""
    has_role = need_role(role)

    def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        has_role(connection, handler)
        ticket: Ticket | None = connection.auth
        # Browsers send the session's cookie by themselves, a token never.
        if ticket is not None and not token_fits(ticket.token, connection.headers.get(HEADER, "")):
            raise PermissionDeniedException("Send a token (`Authorization: Bearer`), or the form token of the session.")

    return guard
