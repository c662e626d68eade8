"""`/reads/{id}/evidence.zip`: everything that is known of a read, signed."""

import asyncio
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from alpr import __version__
from alpr.domain import utc_now
from alpr.evidence import pack, site_key
from alpr.store import audit, corrections, hits, notes, reads
from alpr.store.reads import StoredLook, StoredRead
from alpr.store.users import Role
from alpr.web.api.shapes import look_shape, read_shape
from alpr.web.auth.access import PageRequest, need_role
from alpr.web.context import Web, WebParts
from alpr.web.reads.pictures import load_picture


@get("/reads/{read_id:str}/evidence.zip", guards=[need_role(Role.GUARD)])
async def send_evidence(request: PageRequest, web: WebParts, read_id: FromPath[str]) -> Response[bytes]:
    """Send the package of a read; that it was made is noted first, and stands in it."""
    stored = await reads.get(web.database, read_id)
    if stored is None:
        raise NotFoundException
    now = utc_now()
    await audit.record(web.database, audit.Entry(now, request.user.name, "evidence package", read_id, stored.read.text))
    about = {
        "read": read_id,
        "text": stored.read.text,
        "camera": stored.read.camera,
        "captured_at": stored.read.captured_at.isoformat(),
        "site": web.site_name,
        "made_at": now.isoformat(),
        "made_by": request.user.name,
        "made_with": f"alpr {__version__}",
    }
    files, missing = await _files(web, stored)
    if missing:
        about["missing"] = ", ".join(missing)
    key = await asyncio.to_thread(site_key, web.database.path.parent)
    package = await asyncio.to_thread(pack, files, about, key)
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(stored)}"', "Cache-Control": "no-store"}
    return Response(package, media_type="application/zip", headers=headers)


async def _files(web: Web, stored: StoredRead) -> tuple[dict[str, bytes], list[str]]:
    """Return the files of a package, and the names of the pictures that are gone or no longer what was stored."""
    read_id, evidence = stored.read.id, stored.evidence
    looks = await reads.looks(web.database, read_id)
    files = {
        "read.json": _json(read_shape(stored)),
        "looks.json": _json([look_shape(read_id, look) for look in looks]),
        "lists.json": _json(await hits.of_read(web.database, read_id)),
        "history.json": _json(await corrections.of_read(web.database, read_id)),
        "notes.json": _json(await notes.of_read(web.database, read_id)),
        "audit.jsonl": b"".join(
            msgspec.json.encode(line) + b"\n" for line in await audit.of_subject(web.database, read_id)
        ),
        **_thumbnails(looks),
    }
    missing = []
    frame = ("frame.jpg", evidence.frame_path, evidence.frame_sha256)
    for name, path, sha256 in (frame, ("crop.jpg", evidence.crop_path, evidence.crop_sha256)):
        content = await asyncio.to_thread(_picture, web.images, path) if path else None
        if content is not None:
            files[name] = content
        if content is None or hashlib.sha256(content).hexdigest() != sha256:
            missing.append(name)
    return files, missing


def _thumbnails(looks: tuple[StoredLook, ...]) -> dict[str, bytes]:
    return {f"looks/{look.ordinal:03d}.jpg": look.thumbnail for look in looks if look.thumbnail is not None}


def _picture(images: Path, path: str) -> bytes | None:
    try:
        return load_picture(images, path)
    except OSError:
        return None


def _json(value: Any) -> bytes:
    return (json.dumps(json.loads(msgspec.json.encode(value)), indent=2, ensure_ascii=False) + "\n").encode()


def _file_name(stored: StoredRead) -> str:
    """Name the file; a text from elsewhere may hold anything."""
    text = re.sub(r"[^A-Za-z0-9]+", "_", stored.read.text)[:32] or "unread"
    return f"evidence-{stored.read.captured_at:%Y%m%d-%H%M%S}-{text}.zip"
