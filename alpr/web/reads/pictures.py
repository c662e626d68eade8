"""The pictures of a read, exactly as they were stored."""

import asyncio
import hashlib
from http import HTTPStatus
from pathlib import Path
from typing import Literal, TypeAlias

import structlog
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from alpr.store import reads
from alpr.store.reads import Evidence
from alpr.web.auth.access import PageRequest
from alpr.web.context import Web, WebParts

_log = structlog.get_logger(__name__)
_JPEG = "image/jpeg"

Check: TypeAlias = Literal["agrees", "differs", "missing"]


@get("/reads/{read_id:str}/frame.jpg")
async def show_frame(
    request: PageRequest, web: WebParts, read_id: FromPath[str], v: FromQuery[str] = ""
) -> Response[bytes]:
    """Send the frame that the text was read from."""
    evidence = await _evidence(web, read_id)
    return await _stored(request, web.images, evidence.frame_path, evidence.frame_sha256, v)


@get("/reads/{read_id:str}/crop.jpg")
async def show_crop(
    request: PageRequest, web: WebParts, read_id: FromPath[str], v: FromQuery[str] = ""
) -> Response[bytes]:
    """Send the crop of the plate, or of the vehicle that could not be read."""
    evidence = await _evidence(web, read_id)
    return await _stored(request, web.images, evidence.crop_path, evidence.crop_sha256, v)


@get("/reads/{read_id:str}/looks/{name:str}")
async def show_look(
    request: PageRequest, web: WebParts, read_id: FromPath[str], name: FromPath[str], v: FromQuery[str] = ""
) -> Response[bytes]:
    """Send the small crop of one look, `<ordinal>.jpg`."""
    for look in await reads.looks(web.database, read_id):
        if name == f"{look.ordinal}.jpg" and look.thumbnail is not None:
            return _answer(request, look.thumbnail, hashlib.sha256(look.thumbnail).hexdigest(), lasting=bool(v))
    raise NotFoundException


async def check_pictures(images: Path, evidence: Evidence) -> tuple[Check, Check]:
    """Compare frame and crop on disk with the sums that were stored with the read."""
    return (
        await asyncio.to_thread(_check, images, evidence.frame_path, evidence.frame_sha256),
        await asyncio.to_thread(_check, images, evidence.crop_path, evidence.crop_sha256),
    )


async def _evidence(web: Web, read_id: str) -> Evidence:
    stored = await reads.get(web.database, read_id)
    if stored is None:
        raise NotFoundException
    return stored.evidence


async def _stored(request: PageRequest, images: Path, relative: str, sha256: str, version: str) -> Response[bytes]:
    if not relative:
        raise NotFoundException  # another system sent the read without it
    lasting = bool(version) and sha256.startswith(version)
    if _is_known(request, sha256):
        return _answer(request, b"", sha256, lasting=lasting)
    try:
        content = await asyncio.to_thread(load_picture, images, relative)
    except OSError as error:
        _log.warning("picture of a read cannot be opened", path=relative, error=str(error))
        raise NotFoundException from error
    return _answer(request, content, sha256, lasting=lasting)


def _answer(request: PageRequest, content: bytes, sha256: str, *, lasting: bool) -> Response[bytes]:
    """Send a picture; an address that carries its sum can be kept, the other one is asked again each time."""
    known = _is_known(request, sha256)
    cache = "private, max-age=3600" if lasting else "private, no-cache"
    return Response(
        b"" if known else content,
        status_code=HTTPStatus.NOT_MODIFIED if known else HTTPStatus.OK,
        media_type=_JPEG,
        headers={"ETag": f'"{sha256}"', "Cache-Control": cache},
    )


def _is_known(request: PageRequest, sha256: str) -> bool:
    return f'"{sha256}"' in request.headers.get("if-none-match", "")


def load_picture(images: Path, relative: str) -> bytes:
    """Read a file of the picture folder; raises OSError, for a path that leads out of it as well."""
    try:
        path = (images / relative).resolve()
    except (ValueError, RuntimeError) as error:  # a NUL in the path, a loop of links
        raise FileNotFoundError(f"{relative!r} is no path: {error}") from error
    if not path.is_relative_to(images):
        raise PermissionError(f"{relative} leads out of the folder of pictures")
    return path.read_bytes()


def _check(images: Path, relative: str, sha256: str) -> Check:
    try:
        content = load_picture(images, relative)
    except OSError:
        return "missing"
    return "agrees" if hashlib.sha256(content).hexdigest() == sha256 else "differs"
