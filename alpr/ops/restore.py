"""`alpr restore`: a backup of a whole site back into an empty data folder."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tqdm import tqdm

from alpr.configfile import config_path, load_config
from alpr.errors import StoreError
from alpr.store.archive import CONFIGURATION, PICTURES, Backup, Member, open_backup
from alpr.store.disk import disk_fault, make_folder, sync_file, sync_folder
from alpr.store.lock import DATABASE_FILE, DataLock
from alpr.store.migrations import is_known
from alpr.store.snapshot import Snapshot

_RESTORED: Final = ".restored"
_IN_THE_WAY: Final = tuple(f"{DATABASE_FILE}{end}" for end in ("", "-wal", "-shm", "-journal"))


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a restore."""

    pictures: int = 0
    """How many were unpacked."""
    missing: int = 0
    """How many more the rows name."""
    differing: int = 0
    """How many of the unpacked ones are not as they were stored."""
    first: str = ""
    """One that differs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what from and where to."""
    parser.add_argument("file", type=Path, metavar="FILE", help="what `alpr backup` wrote")
    parser.add_argument("--data", type=Path, metavar="DIR", help="default: the data folder of the configuration")
    parser.epilog = (
        "Run it as the user that the site runs as. The configuration in FILE is put into the data folder as "
        f"{CONFIGURATION}{_RESTORED}: yours stays as it is. Interrupted, it leaves no database: run it again."
    )


def restore_command(args: argparse.Namespace) -> int:
    """Unpack the backup into the data folder; exit code 1 when a picture is missing or differs."""
    data = args.data.absolute() if args.data else load_config(config_path(args.config)).store.data
    with open_backup(args.file) as backup:
        _check_schema(backup)
        lock = DataLock(data)
        lock.take(needed=True)
        try:
            restored = unpack(backup, data)
        finally:
            lock.release()
        _tell(backup, data, restored)
        expected = backup.manifest.pictures is not None
    return 1 if expected and (restored.missing or restored.differing) else 0


def unpack(backup: Backup, data: Path) -> Restored:
    """Bring a backup into a data folder that is locked and has no database; raise StoreError.

    The database gets its name last: until then there is no site, and another try begins anew.
    """
    staged = data / f".{DATABASE_FILE}.restoring"
    try:
        _check_free(data)
        members = backup.members()
        try:
            small = _take_database(backup, members, data, staged)
            with closing(Snapshot(staged)) as snapshot:
                if snapshot.revision() != backup.manifest.schema:
                    raise StoreError(f"backup {backup.path}: its database is of another schema than it says")
                restored = _take_pictures(backup, members, data / PICTURES, snapshot)
            for name, content in small.items():
                _put(data / (f"{name}{_RESTORED}" if name == CONFIGURATION else name), content)
            sync_file(staged)
            os.sync()  # of a hundred thousand pictures, a sync of each would take an hour on a slow disk
            staged.replace(data / DATABASE_FILE)
            sync_folder(data)
        finally:
            staged.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"data folder {data}: {disk_fault(error)}") from None
    return restored


def _take_database(backup: Backup, members: Iterator[Member], data: Path, staged: Path) -> dict[str, bytes]:
    """Unpack the database under its passing name; return the keys and the configuration that precede it."""
    small: dict[str, bytes] = {}
    for member in members:
        if member.name == DATABASE_FILE:
            if _unpack(backup, member, staged) != backup.manifest.database_sha256:
                raise StoreError(f"backup {backup.path}: its database is not as it was made: take another copy of it")
            return small
        if not member.is_key and member.name != CONFIGURATION:
            raise _unexpected(backup, member)
        small[member.name] = backup.content(member)
        if member.is_key:
            _check_key(data / member.name, small[member.name])
    raise StoreError(f"backup {backup.path}: has no database in it: take another copy of it")


def _take_pictures(backup: Backup, members: Iterator[Member], images: Path, snapshot: Snapshot) -> Restored:
    differing: list[str] = []
    pictures = 0
    total = backup.manifest.file_bytes - backup.manifest.database_bytes
    with tqdm(total=total, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), leave=False) as bar:
        for member in members:
            told = snapshot.tick(member.picture)
            if told is None:
                raise _unexpected(backup, member)
            target = images / member.picture
            make_folder(target.parent)
            unfinished = target.with_name(f".{target.name}.tmp")
            if _unpack(backup, member, unfinished) != told:
                differing.append(member.picture)
            unfinished.replace(target)
            pictures += 1
            bar.update(member.size)
    return Restored(pictures, snapshot.unticked(), len(differing), min(differing, default=""))


def _unpack(backup: Backup, member: Member, target: Path) -> str:
    """Write a member to a file; return its SHA-256."""
    digest = hashlib.sha256()
    with target.open("wb") as file:
        for block in backup.blocks(member):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _put(target: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, as a whole or not at all."""
    unfinished = target.with_name(f".{target.name}.tmp")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    unfinished.replace(target)


def _check_schema(backup: Backup) -> None:
    manifest = backup.manifest
    if not is_known(manifest.schema):
        raise StoreError(
            f"backup {backup.path}: written by a newer alpr ({manifest.alpr}, schema {manifest.schema}): "
            "install that version first"
        )


def _check_free(data: Path) -> None:
    for name in _IN_THE_WAY:
        if (data / name).exists():
            raise StoreError(
                f"data folder {data}: {name} is there already: move it away with all that is called {DATABASE_FILE}*, "
                "or name another folder with --data"
            )


def _check_key(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() != content:
        raise StoreError(f"{path}: is another key than that of the backup: move it away first")


def _unexpected(backup: Backup, member: Member) -> StoreError:
    return StoreError(f"backup {backup.path}: {member.name!r} does not belong into it: take another copy of it")


def _tell(backup: Backup, data: Path, restored: Restored) -> None:
    manifest = backup.manifest
    print(
        f"{data}: {manifest.reads:,} reads and {restored.pictures:,} pictures of {manifest.made_at:%Y-%m-%d %H:%M} UTC"
    )
    configuration = data / f"{CONFIGURATION}{_RESTORED}"
    if configuration.exists():
        print(f"the configuration of then lies in {configuration}: take from it what you need")
    if manifest.pictures is None:
        print(f"made without pictures: copy the folder `{PICTURES}` of the former data folder to {data / PICTURES}")
        return
    if restored.missing:
        gone = f" ({manifest.gone:,} of them were when the backup was made)" if manifest.gone else ""
        print(f"{data / PICTURES}: {restored.missing:,} pictures are missing{gone}", file=sys.stderr)
    if restored.differing:
        told = f"{restored.differing:,} pictures are not as they were stored, such as {restored.first}"
        print(f"{data / PICTURES}: {told}", file=sys.stderr)
