"""The folder of pictures: `YYYY/MM/DD/<camera>/<read id>-{frame,crop}.jpg`, days in UTC.

A picture is written under a temporary name, synced, renamed and its folder synced, all before the transaction that
names it; it is deleted only after the transaction that names it no more. No file is ever overwritten, so a row that
was committed keeps the picture that it was committed with. What is left over after a crash is swept at the next start.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from alpr.errors import StoreError
from alpr.store.disk import disk_fault, make_folder, sync_folder

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_OURS = re.compile(r"\.?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-preview)?-(frame|crop)(-[0-9]+)?\.jpg(\.tmp)?")
_DAY = ("[0-9]" * 4, "[0-9]" * 2, "[0-9]" * 2)
_MARK = ".swept"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to store: the JPEG and the end of its name, such as `frame` or `preview-crop`."""

    part: str
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture on disk; its path is relative to the folder of pictures."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CameraDay:
    """The folder of one camera's pictures of one day (UTC)."""

    camera: str
    day: datetime
    folder: str
    """Relative to the folder of pictures."""


class Images:
    """The pictures of one data folder. Every method blocks: call it in a thread."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(
        self, camera: str, read_id: str, captured_at: datetime, pictures: Iterable[Picture]
    ) -> tuple[StoredPicture, ...]:
        """Store pictures of one read, synced to disk when this returns; raise StoreError."""
        if not _NAME.fullmatch(camera) or not _NAME.fullmatch(read_id):
            raise ValueError(f"no names for files: {camera!r}, {read_id!r}")
        folder = PurePosixPath(f"{captured_at.astimezone(UTC):%Y/%m/%d}", camera)
        try:
            make_folder(self.root / folder)
            stored = tuple(self._put(folder, f"{read_id}-{picture.part}", picture.jpeg) for picture in pictures)
            sync_folder(self.root / folder)
        except OSError as error:
            raise StoreError(f"pictures {self.root / folder}: {disk_fault(error)}") from error
        return stored

    def read(self, path: str) -> bytes:
        """Return a picture; raise StoreError."""
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            raise StoreError(f"picture {self.root / path}: {disk_fault(error)}") from error

    def delete(self, paths: Iterable[str]) -> None:
        """Remove pictures that no row names any more; one that is gone already is fine. Raise StoreError."""
        for path in paths:
            try:
                (self.root / path).unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(f"picture {self.root / path}: {disk_fault(error)}") from error

    def remove_empty_folders(self, paths: Iterable[str]) -> None:
        """Remove the folders of these pictures, and those above them, as far as nothing is left in them."""
        for folder in {PurePosixPath(path).parent for path in paths}:
            for place in (folder, *folder.parents[:-1]):
                try:
                    (self.root / place).rmdir()
                except OSError:
                    break  # in use, or gone already

    def unswept(self) -> tuple[CameraDay, ...]:
        """Return the folders in which a file was made or removed since the last sweep; raise StoreError."""
        try:
            return tuple(self._unswept())
        except OSError as error:
            raise StoreError(f"pictures {self.root}: {disk_fault(error)}") from error

    def sweep(self, place: CameraDay, named: frozenset[str]) -> tuple[int, frozenset[str]]:
        """Remove our files in the folder that are not `named` by a row; return how many, and the named that are gone.

        Files whose names are not of our kind are let alone. Raises StoreError.
        """
        folder = self.root / place.folder
        try:
            there = {f"{place.folder}/{entry.name}" for entry in os.scandir(folder) if entry.is_file()}
        except OSError as error:
            raise StoreError(f"pictures {folder}: {disk_fault(error)}") from error
        litter = [path for path in there - named if _OURS.fullmatch(PurePosixPath(path).name)]
        self.delete(litter)
        return len(litter), named - there

    def mark_swept(self) -> None:
        """Note that now no litter is left, so that the next start looks only at what changes from here on."""
        try:
            make_folder(self.root)
            (self.root / _MARK).touch()
        except OSError as error:
            raise StoreError(f"pictures {self.root}: {disk_fault(error)}") from error

    def _unswept(self) -> Iterator[CameraDay]:
        mark = self.root / _MARK
        last = mark.stat().st_mtime_ns if mark.exists() else 0
        for folder in self.root.glob("/".join((*_DAY, "*"))):
            # A folder's own time changes with every name that comes or goes in it.
            if folder.is_dir() and folder.stat().st_mtime_ns >= last:
                year, month, day, camera = folder.relative_to(self.root).parts
                try:
                    date = datetime(int(year), int(month), int(day), tzinfo=UTC)
                except ValueError:
                    continue
                yield CameraDay(camera, date, f"{year}/{month}/{day}/{camera}")

    def _put(self, folder: PurePosixPath, stem: str, jpeg: bytes) -> StoredPicture:
        digest = hashlib.sha256(jpeg).hexdigest()
        for path in (folder / f"{stem}{suffix}.jpg" for suffix in _suffixes()):
            target = self.root / path
            if not target.exists():
                _write_synced(target, jpeg)
                return StoredPicture(str(path), digest)
            if target.read_bytes() == jpeg:
                return StoredPicture(str(path), digest)
        raise AssertionError("the suffixes never end")


def _suffixes() -> Iterator[str]:
    yield ""
    number = 2
    while True:
        yield f"-{number}"
        number += 1


def _write_synced(target: Path, jpeg: bytes) -> None:
    unfinished = target.with_name(f".{target.name}.tmp")
    try:
        with unfinished.open("wb") as file:
            file.write(jpeg)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(target)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
