"""The network, what it is told it should have said, and its way into ONNX."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from alpr.errors import ModelError
from alpr.training.checkpoint import save_checkpoint
from alpr.vision.detector import Detector
from alpr.vision.onnx import open_session
from tests.drawn_plates import street

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'alpr[train]'")

from alpr.training.detector.edges import PATCH, EdgeFinder, drawn_patch, edge_loss, find_edges  # noqa: E402
from alpr.training.detector.export import export  # noqa: E402
from alpr.training.detector.fit import Plan, Training, padded  # noqa: E402
from alpr.training.detector.loss import Truth, assign, measure  # noqa: E402
from alpr.training.detector.net import DetectorNet, load_weights  # noqa: E402
from alpr.training.detector.signs import draw_any_plate  # noqa: E402


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(1)
    return DetectorNet().eval()


def _rows(*things: tuple[float, ...]) -> torch.Tensor:
    """Tell of things in one picture: class, box, and whether box and corners are known; corners are the box's."""
    rows = []
    for label, x1, y1, x2, y2, box, corners in things:
        rows.append([label, x1, y1, x2, y2, x1, y1, x2, y1, x2, y2, x1, y2, box, corners])
    return torch.tensor([rows], dtype=torch.float32)


_NOTHING = torch.full((1, 1, 5), -1.0)


def test_what_it_says(net):
    """Every anchor says scores, a box and corners; without training the corners are the box's."""
    with torch.no_grad():
        found = net(torch.zeros(2, 3, 96, 160))
    anchors = sum((96 // s) * (160 // s) for s in (8, 16, 32))
    assert found.logits.shape == (2, anchors, 5)
    assert found.boxes.shape == (2, anchors, 4)
    assert found.corners.shape == (2, anchors, 8)
    upright = found.boxes[..., [0, 1, 2, 1, 2, 3, 0, 3]]
    assert torch.allclose(found.corners, upright, atol=2.0)
    assert sum(p.numel() for p in net.parameters()) < 1_200_000


def test_anchors_on_a_thing_answer_for_it(net):
    """Positives lie on their thing; padding gets none; every thing that is large enough gets some."""
    with torch.no_grad():
        found = net(torch.zeros(1, 3, 192, 320))
    rows = torch.cat([_rows((0, 40, 50, 120, 70, 1, 1), (1, 10, 10, 300, 180, 1, 0)), torch.full((1, 2, 15), -1.0)], 1)
    given = assign(found, rows)
    assert set(given.thing.tolist()) == {0, 1}
    assert len(set(given.anchor.tolist())) == len(given.anchor)
    for thing, anchor in zip(given.thing.tolist(), given.anchor.tolist(), strict=True):
        x, y = found.centres[anchor].tolist()
        x1, y1, x2, y2 = rows[0, thing, 1:5].tolist()
        assert x1 - 24 < x < x2 + 24
        assert y1 - 24 < y < y2 + 24
    assert ((given.weight >= 0) & (given.weight <= 1)).all()


def test_unknown_boxes_and_corners_teach_nothing(net):
    """A loosely labelled plate counts for the score alone, a plate cut off by the edge not for the corners."""
    with torch.no_grad():
        found = net(torch.zeros(1, 3, 192, 320))
        plate = (0, 40, 50, 120, 70)
        tight, cut, loose = (
            measure(found, Truth(_rows((*plate, *known)), _NOTHING)) for known in ((1, 1), (1, 0), (0, 0))
        )
    assert (tight.box > 0, tight.corners > 0) == (True, True)
    assert (cut.box > 0, cut.corners > 0) == (True, False)
    assert (loose.box, loose.corners) == (0, 0)
    assert loose.score > 0


def test_places_to_ignore_cost_nothing():
    """A high score for a plate costs, but not where nobody looked; the other kind's score still does."""
    with torch.no_grad():
        net = DetectorNet().eval()
        found = net(torch.zeros(1, 3, 96, 96))
        found.logits[:] = 2.0
        nothing = torch.full((1, 1, 15), -1.0)
        costs = [
            float(measure(found, Truth(nothing, ignored)).score)
            for ignored in (
                _NOTHING,
                torch.tensor([[[0.0, 0, 0, 96, 96]]]),
                torch.tensor([[[0.0, 0, 0, 96, 96], [1, 0, 0, 96, 96]]]),
            )
        ]
    assert costs[0] > costs[1] > costs[2] == 0


def test_it_learns_a_picture():
    """After some steps on one picture the plate's box and corners are closer than before."""
    torch.manual_seed(3)
    image = torch.from_numpy(np.ascontiguousarray(street("ABC1234", (90, 90), size=(320, 192))))[None]
    truth = Truth(_rows((0, 90, 90, 267, 138, 1, 1)), _NOTHING)
    training = Training(DetectorNet(), Plan(1e6, rate=2e-3))
    losses = [
        training.step(image.repeat(2, 1, 1, 1), Truth(truth.rows.repeat(2, 1, 1), truth.ignored.repeat(2, 1, 1)))
        for _ in range(40)
    ]
    assert losses[-1].iou > losses[0].iou + 0.2
    assert losses[-1].box < losses[5].box


def test_a_training_resumes(tmp_path):
    """Weights, averages and progress come back; a checkpoint of something else is refused in one line."""
    training = Training(DetectorNet(), Plan(100))
    training.step(torch.zeros(1, 64, 64, 3, dtype=torch.uint8), Truth(torch.full((1, 1, 15), -1.0), _NOTHING))
    training.progress.seconds = 12.5
    save_checkpoint(tmp_path / "c.pt", training.state())
    again = Training(DetectorNet(), Plan(100))
    again.resume(tmp_path / "c.pt")
    assert (again.progress.step, again.progress.seconds, again.progress.pictures) == (1, 12.5, 1)
    for one, other in zip(training.net.state_dict().values(), again.net.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    save_checkpoint(tmp_path / "other.pt", {"net": {}, "weights": {}})
    with pytest.raises(ModelError, match=r"other\.pt: of another version: delete it and start anew"):
        again.resume(tmp_path / "other.pt")


def test_weights_are_taken_as_far_as_they_fit(net):
    """Names and shapes decide; what does not fit stays as it was and is told."""
    state = net.state_dict()
    partly = {name: value for name, value in state.items() if not name.startswith("outlines")}
    partly["stem.conv.weight"] = torch.zeros(1)
    left = load_weights(DetectorNet(), partly)
    assert "stem.conv.weight" in left
    assert "outlines.0.bias" in left
    assert "heads.0.0.conv.weight" not in left


def test_the_export_says_what_torch_says(net, tmp_path):
    """The product's detector takes the file, for one picture or several, of any shape."""
    pytest.importorskip("onnx", reason="onnx is not installed: pip install 'alpr[train]'")
    path = tmp_path / "gate-detector.onnx"
    export(net, path, [street("ABC1234"), street("KLM4607")])
    session = open_session(path, "cpu")
    assert Detector(session).batch == 1
    for shape in ((1, 3, 384, 640), (3, 3, 96, 160)):
        out, corners = session.run(bgr=np.zeros(shape, np.float32))
        assert out.shape[::2] == (shape[0], 9)
        assert corners.shape == (*out.shape[:2], 8)


def test_padding():
    """Rows of several lengths become one block, the rest -1."""
    block = padded([np.ones((2, 5), np.float32), np.zeros((0, 5), np.float32)])
    assert block.shape == (2, 2, 5)
    assert (block[1] == -1).all()
    assert padded([np.zeros((0, 15), np.float32)]).shape == (1, 1, 15)


def test_edges_are_learned_from_drawn_plates():
    """A few steps bring the corners closer; looks at a box tell corners in the picture's pixels."""
    torch.manual_seed(1)
    random, finder = Random(2), EdgeFinder()
    textures = [draw_any_plate(random) for _ in range(8)]
    scene, boxes = street("ABC1234"), np.array([(395, 290, 582, 358)], np.float32)
    made = [drawn_patch(random, scene, boxes, textures) for _ in range(24)]
    patches = torch.from_numpy(np.stack([p for p, _ in made]).transpose(0, 3, 1, 2).astype(np.float32))
    corners = torch.from_numpy(np.stack([q for _, q in made]))
    optimiser, losses = torch.optim.Adam(finder.parameters(), 3e-3), []
    for _ in range(25):
        loss = edge_loss(*finder(patches), corners)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.6 * losses[0]
    assert patches.shape[2:] == (PATCH[1], PATCH[0])
    quads, doubt = find_edges(finder.eval(), scene, boxes)
    assert quads.shape == (1, 4, 2)
    assert ((quads[0] > (300, 200)) & (quads[0] < (700, 450))).all()
    assert doubt[0] > 0
