"""A receiver of webhooks in a process of its own, as good and as bad as the path of the request asks for.

`python receiver.py PORT FILE` appends one line of JSON for each request to FILE; the port 0 takes a free one, which is
printed. Paths: `/ok`, `/status/CODE`, `/redirect`, `/busy` (429 for 0.2 s, then 200), `/stall`, `/drip` (200 and then a
body without end), `/gzip` (200 and then none that can be unpacked), `/garbage`, `/close`, `/echo` (401 with all that
was sent).
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

COUNT = itertools.count(1)
SEEN: dict[str, float] = {}
BUSY = 0.2
RAW = {
    "/garbage": b"\x00\x01 hello, I am a mail server\r\n\r\n",
    "/gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\xff\xfe\xfd\xfc",
    "/close": b"",
}


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log: Path) -> None:
    try:
        while await _answer_one(reader, writer, log):
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _answer_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log: Path) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    path = urlsplit(target).path
    line = {
        "number": next(COUNT),
        "method": method,
        "path": target,
        "headers": headers,
        "body": base64.b64encode(body).decode(),
        "at": time.time(),
    }
    with log.open("a") as file:
        file.write(json.dumps(line) + "\n")
    first = SEEN.setdefault(path, time.monotonic())
    sent = " ".join([*head, body.decode("latin-1")])
    return await _behave(path, writer, first=time.monotonic() - first, sent=sent)


async def _behave(path: str, writer: asyncio.StreamWriter, *, first: float, sent: str) -> bool:
    if path in RAW:
        writer.write(RAW[path])
    elif path.startswith("/status/"):
        _reply(writer, int(path.rpartition("/")[2]), "no,  thank\x07 you")
    elif path == "/redirect":
        _reply(writer, 302, location="http://127.0.0.1:1/elsewhere")
    elif path == "/busy":
        _reply(writer, 429 if first < BUSY else 200, retry_after="1")
    elif path == "/echo":
        _reply(writer, 401, sent)
    elif path in ("/stall", "/drip"):
        await _dawdle(writer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" if path == "/drip" else b"")
    else:
        _reply(writer, 200, '{"ok": true}')
    return path not in ("/garbage", "/close")


async def _dawdle(writer: asyncio.StreamWriter, head: bytes) -> None:
    writer.write(head)
    for _ in range(600):
        if head:
            writer.write(b"1\r\nx\r\n")
            await writer.drain()
        await asyncio.sleep(0.1)


def _reply(writer: asyncio.StreamWriter, status: int, text: str = "", **headers: str) -> None:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(text.encode())}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", text]).encode())


async def _main(port: int, log: Path) -> None:
    server = await asyncio.start_server(lambda r, w: _serve(r, w, log), "127.0.0.1", port, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), Path(sys.argv[2])))
