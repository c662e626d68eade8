"""Private keys of this box, each in a file of the data folder: made once, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from alpr.errors import StoreError


def private_key(path: Path, generate: Callable[[], PrivateKeyTypes], loss: str) -> PrivateKeyTypes:
    """Return the key of a file, made on the first call; raises StoreError, which says what its `loss` means."""
    try:
        if not path.exists():
            _write(path, generate())
        return serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise StoreError(f"{path}: cannot be used ({error.strerror}): check its owner and permissions") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise no_key(path, "is no key", loss) from None


def no_key(path: Path, what: str, loss: str) -> StoreError:
    """Say that a file does not hold the key that it should."""
    return StoreError(f"{path}: {what}: restore it from a backup, or remove it and {loss}")


def _write(path: Path, key: PrivateKeyTypes) -> None:
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    draft.replace(path)
