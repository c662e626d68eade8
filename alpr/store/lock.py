"""One process for one data folder: a lock that the kernel lets go of when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from alpr.errors import StoreError
from alpr.store.disk import disk_fault, make_folder

DATABASE_FILE = "alpr.db"
LOCK_FILE = "alpr.lock"


class DataLock:
    """The claim on a data folder; the folder is made where it is missing."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._descriptor: int | None = None

    def take(self, *, needed: bool) -> bool:
        """Claim the folder; when another process has it, raise StoreError if `needed`, else return False."""
        try:
            make_folder(self._data)
            descriptor = os.open(self._data / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o640)
        except OSError as error:
            raise StoreError(f"data folder {self._data}: {disk_fault(error)}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            if not needed:
                return False
            raise StoreError(
                f"data folder {self._data}: in use by another alpr (process {holder}): stop it first, "
                "or give this one another folder in `[store] data`"
            ) from None
        except OSError as error:
            os.close(descriptor)
            raise StoreError(f"data folder {self._data}: {disk_fault(error)}") from None
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go of the folder; the file stays, because removing it would let two claim it at once."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
