"""`/demo/score`: the corner that says how the demo does."""

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.response import Template

from alpr.web.context import WebParts


@get("/demo/score")
async def show_score(web: WebParts) -> Template:
    """Show how many passes were read right, wrong and not at all."""
    if web.demo_score is None:
        raise NotFoundException
    return Template("_score.html", context={"score": web.demo_score()})
