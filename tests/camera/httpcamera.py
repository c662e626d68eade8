"""A real HTTP server on the loopback that plays a camera: each path has its own behaviour."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.request import parse_http_list, parse_keqv_list

from tests.camera.films import jpeg

USER, PASSWORD = "admin", "p@ss:w/ör d%"
NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093"


@dataclass
class Request:
    path: str
    headers: dict[str, str]


@dataclass
class HttpCamera:
    """The server's side of the story: what was asked, and who answers what."""

    pages: dict[str, Callable[[Request, asyncio.StreamWriter], Awaitable[None]]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    server: asyncio.Server | None = None

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=tls)
        self.port = self.server.sockets[0].getsockname()[1]

    async def die(self) -> None:
        """Stop listening and cut every connection at once."""
        self.server.close()
        for writer in list(self.writers):
            writer.transport.abort()
        await self.server.wait_closed()

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                line, *fields = head.strip().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in fields)}
                request = Request(line.split(" ")[1], headers)
                self.requests.append(request)
                page = self.pages.get(request.path.partition("?")[0])
                await (page(request, writer) if page else answer(writer, 404))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()


@asynccontextmanager
async def http_camera(tls: ssl.SSLContext | None = None) -> AsyncIterator[HttpCamera]:
    camera = HttpCamera()
    await camera.start(tls)
    try:
        yield camera
    finally:
        await camera.die()


async def answer(writer, code, body=b"", **headers) -> None:
    lines = [f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}"]
    for name, values in headers.items():
        each = [values] if isinstance(values, str) else values
        lines += [f"{name.replace('_', '-')}: {value}" for value in each]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    await writer.drain()


def still(*bodies, **headers):
    """Answer with these bodies in turn, the last one for ever."""
    left = list(bodies)

    async def page(request, writer):
        await answer(writer, 200, left.pop(0) if len(left) > 1 else left[0], **headers)

    return page


def mjpeg(count=10_000, pause=0.02, after=None):
    """Stream numbered pictures as multipart; then call `after` and wait, or end."""

    async def page(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n")
        for number in range(count):
            body = jpeg(number % 1024)
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body + b"\r\n")
            await writer.drain()
            await asyncio.sleep(pause)
        if after:
            await after.wait()
        raise ConnectionError

    return page


def guarded(page, scheme):
    """Put a page behind basic, digest (MD5 or SHA-256), or both; `unknown` is a kind nobody knows."""
    algorithm = "SHA-256" if scheme == "digest-sha256" else "MD5"
    basic = 'Basic realm="cam"'
    digest = f'Digest realm="cam", qop="auth", algorithm={algorithm}, nonce="{NONCE}"'
    offers = {"basic": basic, "both": [basic, digest], "unknown": 'Digest realm="cam", nonce="1", algorithm=WHIRL'}

    async def asked(request, writer):
        given = request.headers.get("authorization", "")
        right = basic_right(given) if scheme == "basic" else digest_right(given, request.path, algorithm)
        if right:
            await page(request, writer)
        else:
            await answer(writer, 401, WWW_Authenticate=offers.get(scheme, digest))

    return asked


def basic_right(given: str) -> bool:
    return given == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def digest_right(given: str, path: str, algorithm: str) -> bool:
    if not given.startswith("Digest "):
        return False
    fields = parse_keqv_list(parse_http_list(given[7:]))
    make = hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5

    def hashed(text):
        return make(text.encode()).hexdigest()

    first, second = hashed(f"{USER}:cam:{PASSWORD}"), hashed(f"GET:{path}")
    middle = ":".join(fields[name] for name in ("nonce", "nc", "cnonce", "qop"))
    return fields["uri"] == path and fields["response"] == hashed(f"{first}:{middle}:{second}")
