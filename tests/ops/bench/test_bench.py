"""`alpr bench` on small drawn folders and films."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from alpr.cli import main
from alpr.domain import Box
from alpr.errors import ConfigError
from alpr.ops.bench.madepasses import write_passes
from alpr.ops.bench.passes import load_passes
from alpr.ops.bench.stills import background_windows
from alpr.paths import shipped
from alpr.training.truth import Truth, load_truth
from tests.drawn_containers import steel
from tests.drawn_plates import empty_street, passing, street, write_film

_KEYS = {
    "images", "found", "exact", "exact_rate", "exact_folded_rate", "within_one", "wrong_accepted", "unread", "ms",
    "calibration_error",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Draw three pictures: one right, one whose truth says otherwise, one without a plate."""
    for name, image in (("a.png", street("KLM4607")), ("b.png", street("ABC1234")), ("c.png", empty_street())):
        cv2.imwrite(str(tmp_path / name), image)
    (tmp_path / "truth.csv").write_text(
        "file,x,y,w,h,text\na.png,400,300,177,48,klm-4607\nb.png,,,,,ABC1239\nc.png,10,10,100,30,XYZ9876\n"
    )
    return tmp_path


def test_the_contract(folder, capsys):
    """One object with at least the promised keys, every plate counted once."""
    assert main(["bench", "--json", "--no-baseline", str(folder)]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert err == ""
    assert set(result) >= _KEYS
    assert (result["images"], result["plates"], result["found"], result["exact"]) == (3, 3, 2, 1)
    assert (result["within_one"], result["wrong_accepted"], result["unread"]) == (2, 1, 1)
    assert result["exact_rate"] == result["exact_folded_rate"] == 0.3333
    assert set(result["ms"]) == {"detect", "ocr", "total"}
    assert 0 < result["ms"]["detect"] + result["ms"]["ocr"] <= result["ms"]["total"] * 1.05


def test_a_folder_of_containers_is_read_as_such(tmp_path, capsys):
    """What the truth has is read: two codes of a picture, and one that is not in its truth."""
    cv2.imwrite(str(tmp_path / "a.png"), steel(("MSKU 413532 9", 80, 120), ("CSQU 305438 3", 560, 120)))
    cv2.imwrite(str(tmp_path / "b.png"), steel(("TCNU 634580 7", 300, 120)))
    (tmp_path / "truth.csv").write_text("file,text\na.png,MSKU4135329\na.png,CSQU3054383\nb.png,TRLU6689574\n")
    assert main(["bench", "--json", "--no-baseline", str(tmp_path)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["plates"], result["exact"], result["wrong_accepted"], result["false_codes"]) == (3, 2, 1, 1)


def test_the_baseline_beside_it(folder, capsys):
    """RapidOCR on the same pictures, in the same run."""
    assert main(["bench", "--json", str(folder)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result["rapidocr"]) == {"exact", "exact_rate", "ms"}
    assert result["times_faster"] == pytest.approx(result["rapidocr"]["ms"] / result["ms"]["total"], rel=0.1)


def test_for_people(folder, capsys):
    """A table, and on request a line for each plate that was not read right."""
    assert main(["bench", "--no-baseline", "--errors", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "exact rate" in out
    assert "b.png: ABC1239 read as ABC1234" in out
    assert "c.png: XYZ9876 not found" in out
    assert "a.png" not in out


def test_a_report_shows_every_error(folder, tmp_path, capsys):
    """One file that asks for nothing else: figures, the curve, a card with a picture for each plate not read right."""
    page = tmp_path / "report.html"
    assert main(["bench", "--no-baseline", "--report", str(page), str(folder)]) == 0
    text = page.read_text()
    assert "ABC1239</b> read as ABC1234" in text
    assert "XYZ9876</b> not found" in text
    assert "KLM4607" not in text
    assert text.count('src="data:image/jpeg;base64,') == 2
    assert "http" not in text.replace("http-equiv", "")
    assert main(["bench", "--no-baseline", "--report", str(folder), str(folder)]) == 1
    assert "name another file with --report" in capsys.readouterr().err


def test_two_folders_of_models_side_by_side(folder, capsys):
    """The same models compared with themselves: the same figures, and no plate that only one reads."""
    models = str(shipped("models"))
    assert main(["bench", "--json", "--no-baseline", "--compare", models, str(folder)]) == 0
    result = json.loads(capsys.readouterr().out)
    other = result["compare"]
    assert (other["exact"], other["only_here"], other["only_there"]) == (1, [], [])
    assert other["ms"]["total"] > 0


def test_what_stands_beside_the_plates_is_no_plate(folder, capsys):
    """Windows of background are read too, where all plates' places are known; nothing may be found in them."""
    assert main(["bench", "--json", "--no-baseline", str(folder)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["background"]["windows"] >= 4
    assert result["background"]["reads"] == 0
    assert sum(count for _, _, count in result["reliability"]) == 2
    assert result["cpu_ms"]["detect"] > 0


def test_windows_keep_clear_of_every_plate():
    """Above, below, left and right of all plates together, each with a margin; slivers are left out."""
    image = np.zeros((600, 800, 3), np.uint8)
    image[300:340, 200:300] = image[320:360, 500:600] = 255
    windows = background_windows(image, [Box(200, 300, 300, 340), Box(500, 320, 600, 360)])
    assert [window.shape[:2] for window in windows] == [(290, 800), (229, 800), (600, 190), (600, 189)]
    assert not any(window.any() for window in windows)
    assert background_windows(image, [Box(10, 10, 790, 590)]) == []


def test_a_picture_that_is_missing_counts_as_not_found(folder, capsys):
    """Nothing is left out of the rates."""
    (folder / "a.png").unlink()
    assert main(["bench", "--json", "--no-baseline", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out)["exact"] == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no rows: nothing to measure"),
        ("file,text\n", "no rows"),
        ("file,text\na.png\n", "truth.csv:2: needs at least the columns `file` and `text`"),
        ("picture,plate\na.png,AB123\n", "truth.csv:2: needs at least"),
        ("file,x,y,w,h,text\na.png,1,2,3,4,AB\n\nb.png,1,2,wide,4,AB\n", "truth.csv:4: x, y, w, h must be numbers"),
        ("file,w,text\na.png,30,AB\n", "truth.csv:2: x, y, w, h must be numbers"),
    ],
)
def test_a_truth_that_is_wrong(tmp_path, capsys, text, words):
    """Named with its line, exit code 2."""
    (tmp_path / "truth.csv").write_text(text)
    assert main(["bench", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.count("\n") == 1


def test_a_truth_that_is_no_text(tmp_path):
    """A spreadsheet saved under the name of a text is told apart from one."""
    (tmp_path / "truth.csv").write_bytes(b"PK\x03\x04\xff\xfe\x00\x81")
    with pytest.raises(ConfigError, match=r"truth\.csv: no comma-separated text in UTF-8"):
        load_truth(tmp_path)


def test_no_truth(tmp_path, capsys):
    """A folder without truth.csv, and no folder at all."""
    for path in (tmp_path, tmp_path / "nothing"):
        assert main(["bench", str(path)]) == 2
        assert "give a folder with truth.csv" in capsys.readouterr().err


def test_truth_is_compared_as_reads_are_written(tmp_path):
    """Upper case without spaces and dashes; the byte order mark of a spreadsheet is no part of the first column."""
    (tmp_path / "truth.csv").write_text("file,text\na.png,ab-12 cd\na.png,X\n", encoding="utf-8-sig")
    assert [truth.text for truth in load_truth(tmp_path)["a.png"]] == ["AB12CD", "X"]


def test_passes_of_a_film(tmp_path, capsys):
    """Two vehicles one after the other, and a third that the truth knows of and the film does not show."""
    film = tmp_path / "passes.mp4"
    write_film(film, [*passing("KLM4607", 12), *[empty_street()] * 25, *passing("ABC1234", 12)])
    truth = [
        {"text": "KLM4607", "start": 0, "end": 2},
        {"text": "XYZ9876", "start": 2.2, "end": 3.4},
        {"text": "ABC1234", "start": 3.5, "end": 5},
    ]
    film.with_suffix(".json").write_text(json.dumps(truth))
    assert main(["bench", "--json", str(film)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["passes"], result["exact"], result["one_read"], result["no_read"]) == (3, 2, 2, 1)
    assert (result["several_reads"], result["reads_outside"]) == (0, 0)
    assert result["ms_per_frame"] > 0


def test_passes_made_from_stills(tmp_path, capsys):
    """The camera closes in on the box of the truth; nothing is read between two passes."""
    for name, text in (("a.png", "KLM4607"), ("b.png", "ABC1234")):
        cv2.imwrite(str(tmp_path / name), street(text))
    (tmp_path / "truth.csv").write_text(
        "file,x,y,w,h,text\na.png,400,300,177,48,KLM4607\nb.png,400,300,177,48,ABC1234\n"
    )
    assert main(["bench", "--json", "--passes", "2", str(tmp_path)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["passes"], result["exact"], result["one_read"]) == (2, 2, 2)
    assert (result["no_read"], result["reads_outside"]) == (0, 0)


def test_two_photographs_of_one_vehicle_do_not_follow_each_other(tmp_path):
    """Whoever comes again within seconds has not left: that would be one pass, and is no fault of the reader."""
    texts = {"a.png": "ABC1234", "b.png": "KLM4607", "c.png": "KLM4607"}
    for name, text in texts.items():
        cv2.imwrite(str(tmp_path / name), street(text))
    truths = {name: [Truth(text, Box(400, 300, 577, 348))] for name, text in texts.items()}
    write_passes(tmp_path, truths, tmp_path / "passes.mp4", count=3)
    assert [each.text for each in load_passes(tmp_path / "passes.json")] == ["KLM4607", "ABC1234", "KLM4607"]


def test_two_codes_of_one_picture_are_two_reads_of_one_pass(tmp_path, capsys):
    """Without boxes the camera sees all of the picture."""
    cv2.imwrite(str(tmp_path / "a.png"), steel(("MSKU 413532 9", 80, 120), ("CSQU 305438 3", 560, 120)))
    (tmp_path / "truth.csv").write_text("file,text\na.png,MSKU4135329\na.png,CSQU3054383\n")
    assert main(["bench", "--json", "--passes", "1", str(tmp_path)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["passes"], result["exact"], result["one_read"], result["reads_outside"]) == (2, 2, 2, 0)


@pytest.mark.parametrize(
    "text", ["", "{", "3", '{"text": "AB"}', '[{"text": "AB"}]', '[{"text": "AB", "start": "soon", "end": 2}]']
)
def test_a_truth_of_passes_that_is_wrong(tmp_path, text):
    """Named, with the form that it should have."""
    (tmp_path / "passes.json").write_text(text)
    with pytest.raises(ConfigError, match=r"passes\.json: not a list of"):
        load_passes(tmp_path / "passes.json")


def test_a_film_without_truth(tmp_path, capsys):
    """Said before the models are loaded for nothing."""
    write_film(tmp_path / "passes.mp4", [empty_street()] * 2)
    assert main(["bench", str(tmp_path / "passes.mp4")]) == 2
    assert "a video needs its truth beside it" in capsys.readouterr().err
