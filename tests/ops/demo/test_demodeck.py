"""The demo's parking deck: its reads are taken, and told twice they are known."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

from alpr.config import Config
from alpr.exchange import own
from alpr.exchange.admission import Admitted, admit
from alpr.intake.build import intake_settings
from alpr.ops.demo.deck import SOURCE, TABLE, reads_of, stays_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_day_is_the_same_whenever_it_is_asked():
    """So that a second start tells nothing new."""
    assert list(stays_of(NOON)) == list(stays_of(NOON.replace(hour=20)))
    assert list(stays_of(NOON)) != list(stays_of(NOON.replace(day=2)))


def test_what_the_deck_tells_is_taken_by_the_demo():
    """Under the name that the demo's configuration gives its camera, in and out."""
    terms = intake_settings(Config.model_validate(tomllib.loads(TABLE))).terms
    (stay, *_) = stays_of(NOON)
    taken = [admit(own.parse(told), SOURCE, terms, NOON.replace(day=3)) for told in reads_of(stay)]
    assert all(isinstance(one, Admitted) for one in taken)
    assert [(one.read.camera, one.read.direction) for one in taken] == [("deck", "in"), ("deck", "out")]
