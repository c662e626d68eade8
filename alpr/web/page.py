"""What every page of the frame needs, put together in one place."""

from typing import Any

from litestar.response import Template

from alpr.web.access import PageRequest
from alpr.web.bell import bell
from alpr.web.cameras_view import health_of
from alpr.web.context import Web
from alpr.web.csrf import form_token


def page(request: PageRequest, web: Web, template: str, *, here: str, **values: Any) -> Template:
    """Render a page of the frame: account, form token and camera health are added."""
    return Template(
        template_name=template,
        context={
            "account": request.user,
            "csrf": form_token(request.auth.token),
            "health": health_of(web.status),
            "bell": bell(web),
            "has_barriers": any(web.barriers),
            "has_factory": web.factory is not None,
            "here": here,
            "filter": None,
            "demo_score": web.demo_score() if web.demo_score else None,
            **values,
        },
    )


def is_fragment(request: PageRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("hx-request") == "true"
