"""What is written on the scene and not on a vehicle: signs, slogans on a wall, the camera's own clock.

A plate moves with its vehicle; a text that stays where it is while vehicles drive past it belongs to the scene.
"""

from __future__ import annotations

from alpr.domain import Box
from alpr.recognizers.onepass import Pass

_STAYS = 0.5
"""Of its own width, that a text may wander and still be called standing."""
_DRIVES = 2.0
"""Widths of the text that a vehicle has to go to show that the text is not on it."""
_VEHICLES = 2
"""Of them: one alone may have been a box that jumped."""
_SAME_PLACE = 0.5
_MOST_PLACES = 32


class Fixtures:
    """The texts of one camera's scene, learned as traffic passes them."""

    def __init__(self) -> None:
        self._places: list[Box] = []

    def explain(self, known: Pass) -> bool:
        """Whether the pass is a text of the scene; what shows itself as one is remembered by its place."""
        if known.moves.travelled > _STAYS:
            return False
        if any(place.iou(known.last_box) > _SAME_PLACE for place in self._places):
            return True
        if sum(gone > _DRIVES for gone in known.moves.carriers_travelled.values()) < _VEHICLES:
            return False
        self._places = [*self._places[1 - _MOST_PLACES :], known.last_box]
        return True
