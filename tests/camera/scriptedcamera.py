"""A small RTSP camera whose answers a test chooses; it keeps what it was asked."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import struct
from contextlib import asynccontextmanager

from alpr.camera.nal import Codec
from tests.camera.clips import units
from tests.camera.packetiser import h264_payloads, nals, rtp

PUBLIC = {"Public": "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"}
EXTENDED_REPORT = bytes.fromhex("80cf0001 00000007")
BYE = bytes.fromhex("81cb0001 00000007")


class ScriptedCamera:
    """Answers one viewer at a time; override by `answers`: method to (status, headers)."""

    def __init__(self, *, channels=(0, 1), timeout=60, answers=None, login=None, extra=b"", host="127.0.0.1"):
        self.channels, self.timeout, self.login, self.extra, self.host = channels, timeout, login, extra, host
        self.answers = {"OPTIONS": (200, PUBLIC), **(answers or {})}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.responses: list[str] = []
        self.nonce = "nonce-1"
        self.port = 0
        self._playing: set[asyncio.Task[None]] = set()

    @property
    def base(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"rtsp://{host}:{self.port}/live"

    def methods(self):
        return [method for method, *_ in self.requests]

    async def serve(self, reader, writer):
        try:
            while True:
                await self._one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            for task in self._playing:
                task.cancel()
            writer.close()

    async def _one(self, reader, writer):
        first = await reader.readexactly(1)
        if first == b"$":
            head = await reader.readexactly(3)
            await reader.readexactly(struct.unpack("!BH", head)[1])
            return
        text = (first + await reader.readuntil(b"\r\n\r\n")).decode()
        start, *lines = text.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        if start.startswith("RTSP/"):
            self.responses.append(start)
            return
        method, url, _ = start.split()
        self.requests.append((method, url, headers))
        status, extra, body = self._answer(method, url, headers)
        reply = [f"RTSP/1.0 {status} Words", f"CSeq: {headers['CSeq']}", *(f"{k}: {v}" for k, v in extra.items())]
        if body:
            reply.append(f"Content-Length: {len(body)}")
        writer.write("\r\n".join(reply).encode() + b"\r\n\r\n" + body)
        if method == "PLAY" and status == 200:
            self._playing.add(asyncio.create_task(self._play(writer)))
        await writer.drain()

    def _answer(self, method, url, headers):
        if self.login and not self._let_in(method, url, headers.get("Authorization", "")):
            challenge = f'Digest realm="cam", nonce="{self.nonce}", algorithm=SHA-256, qop="auth"'
            return 401, {"WWW-Authenticate": f'Basic realm="cam"\r\nWWW-Authenticate: {challenge}'}, b""
        if method in self.answers:
            return *self.answers[method], b""
        if method == "DESCRIBE":
            return 200, {"Content-Base": f"{self.base}/", "Content-Type": "application/sdp"}, self._description()
        if method == "SETUP":
            transport = f"RTP/AVP/TCP;unicast;interleaved={self.channels[0]}-{self.channels[1]}"
            return 200, {"Session": f"S1;timeout={self.timeout}", "Transport": transport}, b""
        return 200, {"Session": "S1"}, b""

    def _description(self):
        sets = [base64.b64encode(nal).decode() for nal in nals(units(Codec.H264)[0]) if nal[0] & 31 in (7, 8)]
        return (
            "v=0\r\ns=-\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
            f"a=fmtp:96 packetization-mode=1;flag;sprop-parameter-sets={','.join(sets)}\r\na=control:track1\r\n"
            "m=metadata 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\na=control:track9\r\n"
        ).encode()

    def _let_in(self, method, url, header):
        """Compute the response of RFC 7616 for SHA-256 with qop=auth anew, as a camera would."""
        given = {name: a or b for name, a, b in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}
        if not header.startswith("Digest ") or given.get("nonce") != self.nonce:
            return False
        user, password = self.login

        def sha(text):
            return hashlib.sha256(text.encode()).hexdigest()

        middle = f"{self.nonce}:{given['nc']}:{given['cnonce']}:auth"
        expected = sha(f"{sha(f'{user}:cam:{password}')}:{middle}:{sha(f'{method}:{url}')}")
        return (given["username"], given["uri"], given["response"]) == (user, url, expected)

    async def _play(self, writer):
        writer.write(self.extra)
        sequence = 0
        while True:
            for number, unit in enumerate(units(Codec.H264)):
                payloads = list(h264_payloads(unit, 1400))
                for place, payload in enumerate(payloads):
                    data = rtp(payload, sequence, 3600 * number, marker=place == len(payloads) - 1)
                    writer.write(interleaved(self.channels[0], data))
                    sequence += 1
                await writer.drain()
                await asyncio.sleep(0.02)


def interleaved(channel, data):
    """Frame an RTP or RTCP packet for TCP (RFC 2326, section 10.12)."""
    return struct.pack("!cBH", b"$", channel, len(data)) + data


@asynccontextmanager
async def filming(camera):
    """Let the camera listen on a free port."""
    server = await asyncio.start_server(camera.serve, camera.host, 0)
    camera.port = server.sockets[0].getsockname()[1]
    async with server:
        yield camera
