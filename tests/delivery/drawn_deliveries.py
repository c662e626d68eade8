"""Deliveries drawn for tests of targets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np

from alpr.access import Decision, Verdict
from alpr.domain import Box, Candidate, Reading, Vehicle
from alpr.site.rules.facts import read_facts
from alpr.store.deliveries import Delivery, DeliveryState
from tests.drawn_reads import make_read

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)


def make_delivery(**changes) -> Delivery:
    """Make the message that a denied car is at the gate."""
    reading = Reading("GX15OGJ", 0.93, candidates=(Candidate("GX150GJ", 0.05),), region="gb")
    vehicle = Vehicle("car", "red", 0.8)
    read = replace(make_read(), reading=reading, vehicle=vehicle, vehicle_box=Box(0, 0, 120, 60))
    facts = {
        "event": "read",
        "at": NOW.isoformat(),
        "site": "Yard & Söhne",
        "rule": "Denied",
        "over": False,
        "severity": "warning",
        "camera": "gate-in",
        "words": "GX15 OGJ is denied",
        "value": None,
        "read": read_facts(read, Decision(Verdict.DENIED, "Banned: since May")),
    }
    made = Delivery(
        id=1,
        key="rule Gesperrt äöü/1/yard",
        target="yard",
        rule="Denied",
        read_id=read.id,
        subject="GX15 OGJ denied",
        body="Gate in: GX15 OGJ is denied",
        facts=facts,
        with_picture=True,
        state=DeliveryState.WAITING,
        attempts=0,
        error="",
        created_at=NOW,
        due_at=NOW,
        expires_at=None,
        retried_at=None,
        finished_at=None,
    )
    return replace(made, **changes)


def make_jpeg() -> bytes:
    """Draw a frame with a bright plate at the read's box."""
    frame = np.zeros((120, 160, 3), np.uint8)
    frame[8:24, 4:60] = 255
    return cv2.imencode(".jpg", frame)[1].tobytes()
