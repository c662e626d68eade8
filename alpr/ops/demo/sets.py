"""The demo's scenes, each painted once in a process."""

from __future__ import annotations

from functools import cache

from alpr.ops.demo.cast import PARKED_STAND, PLACES, parked
from alpr.training.light import LIGHTS
from alpr.training.place import Stand
from alpr.training.scenery import Painting, Scenery, paint
from alpr.training.staging import stage


@cache
def painting(camera: str) -> Painting:
    """Paint a camera's scene once."""
    return paint(PLACES[camera])


@cache
def scenery(camera: str, light: str) -> Scenery:
    """Light a camera's scene; in the yard a car is parked."""
    place, lit = PLACES[camera], painting(camera).lit(LIGHTS[light])
    if not place.bays:
        return lit
    picture = lit.picture.copy()
    stage(picture, place, lit, LIGHTS[light], parked(), Stand(*PARKED_STAND), lamps=False)
    return Scenery(picture, lit.cover)
