"""The static files: loaded and compressed once, and kept for ever by browsers, for their address has their digest."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, route
from litestar.datastructures import State
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

_TEXTS: Final = frozenset({".css", ".js", ".svg", ".txt", ".md"})
"""Only these are compressed: pages are not, for what they mirror of a request beside their form token would tell of it
by their compressed length (BREACH)."""
_TYPES: Final = {".js": "text/javascript", ".woff2": "font/woff2", ".md": "text/plain"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is sent."""

    media_type: str
    content: bytes
    zipped: bytes | None
    """With gzip (RFC 1952); None where that gains nothing."""


def static_url(static: Path) -> str:
    """Return the address of the static files: it changes with their content, so they can be cached for ever."""
    digest = hashlib.sha256()
    for path in sorted(path for path in static.rglob("*") if path.is_file()):
        digest.update(path.relative_to(static).as_posix().encode())
        digest.update(path.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


def static_files(folder: Path) -> dict[str, StaticFile]:
    """Load every file below the folder, by its path in it."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): _load(path) for path in found}


def static_handler(address: str, folder: Path) -> HTTPRouteHandler:
    """Serve the files of the folder below this address, to everybody."""
    files = static_files(folder)

    @route(
        f"{address}/{{path:path}}",
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        opt={"public": True, "anonymous": True},
        sync_to_thread=False,
    )
    def show_static(request: Request[Any, Any, State], path: FromPath[str]) -> Response[bytes]:
        file = files.get(path.lstrip("/"))
        if file is None:
            raise NotFoundException
        zipped = file.zipped if "gzip" in request.headers.get("accept-encoding", "") else None
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        if zipped is not None:
            headers["Content-Encoding"] = "gzip"
        return Response(zipped or file.content, media_type=file.media_type, headers=headers)

    return show_static


def _load(path: Path) -> StaticFile:
    content = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    zipped = gzip.compress(content, 9, mtime=0) if path.suffix in _TEXTS else None
    return StaticFile(kind, content, zipped if zipped is not None and len(zipped) < len(content) else None)
