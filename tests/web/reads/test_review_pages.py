"""Correcting reads on their page and in the queue: what is typed stays, what is said can be taken back."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest

from alpr.domain import CheckDigit, Kind, Reading, Review, State
from alpr.evidence import public_key, site_key, verify
from alpr.store import audit, corrections, notes, reads, users
from alpr.store.users import Role
from tests.web.conftest import token_in
from tests.web.drawn_site import drawn_read

EVIL = "<img src=x onerror=alert(1)>{{7*7}}'\""


@pytest.fixture
async def inside(client, log_in):
    """Log a guard in."""
    await log_in(client)
    return client


async def token(client, path):
    """Return the form token of a page."""
    return token_in((await client.get(path)).text)


async def test_a_text_is_corrected_on_its_page(site, inside):
    """The page says who set it and what the machine had read; the list carries it; undo gives the old one back."""
    read = await site.passes(drawn_read("VQAB123"))
    path = f"/reads/{read.id}"
    csrf = await token(inside, path)
    page = await inside.post(f"{path}/text", data={"csrf": csrf, "text": "vq ab-128"}, follow_redirects=True)
    assert "Corrected</b> by anna" in page.text
    assert "The machine had read" in page.text
    assert "VQAB123 corrected to VQAB128" in page.text
    assert "VQAB128" in (await inside.get("/reads?review=corrected")).text
    page = await inside.post(f"{path}/undo", data={"csrf": csrf}, follow_redirects=True)
    assert "Undone by anna" in page.text
    assert (await reads.get(site.database, read.id)).read.text == "VQAB123"


async def test_a_candidate_is_picked_with_one_click(site, inside):
    """Each candidate is a button that sets the text."""
    read = await site.passes(drawn_read("VQAB128"))
    page = (await inside.get(f"/reads/{read.id}")).text
    assert 'name="text" value="VQAB12B"' in page
    csrf = token_in(page)
    await inside.post(f"/reads/{read.id}/text", data={"csrf": csrf, "text": "VQAB12B"})
    assert (await reads.get(site.database, read.id)).review is Review.CORRECTED


async def test_a_text_that_cannot_be_stays_typed_with_the_reason_beside_it(site, inside):
    """An empty text changes nothing; the field keeps what was typed."""
    read = await site.passes(drawn_read("VQAB123"))
    csrf = await token(inside, f"/reads/{read.id}")
    page = await inside.post(f"/reads/{read.id}/text", data={"csrf": csrf, "text": "--!--"})
    assert page.status_code == 200
    assert 'value="--!--"' in page.text
    assert "It has no letter and no digit: type what stands on the plate" in page.text
    assert await corrections.of_read(site.database, read.id) == ()


@pytest.mark.parametrize(
    ("deed", "review"),
    [("confirm", Review.CONFIRMED), ("doubt", Review.WRONG), ("dismiss", Review.DISMISSED)],
)
async def test_right_wrong_and_no_plate_are_one_click(site, inside, deed, review):
    """Each says so on the page, goes back to where it was pressed, and is undone by another click."""
    read = await site.passes(drawn_read("VQAB123"))
    csrf = await token(inside, f"/reads/{read.id}")
    answer = await inside.post(
        f"/reads/{read.id}/{deed}", data={"csrf": csrf, "next": "/reads?q=VQ"}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/reads?q=VQ")
    assert (await reads.get(site.database, read.id)).review is review
    assert 'action="/reads/' + read.id + '/undo"' in (await inside.get(f"/reads/{read.id}")).text


async def test_viewers_and_other_sites_correct_nothing(site, client, log_in):
    """Without the role or the form's token nothing changes, and a viewer sees no buttons."""
    read = await site.passes(drawn_read("VQAB123"))
    await log_in(client)
    assert (await client.post(f"/reads/{read.id}/text", data={"text": "AB1"})).status_code == 403
    await users.set_role(site.database, "anna", Role.VIEWER)
    page = (await client.get(f"/reads/{read.id}")).text
    assert "Correct the text" not in page
    assert (
        await client.post(f"/reads/{read.id}/text", data={"text": "AB1", "csrf": token_in(page)})
    ).status_code == 403
    assert (await client.get("/review")).status_code == 403
    assert (await reads.get(site.database, read.id)).review is None


async def test_notes_are_kept_shown_harmless_and_removed(site, inside):
    """A note stands on its read as it was typed; who takes it away is on the record."""
    read = await site.passes(drawn_read("VQAB123"))
    path = f"/reads/{read.id}"
    csrf = await token(inside, path)
    page = await inside.post(f"{path}/notes", data={"csrf": csrf, "note": EVIL}, follow_redirects=True)
    assert EVIL not in page.text
    assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in page.text
    (note,) = await notes.of_read(site.database, read.id)
    await inside.post(f"/notes/{note.id}/remove", data={"csrf": csrf, "next": path})
    assert await notes.of_read(site.database, read.id) == ()
    assert [one.action for one in await audit.latest(site.database)][:2] == ["note remove", "note add"]


async def test_the_queue_holds_what_needs_a_person(site, inside):
    """Unread, unsure, doubted and contradicted reads wait, newest first; sure and judged ones do not."""
    sure = await site.passes(drawn_read("GXXK4821", age=50))
    unread = await site.passes(drawn_read("", age=40))
    unsure = await site.passes(drawn_read("VQAB123", sure=[0.5] * 7, age=30))
    doubted = await site.passes(drawn_read("QMRT77", age=20))
    code = drawn_read("MSCU1234567", age=10)
    reading = replace(code.reading, check_digit=CheckDigit.DIFFERS)
    code = await site.passes(replace(code, kind=Kind.CONTAINER, reading=reading))
    csrf = await token(inside, f"/reads/{sure.id}")
    await inside.post(f"/reads/{doubted.id}/doubt", data={"csrf": csrf})
    seen, address = [], "/review"
    while "That was the last one" not in (page := (await inside.get(address)).text):
        seen.append(re.search(r'name="id" value="([^"]+)"', page)[1])
        address = re.search(r'id="skip" href="([^"]+)"', page)[1]
    assert seen == [code.id, doubted.id, unsure.id, unread.id]
    assert "4 reads wait" in page


async def test_a_container_tells_its_size_and_check_digit(site, inside):
    """Size and type in words, and what is known of the digit."""
    code = drawn_read("MSCU1234567")
    reading = replace(code.reading, check_digit=CheckDigit.COMPUTED, size_type="45G1")
    code = await site.passes(replace(code, kind=Kind.CONTAINER, reading=reading))
    page = (await inside.get(f"/reads/{code.id}")).text
    assert "<dd>45G1: 40 ft, 9 ft 6 in, general purpose</dd>" in page
    assert "<dd>not seen, computed</dd>" in page


async def test_the_queue_accepts_corrects_and_dismisses(site, inside):
    """Each answer leads to the next read; the last deed can be undone from there; a fault keeps the text."""
    one, two, three = [await site.passes(drawn_read(f"VQAB12{n}", sure=[0.5] * 7, age=n)) for n in (1, 2, 3)]
    csrf = await token(inside, "/review")
    page = await inside.post("/review", data={"csrf": csrf, "id": one.id, "text": "VQAB121"}, follow_redirects=True)
    assert f'name="id" value="{two.id}"' in page.text
    assert f'action="/reads/{one.id}/undo"' in page.text
    page = await inside.post("/review", data={"csrf": csrf, "id": two.id, "text": "?"})
    assert 'aria-invalid="true"' in page.text
    await inside.post("/review", data={"csrf": csrf, "id": two.id, "text": "VQAB999"})
    page = await inside.post(
        "/review", data={"csrf": csrf, "id": three.id, "text": "x", "deed": "dismiss"}, follow_redirects=True
    )
    assert "Nothing waits" in page.text
    said = [(await reads.get(site.database, read.id)).review for read in (one, two, three)]
    assert said == [Review.CONFIRMED, Review.CORRECTED, Review.DISMISSED]
    assert (await reads.get(site.database, three.id)).read.state is State.DISMISSED


async def test_an_unread_vehicle_begins_with_its_runner_up(site, inside):
    """What the machine would have guessed is offered, never taken by itself."""
    read = drawn_read("")
    await site.passes(replace(read, reading=Reading("", 0.0, candidates=drawn_read("VQAB128").reading.candidates)))
    assert 'value="VQAB12B"' in (await inside.get("/review")).text


async def test_an_evidence_package_holds_everything_and_is_signed(site, inside):
    """Pictures, facts, looks, history, notes and audit lines; the site's key fits, and the package names its maker."""
    read = await site.passes(drawn_read("VQAB123"))
    csrf = await token(inside, f"/reads/{read.id}")
    await inside.post(f"/reads/{read.id}/text", data={"csrf": csrf, "text": "VQAB128"})
    answer = await inside.get(f"/reads/{read.id}/evidence.zip")
    key = public_key(site_key(site.database.path.parent))
    result = verify(answer.content, key)
    assert (result.faults, result.key, result.about["made_by"]) == ((), key, "anna")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        names = set(package.namelist())
        assert package.read("frame.jpg") == (await inside.get(f"/reads/{read.id}/frame.jpg")).content
        assert b"read corrected" in package.read("audit.jsonl")
        assert b"VQAB128" in package.read("read.json")
    assert {"crop.jpg", "looks.json", "history.json", "notes.json", "lists.json", "looks/000.jpg"} < names


async def test_a_picture_that_was_changed_on_the_disk_is_told_in_the_package(site, inside):
    """The package is whole, and says that its picture is not the one that was stored."""
    read = await site.passes(drawn_read("VQAB123"))
    stored = await reads.get(site.database, read.id)
    (site.images / stored.evidence.crop_path).write_bytes(b"another picture")
    (site.images / stored.evidence.frame_path).unlink()
    result = verify((await inside.get(f"/reads/{read.id}/evidence.zip")).content)
    assert result.faults == ()
    assert result.about["missing"] == "frame.jpg, crop.jpg"


async def test_the_name_of_a_package_is_harmless(site, inside):
    """Whatever a text from elsewhere holds, the header and the name stay one line of plain characters."""
    read = drawn_read("X")
    read = await site.passes(replace(read, reading=Reading('../../a\r\nSet-Cookie: x="1";.exe', 0.5)))
    answer = await inside.get(f"/reads/{read.id}/evidence.zip")
    assert re.fullmatch(
        r'attachment; filename="evidence-[0-9-]+-[A-Za-z0-9_]+\.zip"', answer.headers["content-disposition"]
    )
    assert "x" not in answer.cookies
