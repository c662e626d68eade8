"""Batches made in one process beside the training."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import cv2
from torch.utils.data import DataLoader, IterableDataset

T = TypeVar("T")


class _Source(IterableDataset[T], Generic[T]):
    def __init__(self, make: Callable[[], Iterator[T]]) -> None:
        super().__init__()
        self._make = make

    def __iter__(self) -> Iterator[T]:
        cv2.setNumThreads(0)
        # Ctrl-C and service managers tell every process of the group; this one ends when the training lets go of it.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        return self._make()


def beside(make: Callable[[], Iterator[T]], ahead: int = 6) -> Iterator[T]:
    """Run the generator in a process of its own, up to `ahead` batches ahead."""
    return iter(DataLoader(_Source(make), batch_size=None, num_workers=1, prefetch_factor=ahead))
