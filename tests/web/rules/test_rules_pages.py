"""The rules pages: made, changed, tried on the past; the same faults as in the file, and for admins alone."""

from __future__ import annotations

import pytest
from litestar.testing import AsyncTestClient

from alpr.bus import RulesChanged
from alpr.config import Rule
from alpr.site.rules.book import FiledRule, Names
from alpr.store import audit, rules
from alpr.store.users import Role
from tests.web.conftest import token_in
from tests.web.drawn_site import drawn_read

NAMES = Names(("gate-in", "gate-out"), ("office", "boss"), ("main",))


@pytest.fixture
async def admin(site, client, log_in):
    await site.add_user("bea", Role.ADMIN)
    await log_in(client, "bea")
    site.book.names = NAMES
    return client


async def sent(client, path="/rules/new", **fields):
    """Send the form as a browser does: what is ticked comes as often as it is ticked."""
    form = {"csrf": token_in((await client.get("/rules/new")).text), "enabled": "yes", "picture": "yes", **fields}
    return await client.post(path, data=form, follow_redirects=False)


async def test_a_rule_is_made_changed_switched_and_removed(site, admin):
    """Each step is stored, announced and in the audit log; what is as by default is not stored."""
    async with site.bus.listen(RulesChanged) as events:
        made = await sent(admin, name="Night", verdicts=["unknown", "unread"], hours="22:00-06:00", tell="office")
        assert (made.status_code, made.headers["location"]) == (303, "/rules")
        assert events.get_nowait() == RulesChanged()
    (stored,) = await rules.every(site.database)
    assert stored.definition == {
        "name": "Night",
        "verdicts": ["unknown", "unread"],
        "hours": "22:00-06:00",
        "tell": ["office"],
    }
    page = (await admin.get("/rules")).text
    assert "unknown or unread, 22:00-06:00 <b>→ tell office</b>" in page
    form = (await admin.get("/rules/1")).text
    assert 'value="unread" checked' in form
    await sent(admin, "/rules/1", name="Night", verdicts="unread", alarm="critical", cooldown="60")
    csrf = {"csrf": token_in(form)}
    await admin.post("/rules/1/off", data=csrf)
    (stored,) = await rules.every(site.database)
    assert (stored.enabled, stored.definition["cooldown"], stored.definition["alarm"]) == (False, 60.0, "critical")
    await admin.post("/rules/1/on", data=csrf)
    assert (await rules.get(site.database, 1)).enabled
    await admin.post("/rules/1/remove", data=csrf)
    assert await rules.every(site.database) == ()
    deeds = [entry.action for entry in await audit.latest(site.database) if entry.action.startswith("rule")]
    assert deeds == ["rule remove", "rule on", "rule off", "rule change", "rule add"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": "x"}, "the rule does nothing: give it `tell`, `open`, `tag` or `alarm`"),
        ({"name": "", "tag": "a"}, "`name` must not be empty"),
        ({"name": "x", "tag": "a", "above": "much"}, "`above` must be a number, not the text &#34;much&#34;"),
        ({"name": "x", "tell": "offce"}, "which is none of the targets: did you mean `office`?"),
        ({"name": "x", "tell": "office", "title": "{plat}"}, "unknown placeholder `{plat}`, did you mean `{plate}`?"),
        ({"name": "x", "tag": "a", "hours": "Mon 9"}, "`hours`: "),
        ({"name": "filed", "tag": "a"}, "a rule is called `filed` already"),
    ],
)
async def test_faults_are_those_of_the_file(site, admin, fields, fault):
    """The form comes back with what was typed and every fault in words."""
    site.book.filed = (FiledRule(Rule(name="Filed", tag="a"), 12),)
    answer = await sent(admin, **fields)
    assert answer.status_code == 422
    assert fault in answer.text
    assert await rules.every(site.database) == ()


async def test_rules_of_the_file_are_shown_with_their_line(site, admin):
    """They cannot be edited here; one that names a list that is not there says so."""
    site.book.filed = (FiledRule(Rule(name="Filed", lists=["Stuff"], tell=["office"]), 12),)
    page = (await admin.get("/rules")).text
    assert "alpr.toml, line 12" in page
    assert "names the list `Stuff`, which is not there" in page
    assert "Edit" not in page


async def test_a_rule_that_has_become_faulty_says_so(site, admin):
    """A target that was taken out of the configuration: the list and the form say what is wrong now."""
    await sent(admin, name="Night", tell="office")
    site.book.names = Names(("gate-in",), ("boss",), ())
    assert "names `office`, which is none of the targets" in (await admin.get("/rules")).text
    assert "names `office`, which is none of the targets" in (await admin.get("/rules/1")).text


async def test_the_past_tells_what_a_rule_would_have_done(site, admin):
    """The page comes in pieces: progress, then how often, and the reads themselves."""
    for text, age in (("QMRT1", 60), ("QMRT2", 120), ("QMRT1", 90_000), ("", 30)):
        await site.passes(drawn_read(text, age=age))
    await sent(admin, name="QM", plates="QM*", cooldown="3600", tag="x")
    page = (await admin.get("/rules/try", params={"rule": "QM", "days": 1})).text
    assert '<rect width="100%"' in page
    assert "In the last day it would have fired 2 times." in page
    assert page.index("QMRT1") < page.index("QMRT2")
    assert "would have fired 3 times" in (await admin.get("/rules/try", params={"rule": "QM"})).text
    assert "would have fired 3 times" in (await admin.get("/rules/try")).text
    assert (await admin.get("/rules/try", params={"rule": "nobody"})).status_code == 404
    assert page.rstrip().endswith("</html>")


async def test_rules_are_for_admins(site, admin, log_in):
    """A guard neither sees nor changes them, and a form of another site is refused."""
    await sent(admin, name="Night", tell="office")
    assert (await admin.post("/rules/1/off", data={"csrf": "x"})).status_code == 403
    assert (await admin.post("/rules/new", data={"csrf": "x", "name": "y", "tag": "z"})).status_code == 403
    async with AsyncTestClient(site.web()) as guard:
        await log_in(guard)
        for path in ("/rules", "/rules/new", "/rules/1", "/rules/try"):
            assert (await guard.get(path)).status_code == 403
        page = (await guard.get("/reads")).text
        assert 'href="/rules"' not in page
        assert (await guard.post("/rules/1/remove", data={"csrf": token_in(page)})).status_code == 403
    assert len(await rules.every(site.database)) == 1
