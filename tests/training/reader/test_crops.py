"""Folders of real plates: what is broken is told and left out, what is held out is never learned."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from alpr.domain import Box
from alpr.errors import ConfigError
from alpr.training.reader.corpus import Labellers, load_corpus
from alpr.training.reader.crops import backgrounds, labelled_crops
from alpr.training.reader.pseudolabels import Opinion, issued, opinion
from alpr.vision.onnx import open_session
from alpr.vision.textline import LineRecognizer, shipped_line_model
from tests.drawn_plates import drawn_plate, shipped_engine, street

HEAD = "file,x,y,w,h,text"


@pytest.fixture
def folder(tmp_path):
    """Make folders of pictures with `truth.csv` below one data folder."""

    def make(name, rows, pictures):
        place = tmp_path / "data" / name
        place.mkdir(parents=True)
        for file, image in pictures.items():
            if isinstance(image, bytes):
                (place / file).write_bytes(image)
            else:
                cv2.imwrite(str(place / file), image)
        (place / "truth.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
        return place

    return make


def test_plates_are_cut_out_with_what_is_round_them(folder):
    """A box gives its plate and half its size on each side; without a box the picture is the plate."""
    image = street("AB12CDE", at=(400, 300))
    height, width = drawn_plate("AB12CDE").shape[:2]
    place = folder(
        "own", [f"a.png,400,300,{width},{height},ab 12-cde", "b.png,,,,,X1"], {"a.png": image, "b.png": image}
    )
    boxed, whole = labelled_crops(place, pytest.fail)
    assert boxed.text == "AB12CDE"
    assert boxed.image.shape == (2 * height, 2 * width)
    assert whole.context == 0
    assert whole.image.shape == image.shape[:2]
    tight = boxed.tight(0.0)
    assert tight.shape == (48, 128)
    assert tight[:, 20:108].mean() > boxed.image.mean()


def test_what_is_broken_is_told_and_left_out(folder):
    """One line each for no picture, a missing one, a box outside and an empty text; the rest is used."""
    good = drawn_plate("AB123")
    place = folder(
        "own",
        ["good.png,,,,,AB123", "bad.png,,,,,AB1", "gone.png,,,,,AB1", "far.png,9000,10,80,20,AB1", "mute.png,,,,,"],
        {"good.png": good, "bad.png": b"no picture", "far.png": good, "mute.png": good},
    )
    told = []
    (crop,) = labelled_crops(place, told.append)
    assert crop.text == "AB123"
    assert [line.split(": ", 1)[1] for line in told] == [
        "missing or no picture: left out",
        "missing or no picture: left out",
        "1 boxes outside the picture: left out",
        "no text of 1 to 10 characters: left out",
    ]


def test_a_folder_without_a_plate_is_refused(folder):
    """There is nothing to learn from."""
    with pytest.raises(ConfigError, match="nothing to learn from"):
        labelled_crops(folder("own", ["gone.png,,,,,AB1"], {}), lambda line: None)


def test_places_beside_plates_show_none():
    """Windows above and below a plate are taken where no other plate stands and the picture reaches."""
    image = street("AB12CDE")
    alone = Box(400, 300, 600, 348)
    assert len(backgrounds(image, [alone])) == 2
    assert len(backgrounds(image, [alone, Box(400, 380, 600, 428)])) < 4
    assert backgrounds(image, [Box(0, 0, 200, 40)])[0].shape == (48, 128)


@pytest.mark.parametrize(
    ("opinion", "accepted"),
    [
        (Opinion("AB123", 0.6, "AB123", 0.6, "AB123"), True),
        (Opinion("AB123", 0.4, "AB123", 0.4, "AB123"), False),
        (Opinion("AB123", 0.95, "AB123", 0.9, "AB12"), True),
        (Opinion("AB123", 0.95, "A8123", 0.9, "AB123"), False),
        (Opinion("AB123", 0.90, "AB123", 0.9, "AB12"), False),
        (Opinion("AB1", 0.99, "AB1", 0.99, "AB1"), False),
    ],
)
def test_two_readers_must_agree(opinion, accepted):
    """Both say the same, or one is very sure and the two together as well; never fewer than four characters."""
    assert opinion.accepted is accepted


def test_a_plate_in_two_rows_is_labelled_as_such(tmp_path):
    """The label says how many rows there were: columns cannot be taught two."""
    known = labellers(tmp_path)
    assert known.reader is not None
    rows = [cv2.resize(drawn_plate(text, 60), (190, 60), interpolation=cv2.INTER_AREA) for text in ("AB12", "CDEF")]
    image = street("KLM4607")
    image[100:220, 400:590] = np.vstack(rows)
    said = opinion(image, Box(400, 100, 590, 220), known.reader, known.line)
    assert (said.text, said.rows) == ("AB12CDEF", 2)
    height, width = drawn_plate("KLM4607").shape[:2]
    assert opinion(image, Box(400, 300, 400 + width, 300 + height), known.reader, known.line).rows == 1


@pytest.mark.parametrize(
    ("said", "meant"),
    [("LNI6HYF", "LN16HYF"), ("SCO6FKN", "SC06FKN"), ("RXIIONM", "RX11ONM"), ("AB12CDE", "AB12CDE"), ("SITH", "SITH"),
     ("EK060HF", "EK060HF")],
)  # fmt: skip
def test_british_plates_get_their_digits(said, meant):
    """Their I is their 1; what an authority issues as it was said stays as it is."""
    assert issued(said) == meant


def test_what_is_measured_is_never_learned(folder, tmp_path):
    """Held-out pictures and sets for measuring only appear in the measured part."""
    plate = drawn_plate("AB12CDE")
    height, width = plate.shape[:2]
    image = street("AB12CDE")
    row = f"400,300,{width},{height},"
    folder("plates_openlpr", [f"train_1.png,{row}", f"val_1.png,{row}"], {"train_1.png": image, "val_1.png": image})
    folder("ocr_us", ["u.png,,,,,US1234"], {"u.png": plate})
    folder("ocr_china", ["c.png,,,,,沪A12345"], {"c.png": plate})
    corpus = load_corpus(tmp_path / "data", [], labellers(tmp_path), lambda line: None)
    assert set(corpus.learned) == {"plates_openlpr", "ocr_china"}
    assert [crop.text for crop in corpus.learned["ocr_china"]] == ["A12345"]
    assert [crop.text for crop in corpus.measured["ocr_us"]] == ["US1234"]
    assert len(corpus.learned["plates_openlpr"]) == len(corpus.measured["plates_openlpr"]) == 1
    assert {crop.text for crop in corpus.learned["plates_openlpr"]} == {"AB12CDE"}
    assert len(corpus.surroundings) == 1


def test_labels_are_kept_for_the_next_run(folder, tmp_path):
    """A plate that was labelled once is not read again."""
    plate = drawn_plate("AB12CDE")
    height, width = plate.shape[:2]
    folder("plates_openlpr", [f"t.png,400,300,{width},{height},"], {"t.png": street("AB12CDE")})
    kept = labellers(tmp_path)
    load_corpus(tmp_path / "data", [], kept, lambda line: None)
    (key,) = json.loads(kept.cache.read_text())
    kept.cache.write_text(json.dumps({key: ["KEPT12", 2]}))
    corpus = load_corpus(tmp_path / "data", [], kept, lambda line: None)
    assert [(crop.text, crop.rows) for crop in corpus.learned["plates_openlpr"]] == [("KEPT12", 2)]


def test_a_typed_text_goes_before_what_readers_say(folder, tmp_path):
    """A person has typed it: no reader is asked, and `/` tells its rows; what no plate can say is left out."""
    plate = drawn_plate("AB12CDE")
    height, width = plate.shape[:2]
    typed = ["B 123/XYZ", "\u6caaA1234", "TOOLONGFORIT"]
    rows = [f"{number}.png,400,300,{width},{height},{text}" for number, text in enumerate(typed)]
    folder("plates_romania", rows, dict.fromkeys(("0.png", "1.png", "2.png"), street("AB12CDE")))
    told: list[str] = []
    corpus = load_corpus(tmp_path / "data", [], replace(labellers(tmp_path), reader=None), told.append)
    assert [(crop.text, crop.rows) for crop in corpus.learned["plates_romania"]] == [("B123XYZ", 2), ("A1234", 1)]
    assert corpus.sources == ["plates_romania (534 pictures, MIT), texts typed in (3) or from two readers that agree"]
    assert told == ["plates_romania: 2 plates labelled to learn from, 0 to measure on, 3 of them typed in"]


def test_a_site_holds_back_a_tenth_of_its_own(folder, tmp_path):
    """So that it can see what the training has brought."""
    plate = drawn_plate("AB123")
    place = folder("own", [f"{i}.png,,,,,AB{i:03}" for i in range(20)], {f"{i}.png": plate for i in range(20)})
    corpus = load_corpus(None, [place], labellers(tmp_path), pytest.fail)
    assert len(corpus.learned["own"]) == 18
    assert len(corpus.measured["own"]) == 2


def test_a_data_folder_that_is_not_there_is_refused(tmp_path):
    """A typing error is told, not trained on nothing."""
    with pytest.raises(ConfigError, match="no such folder"):
        load_corpus(tmp_path / "dta", [], labellers(tmp_path), pytest.fail)


def labellers(tmp_path):
    """Return the shipped reader and the general recogniser."""
    line = LineRecognizer(open_session(shipped_line_model(), "cpu", 1, probe=(1, 3, 48, 160)))

    return Labellers(shipped_engine().reader, line, tmp_path / "work" / "labels.json")


def test_without_a_reader_nothing_is_labelled(folder, tmp_path):
    """The first training of all sees where plates hang, and no text of theirs."""
    plate = drawn_plate("AB12CDE")
    height, width = plate.shape[:2]
    folder("plates_openlpr", [f"t.png,400,300,{width},{height},"], {"t.png": street("AB12CDE")})
    none = replace(labellers(tmp_path), reader=None)
    corpus = load_corpus(tmp_path / "data", [], none, lambda line: None)
    assert corpus.learned == {}
    assert len(corpus.surroundings) == 1
    assert not none.cache.exists()
