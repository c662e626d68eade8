"""From a folder of data sets to what is learned and what is measured; what may only be measured is never learned."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from alpr.domain import Box, GreyImage
from alpr.errors import ConfigError
from alpr.training.checkpoint import replacing
from alpr.training.reader.crops import (
    LONGEST,
    Photograph,
    RealCrop,
    backgrounds,
    cut_crop,
    labelled_crops,
    photographs,
    readable,
    surroundings_of,
)
from alpr.training.reader.pseudolabels import issued, opinion
from alpr.vision.ocr import PlateReader
from alpr.vision.textline import LineRecognizer

UNLABELLED: Final = {
    "plates_openlpr": "plates_openlpr (2,595 pictures, Apache-2.0)",
    "plates_romania": "plates_romania (534 pictures, MIT)",
}
"""Sets of plates of which few or none were typed in: what two readers agree on is the text of the others."""
LABELLED: Final = {"ocr_china": "ocr_china (1,000 crops, Apache-2.0), letters and digits"}
MEASURED: Final = ("ocr_us", "ocr_argentina")
"""Sets that show how well it reads and are never learned."""
_NO_LABEL: Final = ("", 1)
_HELD_OUT: Final = ("val_", "nightride")
"""Pictures with one of these in their name are measured, not learned."""
_SHARES: Final = {"plates_openlpr": 1.0, "plates_romania": 0.1, "ocr_china": 0.15}
"""How often each set is drawn on: those that show the same few plates again and again, or blurred ones, seldom."""
_OWN_SHARE = 3.0
_OWN_HELD_OUT: Final = 10
"""Every so manieth of the site's own crops is measured, not learned."""


@dataclass(slots=True)
class Corpus:
    """Crops to learn from by source, crops to measure on by set, and what shows no plate."""

    learned: dict[str, list[RealCrop]] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    measured: dict[str, list[RealCrop]] = field(default_factory=dict)
    surroundings: list[GreyImage] = field(default_factory=list)
    backgrounds: list[GreyImage] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Labellers:
    """The two readers whose agreement makes a label, and where their labels are kept."""

    reader: PlateReader | None
    """None where there is no plate reader yet: then nothing is labelled that was not before."""
    line: LineRecognizer
    cache: Path


def load_corpus(data: Path | None, own: Sequence[Path], labellers: Labellers, told: Callable[[str], None]) -> Corpus:
    """Load the known data sets that `data` has, and the site's `own` labelled folders.

    Raises ConfigError when a folder is there and cannot be used; single broken pictures are told and left out.
    """
    corpus = Corpus()
    if data is not None:
        if not data.is_dir():
            raise ConfigError(f"{data}: no such folder: give the folder that holds the data sets")
        _load_known(corpus, data, labellers, told)
    for folder in own:
        crops = labelled_crops(folder, told)
        _add(corpus, folder.name, crops[: len(crops) - len(crops) // _OWN_HELD_OUT], _OWN_SHARE)
        corpus.measured[folder.name] = crops[len(crops) - len(crops) // _OWN_HELD_OUT :]
        corpus.sources.append(f"{folder.name} ({len(crops)} crops of this site)")
    return corpus


def _load_known(corpus: Corpus, data: Path, labellers: Labellers, told: Callable[[str], None]) -> None:
    for name in UNLABELLED:
        if (data / name).is_dir():
            _load_unlabelled(corpus, data / name, labellers, told)
    for name, source in LABELLED.items():
        if (data / name).is_dir():
            _add(corpus, name, labelled_crops(data / name, told), _SHARES[name])
            corpus.sources.append(source)
    for name in MEASURED:
        if (data / name).is_dir():
            corpus.measured[name] = labelled_crops(data / name, told)


def _add(corpus: Corpus, name: str, crops: list[RealCrop], share: float) -> None:
    corpus.learned[name], corpus.shares[name] = crops, share


def _load_unlabelled(corpus: Corpus, folder: Path, labellers: Labellers, told: Callable[[str], None]) -> None:
    """Cut the plates out, label those that two readers agree on, keep what is round them."""
    labels = _cached(labellers.cache)
    known, typed = len(labels), 0
    learned: list[RealCrop] = []
    measured: list[RealCrop] = []
    for photograph in photographs(folder, told):
        boxes = [plate.box for plate in photograph.plates if plate.box is not None]
        held_out = any(part in photograph.name for part in _HELD_OUT)
        if not held_out:
            corpus.backgrounds.extend(backgrounds(photograph.image, boxes))
            corpus.surroundings.extend(surroundings_of(photograph.image, boxes))
        for plate in photograph.plates:
            if plate.box is None:
                continue
            typed += bool(plate.text)
            said = readable(plate.text), plate.rows
            text, rows = said if plate.text else _agreed(photograph, plate.box, labels, labellers)
            if 1 <= len(text) <= LONGEST:
                crop = cut_crop(photograph.image, plate.box, text, stacked=rows > 1)
                (measured if held_out else learned).append(crop)
    if len(labels) > known:
        with replacing(labellers.cache) as unfinished:
            unfinished.write_text(json.dumps(labels, indent=0), "utf-8")
    told(
        f"{folder.name}: {len(learned)} plates labelled to learn from, {len(measured)} to measure on, "
        f"{typed} of them typed in"
    )
    corpus.sources.append(f"{UNLABELLED[folder.name]}, texts typed in ({typed}) or from two readers that agree")
    if learned:
        _add(corpus, folder.name, learned, _SHARES[folder.name])
    corpus.measured[folder.name] = measured


def _agreed(photograph: Photograph, box: Box, labels: dict[str, tuple[str, int]], by: Labellers) -> tuple[str, int]:
    """Return the text on which both readers agree, and its rows; an empty text where they do not."""
    key = _key(photograph.name, box)
    if key not in labels and by.reader is not None:
        said = opinion(photograph.image, box, by.reader, by.line)
        labels[key] = (issued(said.text) if said.accepted else "", said.rows)
    return labels.get(key, _NO_LABEL)


def _key(name: str, box: Box) -> str:
    return f"{name} {box.x1:.0f} {box.y1:.0f} {box.x2:.0f} {box.y2:.0f}"


def _cached(path: Path) -> dict[str, tuple[str, int]]:
    """Load the labels of an earlier run, text and rows; none where there are none or they cannot be understood."""
    try:
        labels: Mapping[str, tuple[str, int]] = json.loads(path.read_text("utf-8"))
        return {str(key): (str(text), int(rows)) for key, (text, rows) in labels.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
