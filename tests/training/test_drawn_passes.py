"""Passes before a drawn gate: what moves where, and that the shipped models see it."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from alpr.domain import Label
from alpr.paths import shipped
from alpr.recognizers.registry import load_engine
from alpr.training.cars import PROFILES, car
from alpr.training.film import arriving_steps, film, leaving_steps
from alpr.training.heavy import motorcycle, truck
from alpr.training.light import DAY, LIGHTS, NIGHT
from alpr.training.perspective import View
from alpr.training.place import Place, on_lane
from alpr.training.plates import draw_plate, issue
from alpr.training.scenery import paint
from alpr.training.staging import Actor, stage
from alpr.training.vehicles import PAINTS

IN = Place(View(1280, 720, 1350.0, 2.4, 0.155, 0.12), 1, 1.9, 9.0, 3)
OUT = replace(IN, view=replace(IN.view, yaw=-0.12), side=-1, boom=15.0, seed=4)


@pytest.fixture(scope="module")
def engine():
    return load_engine(shipped("models"), "cpu")


@pytest.fixture(scope="module")
def arrivals():
    painting = paint(IN)
    return {name: painting.lit(light) for name, light in LIGHTS.items()}


@pytest.fixture(scope="module")
def departures():
    return paint(OUT).lit(DAY)


def overlap(detections, box, labels):
    return max((d.box.iou(box) for d in detections if d.label in labels), default=0.0)


@pytest.mark.parametrize("light", ["day", "dusk", "night"])
@pytest.mark.parametrize("kind", list(PROFILES))
def test_detector_finds_cars_and_their_plates(engine, arrivals, light, kind):
    """An arriving car eight metres off is found with its plate, in every light."""
    frame = arrivals[light].picture.copy()
    actor = Actor(car(PROFILES[kind], PAINTS["silver"]), draw_plate(issue(Random(1), "D")))
    stand = on_lane(IN, actor.model.length, 8.0)
    shown = stage(frame, IN, arrivals[light], LIGHTS[light], actor, stand)
    found = engine.detector.detect([frame])[0]
    assert overlap(found, shown.vehicle, {Label.CAR, Label.TRUCK, Label.VAN, Label.BUS}) > 0.6
    assert overlap(found, shown.plate, {Label.PLATE}) > 0.4


@pytest.mark.parametrize(
    "model",
    [truck(PAINTS["white"], (0.25, 0.15, 0.55), "NGTU 123456 0"), motorcycle(PAINTS["red"], (0.1, 0.1, 0.1))],
    ids=["truck", "motorcycle"],
)
def test_detector_finds_the_plates_of_the_others(engine, departures, model):
    """The plate of a truck and of a motorcycle that leave is found where it was drawn."""
    frame = departures.picture.copy()
    actor = Actor(model, draw_plate(issue(Random(1), "GB"), rear=True))
    shown = stage(frame, OUT, departures, DAY, actor, on_lane(OUT, model.length, 9.5 + model.length, leaving=True))
    assert overlap(engine.detector.detect([frame])[0], shown.plate, {Label.PLATE}) > 0.35


def test_empty_gate_shows_no_plate_in_the_lane(engine, arrivals):
    """Nothing of the scenery in the lane is taken for a plate."""
    for scenery in arrivals.values():
        for found in engine.detector.detect([scenery.picture])[0]:
            assert found.label is not Label.PLATE or not 0.3 < found.box.centre[0] / 1280 < 0.7


def test_same_pass_gives_the_same_frames(arrivals):
    """Drawing has no chance in it: the same pass twice is the same to the last bit."""
    actor = Actor(car(PROFILES["suv"], PAINTS["red"]), draw_plate(issue(Random(1), "NL")))
    films = [film(IN, arrivals["night"], NIGHT, actor, rate=2.0) for _ in range(2)]
    pairs = list(zip(*films, strict=True))
    assert len(pairs) > 8
    assert all(np.array_equal(one.picture, other.picture) for one, other in pairs)


@pytest.mark.parametrize(("way", "leaving"), [(arriving_steps, False), (leaving_steps, True)])
def test_boom_is_open_over_the_vehicle_and_closed_at_the_end(way, leaving):
    """No vehicle drives through a closed barrier, and it is closed again when the vehicle has gone."""
    place, length = (OUT if leaving else IN), 4.5
    steps = way(place, length, 12.5, 1.0)
    for step in steps:
        near, far = (step.front - length, step.front) if leaving else (step.front, step.front + length)
        if near < place.boom < far:
            assert step.lifted > 0.6
    assert steps[0].lifted < 0.1
    assert steps[-1].lifted == 0.0


def test_vehicle_comes_from_behind_the_warehouse(arrivals):
    """The first frame of a pass shows next to nothing of the vehicle."""
    actor = Actor(car(PROFILES["sedan"], PAINTS["red"]), draw_plate(issue(Random(1), "I")))
    first = next(iter(film(IN, arrivals["day"], DAY, actor, rate=12.5)))
    changed = np.abs(first.picture.astype(int) - arrivals["day"].picture).max(axis=2) > 40
    assert changed[:, :640].mean() < 0.02
