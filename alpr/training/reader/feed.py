"""The generator's own process and the ring of shared memory through which it feeds the training."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.errors import ModelError
from alpr.training.reader.material import LABEL_WIDTH, Material, pictures
from alpr.vision.ocr import CROP_HEIGHT, CROP_WIDTH

_PLACES: Final = 8192
_CROP: Final = CROP_HEIGHT * CROP_WIDTH
_HEAD: Final = 16
_PAUSE: Final = 0.02
_NICE: Final = 5


@dataclass(frozen=True, slots=True)
class Ring:
    """Crops and labels in shared memory; `counts` are how many were produced and consumed."""

    counts: NDArray[np.int64]
    crops: NDArray[np.uint8]
    labels: NDArray[np.int16]

    @classmethod
    def over(cls, memory: SharedMemory) -> Ring:
        """Lay the arrays over a block of `ring_bytes()`."""
        crops = np.ndarray((_PLACES, CROP_HEIGHT, CROP_WIDTH), np.uint8, memory.buf, _HEAD)
        labels = np.ndarray((_PLACES, LABEL_WIDTH), np.int16, memory.buf, _HEAD + _PLACES * _CROP)
        return cls(np.ndarray((2,), np.int64, memory.buf), crops, labels)


def ring_bytes() -> int:
    """Return how much memory a ring takes: 50 MB."""
    return _HEAD + _PLACES * (_CROP + 2 * LABEL_WIDTH)


@dataclass(frozen=True, slots=True)
class Feed:
    """What the training sees of the generator."""

    ring: Ring
    process: multiprocessing.process.BaseProcess

    def wait(self, size: int) -> None:
        """Wait until `size` crops are there. Raises ModelError when none will come."""
        while int(self.ring.counts[0] - self.ring.counts[1]) < size:
            if not self.process.is_alive():
                raise ModelError("training: the process that draws plates has ended: see its message above")
            time.sleep(_PAUSE)

    def batch(self, size: int) -> tuple[NDArray[np.uint8], NDArray[np.int16]]:
        """Take the next crops `(size, 48, 128)` and labels; wait for them as `wait` does."""
        self.wait(size)
        done = int(self.ring.counts[1])
        places = np.arange(done, done + size) % _PLACES
        crops, labels = self.ring.crops[places], self.ring.labels[places]
        self.ring.counts[1] = done + size
        return crops, labels


@contextmanager
def feeding(material: Material, seed: int) -> Iterator[Feed]:
    """Run the generator in its own process while the block runs."""
    memory = SharedMemory(create=True, size=ring_bytes())
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_produce, args=(memory.name, material, seed), daemon=True)
    try:
        ring = Ring.over(memory)
        ring.counts[:] = 0
        process.start()
        yield Feed(ring, process)
    finally:
        if process.pid is not None:
            process.terminate()
            process.join()
        del ring
        memory.close()
        memory.unlink()


def _produce(name: str, material: Material, seed: int) -> None:
    """Fill the ring until the training ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the training, which then ends this process
    cv2.setNumThreads(1)
    os.nice(_NICE)
    parent = os.getppid()
    memory = SharedMemory(name=name)
    ring = Ring.over(memory)
    for produced, (crop, row) in enumerate(pictures(material, seed)):
        while produced - int(ring.counts[1]) >= _PLACES - 1:
            if os.getppid() != parent:  # the training was killed
                return
            time.sleep(_PAUSE)
        ring.crops[produced % _PLACES], ring.labels[produced % _PLACES] = crop, row
        ring.counts[0] = produced + 1
