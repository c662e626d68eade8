"""A push service as a process of its own: takes messages over TLS, as RFC 8030 says, and decrypts them by RFC 8291.

It is the browser as well: it holds the private keys. Whatever it gets goes to its standard output, one JSON a line.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import sys

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

AUTH = b"sixteen byte key"
KEY = ec.derive_private_key(0x5EED, ec.SECP256R1())


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def padless(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def mac(key: bytes, content: bytes) -> bytes:
    made = hmac.HMAC(key, hashes.SHA256())
    made.update(content)
    return made.finalize()


def decrypt(body: bytes) -> bytes:
    """Undo RFC 8188 with the keys of RFC 8291, written after the steps of its section 3.4."""
    salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    sender, content = body[21 : 21 + length], body[21 + length :]
    assert (size, length) == (4096, 65)
    shared = KEY.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    info = b"WebPush: info\x00" + point(KEY.public_key()) + sender
    secret = mac(mac(AUTH, shared), info + b"\x01")
    pseudo = mac(salt, secret)
    key = mac(pseudo, b"Content-Encoding: aes128gcm\x00\x01")[:16]
    nonce = mac(pseudo, b"Content-Encoding: nonce\x00\x01")[:12]
    plain = AESGCM(key).decrypt(nonce, content, None)
    assert plain.rstrip(b"\x00").endswith(b"\x02")
    return plain.rstrip(b"\x00")[:-1]


def claims_of(header: str) -> dict:
    """Check the signature of a VAPID header and return its claims."""
    scheme, _, fields = header.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in fields.split(","))
    assert scheme == "vapid"
    head, claims, signature = parts["t"].split(".")
    assert json.loads(unpadded(head)) == {"typ": "JWT", "alg": "ES256"}
    raw = unpadded(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpadded(parts["k"]))
    numbers = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(numbers, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    return {**json.loads(unpadded(claims)), "key": parts["k"]}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as the path says: `/ok/...` takes the message, `/410/...` is gone, and so on."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *rest = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            path = line.split(" ")[1]
            told = {"path": path, "ttl": headers["ttl"], "topic": headers["topic"], "urgency": headers["urgency"]}
            told |= {"encoding": headers["content-encoding"], "claims": claims_of(headers["authorization"])}
            print(json.dumps(told | {"message": json.loads(decrypt(body))}), flush=True)  # noqa: T201
            code = 201 if path.startswith("/ok/") else int(path.split("/")[1])
            extra = "Retry-After: 7\r\n" if code == 429 else ""
            writer.write(f"HTTP/1.1 {code} X\r\n{extra}Content-Length: 0\r\n\r\n".encode())
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main(certificate: str, key: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
