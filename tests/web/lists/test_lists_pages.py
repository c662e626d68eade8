"""The pages of lists: made, filled, searched, imported, exported, and for whom."""

from __future__ import annotations

import re

import pytest

from alpr.access import Decision, ListKind, Verdict
from alpr.bus import ListsChanged
from alpr.domain import utc_now
from alpr.site.lists.matching import Index
from alpr.site.schedule import schedule_words
from alpr.store import audit, entries, lists
from alpr.store.users import Role
from tests.site.entries import BERLIN, entry
from tests.web.conftest import token_in
from tests.web.drawn_site import drawn_read

CSV = "plate,owner,valid_until\nAB123,Ada,\nAB124,Bob,soon\nAB123,Eve,\n"


@pytest.fixture
async def admin(site, client, log_in):
    """Log an admin in, and give what posts a form as her page does."""
    await site.add_user("ada", Role.ADMIN)
    await log_in(client, "ada")
    token = token_in((await client.get("/lists")).text)

    async def send(path, **fields):
        return await client.post(path, data={"csrf": token, **fields}, follow_redirects=False)

    return send


async def make_list(site, name="Staff", kind=ListKind.ALLOW):
    return await lists.create(site.database, name, kind, "ada", utc_now())


async def test_a_list_is_made_filled_changed_and_removed(site, client, admin):
    """By forms alone; each step is announced and audited."""
    assert "No lists yet" in (await client.get("/lists")).text
    async with site.bus.listen(ListsChanged) as heard:
        made = await admin("/lists", name="Staff", kind="allow")
        path = made.headers["location"].partition("?")[0]
        assert "Nobody on this list yet" in (await client.get(path)).text
        fields = {"plate": "b-xk 48*", "owner": "Meyer", "opens_inexact": "yes", "cameras": ["gate-in"]}
        hours = {"days0": ["0", "4"], "start0": "22:00", "end0": "06:00", "lasts": "week"}
        assert (await admin(f"{path}/entries", **fields, **hours)).headers["location"] == f"{path}?done=added"
        (known,) = await lists.load_entries(site.database)
        assert (known.pattern, known.owner, known.opens_inexact) == ("B-XK 48*", "Meyer", True)
        assert (known.cameras, schedule_words(known.schedule)) == ({"gate-in"}, "Mon,Fri 22:00-06:00")
        assert 6 <= (known.valid_until - utc_now()).days <= 8
        form = (await client.get(f"/entries/{known.id}")).text
        assert re.search(r'name="days0" value="4" checked', form)
        assert 'value="own" checked' in form
        await admin(f"/entries/{known.id}", plate="AB123", lasts="always", valid_until="2026-06-18T10:00")
        (changed,) = await lists.load_entries(site.database)
        assert (changed.pattern, changed.valid_until, changed.schedule) == ("AB123", None, ())
        await admin(f"/entries/{known.id}/remove")
        await admin(path, name="Own people", kind="watch")
        assert "Own people" in (await client.get(f"{path}/remove")).text
        assert (await admin(f"{path}/remove")).headers["location"] == "/lists"
        assert heard.qsize() == 6
    assert await lists.everyone(site.database, utc_now()) == ()
    deeds = [one.action for one in await audit.latest(site.database, 6)]
    assert deeds == ["list remove", "list change", "entry remove", "entry change", "entry add", "list add"]


async def test_a_form_with_faults_comes_back_as_it_was_typed(site, client, admin):
    """Each fault stands at its field; what was chosen is still chosen."""
    staff = await make_list(site)
    await entries.add(site.database, staff, entry("AB123"), "ada", utc_now())
    fields = {"plate": "AB%", "owner": "<b>Ada</b>", "days1": ["2"], "lasts": "own", "valid_until": "x"}
    answer = await admin(f"/lists/{staff}/entries", **fields)
    assert answer.status_code == 400
    assert "has the sign %" in answer.text
    assert "is no day or time" in answer.text
    assert "is no window" in answer.text
    assert "&lt;b&gt;Ada&lt;/b&gt;" in answer.text
    assert re.search(r'value="2" checked', answer.text)
    answer = await admin(f"/lists/{staff}/entries", plate="ab 123")
    assert "is on Staff already" in answer.text
    assert "there is a list called STAFF already" in (await admin("/lists", name="STAFF", kind="deny")).text
    other = await make_list(site, "Others")
    assert "there is another list called Staff" in (await admin(f"/lists/{other}", name="Staff", kind="deny")).text


async def test_a_file_is_taken_but_for_its_bad_rows(site, client, admin):
    """Which are told with line and field; what is exported can be imported elsewhere."""
    staff = await make_list(site)
    token = token_in((await client.get("/lists")).text)
    files = {"file": ("staff.csv", CSV.encode(), "text/csv")}
    page = await client.post(f"/lists/{staff}/import", data={"csrf": token}, files=files)
    assert page.status_code == 200
    assert "1 plate added, 1 on the list already, 1 fault to look at" in page.text
    assert re.search(r">3</td><td>valid_until</td><td>&#39;soon&#39; is no day or time", page.text)
    assert "AB123 stands in line 2 already" in page.text
    exported = await client.get(f"/lists/{staff}/export.csv")
    assert exported.headers["content-disposition"] == 'attachment; filename="Staff.csv"'
    other = await make_list(site, "Others")
    files = {"file": ("staff.csv", exported.content, "text/csv")}
    again = await client.post(f"/lists/{other}/import", data={"csrf": token}, files=files)
    assert "1 plate added" in again.text
    assert [one.action for one in await audit.latest(site.database, 3)] == ["list import", "list export", "list import"]


async def test_entries_that_contradict_each_other_are_shown_before_they_matter(site, client, admin):
    """On the page of all lists and on that of each."""
    for name, kind in (("Staff", ListKind.ALLOW), ("Banned", ListKind.DENY)):
        await entries.add(site.database, await make_list(site, name, kind), entry("AB123"), "ada", utc_now())
    for path in ("/lists", "/lists/1", "/lists/2"):
        page = (await client.get(path)).text
        assert "Staff allows AB123, Banned denies it: deny beats allow" in page
    await admin("/entries/1/remove")
    assert "deny beats allow" not in (await client.get("/lists")).text.partition("Entries that")[2]


async def test_a_long_list_is_paged_and_searched(site, client, admin):
    """By plate with look-alikes, and by what is said of it."""
    staff = await make_list(site)
    new = [entry(f"AB{number:03}", owner=f"owner {number}") for number in range(130)]
    await entries.add_all(site.database, staff, new, "ada", utc_now())
    page = (await client.get(f"/lists/{staff}")).text
    assert "130 entries" in page
    assert "AB099" in page
    assert "AB100" not in page
    following = re.search(r'href="([^"]+)" rel="next"', page)[1].replace("&amp;", "&")
    assert "AB129" in (await client.get(following)).text
    found = (await client.get(f"/lists/{staff}?q=owner+77")).text
    assert re.findall(r"<b>(AB\d+)</b>", found) == ["AB077"]
    assert "Nothing like ZZZ" in (await client.get(f"/lists/{staff}?q=ZZZ")).text
    assert (await client.get(f"/lists/{staff}?after=x")).status_code == 400


async def test_guards_and_viewers_look_and_change_nothing(site, client, log_in):
    """No forms on the pages, and their addresses refuse."""
    staff = await make_list(site)
    await entries.add(site.database, staff, entry("AB123", owner="Meyer"), "ada", utc_now())
    await log_in(client)
    page = (await client.get(f"/lists/{staff}")).text
    assert "Meyer" in page
    assert 'method="post" action="/lists' not in page
    token = token_in(page)
    for path in ("/lists/1/new", "/entries/1", "/lists/1/remove", "/lists/1/export.csv"):
        assert (await client.get(path)).status_code == 403
    for path in (
        "/lists",
        "/lists/1",
        "/lists/1/remove",
        "/lists/1/entries",
        "/lists/1/import",
        "/entries/1",
        "/entries/1/remove",
    ):
        assert (await client.post(path, data={"csrf": token})).status_code == 403
    assert len(await lists.load_entries(site.database)) == 1


async def test_a_form_of_another_site_changes_nothing(site, client, admin):
    """Without our token, every form is refused."""
    staff = await make_list(site)
    await entries.add(site.database, staff, entry("AB123"), "ada", utc_now())
    for path in (
        "/lists",
        "/lists/1",
        "/lists/1/remove",
        "/lists/1/entries",
        "/lists/1/import",
        "/entries/1",
        "/entries/1/remove",
    ):
        fields = {"csrf": "0" * 64, "name": "x", "kind": "deny", "plate": "AB"}
        assert (await client.post(path, data=fields)).status_code == 403
    assert [one.pattern for one in await lists.load_entries(site.database)] == ["AB123"]


async def test_a_read_says_its_verdict_why_and_whose_it_is(site, client, admin):
    """The row has the word, the page all matches; a button puts the plate on a list."""
    staff = await make_list(site)
    await entries.add(site.database, staff, entry("VQA8123", owner="Meyer", company="Logistics"), "ada", utc_now())
    index = Index(await lists.load_entries(site.database), BERLIN)
    read = drawn_read("VQAB123")
    await site.passes(read, decision=index.decide(read, utc_now()))
    await site.passes(drawn_read("QMRT77"), decision=Decision(Verdict.UNKNOWN, "on no list"))
    rows = (await client.get("/reads")).text
    assert re.findall(r'<span class="verdict" data-v="(\w+)"', rows) == ["unknown", "allowed"]
    assert "Staff: Meyer; matched with 8 = B" in rows
    only = (await client.get("/reads?verdict=allowed")).text
    assert "QMRT77" not in only
    page = (await client.get(f"/reads/{read.id}")).text
    assert "ALLOWED" in page
    assert "Logistics" in page
    assert "Matched with 8 = B" in page
    assert f'href="/lists/{staff}/new?plate=VQAB123"' in page
    assert 'value="VQAB123"' in (await client.get(f"/lists/{staff}/new?plate=VQAB123")).text
    assert (await client.get("/reads?verdict=nix")).status_code == 400
