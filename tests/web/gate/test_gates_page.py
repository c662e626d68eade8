"""The gate view without a browser: which gates, which vehicle, what a guard can do about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alpr.access import Decision, Entry, ListKind, Match, MatchKind, Verdict
from alpr.barrier.gates import Barrier, Barriers, Habits, Order
from alpr.domain import State, utc_now
from alpr.store import audit, lists, notes, reads, sessions
from alpr.store.users import Role
from alpr.web.auth.access import token_digest
from alpr.web.gate.view import Gate, choices
from tests.fakes import Contact
from tests.web.conftest import token_in
from tests.web.drawn_site import drawn_read

SCRIPT = {"hx-request": "true"}


def decided(kind: ListKind, verdict: Verdict, **entry: str) -> Decision:
    """Return what a list says by one exact entry."""
    known = Entry(1, "Staff", kind, "GXXK4821", **entry)
    return Decision(verdict, "Staff: Meyer", (Match(known, MatchKind.EXACT, 0.99, "exact"),), opens=True)


@pytest.fixture
async def barrier(site):
    async def note(_action: str, _name: str, _order: Order, _detail: str) -> None:
        pass

    site.barriers = Barriers()
    habits = Habits(frozenset({"gate-in", "gate-out"}), pulse=0.0, repeat_after=0.0)
    await site.barriers.replace({"Gate 1": Barrier("Gate 1", Contact(), None, habits, note)})


async def test_a_guard_begins_at_the_gate_and_others_at_the_log(site, client, log_in):
    """After the login the role decides, unless a page was asked for; the gate chosen last is chosen again."""
    assert (await log_in(client)).headers["location"] == "/gate"
    assert (await client.get("/", follow_redirects=False)).headers["location"] == "/gate"
    chooser = await client.get("/gate")
    assert "Which gate?" in chooser.text
    assert 'href="/gate/gate-out"' in chooser.text
    await client.get("/gate/gate-out")
    assert (await client.get("/gate", follow_redirects=False)).headers["location"] == "/gate/gate-out"
    assert "Which gate?" in (await client.get("/gate?choose=1")).text
    await site.add_user("bea", Role.ADMIN)
    client.cookies.clear()
    assert (await log_in(client, "bea")).headers["location"] == "/reads"


async def test_a_gate_is_a_camera_or_the_cameras_of_a_barrier(barrier, site, client, log_in):
    """The barrier's gate shows the newest vehicle of all its cameras, a camera's gate its own, and no other one."""
    await site.passes(drawn_read("VQAB123", age=60))
    await site.passes(drawn_read("QMRT77", camera="gate-out", age=30))
    await log_in(client)
    both, one = (await client.get("/gate/Gate%201")).text, (await client.get("/gate/gate-in")).text
    assert both.index("QMRT77") < both.index("VQAB123")
    assert 'class="plate xl"' in both
    assert "VQAB123" in one
    assert "QMRT77" not in one
    assert (await client.get("/gate/nowhere")).status_code == 404


def test_a_camera_with_a_barrier_to_itself_is_one_choice():
    """The barrier stands for it; cameras that share one, or have none, can be chosen alone."""
    every = (
        Gate("main", ("in",)),
        Gate("both", ("a", "b")),
        *(Gate(name, (name,)) for name in ("in", "a", "b", "out")),
    )
    assert [gate.name for gate in choices(every)] == ["main", "both", "a", "b", "out"]


@pytest.mark.parametrize(
    ("verdict", "kind", "word", "said"),
    [
        (Verdict.ALLOWED, ListKind.ALLOW, "ALLOWED", "Meyer, Nord Logistik"),
        (Verdict.DENIED, ListKind.DENY, "DENIED", "Keep closed"),
        (Verdict.WATCH, ListKind.WATCH, "WATCH", "Keep closed"),
    ],
)
async def test_the_largest_words_say_what_to_do(site, client, log_in, verdict, kind, word, said):
    """An allowed vehicle shows whose it is; a denied or watched one shows the note first."""
    entry = {"owner": "Meyer", "company": "Nord Logistik", "note": "Keep closed"}
    await site.passes(drawn_read("GXXK4821"), decision=decided(kind, verdict, **entry))
    await log_in(client)
    page = (await client.get("/gate/gate-in")).text
    assert f'data-v="{verdict.value}"' in page
    assert word in page
    assert f"<p>{said}</p>" in page


async def test_what_came_later_waits_in_its_order(site, client, log_in):
    """A read that is asked for stays; those after it are counted, the first of them is the next one."""
    made = [await site.passes(drawn_read(f"VQAB12{n}", age=90 - 10 * n)) for n in range(4)]
    await log_in(client)
    page = (await client.get("/gate/gate-in", params={"read": made[0].id})).text
    assert "3 waiting" in page
    assert f'href="/gate/gate-in?read={made[1].id}" data-go="next"' in page
    assert "data-follows" not in page
    newest = (await client.get("/gate/gate-in", headers=SCRIPT)).text
    assert f'data-read="{made[3].id}" data-follows' in newest
    assert "<html" not in newest


async def test_what_is_no_vehicle_is_not_at_the_gate(site, client, log_in):
    """A read that a person has dismissed gives way to the one before."""
    await site.passes(drawn_read("VQAB123", age=60))
    await site.passes(replace(drawn_read("QMRT77"), state=State.DISMISSED))
    await log_in(client)
    page = (await client.get("/gate/gate-in")).text
    assert "VQAB123" in page
    assert "QMRT77" not in page


async def test_a_read_without_pictures_is_shown_without_them(site, client, log_in):
    """What another system has told comes to the gate as well: no broken picture, no form that misses one."""
    read = drawn_read("QMRT77", age=5)
    async with site.database.write() as connection:
        await reads.save(connection, replace(read, looks=()), reads.Evidence("", "", 0, 0, "", ""), [], utc_now())
    await log_in(client)
    page = (await client.get("/gate/gate-in")).text
    assert "There is no picture of this read." in page
    assert "<img" not in page.partition("<main")[2].partition("</main>")[0]
    assert (await client.get("/gate/gate-in/text", params={"read": read.id})).status_code == 200


async def test_open_stands_beside_who_may_still_be_there(barrier, site, client, log_in):
    """Held for an allowed vehicle, asked once more for a denied one, gone after a quarter of an hour."""
    await log_in(client)
    await site.passes(drawn_read("GXXK4821", age=1200))
    assert "data-open" not in (await client.get("/gate/gate-in")).text
    read = await site.passes(drawn_read("GXXK4821", age=60), decision=decided(ListKind.ALLOW, Verdict.ALLOWED))
    assert "data-open" in (await client.get("/gate/gate-in")).text
    denied = await site.passes(drawn_read("QMRT77"), decision=decided(ListKind.DENY, Verdict.DENIED))
    page = (await client.get("/gate/gate-in")).text
    assert "data-open" not in page
    assert f'href="/barriers/Gate%201/open?read={denied.id}"' in page
    assert read.id in page


async def test_a_text_is_fixed_at_the_gate(site, client, log_in):
    """By typing, or by one of the candidates; what is no text is said beside the field and stays there."""
    read = await site.passes(drawn_read("GXXK4821"))
    await log_in(client)
    asked = await client.get("/gate/gate-in/text", params={"read": read.id})
    form = {"csrf": token_in(asked.text), "read": read.id, "text": "-- --"}
    again = await client.post("/gate/gate-in/text", data=form)
    assert again.status_code == 400
    assert 'value="-- --" aria-invalid="true"' in again.text
    done = await client.post("/gate/gate-in/text", data=form | {"text": "gx xk 4b21"}, follow_redirects=False)
    assert done.headers["location"] == f"/gate/gate-in?read={read.id}&done=text"
    assert "The text is corrected." in (await client.get(done.headers["location"])).text
    by_script = await client.post("/gate/gate-in/text", data=form | {"text": "x", "pick": "GXXK4321"}, headers=SCRIPT)
    assert by_script.text == "<p data-done>The text is GXXK4321 now.</p>"
    stored = await reads.get(site.database, read.id)
    assert stored is not None
    assert stored.read.text == "GXXK4321"


async def test_a_visitor_is_let_in_for_a_while(site, client, log_in):
    """The list is made when it is needed; the same plate again lasts longer; what no plate has is told."""
    read = await site.passes(drawn_read("ZXO8068"))
    await log_in(client)
    asked = await client.get("/gate/gate-in/visitor", params={"read": read.id})
    form = {"csrf": token_in(asked.text), "read": read.id, "plate": "ZXO8068", "who": "Ms Lang", "lasts": "today"}
    assert (await client.post("/gate/gate-in/visitor", data=form | {"plate": "%%"})).status_code == 400
    for lasts in ("today", "week"):
        answer = await client.post("/gate/gate-in/visitor", data=form | {"lasts": lasts}, follow_redirects=False)
        assert answer.status_code == 303
    entry = (await lists.load_entries(site.database))[0]
    assert (entry.list_name, entry.list_kind, entry.pattern, entry.owner) == (
        "Visitors",
        ListKind.ALLOW,
        "ZXO8068",
        "Ms Lang",
    )
    assert entry.valid_until is not None
    assert 6.9 < (entry.valid_until - utc_now()).total_seconds() / 86400 < 7.1
    done = [(one.actor, one.action) for one in await audit.latest(site.database) if "entry" in one.action]
    assert done == [("anna", "entry change"), ("anna", "entry add")]


@pytest.mark.parametrize("text", ["ZXO8068", ""])
async def test_who_is_registered_at_the_gate_turns_green_at_once(site, client, log_in, text):
    """The vehicle that is shown is allowed by its new entry; one that could not be read gets what was typed."""
    read = await site.passes(drawn_read(text), decision=Decision(Verdict.UNKNOWN, "on no list"))
    await log_in(client)
    asked = await client.get("/gate/gate-in/visitor", params={"read": read.id})
    assert ("gets the text as well" in asked.text) == (not text)
    form = {"csrf": token_in(asked.text), "read": read.id, "plate": "ZXO8068", "who": "Ms Lang", "lasts": "today"}
    await client.post("/gate/gate-in/visitor", data=form)
    screen = (await client.get("/gate/gate-in", headers={"hx-request": "true"})).text
    assert [words in screen for words in ("ALLOWED", "Ms Lang", "ZXO8068")] == [True, True, True]
    actions = [one.action for one in await audit.of_subject(site.database, read.id)]
    assert actions == (["read judged again"] if text else ["read judged again", "read corrected"])


async def test_a_pattern_is_no_text_of_an_unread_vehicle(site, client, log_in):
    """Whoever registers a whole fleet says nothing of the vehicle that is there."""
    read = await site.passes(drawn_read(""))
    await log_in(client)
    asked = await client.get("/gate/gate-in/visitor", params={"read": read.id})
    form = {"csrf": token_in(asked.text), "read": read.id, "plate": "ZXO*", "who": "Lang", "lasts": "today"}
    assert (await client.post("/gate/gate-in/visitor", data=form)).is_success
    assert (await reads.get(site.database, read.id)).read.text == ""


async def test_a_list_that_denies_takes_no_visitors(site, client, log_in):
    """Where an admin has given the name to a deny list, a guard is told and nobody is put on it."""
    await lists.create(site.database, "visitors", ListKind.DENY, "bea", utc_now())
    read = await site.passes(drawn_read("ZXO8068"))
    await log_in(client)
    asked = await client.get("/gate/gate-in/visitor", params={"read": read.id})
    form = {"csrf": token_in(asked.text), "read": read.id, "plate": "ZXO8068", "lasts": "today"}
    answer = await client.post("/gate/gate-in/visitor", data=form)
    assert "does not let in" in answer.text
    assert await lists.load_entries(site.database) == ()


async def test_a_note_is_shown_when_the_vehicle_comes_again(site, client, log_in):
    """It is kept with who wrote it, escaped, and stands beside every later read of the plate."""
    read = await site.passes(drawn_read("ZXO8068", age=60))
    await log_in(client)
    asked = await client.get("/gate/gate-in/note", params={"read": read.id}, headers=SCRIPT)
    form = {"csrf": token_in(asked.text), "read": read.id, "note": "  "}
    assert "Write something first." in (await client.post("/gate/gate-in/note", data=form)).text
    words = "<b>left mirror</b> broken"
    answer = await client.post("/gate/gate-in/note", data=form | {"note": words}, headers=SCRIPT)
    assert answer.text == "<p data-done>The note is kept.</p>"
    assert [one.by for one in await notes.of_read(site.database, read.id)] == ["anna"]
    await site.passes(drawn_read("ZXO8068"))
    assert "<dt>Note by anna</dt><dd>&lt;b&gt;left mirror" in (await client.get("/gate/gate-in")).text


async def test_a_viewer_looks_and_does_nothing(site, client, log_in):
    """No buttons, and no forms either; a form without its token is refused to a guard as well."""
    read = await site.passes(drawn_read("ZXO8068"))
    await site.add_user("vic", Role.VIEWER)
    await log_in(client, "vic")
    page = (await client.get("/gate/gate-in")).text
    assert "Visitor" not in page
    assert (await client.get("/gate/gate-in/visitor", params={"read": read.id})).status_code == 403
    assert (await client.post("/gate/gate-in/note", data={"read": read.id})).status_code == 403
    client.cookies.clear()
    await log_in(client)
    assert (await client.post("/gate/gate-in/note", data={"read": read.id, "note": "x"})).status_code == 403
    assert (await client.get("/gate/gate-out/note", params={"read": read.id})).status_code == 404
    assert (await client.get("/gate/gate-in/nix", params={"read": read.id})).status_code == 404


async def test_a_kiosk_stays_logged_in_while_it_is_used(site, client, log_in):
    """Past half of its time the session begins anew, on the gate's own screen alone, which shows no menu."""
    await log_in(client)
    digest = token_digest(client.cookies["alpr-session"])
    soon = utc_now() + (await _left(site, digest)) / 3
    await sessions.extend(site.database, digest, soon)
    assert "nav class" in (await client.get("/gate/gate-in")).text
    assert await _ends(site, digest) == soon
    page = await client.get("/gate/gate-in?kiosk=1")
    assert 'class="rail"' not in page.text
    assert await _ends(site, digest) > soon
    assert any("alpr-session=" in one for one in page.headers.get_list("set-cookie"))


async def _ends(site, digest):
    found = await sessions.find(site.database, digest, utc_now())
    assert found is not None
    return found.expires_at


async def _left(site, digest):
    return await _ends(site, digest) - utc_now()
