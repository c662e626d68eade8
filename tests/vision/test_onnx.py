"""Model files and providers that do not work fail in one line."""

from __future__ import annotations

import onnxruntime as ort
import pytest

from alpr.errors import ModelError
from alpr.paths import shipped
from alpr.vision.onnx import engine_cache, open_session, provider_options

_MODEL = shipped("models") / "plate-reader.onnx"


def test_the_provider_that_ran_is_told():
    """On the processor it says so, and that is no fall-back."""
    session = open_session(_MODEL, "cpu")
    assert (session.provider, session.fallback) == ("CPUExecutionProvider", False)
    assert session.input_shape[1:] == (1, 48, 128)


@pytest.mark.parametrize("size", [0, 1000, -1000], ids=["empty", "begun", "nearly whole"])
def test_a_truncated_model(tmp_path, size):
    """A file that was not copied whole is named."""
    broken = tmp_path / "plate-reader.onnx"
    broken.write_bytes(_MODEL.read_bytes()[:size])
    _refused(broken, "cannot be loaded")


def test_a_text_file(tmp_path):
    """An HTML page of a failed download is no model."""
    page = tmp_path / "plate-reader.onnx"
    page.write_text("<html>\n<body>404\n</body></html>\n" * 50)
    _refused(page, "cannot be loaded")


def test_no_file(tmp_path):
    """A missing model says where it was looked for and what to do."""
    _refused(tmp_path / "nothing.onnx", "no such file: reinstall alpr")
    _refused(tmp_path, "no such file")


def _refused(path, words):
    with pytest.raises(ModelError, match=words) as caught:
        open_session(path, "cpu")
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif("CUDAExecutionProvider" in ort.get_available_providers(), reason="CUDA may really run here")
@pytest.mark.parametrize("provider", ["cuda", "tensorrt"])
def test_a_provider_that_is_asked_for_by_name_must_run(provider):
    """Never a silent fall-back to the processor: one line says what is there and what to set."""
    with pytest.raises(ModelError, match=f"provider {provider} is not in the installed ONNX Runtime") as caught:
        open_session(_MODEL, provider)
    assert 'provider = "cpu"' in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tensorrt_runs_in_half_precision_and_keeps_its_engines(monkeypatch, tmp_path):
    """Building an engine takes minutes: it is kept in the user's cache; other providers need nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert engine_cache() == tmp_path / "alpr" / "tensorrt"
    options = provider_options("TensorrtExecutionProvider")
    assert options["trt_fp16_enable"] is True
    assert options["trt_engine_cache_path"] == str(engine_cache())
    assert provider_options("CPUExecutionProvider") == {}
