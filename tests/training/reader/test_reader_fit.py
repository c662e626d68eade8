"""The reader's network: what it gives, what it learns, that it resumes, and that its export is the same."""

from __future__ import annotations

import json
from itertools import islice

import numpy as np
import pytest

from alpr.errors import ModelError
from alpr.paths import shipped
from alpr.training.reader.material import Material, label, pictures
from alpr.vision.ocr import PlateReader
from alpr.vision.onnx import open_session

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'alpr[train]'")
pytest.importorskip("onnx", reason="onnx is not installed: pip install 'alpr[train]'")

from alpr.training.reader.evaluate import TestSet, measure  # noqa: E402
from alpr.training.reader.export import export_onnx  # noqa: E402
from alpr.training.reader.fit import Course, Trainer, fit, loss_of  # noqa: E402
from alpr.training.reader.net import PlateNet  # noqa: E402
from alpr.training.reader.weights import load_exported  # noqa: E402


@pytest.fixture
def crops():
    """Draw eight crops with their labels."""
    pairs = list(islice(pictures(Material(typefaces=2), 1), 8))
    return np.stack([crop for crop, _ in pairs]), np.stack([row for _, row in pairs])


def test_the_network_gives_what_the_product_reads(crops):
    """Ten places, 32 columns, four regions; about a million parameters."""
    net = PlateNet().eval()
    with torch.no_grad():
        slots, columns, region = net(torch.from_numpy(crops[0].astype(np.float32)[:, None]))
    assert (slots.shape, columns.shape, region.shape) == ((8, 10, 37), (8, 32, 37), (8, 4))
    assert 0.9e6 < sum(parameter.numel() for parameter in net.parameters()) < 1.2e6


def test_the_brightness_of_a_picture_makes_no_difference(crops):
    """The network takes its own mean and contrast."""
    net = PlateNet().eval()
    x = torch.from_numpy(crops[0].astype(np.float32)[:, None])
    with torch.no_grad():
        assert torch.allclose(net(x)[0], net(x + 40)[0], atol=1e-4)


def test_a_right_answer_costs_less():
    """The loss falls where the heads say what the label says."""
    rows = torch.from_numpy(np.stack([label("AB1", region=2), label("", region=-1)])).long()
    slots, columns, region = torch.zeros(2, 10, 37), torch.zeros(2, 32, 37), torch.zeros(2, 4)
    unsure = float(loss_of((slots, columns, region), rows))
    for place, class_ in enumerate(rows[0, :10]):
        slots[0, place, class_] = slots[1, place, 0] = 9
    columns[:, :, 0] = 5
    columns[0, [3, 9, 15], rows[0, :3]] = 12
    region[0, 2] = 9
    assert float(loss_of((slots, columns, region), rows)) < 0.3 * unsure


def test_two_rows_teach_the_places_alone():
    """Columns see both rows at once: what they say of such a plate costs nothing."""
    rows = torch.from_numpy(np.stack([label("AB12", rows=2)])).long()
    slots, region = torch.zeros(1, 10, 37), torch.zeros(1, 4)
    one, other = (loss_of((slots, torch.randn(1, 32, 37) * scale, region), rows) for scale in (1, 5))
    assert float(one) == float(other)


def test_learning_lowers_the_loss_and_moves_the_average(crops, tmp_path):
    """A few steps on the same crops are learned."""
    trainer = Trainer(Course(60, batch=8, rate=3e-3, work=tmp_path))
    before = trainer.average.slots.weight.clone()

    class Again:
        def batch(self, size):
            return crops

    losses = [trainer.learn(Again()) for _ in range(12)]
    assert losses[-1] < losses[0]
    assert not torch.equal(trainer.average.slots.weight, before)
    assert trainer.progress.seen == 96


def test_a_training_resumes_where_it_was_interrupted(tmp_path):
    """An interruption keeps weights, optimiser and progress; the next run goes on from there."""

    class Interrupted(Trainer):
        def learn(self, feed):
            if self.progress.step == 3:
                raise KeyboardInterrupt
            return super().learn(feed)

    trainer = Interrupted(Course(600, batch=4, work=tmp_path))
    with pytest.raises(KeyboardInterrupt):
        fit(trainer, Material(typefaces=2), {}, lambda line: None)
    resumed = Trainer(Course(600, batch=4, work=tmp_path))
    resumed.resume()
    assert (resumed.progress.step, resumed.progress.seen) == (3, 12)
    assert torch.equal(resumed.net.slots.weight, trainer.net.slots.weight)
    assert resumed.optimizer.state_dict()["state"]
    assert json.loads((tmp_path / "log.jsonl").read_text().splitlines()[0])["step"] == 0


def test_the_export_says_what_the_network_says(crops, tmp_path):
    """The ONNX file agrees with torch to a thousandth, in any batch, and the product reads it."""
    net = PlateNet()
    path = tmp_path / "plate-reader.onnx"
    assert export_onnx(net, path, crops[0]) < 1e-3
    looks = PlateReader(open_session(path, "cpu")).read(list(crops[0][:3]))
    assert looks[0].slots.shape == (10, 37)
    assert looks[0].region.shape == (4,)
    assert looks[2].ctc.sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_a_training_goes_on_from_an_exported_model(crops, tmp_path):
    """The network answers as the model does, though the export has folded its normalisations away, and learns on."""
    torch.manual_seed(3)
    taught, path = PlateNet(), tmp_path / "plate-reader.onnx"
    with torch.no_grad():
        for parameter in taught.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    export_onnx(taught.eval(), path, crops[0])
    trainer = Trainer(Course(600, batch=8, work=tmp_path))
    trainer.start_from(path, crops[0])
    x = torch.from_numpy(crops[0].astype(np.float32)[:, None])
    with torch.no_grad():
        for learned, given in zip(trainer.net.eval()(x), taught(x), strict=True):
            assert torch.allclose(learned.softmax(-1), given.softmax(-1), atol=1e-4)
        for learned, given in zip(trainer.net.train()(x), taught(x), strict=True):  # by the spread of these very crops
            assert torch.allclose(learned.softmax(-1), given.softmax(-1), atol=0.05)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "No such file"),
        (b"broken", "truncated or no ONNX model"),
        ("detector", "not a plate reader of this version"),
    ],
)
def test_a_start_from_what_is_no_reader_is_refused(crops, tmp_path, content, fault):
    """A missing, a broken and another model's file: one clear line each."""
    path = tmp_path / "model.onnx"
    if content == "detector":
        path = shipped("models") / "gate-detector.onnx"
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=fault):
        load_exported(PlateNet(), path, crops[0])


def test_figures_are_shares_of_exact_texts(crops):
    """A network that reads nothing right scores 0 of everything."""
    scores = measure(PlateNet(), {"set": TestSet(crops[0], ["NEVER"] * 8)})
    assert scores["set"].exact == 0
    assert scores["set"].count == 8
