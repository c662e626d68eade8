"""Corrections, notes, evidence, the queue and exports for programs: as the description says, for guards."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from alpr.domain import State
from alpr.evidence import verify
from alpr.store import reads
from alpr.store.users import Role
from tests.web.api.test_barriers_api import bearer
from tests.web.drawn_site import drawn_read
from tests.web.openapi_check import faults

API = "/api/v1"


@pytest.fixture
async def guard(site):
    return await bearer(site, Role.GUARD)


async def as_described(client, guard, path, method, answer):
    """Return how an answer differs from its description."""
    document = (await client.get(f"{API}/openapi.json", headers=guard)).json()
    code = str(answer.status_code)
    shape = document["paths"][f"{API}{path}"][method]["responses"][code]["content"]["application/json"]["schema"]
    return faults(document, shape, answer.json())


async def test_a_program_corrects_confirms_dismisses_and_undoes(site, client, guard):
    """Each answers with the read as it is then; the history tells all of it."""
    read = await site.passes(drawn_read("VQAB123"))
    at = f"{API}/reads/{read.id}"
    answer = await client.post(f"{at}/text", json={"text": "vqab 128"}, headers=guard)
    assert await as_described(client, guard, "/reads/{read_id}/text", "post", answer) == []
    said = answer.json()
    assert (said["text"], said["review"], said["reviewed_by"], said["machine_text"]) == (
        "VQAB128",
        "corrected",
        "t-guard",
        "VQAB123",
    )
    assert (await client.post(f"{at}/doubt", headers=guard)).json()["review"] == "wrong"
    assert (await client.post(f"{at}/dismiss", json={"why": "a sign"}, headers=guard)).json()["state"] == "dismissed"
    assert (await client.get(f"{API}/reads", headers=guard)).json()["reads"] == []
    for review in ("wrong", "corrected", None):
        assert (await client.post(f"{at}/undo", headers=guard)).json()["review"] == review
    assert (await client.post(f"{at}/undo", headers=guard)).status_code == 400
    assert (await client.post(f"{at}/confirm", headers=guard)).json()["review"] == "confirmed"
    history = await client.get(f"{at}/corrections", headers=guard)
    assert await as_described(client, guard, "/reads/{read_id}/corrections", "get", history) == []
    assert [(one["review"], one["undone_by"]) for one in history.json()["corrections"]] == [
        ("corrected", "t-guard"),
        ("wrong", "t-guard"),
        ("dismissed", "t-guard"),
        ("confirmed", ""),
    ]


async def test_a_text_that_cannot_be_is_a_problem_that_names_it(site, client, guard):
    """400 with the field and the reason; nothing has changed."""
    read = await site.passes(drawn_read("VQAB123"))
    answer = await client.post(f"{API}/reads/{read.id}/text", json={"text": "  "}, headers=guard)
    assert answer.status_code == 400
    assert "text: it has no letter and no digit" in answer.json()["detail"]
    assert (await client.post(f"{API}/reads/none/text", json={"text": "AB1"}, headers=guard)).status_code == 404


async def test_reads_are_narrowed_by_what_was_said_and_by_vehicle(site, client, guard):
    """`review`, `region`, `vehicle_type` and `vehicle_colour` are filters; corrected reads carry the word."""
    first = await site.passes(drawn_read("VQAB123"))
    await site.passes(drawn_read("QMRT77"))
    await client.post(f"{API}/reads/{first.id}/text", json={"text": "VQAB128"}, headers=guard)
    for query, count in (
        ("review=corrected", 1),
        ("review=dismissed", 0),
        ("region=de&vehicle_type=car&vehicle_colour=white", 2),
        ("region=fr", 0),
    ):
        assert len((await client.get(f"{API}/reads?{query}", headers=guard)).json()["reads"]) == count


async def test_notes_of_reads_and_vehicles(site, client, guard):
    """A note of a read is one of its vehicle; an empty one is refused; a removed one is gone."""
    read = await site.passes(drawn_read("VQAB120"))
    made = await client.post(f"{API}/reads/{read.id}/notes", json={"note": "has a key"}, headers=guard)
    assert await as_described(client, guard, "/reads/{read_id}/notes", "post", made) == []
    await client.post(f"{API}/vehicles/vq-ab120/notes", json={"note": "parks at bay 4"}, headers=guard)
    told = (await client.get(f"{API}/vehicles/VQAB12O/notes", headers=guard)).json()["notes"]
    assert [(one["note"], one["by"], one["read"]) for one in told] == [
        ("parks at bay 4", "t-guard", None),
        ("has a key", "t-guard", read.id),
    ]
    assert (await client.post(f"{API}/reads/{read.id}/notes", json={"note": " "}, headers=guard)).status_code == 400
    assert (await client.delete(f"{API}/notes/{told[1]['id']}", headers=guard)).status_code == 204
    assert (await client.delete(f"{API}/notes/{told[1]['id']}", headers=guard)).status_code == 404
    assert (await client.get(f"{API}/reads/{read.id}/notes", headers=guard)).json()["notes"] == []


async def test_the_queue_and_the_evidence(site, client, guard):
    """What waits is told with its count; a package of it verifies."""
    await site.passes(drawn_read("GXXK4821"))
    read = await site.passes(drawn_read("VQAB123", sure=[0.5] * 7))
    answer = await client.get(f"{API}/review", headers=guard)
    assert await as_described(client, guard, "/review", "get", answer) == []
    assert (answer.json()["waiting"], [one["id"] for one in answer.json()["reads"]]) == (1, [read.id])
    package = await client.get(f"{API}/reads/{read.id}/evidence.zip", headers=guard)
    assert verify(package.content).faults == ()


async def test_exports_for_programs(site, client, guard):
    """All reads that fit in one answer, in the shape of one read."""
    made = [await site.passes(drawn_read(text, age=n)) for n, text in enumerate(("VQAB123", "", "QMRT77"))]
    lines = (await client.get(f"{API}/reads/export?kind=plate", headers=guard)).text.splitlines()
    one = (await client.get(f"{API}/reads/{made[0].id}", headers=guard)).json()
    assert [json.loads(line)["text"] for line in lines] == ["VQAB123", "QMRT77"]
    assert json.loads(lines[0]) == one
    table = (await client.get(f"{API}/reads/export?form=csv&limit=1", headers=guard)).text
    assert table.splitlines()[1].split(",")[4] == "VQAB123"
    since = (made[1].captured_at + timedelta(milliseconds=1)).isoformat().replace("+", "%2B")
    assert len((await client.get(f"{API}/reads/export?since={since}", headers=guard)).text.splitlines()) == 1
    assert (await client.get(f"{API}/reads/export?form=xls", headers=guard)).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/reads/{id}/text"),
        ("post", "/reads/{id}/confirm"),
        ("post", "/reads/{id}/dismiss"),
        ("post", "/reads/{id}/notes"),
        ("post", "/vehicles/AB1/notes"),
        ("get", "/reads/{id}/evidence.zip"),
        ("get", "/reads/export"),
        ("get", "/review"),
    ],
)
async def test_viewers_only_look(site, client, method, path):
    """A viewer's token changes nothing and takes nothing away."""
    read = await site.passes(drawn_read("VQAB123"))
    viewer = await bearer(site, Role.VIEWER)
    body = {"json": {"text": "AB1"} if path.endswith("text") else {"note": "x"}} if method == "post" else {}
    answer = await getattr(client, method)(f"{API}{path.format(id=read.id)}", headers=viewer, **body)
    assert answer.status_code == 403
    stored = await reads.get(site.database, read.id)
    assert (stored.review, stored.read.state) == (None, State.FINAL)
