"""Every error that this product raises on purpose.

AlprError
├── ConfigError      the configuration is wrong: a person must edit it (exit code 2)
├── CameraError      a camera or a file gave no usable picture (retried, or exit code 1)
├── ModelError       a model file is missing, broken or of another shape
├── StoreError       the database or the picture folder cannot be used
├── CorrectionError  what somebody wants to say of a read cannot be: an empty text, nothing to undo
└── DeliveryError    a message could not be delivered; `permanent` says whether to try again

A message carries subject and key, what happened and what to do: `camera gate-in: refused (401):
check username and password`.
"""

from __future__ import annotations


class AlprError(Exception):
    """Root of the tree: anything the user can be told in one line."""


class ConfigError(AlprError):
    """The configuration is wrong; carries every fault, one line each."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class CameraError(AlprError):
    """A camera, file or folder gave no usable picture."""


class ModelError(AlprError):
    """A model file is missing, broken, or not of the shape that the code expects."""


class StoreError(AlprError):
    """The database or the picture folder cannot be used."""


class CorrectionError(AlprError):
    """What somebody wants to say of a read cannot be."""


class DeliveryError(AlprError):
    """A message could not be delivered; `retry_after` is how many seconds its target asked to be left alone."""

    def __init__(self, message: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
