from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess

import pytest

from tests.delivery.receiving import Receiver


@pytest.fixture
async def receiver(tmp_path):
    started = Receiver(tmp_path)
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def tls_receiver(tmp_path):
    """Start an HTTPS receiver with a certificate that it signed itself; give its address and that certificate."""
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    kind = (
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=h",
    )
    await asyncio.to_thread(
        subprocess.run,
        ["openssl", "req", *kind, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", certificate
    server.close()
