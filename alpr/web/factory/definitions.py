"""`/factory/definitions`: how each figure is made, in the words that the API gives too."""

from litestar import get
from litestar.response import Template

from alpr.site.factory.definitions import DEFINITIONS
from alpr.web.auth.access import PageRequest
from alpr.web.context import WebParts
from alpr.web.page import page


@get("/factory/definitions")
async def show_definitions(request: PageRequest, web: WebParts) -> Template:
    """Show how each figure is made."""
    if web.factory is None:
        return page(request, web, "factory_off.html", here="factory")
    return page(
        request,
        web,
        "factory_definitions.html",
        here="factory",
        definitions=DEFINITIONS,
        plan=web.factory,
        tab="definitions",
    )
