"""The pages of visits: who is inside, who was, and what a guard can say of it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from litestar.testing import AsyncTestClient

from alpr.access import Decision, Entry, ListKind, Match, MatchKind, Verdict
from alpr.config import Rule
from alpr.site.rules.book import FiledRule
from alpr.stay import Room, VisitState
from alpr.store import audit, visits
from alpr.store.users import Role
from alpr.store.visits import VisitQuery
from tests.web.conftest import token_in
from tests.web.drawn_site import drawn_read

HOUR = 3600.0


def going(text, way, hours, **changes):
    """Make a read of somebody who went this way so many hours ago."""
    camera = {"in": "gate-in", "out": "gate-out", None: "yard"}[way]
    return replace(drawn_read(text, camera=camera, age=hours * HOUR), direction=way, **changes)


def listed(name, owner, company=""):
    """Make a decision of an entry that allows."""
    entry = Entry(1, name, ListKind.ALLOW, "AB*", owner=owner, company=company)
    match = Match(entry, MatchKind.WILDCARD, 1.0, "fits AB*", applies=True)
    return Decision(Verdict.ALLOWED, f"on {name}", (match,), opens=True)


@pytest.fixture
async def guard(site, log_in):
    """Give a browser in which the guard is signed in."""
    async with AsyncTestClient(site.web()) as client:
        await log_in(client)
        yield client


async def post(client, path, **form):
    token = token_in((await client.get("/inside")).text)
    return await client.post(path, data={"csrf": token, **form}, follow_redirects=False)


async def only_visit(site, **query):
    (found,) = await visits.page(site.database, VisitQuery(**query))
    return found.visit


async def test_inside_shows_who_is_there_since_when_and_how_full_it_is(site, guard):
    """Who came and has not left stands there, marked when too long; who left does not."""
    site.visits.room = Room(overstay=timedelta(hours=10), list_overstay={"Staff": timedelta(hours=2)}, capacity=2)
    await site.passes(going("AB1234", "in", 3), decision=listed("Staff", "Ann Ash", "Ash & Co"))
    await site.passes(going("XY77", "in", 4, zone="north bay"))
    await site.passes(going("KL55", "in", 5))
    await site.passes(going("KL55", "out", 1))
    page = (await guard.get("/inside")).text
    for words in ("AB1234", "XY77", "Ann Ash", "Ash &amp; Co", "Staff", "3 h 0 min", "north bay", "of 2", "full"):
        assert words in page, words
    assert "KL55" not in page
    assert page.count("too long") == 1
    assert "XY77" not in (await guard.get("/inside", params={"list": "Staff"})).text
    assert "AB1234" not in (await guard.get("/inside", params={"zone": "north bay"})).text
    assert "XY77" not in (await guard.get("/inside", params={"long": "1"})).text
    fragment = (await guard.get("/inside", headers={"hx-request": "true"})).text
    assert fragment.lstrip().startswith('<div class="stack" id="inside"')
    assert (await guard.get("/inside", params={"kind": "boat"})).status_code == 400


async def test_a_hundred_are_shown_until_all_are_asked_for(site, guard):
    """The page that is made anew every few seconds stays small; all are one click away, and stay through refreshes."""
    for number in range(101):
        await site.passes(going(f"AB{1000 + number}", "in", 2 - number / 100), announce=False)
    page = (await guard.get("/inside")).text
    assert (page.count('class="go"'), "AB1100" in page, "AB1000" in page) == (100, True, False)
    assert "<b>101</b>" in page
    every = (await guard.get("/inside?every=1")).text
    assert (every.count('class="go"'), "/inside?every=1" in every, "Show everybody" in every) == (101, True, False)
    roll = (await guard.get("/inside/roll")).text
    assert (roll.count("tick-box"), "101 vehicles are inside" in roll) == (101, True)


async def test_too_long_is_asked_of_each_list(site, guard):
    """Only who stays longer than his own list lets him; where nobody may stay too long nobody does."""
    await site.passes(going("AB1234", "in", 3), decision=listed("Staff", "Ann Ash"))
    await site.passes(going("XY77", "in", 4), decision=listed("Guests", "Bo Birch"))
    await site.passes(going("KL55", "in", 1), decision=listed("Staff", "Cy Cole"))
    assert "Nobody like that" in (await guard.get("/inside?long=1")).text
    site.visits.room = Room(list_overstay={"Staff": timedelta(hours=2), "Guests": timedelta(hours=5)})
    page = (await guard.get("/inside?long=1")).text
    assert [text in page for text in ("AB1234", "XY77", "KL55")] == [True, False, False]
    assert [text in (await guard.get("/inside.csv?long=1")).text for text in ("AB1234", "XY77")] == [True, False]


async def test_the_roll_and_the_table_name_everybody_inside(site, guard):
    """On paper by company; as CSV with the seconds, a formula rendered harmless."""
    await site.passes(going("AB1234", "in", 3), decision=listed("Staff", "=cmd()", "Ash & Co"))
    await site.passes(going("XY77", "in", 4))
    roll = (await guard.get("/inside/roll")).text
    assert "2 vehicles are inside" in roll
    assert roll.index("XY77") < roll.index("AB1234")
    answer = await guard.get("/inside.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["text"], row["owner"]) for row in rows] == [("AB1234", "'=cmd()"), ("XY77", "")]
    assert 10800 <= int(rows[0]["dwell_seconds"]) < 10900


async def test_history_is_searched_narrowed_and_paged(site, guard):
    """By text with look-alikes, state, time and camera; the newest first, page by page."""
    for number in range(60):
        await site.passes(going(f"AB{1000 + number}", "in", 2 + number / 100), announce=False)
    await site.passes(going("QQ8", "out", 1))
    first = (await guard.get("/visits")).text
    assert (first.count('class="go"'), "QQ8" in first) == (50, True)
    older = first.split('rel="next"', maxsplit=1)[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = (await guard.get(older)).text
    assert second.count('class="go"') == 11
    assert (await guard.get("/visits", params={"q": "qqb*"})).text.count('class="go"') == 1
    assert (await guard.get("/visits", params={"state": "missed in"})).text.count('class="go"') == 1
    assert "No visits here" in (await guard.get("/visits", params={"q": "nobody"})).text
    assert (await guard.get("/visits", params={"camera": "gate-out"})).text.count('class="go"') == 1
    week = (await guard.get("/visits", params={"when": "week"})).text
    assert ("First to come" in week, "Came more than once" in week, ">61<" in week) == (True, True, True)
    for wrong in ({"state": "lost"}, {"before": "x"}, {"when": "then"}):
        assert (await guard.get("/visits", params=wrong)).status_code == 400


async def test_a_visit_shows_its_reads_and_is_found_by_each_of_them(site, guard):
    """The page of one visit: both ends, the reads in order, other visits of the plate."""
    came = await site.passes(going("AB1234", "in", 5))
    seen = await site.passes(going("AB1234", None, 4))
    left = await site.passes(going("AB1234", "out", 3))
    again = await site.passes(going("AB1234", "in", 1))
    for read in (came, seen, left):
        page = (await guard.get(f"/visits/{read.id}")).text
        places = [page.index(f"/reads/{one.id}") for one in (came, seen, left)]
        assert places == sorted(places)
        assert "Stayed 2 h 0 min" in page
        assert f"/visits/{again.id}" in page
    assert (await guard.get("/visits/none")).status_code == 404


async def test_a_guard_closes_a_visit_and_takes_it_back(site, guard):
    """Who left unseen is closed by hand, which outlives new reads around it; undone, it is inside again."""
    read = await site.passes(going("AB1234", "in", 5))
    seen = await site.passes(going("AB1234", None, 4))
    answer = await post(guard, f"/visits/{seen.id}/close")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/visits/{seen.id}")
    assert (await only_visit(site)).state is VisitState.CLOSED
    await site.passes(going("AB1234", None, 4.5))
    closed = await only_visit(site)
    assert (closed.state, closed.id, len(closed.reads)) == (VisitState.CLOSED, read.id, 3)
    page = (await guard.get(f"/visits/{read.id}")).text
    assert "left, says anna" in page
    decision = page.split('name="decision" value="')[1].split('"')[0]
    await post(guard, f"/visits/{read.id}/undo", decision=decision)
    assert (await only_visit(site)).state is VisitState.OPEN
    assert "has taken that back" in (await post(guard, f"/visits/{read.id}/undo", decision=decision)).text
    noted = [(entry.actor, entry.action) for entry in await audit.latest(site.database)]
    assert noted[:2] == [("anna", "visit undo"), ("anna", "visit close")]


@pytest.mark.parametrize(
    ("hours", "words"), [(-3, "still to come"), (5, "seen after that time")], ids=["future", "before it was seen"]
)
async def test_a_time_that_cannot_be_is_refused_in_words(site, guard, hours, words):
    """Nobody leaves in the future, or before he was seen last."""
    read = await site.passes(going("AB1234", "in", 4))
    local = (read.captured_at + timedelta(hours=4 - hours)).astimezone(site.web().state.web.zone)
    answer = await post(guard, f"/visits/{read.id}/close", left=f"{local:%Y-%m-%dT%H:%M}")
    assert words in answer.text
    assert (await only_visit(site)).state is VisitState.OPEN


async def test_two_visits_that_were_one_are_merged(site, guard):
    """A plate misread beyond likeness at the way out leaves two halves, which a guard joins and takes apart."""
    came = await site.passes(going("AB1234", "in", 5))
    left = await site.passes(going("ZZ99", "out", 1))
    page = (await guard.get(f"/visits/{came.id}")).text
    assert f'value="{left.id}"' in page
    await post(guard, f"/visits/{came.id}/merge", other=left.id)
    both = await only_visit(site)
    assert (both.state, both.reads) == (VisitState.CLOSED, (came.id, left.id))
    await site.passes(going("ZZ99", "out", 1.01))
    assert len((await only_visit(site)).reads) == 3
    decision = (await guard.get(f"/visits/{left.id}")).text.split('name="decision" value="')[1].split('"')[0]
    await post(guard, f"/visits/{left.id}/undo", decision=decision)
    states = [one.visit.state for one in await visits.page(site.database, VisitQuery())]
    assert states == [VisitState.MISSED_IN, VisitState.OPEN]
    assert "Choose the other visit" in (await post(guard, f"/visits/{came.id}/merge", other="")).text


async def test_who_was_given_up_can_be_said_to_be_inside(site, guard):
    """Reopened, it is inside again, and closed again when it leaves."""
    read = await site.passes(going("AB1234", "in", 24 * 5))
    await site.visits.catch_up()
    assert (await only_visit(site)).state is VisitState.MISSED_OUT
    await post(guard, f"/visits/{read.id}/reopen")
    assert (await only_visit(site)).state is VisitState.OPEN
    assert "AB1234" in (await guard.get("/inside")).text


async def test_a_viewer_looks_and_decides_nothing(site, log_in):
    """Without the role guard there is no form, and a post is refused."""
    await site.add_user("vera", Role.VIEWER)
    read = await site.passes(going("AB1234", "in", 2))
    async with AsyncTestClient(site.web()) as client:
        await log_in(client, "vera")
        page = (await client.get(f"/visits/{read.id}")).text
        assert "/close" not in page
        assert (await post(client, f"/visits/{read.id}/close")).status_code == 403


async def test_a_rule_about_who_is_inside_is_tried_on_the_past(site, log_in):
    """The dry run goes through visits for it, and through reads for the others."""
    rule = Rule(name="Too long", on="dwell", threshold=2 * HOUR, alarm="warning")
    site.book.filed = (FiledRule(rule, 1), FiledRule(Rule(name="All", tag="x"), 2))
    await site.add_user("ada", Role.ADMIN)
    for text, came, left in (("AB1234", 9, 5), ("XY77", 3, 2), ("KL55", 3, None)):
        await site.passes(going(text, "in", came))
        if left:
            await site.passes(going(text, "out", left))
    async with AsyncTestClient(site.web()) as client:
        await log_in(client, "ada")
        page = (await client.get("/rules/try", params={"rule": "Too long"})).text
        assert "would have fired 2 times" in page
        assert ("AB1234" in page, "XY77" in page) == (True, False)
        both = (await client.get("/rules/try")).text
        assert ("2 times" in both, "5 times" in both) == (True, True)
