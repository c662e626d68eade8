from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from litestar.testing import AsyncTestClient

from alpr.domain import Box, Candidate, Character, Kind, Reading, Vehicle
from alpr.store import reads, schema
from alpr.store.places import first_place
from alpr.store.reads import Evidence
from alpr.web import view
from tests.web.drawn_site import as_preview, drawn_read

HTML = {"accept": "text/html"}
NASTY = "<script>alert(1)</script>\"'&{{7*7}}"


@pytest.fixture
async def inside(client, log_in):
    """Log a guard in."""
    await log_in(client)
    return client


async def test_the_list_begins_with_the_newest_and_says_all_of_it(site, inside):
    """A row shows plate with doubts, state, site time, place, vehicle and the least sure figure."""
    await site.passes(drawn_read("VQAB123", age=60))
    await site.passes(drawn_read("GXXK4821", sure=[0.99] * 5 + [0.88, 0.99, 0.55]))
    page = (await inside.get("/reads")).text
    assert page.index("GXXK4") < page.index("VQAB123")
    assert '<b>GXXK4<u>8</u>2<u class="low">1</u></b>' in page
    assert "55 %" in page
    assert "gate-in, in" in page
    assert "white car" in page


async def test_an_empty_list_says_what_it_waits_for(site, inside):
    """No reads yet is a state of its own, and so is a filter that nothing fits."""
    assert "gate-in is live and waiting for a vehicle." in (await inside.get("/reads")).text
    await site.passes(drawn_read("VQAB123"))
    page = (await inside.get("/reads?q=ZZZ")).text
    assert "No read fits these filters" in page
    assert "VQAB123" not in page


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", ["VQAB123", "unread", "QMRT77"]),
        ("?camera=gate-out", ["QMRT77"]),
        ("?state=unread", ["unread"]),
        ("?state=preview", ["QMRT77"]),
        ("?kind=plate", ["VQAB123", "QMRT77"]),
        ("?q=ab1", ["VQAB123"]),
        ("?q=VQ*", ["VQAB123"]),
        ("?q=RT&camera=gate-out&state=preview", ["QMRT77"]),
    ],
)
async def test_filters_stand_in_the_address(site, inside, query, seen):
    """Camera, kind, state and text narrow the list, alone and together."""
    await site.passes(as_preview(drawn_read("QMRT77", camera="gate-out", age=90)))
    await site.passes(drawn_read("", age=60))
    await site.passes(drawn_read("VQAB123", age=30))
    page = (await inside.get(f"/reads{query}")).text
    assert re.findall(r'<span class="plate(?: none)? ?">.*?<b>(\w+)</b>', page) == seen


@pytest.mark.parametrize(
    "query", ["state=nix", "kind=nix", "before=nix", "before=2026-01-01_x", "before=2026-01-01T00:00:00%2B00:00"]
)
async def test_a_broken_address_is_told_and_not_guessed(inside, query):
    """An unknown filter or a cut off page address is a 400 page in the frame."""
    page = await inside.get(f"/reads?{query}", headers=HTML)
    assert page.status_code == 400
    assert "That address is not right" in page.text
    assert "Sign out" in page.text


async def test_older_pages_lose_nothing_and_repeat_nothing(site, inside):
    """Following `Older` through 120 reads, some of the same moment, shows each once; new ones shift nothing."""
    at = datetime(2026, 6, 18, 10, 0, tzinfo=UTC)
    made = []
    for n in range(120):
        read = drawn_read("VQAB123", age=0)
        made.append(replace(read, id=f"{n:03d}-{read.id}"[:36], captured_at=at + timedelta(seconds=n // 3)))
    async with site.database.write() as connection:
        await connection.execute(schema.reads.insert(), [_bare_row(n, read) for n, read in enumerate(made)])
    seen, path, pages = [], "/reads", 0
    while path:
        page = (await inside.get(path)).text
        seen += re.findall(r'id="read-([^"]+)"', page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = older[1].replace("&amp;", "&") if older else ""
        pages += 1
        await site.passes(drawn_read("NEW123"), announce=False)
    assert pages == 3
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, key=lambda one: int(one[:3]), reverse=True)


def _bare_row(number, read):
    return {
        "place": first_place(read.captured_at) + number,
        "id": read.id,
        "camera": read.camera,
        "kind": "plate",
        "state": "final",
        "text": read.text,
        "canonical": read.text,
        "confidence": 0.9,
        "characters": [],
        "candidates": [],
        "reasons": [],
        "box": [0, 0, 1, 1],
        "captured_at": read.captured_at,
        "frame_time": 0.0,
        "first_seen": read.captured_at,
        "last_seen": read.captured_at,
        "look_count": 0,
        "frame_path": "x",
        "frame_sha256": "0" * 64,
        "frame_width": 1,
        "frame_height": 1,
        "crop_path": "x",
        "crop_sha256": "0" * 64,
        "created_at": read.captured_at,
        "updated_at": read.captured_at,
    }


async def test_one_read_shows_everything_known_of_it(site, inside):
    """Frame with boxes, crop, bars, candidates, looks, reasons, facts and sums that agree with the files."""
    read = await site.passes(drawn_read("GXXK4821", sure=[0.99] * 5 + [0.88, 0.99, 0.99]))
    page = (await inside.get(f"/reads/{read.id}")).text
    assert 'viewBox="0 0 1280 720"' in page
    assert '<rect x="514" y="522" width="172" height="46" rx="4"/>' in page
    assert '<rect class="thin" x="322" y="164" width="556" height="480" rx="6"/>' in page
    assert page.count('<li class="low">') == 1
    assert "GXXK4B21" in page
    assert "5 looks, one read" in page
    assert page.count('aria-current="true"') == 1
    assert "6 looks agree on 7 of 8 characters" in page
    assert page.count("agrees</span>") == 2
    for path in re.findall(r'src="(/reads/[^"]+\.jpg[^"]*)"', page):
        picture = await inside.get(path)
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")


async def test_an_unread_vehicle_has_a_page_as_well(site, inside):
    """Without a text there are no bars, but the picture and the reason."""
    read = await site.passes(drawn_read(""))
    page = (await inside.get(f"/reads/{read.id}")).text
    assert '<span class="plate none xl"><b>no plate read</b></span>' in page
    assert "No look was sure enough" in page
    assert "character by character" not in page


async def test_a_changed_or_lost_file_is_told(site, inside):
    """Evidence that no longer agrees with its sum says so on its page."""
    read = await site.passes(drawn_read("VQAB123"))
    frame, crop = sorted(site.images.rglob("*frame.jpg")) + sorted(site.images.rglob("*crop.jpg"))
    frame.write_bytes(frame.read_bytes() + b"x")
    crop.unlink()
    page = (await inside.get(f"/reads/{read.id}")).text
    assert "the file has changed" in page
    assert "the file is gone" in page


@pytest.mark.parametrize("path", ["/reads", "/reads/{id}"])
async def test_hostile_text_is_only_text(site, log_in, path):
    """Whatever a sign, a camera's name or a vehicle's type says, it is shown and never run."""
    read = drawn_read("VQAB123", camera="gate-in")
    reading = Reading(
        NASTY, 0.5, tuple(Character(one, 0.5) for one in NASTY), (Candidate(NASTY, 0.1),), NASTY, (NASTY,)
    )
    hostile = replace(read, reading=reading, vehicle=Vehicle(NASTY, NASTY, 0.5), direction=None, kind=Kind.PLATE)
    await site.passes(hostile)
    site.status.camera(NASTY).error = NASTY
    async with AsyncTestClient(site.web(name=NASTY)) as client:
        await log_in(client)
        for address in (path.format(id=read.id), "/cameras", "/reads?q=%3Cscript%3E", "/login?next=%22%3E%3Cscript%3E"):
            page = (await client.get(address)).text
            assert "<script>" not in page
            assert "49" not in re.findall(
                r"\{\{7\*7\}\}|(?<!:)49", page.partition("<title>")[2].partition("</title>")[0]
            )
            assert not re.search(r'="[^"]*"\'', page)


@pytest.mark.parametrize(
    ("at", "clock", "exact"),
    [
        (datetime(2026, 6, 18, 10, 4, 28, 640_999, tzinfo=UTC), "12:04:28", "18 June 2026, 12:04:28 CEST"),
        (datetime(2026, 1, 2, 23, 59, 59, tzinfo=UTC), "00:59:59", "3 January 2026, 00:59:59 CET"),
    ],
)
def test_times_are_the_sites_own(at, clock, exact):
    """A time stands in the site's zone, summer or winter."""
    shown = view.moment(at, ZoneInfo("Europe/Berlin"), at + timedelta(minutes=3))
    assert (shown.clock, shown.exact, shown.ago) == (clock, exact, "3 min ago")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "just now"), (44, "just now"), (50, "1 min ago"), (7200, "2 h ago"), (180_000, "2 d ago")],
)
def test_ages_are_said_in_their_largest_unit(seconds, words):
    """A clock that runs ahead never says `in the future`."""
    at = datetime(2026, 6, 18, tzinfo=UTC)
    assert view.moment(at, ZoneInfo("UTC"), at + timedelta(seconds=seconds)).ago == words


@pytest.mark.parametrize(
    ("reading", "percent"),
    [
        (Reading("", 0.9), None),
        (Reading("AB", 0.999), 99),
        (Reading("AB", 1.0), 100),
        (Reading("AB", 0.98, (Character("A", 0.99), Character("B", 0.41))), 41),
    ],
)
def test_a_read_is_never_surer_than_its_least_sure_character(reading, percent):
    """The figure of a read is rounded down and bound by each character."""
    assert view.sureness(reading) == percent


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("region=fr", ["FRAB123"]),
        ("region=FR&vehicle=truck", ["FRAB123"]),
        ("vehicle=truck&colour=white", []),
        ("colour=red", ["FRAB123"]),
        ("sure=low", ["QMRT77"]),
        ("review=corrected", ["VQAB128"]),
        ("review=dismissed", ["GXXK4821"]),
        ("state=dismissed", ["GXXK4821"]),
        ("source=other", []),
        ("when=month", ["VQAB128", "FRAB123", "QMRT77"]),
    ],
)
async def test_the_rarer_filters_narrow_the_list_and_stand_as_chips(site, inside, query, seen):
    """Region, vehicle, colour, confidence, what persons said: each by an address that others can be given."""
    first = await site.passes(drawn_read("VQAB123", age=1))
    french = drawn_read("FRAB123", age=2)
    reading = replace(french.reading, region="fr")
    await site.passes(replace(french, reading=reading, vehicle=Vehicle("truck", "red", 0.9)))
    await site.passes(drawn_read("QMRT77", sure=[0.4] * 6, age=3))
    gone = await site.passes(drawn_read("GXXK4821", age=4))
    corrector = site.web().state.web.corrector
    await corrector.correct(first.id, "VQAB128", "anna")
    await corrector.dismiss(gone.id, "anna")
    page = (await inside.get(f"/reads?{query}")).text
    listed = page[page.index('<tbody id="rows"') :]
    found = re.findall(r'aria-label="([A-Z0-9]+) at', listed)
    assert found == seen
    assert page.count('aria-current="true"') >= query.count("=")


async def test_a_read_without_pictures_is_shown_everywhere(site, inside):
    """What another system sent without a frame has a placeholder on every page, and no broken picture."""
    read = replace(drawn_read("VQAB123", sure=[0.5] * 7), source="other", looks=(), box=Box(0, 0, 0, 0))
    async with site.database.write() as connection:
        await reads.save(connection, read, Evidence("", "", 0, 0, "", ""), (), read.captured_at)
    for path in (
        "/reads",
        f"/reads/{read.id}",
        "/review",
        "/vehicles",
        "/vehicles/VQAB123",
        "/reads/report?frames=1",
        f"/reads/picked?id={read.id}",
        "/reads?source=other",
    ):
        answer = await inside.get(path)
        assert answer.status_code == 200, path
        assert "VQAB123" in re.sub("<[^>]+>", "", answer.text)
        assert ".jpg" not in answer.text, path
    assert (await inside.get(f"/reads/{read.id}/evidence.zip")).status_code == 200
