"""Reads of other systems on the pages: with their source, and without the pictures that nobody sent."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from alpr.domain import Box, utc_now
from alpr.exchange.told import Image
from alpr.intake.evidence import look_at
from alpr.store import reads
from alpr.store.readrows import Evidence
from tests import foreign_payloads as sent
from tests.web.drawn_site import drawn_read

BARE = Evidence("", "", 0, 0, "", "")


@pytest.fixture
async def foreign(site):
    """Give a read of another system without any picture."""
    read = replace(drawn_read("AB123"), source="Deck <2>", external_id="7", looks=(), box=Box(0, 0, 0, 0))
    async with site.database.write() as connection:
        await reads.save(connection, read, BARE, (), utc_now())
        await site.keeper.decide(connection, read, utc_now())
    return read


@pytest.mark.parametrize("path", ["/reads", "/reads?source=Deck+%3C2%3E", "/gate/gate-in", "/live", "/vehicles/AB123"])
async def test_pages_bear_a_read_without_pictures(client, log_in, foreign, path):
    """No broken picture, no fault."""
    await log_in(client)
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "AB123" in answer.text.replace("<u>", "").replace("</u>", "")
    assert f"{foreign.id}/crop.jpg" not in answer.text
    assert f"{foreign.id}/frame.jpg" not in answer.text


async def test_the_list_says_who_sent_a_read_and_narrows_to_it(client, log_in, site, foreign):
    """By the name of the system, escaped."""
    own = await site.passes(drawn_read("XY9"))
    await log_in(client)
    page = (await client.get("/reads")).text
    assert "from Deck &lt;2&gt;" in page
    narrowed = (await client.get("/reads", params={"source": "Deck <2>"})).text
    assert (foreign.id in narrowed, own.id in narrowed) == (True, False)


async def test_a_read_without_pictures_says_so(client, log_in, foreign):
    """And its pictures are nowhere to be asked for."""
    await log_in(client)
    page = (await client.get(f"/reads/{foreign.id}")).text
    assert "No picture" in page
    assert "Deck &lt;2&gt;" in page
    assert (await client.get(f"/reads/{foreign.id}/crop.jpg")).status_code == 404


def test_a_crop_alone_is_kept_and_counts_no_pixels_of_a_frame():
    """Nobody can tell where in the frame it stood."""
    read, shown = look_at(drawn_read("AB1"), None, Image("crop", sent.jpeg(20, 10)), 10_000)
    assert (read.box.area, read.vehicle_box, shown.crop, shown.frame) == (0, None, sent.jpeg(20, 10), b"")


def test_a_picture_that_lies_on_its_side_is_turned_upright():
    """As its EXIF says: boxes count pixels of the picture as people see it."""
    exif = base64.b64decode("RXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA=")
    turned = sent.jpeg(64, 32)
    turned = turned[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + turned[2:]
    _, shown = look_at(drawn_read("AB1"), Image("frame", turned), None, 10_000)
    assert (shown.width, shown.height) == (32, 64)
