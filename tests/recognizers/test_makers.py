"""Every read names the models that made it."""

from __future__ import annotations

import pytest

from alpr.domain import Kind
from alpr.recognizers.makers import Makers, makers_of, no_makers

MODELS = ("gate-detector 2026.11.21", "plate-reader 2026.12.01", "plate-reader-old 1")


@pytest.mark.parametrize("kind", [Kind.PLATE, Kind.VEHICLE])
def test_plates_and_unread_vehicles_name_detector_and_reader(kind):
    """A read of a plate, and one that could not be read, name both models with their versions."""
    assert makers_of(MODELS)(kind) == Makers("gate-detector 2026.11.21", "plate-reader 2026.12.01")


def test_containers_name_the_text_line_model():
    """A container's code is read by the model of another package, unless the manifest has one of its own."""
    assert makers_of(MODELS)(Kind.CONTAINER).reader.startswith("text-line 3.")
    assert makers_of([*MODELS, "container-reader 7"])(Kind.CONTAINER).reader == "container-reader 7"


def test_models_without_a_manifest_have_no_names():
    """An admin's own models that no manifest names leave the fields empty."""
    assert makers_of(())(Kind.PLATE) == no_makers(Kind.PLATE) == Makers()
