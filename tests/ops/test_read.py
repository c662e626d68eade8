"""`alpr read`: its contract on standard output, and one line for everything that cannot be read."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from alpr.cli import main
from alpr.paths import shipped
from tests.drawn_containers import steel
from tests.drawn_plates import empty_street, passing, street, write_film

_KEYS = {
    "source", "kind", "text", "confidence", "characters", "candidates", "box", "frame_time", "first_seen",
    "last_seen", "looks", "region", "vehicle", "reasons",
}  # fmt: skip


@pytest.fixture
def still(tmp_path):
    """Write a drawn picture and return its path."""
    path = tmp_path / "still.jpg"
    cv2.imwrite(str(path), street("KLM4607"))
    return path


def _rows(out: str) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def _plates(out: str) -> list[str]:
    return [row["text"] for row in _rows(out) if row["kind"] == "plate"]


def test_the_contract_of_a_still(still, capsys):
    """One object a read, with exactly the promised keys (and the state), and nothing else."""
    assert main(["read", "--json", "--region", "br", str(still)]) == 0
    out, err = capsys.readouterr()
    [row] = _rows(out)
    assert err == ""
    assert set(row) == _KEYS | {"state"}
    assert (row["source"], row["kind"], row["text"], row["region"]) == (str(still), "plate", "KLM4607", "br")
    assert (row["looks"], row["frame_time"], row["first_seen"], row["last_seen"]) == (1, 0.0, 0.0, 0.0)
    assert "".join(c["text"] for c in row["characters"]) == row["text"]
    assert all(0 <= c["confidence"] <= 1 for c in row["characters"] + row["candidates"])
    assert set(row["candidates"][0]) == {"text", "confidence"}
    assert 0.4 <= row["confidence"] <= 1
    x1, y1, x2, y2 = row["box"]
    assert x1 < 420
    assert x2 > 550
    assert 280 < y1 < y2 < 370
    assert row["vehicle"] is None or set(row["vehicle"]) == {"type", "colour"}
    assert isinstance(row["reasons"], list)


def test_a_video(tmp_path, capsys):
    """One read for the whole pass, with its times from the start of the film; previews are not printed."""
    write_film(tmp_path / "gate.mp4", passing("KLM4607"))
    assert main(["read", "--json", str(tmp_path / "gate.mp4")]) == 0
    [row] = [row for row in _rows(capsys.readouterr().out) if row["kind"] == "plate"]
    assert row["text"] == "KLM4607"
    assert 0 <= row["first_seen"] <= row["frame_time"] <= row["last_seen"] < 2.0
    assert row["last_seen"] - row["first_seen"] > 1.0
    assert row["looks"] > 2


def test_a_folder(tmp_path, still, capsys):
    """Its pictures and videos in the order of their names; other files are left alone."""
    cv2.imwrite(str(tmp_path / "another.png"), street("ABC1234", (300, 280)))
    write_film(tmp_path / "zoo.mp4", passing("WVX8832", 12))
    (tmp_path / "notes.txt").write_text("not a picture")
    assert main(["read", "--json", str(tmp_path)]) == 0
    assert _plates(capsys.readouterr().out) == ["ABC1234", "KLM4607", "WVX8832"]


def test_as_a_process_of_its_own(still):
    """Nothing but JSON on standard output, nothing on standard error, exit code 0."""
    done = subprocess.run(
        [sys.executable, "-m", "alpr.cli", "read", "--json", str(still)], capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert _plates(done.stdout) == ["KLM4607"]


def test_for_people(still, capsys):
    """Without --json a line that begins with the path and tells the text."""
    assert main(["read", str(still)]) == 0
    assert capsys.readouterr().out.split()[:2] == [str(still), "KLM4607"]


def test_nothing_found_is_said(tmp_path, capsys):
    """An empty street: no line on standard output, one on standard error, and that is no fault."""
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((540, 960, 3), 90, np.uint8))
    assert main(["read", str(tmp_path / "empty.png")]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("", "no reads: no plate, no container and no vehicle was found\n")


def _text_as_video(folder):
    (folder / "film.mp4").write_text("dear customer\n" * 100)
    return folder / "film.mp4"


def _empty_video(folder):
    (folder / "film.mp4").write_bytes(b"")
    return folder / "film.mp4"


def _truncated_picture(folder):
    whole = cv2.imencode(".jpg", street("KLM4607"))[1].tobytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    return folder / "cut.jpg"


def _text_as_picture(folder):
    (folder / "page.jpg").write_text("<html>404</html>")
    return folder / "page.jpg"


def _no_pictures(folder):
    (folder / "notes").mkdir()
    (folder / "notes" / "a.txt").write_text("nothing")
    return folder / "notes"


def _missing(folder):
    return folder / "missing.jpg"


@pytest.mark.parametrize(
    "make", [_text_as_video, _empty_video, _truncated_picture, _text_as_picture, _no_pictures, _missing]
)
def test_what_cannot_be_read(tmp_path, still, capsys, make):
    """One line that names it, exit code 1, and the others are read all the same."""
    bad = make(tmp_path)
    assert main(["read", "--json", str(bad), str(still)]) == 1
    out, err = capsys.readouterr()
    assert _plates(out) == ["KLM4607"]
    [line] = err.splitlines()
    assert line.startswith(f"{bad}: ")
    assert "Traceback" not in line


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--region", "atlantis"], 2, "--region: unknown region `atlantis`"),
        (["--region", "us,atlantis"], 2, "--region: unknown region `atlantis`"),
        (["--models", "/nope"], 1, "models /nope: no such folder: reinstall alpr"),
    ],
)
def test_wrong_arguments(still, capsys, arguments, code, words):
    """A region that is not there is a fault of usage, missing models are one of the work; one line each."""
    assert main(["read", "--json", str(still), *arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(words)
    assert err.count("\n") == 1


def test_a_broken_model(tmp_path, still, capsys):
    """One line that names the file."""
    models = shutil.copytree(shipped("models"), tmp_path / "models")
    (models / "plate-reader.onnx").write_bytes(b"nonsense")
    assert main(["read", str(still), "--models", str(models)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"model {models}/plate-reader.onnx: is not the file")
    assert err.count("\n") == 1


def test_fifty_megapixels(tmp_path, capsys):
    """A still of a good camera is read like any other, its small plate found in its vehicle."""
    large = np.full((5800, 8700, 3), 100, np.uint8)
    large[2000:4160, 2000:5840] = cv2.resize(street("KLM4607"), (3840, 2160), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(tmp_path / "large.jpg"), large, [cv2.IMWRITE_JPEG_QUALITY, 80])
    assert main(["read", "--json", str(tmp_path / "large.jpg")]) == 0
    assert _plates(capsys.readouterr().out) == ["KLM4607"]


@pytest.mark.parametrize(("orientation", "turn"), [(6, Image.Transpose.ROTATE_90), (3, Image.Transpose.ROTATE_180)])
def test_a_picture_that_lies_on_its_side(tmp_path, still, capsys, orientation, turn):
    """A phone stores what it saw turned, and says so in the EXIF: the text and the box are those of the upright one."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = io.BytesIO()
    Image.open(still).transpose(turn).save(turned, "JPEG", quality=95, exif=exif)
    (tmp_path / "turned.jpg").write_bytes(turned.getvalue())
    assert main(["read", "--json", str(still), str(tmp_path / "turned.jpg")]) == 0
    upright, lying = [row for row in _rows(capsys.readouterr().out) if row["kind"] == "plate"]
    assert lying["text"] == upright["text"] == "KLM4607"
    assert lying["box"] == pytest.approx(upright["box"], abs=6)


def test_an_empty_street_is_no_plate(tmp_path, capsys):
    """What is found in it is no plate."""
    cv2.imwrite(str(tmp_path / "street.jpg"), empty_street())
    assert main(["read", "--json", str(tmp_path / "street.jpg")]) == 0
    assert _plates(capsys.readouterr().out) == []


def test_a_container_is_told_with_its_size_and_digit(tmp_path, capsys):
    """Asked about anything, where no plate is: the code, what stands beside it, and what is known of the digit."""
    cv2.imwrite(str(tmp_path / "a.png"), steel(("MSKU 413532 9", 300, 120), ("22G1", 520, 170)))
    assert main(["read", "--json", str(tmp_path / "a.png")]) == 0
    [row] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (row["kind"], row["text"], row["size_type"], row["check_digit"]) == (
        "container",
        "MSKU4135329",
        "22G1",
        "agrees",
    )
    assert main(["read", "--json", "--reads", "plate", str(tmp_path / "a.png")]) == 0
    assert "MSKU" not in capsys.readouterr().out
