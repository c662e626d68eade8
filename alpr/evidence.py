"""Evidence packages: a read with its pictures in one ZIP file that proves, years later, that no byte was changed.

`manifest.json` names every file with its SHA-256 and is signed by the site's own key (Ed25519, RFC 8032), so that
somebody who changes a picture and its sum would have to forge the signature too. The archive itself is written in one
way only, nothing compressed, one date for all: what is not signed is compared with what it must be.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from alpr.access import Json
from alpr.store.keyfile import no_key, private_key

KEY_FILE: Final = "evidence-key.pem"
FORMAT: Final = "alpr evidence 1"
_LOSS: Final = "packages from now on are signed by another key"
_MANIFEST, _SIGNATURE, _README = "manifest.json", "manifest.sig", "README.txt"
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_MOST: Final = 256 << 20
_HELP: Final = """This package holds one read of a gate: its pictures, what is known of it, and who did what to it.

manifest.json   every file with its SHA-256 (FIPS 180-4), when and by whom the package was made
manifest.sig    Ed25519 signature (RFC 8032) of the bytes of manifest.json, in hexadecimal digits
read.json       the read; times are ISO 8601 in UTC, boxes are x1 y1 x2 y2 in pixels of frame.jpg
looks.json      every look that the read was made of
history.json    what persons said of it
audit.jsonl     the lines of the audit log that name it

Check it with:  alpr evidence verify THIS-FILE.zip --key KEY
KEY is what `alpr evidence key` prints at the site: ask the site for it, do not take it from this package.
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a package is worth."""

    faults: tuple[str, ...]
    """Nothing when every byte is as it was signed."""
    key: str = ""
    """Who signed it: the public key in hexadecimal digits."""
    about: Mapping[str, Any] | None = None
    """The manifest, when it could be read."""


def site_key(folder: Path) -> Ed25519PrivateKey:
    """Return the key in the data folder that packages are signed with, made on the first call; raises StoreError."""
    path = folder / KEY_FILE
    key = private_key(path, Ed25519PrivateKey.generate, _LOSS)
    if not isinstance(key, Ed25519PrivateKey):
        raise no_key(path, "is no Ed25519 key", _LOSS)
    return key


def public_key(key: Ed25519PrivateKey) -> str:
    """Return the public half, 64 hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def pack(files: Mapping[str, bytes], about: Mapping[str, Json], key: Ed25519PrivateKey) -> bytes:
    """Put files into a signed package; `about` says what of, by whom and when."""
    content = {**files, _README: _HELP.encode()}
    sums: dict[str, Json] = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in sorted(content.items())
    }
    told = {"format": FORMAT, **about, "key": public_key(key), "files": sums}
    manifest = (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()
    signature = key.sign(manifest).hex().encode() + b"\n"
    return _archive({**content, _MANIFEST: manifest, _SIGNATURE: signature})


def verify(package: bytes, trusted: str = "") -> Verified:
    """Check a package byte by byte; without a `trusted` key only that it agrees with the key that it names itself."""
    try:
        content = _content(package)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        return Verified((f"is no whole ZIP archive: {error}",))
    manifest = content.get(_MANIFEST, b"")
    try:
        about = json.loads(manifest)
        key, files = str(about["key"]), dict(about["files"])
        signed = _is_signed(manifest, content.get(_SIGNATURE, b""), key)
    except (ValueError, KeyError, TypeError):
        return Verified((f"{_MANIFEST}: is missing or cannot be read",))
    faults = [] if signed else [f"{_MANIFEST}: was changed after it was signed, or {_SIGNATURE} was"]
    if trusted and key != trusted.strip().lower():
        faults.append(f"signed by another key ({key}): it is not of this site")
    faults += _differences(content, files)
    if not faults and _archive(content) != package:
        faults.append("the archive around the files was changed")
    return Verified(tuple(faults), key, about)


def _is_signed(manifest: bytes, signature: bytes, key: str) -> bool:
    raw = bytes.fromhex(signature.decode("ascii").strip())
    if raw.hex().encode() + b"\n" != signature:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(raw, manifest)
    except InvalidSignature:
        return False
    return True


def _differences(content: Mapping[str, bytes], files: Mapping[str, Any]) -> list[str]:
    there = content.keys() - {_MANIFEST, _SIGNATURE}
    faults = [f"{name}: is missing" for name in sorted(files.keys() - there)]
    faults += [f"{name}: was added" for name in sorted(there - files.keys())]
    for name in sorted(there & files.keys()):
        told = {"sha256": hashlib.sha256(content[name]).hexdigest(), "bytes": len(content[name])}
        if files[name] != told:
            faults.append(f"{name}: was changed")
    return faults


def _archive(content: Mapping[str, bytes]) -> bytes:
    """Write the files in the one way that a package has them."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content[name])
    return written.getvalue()


def _content(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > _MOST:
            raise ValueError("it is too large")
        if len({entry.filename for entry in entries}) != len(entries):
            raise ValueError("a name stands in it twice")
        return {entry.filename: archive.read(entry) for entry in entries}
