"""Licence plates: crops at several margins, both heads of the reader, the site's formats as prior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage, Box, Detection, GreyImage, Kind, Label, Reading
from alpr.recognizers.base import Sight
from alpr.recognizers.grammars import FormatGrammar, HintedGrammar
from alpr.vision.calibration import Calibration
from alpr.vision.crop import cut, is_cut
from alpr.vision.fusion import FusionSettings, Grammar, WeightedLook, edit_distance, fuse
from alpr.vision.ocr import REGION_HINTS, Corners, PlateReader, in_two_rows, reader_crop, rectified_crop, whole_crop
from alpr.vision.quality import plate_quality
from alpr.vision.textline import LineRecognizer

_MARGINS = ((0.05, 0.0), (0.05, 0.06), (0.05, 0.12), (0.05, 0.175))
"""Horizontal and vertical margins of a look's crops; where corners are known, every second crop is straightened.

Drawn plates in perspective, shipped models: all upright 72 % right, all straightened 74 %, alternating 76 %; real ones,
mostly seen from straight ahead, read the same. With true corners (an older reader): 74, 85 and 85 %.
"""
_MORE_MARGINS = ((0.0, 0.03), (0.1, 0.03), (0.0, 0.09), (0.1, 0.15), (0.03, -0.04))
"""Those of a look that is unsure, besides: boxes moved about by 6 % cut off a first character or take a frame for one.

Read so, of 751 American crops 666 instead of 652 are right, of 147 Argentine ones 140 instead of 135.
"""
_AGREE = 0.5
"""IoU of a box with the bounds of its corners, from which the corners are believed."""
_ILLEGIBLE, _UNSURE = 0.1, 0.9
"""A look between these takes more crops (9 ms), asks the general recogniser and tries two rows (15 ms). Below are lamps
and signs: of 1,400 plates one that began so came out right."""
_SECOND_FLOOR = 5e-3
_LATER_LOOKS = 0.06
"""What each look after the first adds: a glyph that looks like another does so in every look."""
_SAYS_SOMETHING = 0.2
"""Confidence of two rows by themselves from which they count: below it none of 97 unsure plates was read by them."""
_MIN_TEXT = 3
_CUT_SHARE = 0.6
"""What is left of the confidence of a text that the edge may have shortened: half a plate is another plate."""
_LETTERING_SHARE = 0.5
"""What is left of a text that no plate of the site's regions says: mostly for review."""
_LOOK_ALIKE = str.maketrans("OQDIZSBG", "00012586")


class PlateRecognizer:
    """Reads licence plates; stateless, one for all cameras of the same regions."""

    kind = Kind.PLATE

    def __init__(
        self,
        reader: PlateReader,
        grammar: Grammar,
        *,
        hinted: Mapping[str, FormatGrammar] | None = None,
        second: LineRecognizer | None = None,
        calibration: Calibration | None = None,
        min_width: int = 0,
    ) -> None:
        """Take the site's formats; where it has told none, `hinted` has those that a plate's layout may hint at."""
        self._reader = reader
        self._grammar = grammar
        self._hinted = hinted
        self._second = second
        self._calibration = calibration or Calibration()
        self._min_width = min_width
        self._settings = FusionSettings()

    def targets(self, detections: Sequence[Detection]) -> list[Detection]:
        """Choose the plates that are wide enough to be read."""
        return [d for d in detections if d.label is Label.PLATE and d.box.width >= self._min_width]

    def look(self, image: BgrImage, target: Detection) -> Sight[WeightedLook]:
        """Read one plate at every margin; ask the second reader where the first is unsure."""
        crops = _crops(image, target, _MARGINS)
        crop = cut(image, target.box.grown(0.08, 0.1))
        shortened = is_cut(target.box, image.shape[1], image.shape[0])
        evidence = WeightedLook(tuple(self._reader.read(crops)), cut=shortened)
        reading = self._fused([evidence])
        if _ILLEGIBLE <= reading.confidence < _UNSURE:
            more = self._reader.read(_crops(image, target, _MORE_MARGINS))
            evidence = replace(evidence, margins=(*evidence.margins, *more))
            reading = self._fused([evidence])
        if _ILLEGIBLE <= reading.confidence < _UNSURE:
            evidence = replace(evidence, second=self._second_opinion(crop), stacked=self._stacked(crop))
            reading = self._fused([evidence])
        quality = plate_quality(crops[1], target.box, target.score)
        return Sight(target.box, crop, quality, evidence, _doubted(self._judged(reading, [evidence]), cut=shortened))

    def fuse(self, sights: Sequence[Sight[WeightedLook]]) -> Reading:
        """Fuse the looks, each weighted by its quality against the best one."""
        whole = [sight for sight in sights if not sight.evidence.cut]
        shortened, sights = not whole, whole or sights
        if len(sights) == 1:
            return sights[0].reading
        # A look that is sure of itself was legible, whatever its sharpness says.
        worth = [sight.quality * (0.3 + sight.reading.confidence) for sight in sights]
        weights = [max(0.1, each / max(worth)) for each in worth]
        budget = 1 + _LATER_LOOKS * (sum(weights) - 1)
        looks = [
            replace(sight.evidence, weight=budget * weight / sum(weights))
            for sight, weight in zip(sights, weights, strict=True)
        ]
        return _doubted(self._judged(self._fused(looks), looks), cut=shortened)

    def same(self, one: str, other: str, *, loosely: bool) -> bool:
        """Whether two texts differ by look-alikes only, or loosely by one edit in three characters."""
        a, b = one.translate(_LOOK_ALIKE), other.translate(_LOOK_ALIKE)
        return a == b or (loosely and edit_distance(a, b) <= min(len(a), len(b)) // 3)

    def _second_opinion(self, crop: BgrImage) -> NDArray[np.float32] | None:
        return None if self._second is None else np.maximum(self._second.read(crop), _SECOND_FLOOR)

    def _stacked(self, crop: BgrImage) -> WeightedLook | None:
        """Read a crop as a plate in two rows, where it has the shape for them and they say something."""
        laid = in_two_rows(crop)
        if not laid:
            return None
        evidence = WeightedLook(tuple(self._reader.read([whole_crop(each) for each in laid])))
        if self._fused([evidence]).confidence < _SAYS_SOMETHING:
            return None
        return replace(evidence, second=self._second_opinion(laid[len(laid) // 2]))

    def _fused(self, looks: Sequence[WeightedLook]) -> Reading:
        return fuse(looks, self._grammar_of(looks), self._settings)

    def _grammar_of(self, looks: Sequence[WeightedLook]) -> Grammar:
        """Return the site's formats, or else those of where the plate looks to come from."""
        hints = [crop.region for look in looks for crop in look.margins if crop.region is not None]
        if not self._hinted or not hints:
            return self._grammar
        shares = np.mean(hints, axis=0)
        return HintedGrammar(
            [(self._hinted[name], float(share)) for name, share in zip(REGION_HINTS, shares, strict=True)]
        )

    def _judged(self, reading: Reading, looks: Sequence[WeightedLook]) -> Reading:
        """Calibrate, doubt lettering, and take back texts too short to be a plate: a slogan's end, a lamp."""
        if len(reading.text) < _MIN_TEXT:
            return Reading("", 0.0, reasons=("too few characters",))
        sure = self._calibration.applied(reading)
        if not self._grammar_of(looks).is_lettering(sure.text):
            return sure
        reasons = (*sure.reasons, "lettering rather than a plate")
        return replace(sure, confidence=sure.confidence * _LETTERING_SHARE, reasons=reasons)


def _doubted(reading: Reading, *, cut: bool) -> Reading:
    """Believe a text less that the picture's edge may have shortened, and say so."""
    if not cut or not reading.text:
        return reading
    reasons = (*reading.reasons, "cut off by the edge of the picture")
    return replace(reading, confidence=reading.confidence * _CUT_SHARE, reasons=reasons)


def _crops(image: BgrImage, target: Detection, margins: Sequence[tuple[float, float]]) -> list[GreyImage]:
    """Cut a plate out at each margin, every second time straightened where its corners are known."""
    corners = target.corners if target.corners and _believable(target.corners, target.box) else None
    return [
        rectified_crop(image, corners, margin)
        if corners and number % 2
        else reader_crop(image, target.box.grown(*margin))
        for number, margin in enumerate(margins)
    ]


def _believable(corners: Corners, box: Box) -> bool:
    """Whether the corners go clockwise round a plate that fills the box."""
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = corners
    turns = (
        (x2 - x1) * (y3 - y2) - (y2 - y1) * (x3 - x2), (x3 - x2) * (y4 - y3) - (y3 - y2) * (x4 - x3),
        (x4 - x3) * (y1 - y4) - (y4 - y3) * (x1 - x4), (x1 - x4) * (y2 - y1) - (y1 - y4) * (x2 - x1),
    )  # fmt: skip
    xs, ys = (x1, x2, x3, x4), (y1, y2, y3, y4)
    return min(turns) > 1 and Box(min(xs), min(ys), max(xs), max(ys)).iou(box) > _AGREE
