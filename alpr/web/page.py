"""What every page of the frame needs, put together in one place."""

from typing import Any

from litestar.response import Template

from alpr.web.alerts.bell import bell
from alpr.web.auth.access import PageRequest
from alpr.web.auth.csrf import form_token
from alpr.web.context import Web
from alpr.web.system.cameras_view import health_of


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
            "has_factory": web.floor.in_use,
            "here": here,
            "filter": None,
            "demo_score": web.demo_score() if web.demo_score else None,
            **values,
        },
    )


def is_fragment(request: PageRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("hx-request") == "true"
