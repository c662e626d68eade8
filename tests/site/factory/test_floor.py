"""What the configuration says of the factory floor."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from alpr.activity import FactoryPlan
from alpr.site.factory.floor import Floor
from tests.site.drawn_floor import PLAN

NOTHING = FactoryPlan(zone=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("plan", "heard", "in_use"),
    [(None, True, False), (NOTHING, False, False), (NOTHING, True, True), (PLAN, False, True)],
)
def test_a_floor_is_in_use_once_there_is_something_to_show(plan, heard, in_use):
    """By its first event, or by what the configuration describes; a site with a gate alone does not hear of it."""
    assert Floor(plan, heard=heard).in_use is in_use
