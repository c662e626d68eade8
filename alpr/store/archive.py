"""The file of a backup: one plain tar with a manifest in front, of members whose names can only be these.

    manifest.json    what is in it, and how long the file is; the other members follow in this order
    alpr.toml        the configuration as it was
    *-key.pem        private keys of the box
    alpr.db          the database
    images/…         the pictures that its rows name, under the paths that they have in the data folder

Nothing is compressed, as pictures do not shrink.
"""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import TypeAdapter, ValidationError

from alpr.errors import StoreError

FORMAT: Final = "alpr backup 1"
CONFIGURATION: Final = "alpr.toml"
PICTURES: Final = "images"
_MANIFEST: Final = "manifest.json"
_MANIFEST_SIZE: Final = 2048
"""Bytes kept free for the manifest, whose counts are known at the end only."""
_SMALL: Final = 16 << 20
_BLOCK: Final = 1 << 20
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}-key\.pem")
_PICTURE: Final = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}(/[A-Za-z0-9][A-Za-z0-9_.-]{0,127}){2}\.jpg")
_WHAT_TO_DO: Final = "name a file that `alpr backup` wrote"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds."""

    alpr: str
    """The version that wrote it."""
    schema: str
    """Revision of the database."""
    made_at: datetime
    """UTC."""
    reads: int
    pictures: int | None
    """None: they were left out."""
    gone: int
    """Pictures that rows name and that were not there any more."""
    database_sha256: str
    database_bytes: int
    file_bytes: int = 0
    """Of the whole file."""
    format: str = FORMAT

    def encode(self) -> bytes:
        """Return JSON of the size that is kept free for it."""
        told = {"format": self.format, **asdict(self), "made_at": self.made_at.isoformat()}
        content = json.dumps(told, indent=2).encode()
        assert len(content) < _MANIFEST_SIZE, "numbers and sums are short"
        return content.ljust(_MANIFEST_SIZE - 1) + b"\n"


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a backup."""

    name: str
    size: int
    """Bytes."""
    entry: tarfile.TarInfo

    @property
    def is_key(self) -> bool:
        """Whether it is a private key of the box."""
        return is_key(self.name)

    @property
    def picture(self) -> str:
        """Its path in the folder of pictures; empty when it is none."""
        path = self.name.removeprefix(f"{PICTURES}/")
        return path if path != self.name and is_picture(path) else ""


def is_key(name: str) -> bool:
    """Whether a file of the data folder is a private key of the box."""
    return _KEY.fullmatch(name) is not None


def is_picture(path: str) -> bool:
    """Whether this is how a picture is called in its folder; such a path leads nowhere else."""
    return _PICTURE.fullmatch(path) is not None


class Writer:
    """Writes a backup to a new file that its owner alone may read; raises OSError."""

    def __init__(self, path: Path, made_at: datetime) -> None:
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._made_at = int(made_at.timestamp())
        self.add_bytes(_MANIFEST, bytes(_MANIFEST_SIZE))

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add a member."""
        self.add(name, len(content), io.BytesIO(content))

    def add(self, name: str, size: int, content: BinaryIO) -> None:
        """Add a member of `size` bytes."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = size, 0o600, self._made_at
        self._tar.addfile(entry, content)
        _forget(self._tar)

    def finish(self, manifest: Manifest) -> Manifest:
        """Put the manifest in front and have the disk keep everything; return it with the length of the file."""
        self._tar.close()
        manifest = replace(manifest, file_bytes=self._file.seek(0, os.SEEK_END))
        self._file.seek(tarfile.BLOCKSIZE)
        self._file.write(manifest.encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        return manifest

    def close(self) -> None:
        """Let go of the file as it is."""
        self._file.close()


class Backup:
    """A backup that is read from its beginning to its end; made by `open_backup`."""

    def __init__(self, path: Path, tar: tarfile.TarFile) -> None:
        self.path = path
        self._tar = tar
        first = self._next()
        if first is None or first.name != _MANIFEST:
            raise StoreError(f"backup {path}: is no backup of alpr: {_WHAT_TO_DO}")
        self.manifest = _decoded(path, self.content(first))

    def members(self) -> Iterator[Member]:
        """Give what follows the manifest, each to be read before the next is asked for; raise StoreError."""
        while (member := self._next()) is not None:
            yield member

    def content(self, member: Member) -> bytes:
        """Return a member that must be small; raise StoreError."""
        if member.size > _SMALL:
            raise StoreError(f"backup {self.path}: {member.name!r} is too large for what it should be: {_WHAT_TO_DO}")
        return b"".join(self.blocks(member))

    def blocks(self, member: Member) -> Iterator[bytes]:
        """Give the content of a member in blocks of at most 1 MiB; raise StoreError."""
        with self._told():
            file = self._tar.extractfile(member.entry)
        assert file is not None, "only plain files are members"
        while True:
            with self._told():
                block = file.read(_BLOCK)
            if not block:
                return
            yield block

    def _next(self) -> Member | None:
        with self._told():
            entry = self._tar.next()
        _forget(self._tar)
        if entry is None:
            return None
        if not entry.isreg() or entry.issparse():
            raise StoreError(f"backup {self.path}: {entry.name!r} is no plain file: {_WHAT_TO_DO}")
        return Member(entry.name, entry.size, entry)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _unreadable(self.path, error) from None
        except (tarfile.TarError, ValueError, EOFError) as error:
            raise StoreError(f"backup {self.path}: damaged ({error}): take another copy of it") from None


@contextmanager
def open_backup(path: Path) -> Iterator[Backup]:
    """Open a backup and check that it is one, of a known format, and has its full length; raise StoreError."""
    try:
        tar, size = tarfile.open(path, "r:"), path.stat().st_size  # noqa: SIM115
    except OSError as error:
        raise _unreadable(path, error) from None
    except (tarfile.TarError, ValueError, EOFError):
        raise StoreError(f"backup {path}: is no tar (unpack it first if it is compressed): {_WHAT_TO_DO}") from None
    try:
        backup = Backup(path, tar)
        if size < backup.manifest.file_bytes:
            told = f"{size:,} of {backup.manifest.file_bytes:,} bytes"
            raise StoreError(f"backup {path}: ends too early ({told}): copy it again from where it was made")
        yield backup
    finally:
        tar.close()


def _decoded(path: Path, content: bytes) -> Manifest:
    try:
        told = json.loads(content)
        if told["format"] != FORMAT:
            raise StoreError(
                f"backup {path}: is of the format {told['format']!r}, this alpr knows {FORMAT!r}: "
                "install the version that wrote it"
            )
        return TypeAdapter(Manifest).validate_python(told)
    except (ValueError, KeyError, TypeError, ValidationError):
        raise StoreError(f"backup {path}: its {_MANIFEST} cannot be read: {_WHAT_TO_DO}") from None


def _unreadable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"backup {path}: cannot be read ({error.strerror or error}): {_WHAT_TO_DO}")


def _forget(tar: tarfile.TarFile) -> None:
    """Have a tar not remember every member that it has seen: there may be millions."""
    tar.members.clear()  # type: ignore[attr-defined]
