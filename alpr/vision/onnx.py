"""ONNX Runtime sessions that say which provider really runs, and model files that fail in one line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from alpr.errors import ModelError
from alpr.vision.weights import without_subnormals

Provider = Literal["auto", "cpu", "cuda", "tensorrt"]

_PROVIDERS: dict[Provider, list[str]] = {
    "auto": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    "cpu": ["CPUExecutionProvider"],
    "cuda": ["CUDAExecutionProvider"],
    "tensorrt": ["TensorrtExecutionProvider", "CUDAExecutionProvider"],
}

_ON_GPU = {"CUDAExecutionProvider", "TensorrtExecutionProvider"}


@dataclass(frozen=True, slots=True)
class Session:
    """A loaded model: thread-safe, and `run` frees the GIL, so one serves all cameras."""

    path: Path
    provider: str
    """The execution provider that really ran an inference, such as `CPUExecutionProvider`."""
    fallback: bool
    """Whether a faster provider was there to be had in name, and did not run."""
    inner: ort.InferenceSession

    def run(self, **inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Run the model once; return its outputs in the model's order."""
        return list(self.inner.run(None, inputs))

    @property
    def input_shape(self) -> tuple[int | str, ...]:
        """Shape of the first input; a dynamic axis is a string."""
        return tuple(self.inner.get_inputs()[0].shape)


def engine_cache() -> Path:
    """Return where TensorRT keeps its engines, minutes of work each, for the next start (XDG base directories)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "alpr" / "tensorrt"


def provider_options(name: str) -> dict[str, str | bool]:
    """Return how a provider runs: TensorRT in half precision, with its engines kept."""
    if name != "TensorrtExecutionProvider":
        return {}
    return {
        "trt_fp16_enable": True,
        "trt_engine_cache_enable": True,
        "trt_engine_cache_path": str(engine_cache()),
        "trt_timing_cache_enable": True,
        "trt_timing_cache_path": str(engine_cache()),
    }


def open_session(
    path: Path, provider: Provider = "auto", threads: int = 1, *, probe: tuple[int, ...] | None = None
) -> Session:
    """Load a model, run it once on zeros, and say which provider ran.

    `probe` is the shape of the zeros for a model whose open axes do not run with one picture of 64 pixels.

    Raises `ModelError` when the file is missing, is no model, or a provider that was asked for by
    name cannot run. `auto` takes CUDA where it works and the processor otherwise.
    """
    if not path.is_file():
        raise ModelError(f"model {path}: no such file: reinstall alpr, or set `models` in [recognition]")
    available = ort.get_available_providers()
    wanted = [name for name in _PROVIDERS[provider] if name in available]
    if not wanted:
        raise ModelError(
            f"model {path.name}: provider {provider} is not in the installed ONNX Runtime "
            f'(it has {", ".join(available)}): install alpr[gpu] or set `provider = "cpu"`'
        )
    if wanted[0] in _ON_GPU:
        # CUDA and cuDNN come as wheels, whose libraries the loader does not find by itself.
        ort.preload_dlls()
    session = _load(path, wanted, threads, probe)
    used = session.get_providers()[0]
    if provider in {"cuda", "tensorrt"} and used == "CPUExecutionProvider":
        raise ModelError(
            f"model {path.name}: {provider} was asked for and does not run on this machine: "
            '`alpr doctor` says why; or set `provider = "cpu"`'
        )
    return Session(path, used, fallback=used != wanted[0], inner=session)


def _load(path: Path, providers: list[str], threads: int, probe: tuple[int, ...] | None) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Each session's arena would keep its largest working set for each thread: 30 MB for no measurable speed.
    options.enable_cpu_mem_arena = False
    # Spinning workers burn 13 % more processor for nothing when several callers share a session.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        chosen = [(name, provider_options(name)) for name in providers]
        weights = path.read_bytes()
        normal = without_subnormals(weights)
        # By its path where nothing changed: a model may keep weights in files beside it.
        session = ort.InferenceSession(str(path) if normal == weights else normal, options, providers=chosen)
        inputs = session.get_inputs()
        zeros = [np.zeros(probe or _probe(i.shape), np.float32) for i in inputs]
        session.run(None, {i.name: z for i, z in zip(inputs, zeros, strict=True)})
    # ONNX Runtime raises a dozen unrelated classes from C++, all directly under Exception.
    except Exception as error:
        first_line = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise ModelError(
            f"model {path}: cannot be loaded ({first_line}): reinstall alpr or restore the file"
        ) from error
    return session


def _probe(shape: Sequence[int | str | None]) -> list[int]:
    """Choose a size for each open axis: one picture, 64 pixels."""
    return [size if isinstance(size, int) else 64 if axis > 1 else 1 for axis, size in enumerate(shape)]
