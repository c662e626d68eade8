"""What a disk can refuse, in words, and how to be sure that it has kept something."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_FAULTS = {
    errno.ENOSPC: "the disk is full: free some space",
    errno.EDQUOT: "the quota is used up: free some space or raise the quota",
    errno.EFBIG: "the file system takes no file of that size: use another one",
    errno.EACCES: "may not be written to by this user: check owner and permissions",
    errno.EPERM: "may not be written to by this user: check owner and permissions",
    errno.EROFS: "lies on a read-only file system: mount it for writing or choose another folder",
    errno.ENOENT: "does not exist: check the path and the mount",
    errno.ENOTDIR: "a part of the path is a file, not a folder: check the path",
    errno.EEXIST: "a file stands where a folder should be: check the path",
    errno.EISDIR: "is a folder where a file should be: move it away",
    errno.EMFILE: "too many open files: raise the limit (ulimit -n)",
    errno.EIO: "the disk does not answer (I/O error): check disk, cable and mount",
}


def disk_fault(error: OSError) -> str:
    """Say what the disk refused and what to do, without the path itself."""
    reason = error.strerror or type(error).__name__
    return _FAULTS.get(error.errno or 0, f"cannot be used ({reason}): check the disk and the mount")


def make_folder(folder: Path) -> None:
    """Make the folder and those above it so that they survive a power cut; raise OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o750, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk keep the names in a folder; raise OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Have the disk keep the content of a file; raise OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
