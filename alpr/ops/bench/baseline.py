"""RapidOCR on the whole picture: what one would have without this product, measured in the same run."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from rapidocr import RapidOCR

from alpr.domain import BgrImage

_NOT_TEXT = re.compile(r"[^A-Z0-9]")


class Baseline:
    """Reads whole pictures with RapidOCR as it ships, on the same number of threads as we use."""

    def __init__(self, threads: int) -> None:
        self._engine = RapidOCR(
            params={
                "Global.log_level": "critical",
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        self._right = self._plates = 0
        self._seconds: list[float] = []

    def measure(self, image: BgrImage, texts: Sequence[str]) -> None:
        """Read the picture; a text counts as right when any one box of the picture says it."""
        started = time.perf_counter()
        output: Any = self._engine(image)
        self._seconds.append(time.perf_counter() - started)
        found = {_NOT_TEXT.sub("", text.upper()) for text in (output.txts or ())}
        self._right += sum(text in found for text in texts)
        self._plates += len(texts)

    @property
    def mean_ms(self) -> float:
        """Milliseconds a picture."""
        return 1000 * sum(self._seconds) / max(1, len(self._seconds))

    def summary(self) -> dict[str, Any]:
        """Return what was measured."""
        return {
            "exact": self._right,
            "exact_rate": round(self._right / max(1, self._plates), 4),
            "ms": round(self.mean_ms, 1),
        }
