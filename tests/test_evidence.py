"""Evidence packages: whole as they were made, and found out when one byte of them is another."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alpr.cli import main
from alpr.errors import StoreError
from alpr.evidence import KEY_FILE, pack, public_key, site_key, verify

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
FILES = {"frame.jpg": b"\xff\xd8 a picture", "read.json": b'{"text": "AB1"}\n', "looks/000.jpg": b"\xff\xd8"}
ABOUT = {"read": "1", "text": "AB1", "camera": "gate-in", "captured_at": "2026-03-01T12:00:00+00:00"}


def repacked(package, **changed):
    """Write the archive anew with other files, as somebody who covers his tracks would."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        content = {name: archive.read(name) for name in archive.namelist()} | changed
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return written.getvalue()


def test_a_package_verifies():
    """It names its files, its maker and its key; the same content makes the same bytes."""
    package = pack(FILES, ABOUT, KEY)
    result = verify(package, public_key(KEY))
    assert (result.faults, result.key, result.about["text"]) == ((), public_key(KEY), "AB1")
    assert set(result.about["files"]) == {*FILES, "README.txt"}
    assert pack(FILES, ABOUT, KEY) == package


def test_no_byte_of_it_can_be_another():
    """Every single byte of the file, of pictures, sums, signature and archive alike, breaks it when it changes."""
    package = pack({"frame.jpg": b"\xff\xd8"}, {"read": "1"}, KEY)
    for place in range(len(package)):
        for flip in (0x01, 0x20):
            changed = bytearray(package)
            changed[place] ^= flip
            assert verify(bytes(changed)).faults, place
    assert verify(package + b"x").faults
    assert verify(b"x" + package).faults
    assert verify(package[:-1]).faults


def test_whoever_edits_the_sums_too_is_found_out():
    """A picture changed together with its sum in the manifest does not fit the signature."""
    package = pack(FILES, ABOUT, KEY)
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    other = b"\xff\xd8 another picture"
    manifest["files"]["frame.jpg"] = {"sha256": hashlib.sha256(other).hexdigest(), "bytes": len(other)}
    edited = (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
    faults = verify(repacked(package, **{"frame.jpg": other, "manifest.json": edited})).faults
    assert faults[0] == "manifest.json: was changed after it was signed, or manifest.sig was"


def test_a_forger_with_a_key_of_his_own_is_no_site():
    """A package signed anew agrees with itself, not with the key that was asked for."""
    forged = pack(FILES, ABOUT, Ed25519PrivateKey.generate())
    assert verify(forged).faults == ()
    assert "it is not of this site" in verify(forged, public_key(KEY)).faults[0]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"frame.jpg": b"other"}, "frame.jpg: was changed"),
        ({"more.jpg": b"other"}, "more.jpg: was added"),
        ({"manifest.json": b"[]"}, "manifest.json: is missing or cannot be read"),
        ({"manifest.sig": b"zz"}, "manifest.json: is missing or cannot be read"),
        ({}, "the archive around the files was changed"),
    ],
)
def test_what_is_wrong_is_named(changed, fault):
    """The first fault says which file it is."""
    assert verify(repacked(pack(FILES, ABOUT, KEY), **changed)).faults[0] == fault


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_package_is_told(content):
    """Any file can be asked about."""
    assert verify(content).faults


def test_the_key_is_made_once_and_kept_from_others(tmp_path):
    """The second call finds it; only its owner can read it; something else in its place is told."""
    key = site_key(tmp_path)
    assert public_key(site_key(tmp_path)) == public_key(key)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / KEY_FILE).write_text("no key")
    with pytest.raises(StoreError, match="is no key: restore it from a backup"):
        site_key(tmp_path)


def test_the_command_checks_and_exits_with_what_it_found(tmp_path, monkeypatch, capsys):
    """0 and what it holds, or 1 and every fault; it asks for the site's own key, or for the one that is given."""
    (tmp_path / "alpr.toml").write_text('[[camera]]\nname = "gate-in"\nurl = "rtsp://127.0.0.1/"\n')
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "one.zip"
    package = pack(FILES, ABOUT, site_key(tmp_path / "data"))
    file.write_bytes(package)
    assert main(["evidence", "verify", "one.zip"]) == 0
    assert "one.zip: whole: AB1 at gate-in" in capsys.readouterr().out
    assert main(["evidence", "verify", "one.zip", "--key", public_key(KEY)]) == 1
    assert "it is not of this site" in capsys.readouterr().out
    file.write_bytes(package.replace(b"a picture", b"A picture"))
    assert main(["evidence", "verify", "one.zip"]) == 1
    assert main(["evidence", "verify", "none.zip"]) == 1
    assert main(["evidence", "key"]) == 0
    assert public_key(site_key(tmp_path / "data")) in capsys.readouterr().out
