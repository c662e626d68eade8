"""The pages as an app on the home screen: its manifest, its service worker, and what it shows without a link."""

from typing import Any

from litestar import Response, get
from litestar.response import Template

from alpr.paths import shipped
from alpr.web.context import WebParts
from alpr.web.words.language import gettext as _
from alpr.web.words.language import spoken

_ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable.png", "512x512", "maskable"),
)
_NO_CACHE = {"Cache-Control": "no-cache"}


@get("/manifest.webmanifest", opt={"public": True, "anonymous": True}, media_type="application/manifest+json")
async def show_manifest(web: WebParts) -> dict[str, Any]:
    """Send the web app manifest (W3C Application Manifest): the app begins at the gate."""
    static = web.templates.globals["static"]
    return {
        "id": "/",
        "name": web.site_name,
        "short_name": web.site_name[:12].strip() or "alpr",
        "description": _("A gate log that guards trust"),
        "lang": spoken().code,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#edf0f4",
        "theme_color": "#3a49c8",
        "icons": [
            {"src": f"{static}/{name}", "sizes": size, "type": "image/png", "purpose": purpose}
            for name, size, purpose in _ICONS
        ],
        "shortcuts": [
            {"name": _("Gate"), "url": "/gate"},
            {"name": _("Live"), "url": "/live"},
            {"name": _("Reads"), "url": "/reads"},
        ],
    }


@get("/offline", opt={"public": True, "anonymous": True})
async def show_offline() -> Template:
    """Show what the app says while the box cannot be reached; the service worker keeps it."""
    return Template("offline.html", headers=_NO_CACHE)


@get("/worker.js", opt={"public": True, "anonymous": True}, sync_to_thread=False)
def show_worker(web: WebParts) -> Response[bytes]:
    """Send the service worker: at the root, for it may act for what lies below its own address alone.

    It begins with the version of the static files, so that a new one is a new worker.
    """
    version = str(web.templates.globals["static"])
    content = f'const STATIC = "{version}";\n'.encode() + (shipped("static") / "worker.js").read_bytes()
    return Response(content, media_type="text/javascript", headers=_NO_CACHE)
