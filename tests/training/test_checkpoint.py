"""Files that a training writes are whole or not there."""

from __future__ import annotations

import pytest

from alpr.errors import ModelError, StoreError
from alpr.training.checkpoint import load_checkpoint, replacing, save_checkpoint


def test_a_finished_file_takes_the_place(tmp_path):
    """What was written beside the place stands in it afterwards, and nothing else is left."""
    path = tmp_path / "new" / "model.onnx"
    with replacing(path) as unfinished:
        unfinished.write_bytes(b"good")
        assert not path.exists()
    assert path.read_bytes() == b"good"
    assert [file.name for file in path.parent.iterdir()] == ["model.onnx"]


def test_an_interruption_leaves_the_last_good_file(tmp_path):
    """A training that ends while it writes changes nothing."""
    path = tmp_path / "model.onnx"
    path.write_bytes(b"last good")

    def write():
        with replacing(path) as unfinished:
            unfinished.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert path.read_bytes() == b"last good"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_disk_that_refuses_is_told_in_one_line(tmp_path):
    """A file where a folder should be: the path and what to do."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StoreError, match=r"^\S+file/model\.onnx: ") as caught,
        replacing(tmp_path / "file" / "model.onnx"),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_a_missing_checkpoint_is_told(tmp_path):
    """Without a checkpoint there is nothing to go on from."""
    pytest.importorskip("torch", reason="torch is not installed")
    with pytest.raises(ModelError, match="no such file"):
        load_checkpoint(tmp_path / "checkpoint.pt")


@pytest.mark.parametrize("content", [b"", b"no checkpoint", None], ids=["empty", "other", "truncated"])
def test_a_broken_checkpoint_is_told(tmp_path, content):
    """A truncated file is one clear line, not a traceback."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, {"weights": torch.zeros(1000)})
    path.write_bytes(path.read_bytes()[:900] if content is None else content)
    with pytest.raises(ModelError, match="delete it and start anew") as caught:
        load_checkpoint(path)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_comes_back(tmp_path):
    """Tensors, numbers and nested containers survive."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    save_checkpoint(tmp_path / "c.pt", {"weights": {"a": torch.ones(3)}, "progress": {"step": 7}})
    state = load_checkpoint(tmp_path / "c.pt")
    assert state["progress"] == {"step": 7}
    assert state["weights"]["a"].tolist() == [1, 1, 1]
