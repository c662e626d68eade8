"""`alpr backup`: the whole state of a site in one file, also of a running one."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from tqdm import tqdm

from alpr import __version__
from alpr.configfile import config_path, load_config
from alpr.domain import utc_now
from alpr.errors import AlprError, StoreError
from alpr.store import audit, sqlite
from alpr.store.archive import CONFIGURATION, PICTURES, Manifest, Writer, is_key, is_picture
from alpr.store.database import open_database
from alpr.store.disk import disk_fault, sync_folder
from alpr.store.lock import DATABASE_FILE
from alpr.store.migrations import is_current
from alpr.store.snapshot import Snapshot

_ACTOR: Final = "command line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to, and what to leave out."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the tar to write")
    parser.add_argument("--without-pictures", action="store_true", help="database, keys and configuration alone")
    parser.add_argument("--force", action="store_true", help="replace FILE where it exists")
    parser.epilog = "FILE holds passwords and keys: its owner alone may read it. `alpr restore` brings it back."


def backup_command(args: argparse.Namespace) -> int:
    """Write the state of the configured site to a file."""
    configuration = config_path(args.config)
    data = load_config(configuration).store.data
    _check_target(args.file, force=args.force)
    manifest = pack(data, configuration, args.file, utc_now(), pictures=not args.without_pictures)
    told = _words(manifest)
    print(f"{args.file}: {told}")
    if manifest.gone:
        print(f"{data / PICTURES}: {manifest.gone:,} pictures were not there any more", file=sys.stderr)
    asyncio.run(_note(data, args.file, told))
    return 0


def pack(data: Path, configuration: Path, target: Path, now: datetime, *, pictures: bool = True) -> Manifest:
    """Write the state of a data folder to `target`, which is there as a whole or not at all; raise StoreError.

    The site may run meanwhile: what its rows say is of one moment. A picture that went since is counted.
    """
    with _alone(data):
        try:
            with _workplace(target) as place:
                copy, unfinished = place / DATABASE_FILE, place / "backup.tar"
                sqlite.copy(data / DATABASE_FILE, copy)
                with closing(Writer(unfinished, now)) as writer:
                    _add_small(writer, data, configuration)
                    manifest = _fill(writer, copy, data / PICTURES if pictures else None, now)
                unfinished.replace(target)
                sync_folder(target.absolute().parent)
        except OSError as error:
            raise StoreError(f"backup {target}: {disk_fault(error)}") from None
    return manifest


def _fill(writer: Writer, copy: Path, images: Path | None, now: datetime) -> Manifest:
    with closing(Snapshot(copy)) as snapshot, copy.open("rb") as database:
        snapshot.check()
        sha256 = hashlib.file_digest(database, "sha256").hexdigest()
        size = database.seek(0, os.SEEK_END)
        database.seek(0)
        writer.add(DATABASE_FILE, size, database)
        there = None if images is None else _add_pictures(writer, snapshot, images)
        gone = 0 if there is None else snapshot.pictures() - there
        revision = snapshot.revision()
        return writer.finish(Manifest(__version__, revision, now, snapshot.reads(), there, gone, sha256, size))


def _add_small(writer: Writer, data: Path, configuration: Path) -> None:
    keys = sorted(path for path in data.iterdir() if is_key(path.name))
    for name, path in ((CONFIGURATION, configuration), *((key.name, key) for key in keys)):
        if (content := _content(path)) is not None:
            writer.add_bytes(name, content)


def _add_pictures(writer: Writer, snapshot: Snapshot, images: Path) -> int:
    """Add the pictures that are there; return how many. The newest go first: a preview's may go any second."""
    there = 0
    shown = sys.stderr.isatty()
    for path in tqdm(snapshot.paths(), total=snapshot.pictures(), unit="picture", disable=not shown, leave=False):
        if is_picture(path) and (jpeg := _content(images / path)) is not None:
            writer.add_bytes(f"{PICTURES}/{path}", jpeg)
            there += 1
    return there


def _content(path: Path) -> bytes | None:
    """Return what is in a file, None when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror}): check owner, permissions and disk") from None


def _check_target(target: Path, *, force: bool) -> None:
    if not target.absolute().parent.is_dir():
        raise AlprError(f"backup {target}: there is no such folder: make or mount it first")
    if target.is_dir():
        raise AlprError(f"backup {target}: is a folder: name a file in it")
    if target.exists() and not force:
        raise AlprError(f"backup {target}: exists already: name another file, or replace it with --force")


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Keep other backups of this data folder out, but nobody else; raise StoreError when there is nothing in it."""
    try:
        descriptor = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise StoreError(f"data folder {data}: {disk_fault(error)}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.isfile(data / DATABASE_FILE):  # noqa: PTH113 - Path's raises behind a folder without permission
            raise StoreError(
                f"data folder {data}: has no {DATABASE_FILE}: check `[store] data`, or start the site once"
            )
        yield
    except BlockingIOError:
        raise StoreError(f"data folder {data}: another backup of it is under way: wait until it has ended") from None
    finally:
        os.close(descriptor)


@contextmanager
def _workplace(target: Path) -> Iterator[Path]:
    """Lend a folder beside the target that nobody else may look into; what an earlier run left there goes."""
    place = target.absolute().with_name(f".{target.name}.part")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


async def _note(data: Path, target: Path, told: str) -> None:
    """Note in the audit log who took the state away; a database that is not of this version is let alone."""
    try:
        if not await asyncio.to_thread(is_current, data / DATABASE_FILE):
            return
        database = await open_database(data, alone=False)
        try:
            await audit.record(database, audit.Entry(utc_now(), _ACTOR, "backup", str(target), told))
        finally:
            await database.close()
    except StoreError as error:
        print(f"{error} (the backup is whole, but the audit log does not tell of it)", file=sys.stderr)


def _words(manifest: Manifest) -> str:
    pictures = "no pictures" if manifest.pictures is None else f"{manifest.pictures:,} pictures"
    return f"{manifest.reads:,} reads, {pictures}, {manifest.file_bytes / 1e6:,.1f} MB"
