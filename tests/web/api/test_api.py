"""The JSON API: what it gives, what it refuses, who may ask."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import get as get_route
from litestar.testing import AsyncTestClient

from alpr.domain import utc_now
from alpr.store import audit, sessions, tokens
from alpr.store.tokens import NewToken
from alpr.store.users import Role
from alpr.web.api.routes import api_router
from alpr.web.auth.access import token_digest
from tests.web.drawn_site import as_preview, drawn_read
from tests.web.openapi_check import faults

BASE = "/api/v1"


async def make_token(site, name="erp", lasts=None):
    secret, now = tokens.new_secret(), utc_now()
    new = NewToken(name, tokens.digest(secret), Role.VIEWER, now, "a test", lasts and now + lasts)
    assert await tokens.create(site.database, new)
    return secret


@pytest.fixture
async def secret(site):
    return await make_token(site)


@pytest.fixture
async def api(client, secret):
    client.headers["authorization"] = f"Bearer {secret}"
    return client


async def get(api, path, status=200, **query):
    answer = await api.get(f"{BASE}{path}", params=query)
    assert answer.status_code == status, answer.text
    media_type = "application/json" if status == 200 else "application/problem+json"
    assert answer.headers["content-type"] == media_type
    return answer.json()


async def test_reads_are_paged_newest_first(api, site):
    """Each page names the next one, the last one none; nothing is lost and nothing comes twice."""
    made = [await site.passes(drawn_read(f"AB{n}", age=60 - n)) for n in range(7)]
    seen, cursor = [], {}
    while True:
        page = await get(api, "/reads", limit=3, **cursor)
        seen += [read["id"] for read in page["reads"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [read.id for read in reversed(made)]


async def test_filters_narrow(api, site):
    """By text, mode, camera, kind, state, direction, doubt and time, alone and together."""
    await site.passes(drawn_read("AB123", age=300))
    await site.passes(drawn_read("XAB12", camera="gate-out", sure=(0.5,) * 5, age=200))
    await site.passes(drawn_read("", age=100))
    await site.passes(as_preview(drawn_read("ABO12", age=10)))
    since = (utc_now() - timedelta(seconds=250)).isoformat()
    for query, texts in (
        ({}, ["ABO12", "", "XAB12", "AB123"]),
        ({"text": "ab"}, ["ABO12", "XAB12", "AB123"]),
        ({"text": "ab", "mode": "prefix"}, ["ABO12", "AB123"]),
        ({"text": "ab012", "mode": "exact"}, ["ABO12"]),
        ({"text": "ab012", "look_alikes": "false"}, []),
        ({"text": "?ab*"}, ["XAB12"]),
        ({"camera": "gate-out"}, ["XAB12"]),
        ({"kind": "vehicle"}, [""]),
        ({"state": "preview"}, ["ABO12"]),
        ({"direction": "out"}, []),
        ({"below": 0.9}, ["XAB12"]),
        ({"since": since}, ["ABO12", "", "XAB12"]),
        ({"until": since}, ["AB123"]),
        ({"text": "ab", "since": since, "state": "final"}, ["XAB12"]),
    ):
        page = await get(api, "/reads", **query)
        assert [read["text"] for read in page["reads"]] == texts, query


async def test_one_read_tells_everything_and_its_pictures_are_the_stored_ones(api, site):
    """Characters, candidates, looks, and pictures whose bytes have the sums that are told."""
    made = await site.passes(drawn_read("VQAB128"))
    read = await get(api, f"/reads/{made.id}")
    assert (read["text"], read["looks"], read["vehicle"]["type"], read["direction"]) == ("VQAB128", 5, "car", "in")
    assert [one["text"] for one in read["characters"]] == list("VQAB128")
    assert read["box"] == [514, 522, 686, 568]
    assert read["captured_at"] == made.captured_at.isoformat().replace("+00:00", "Z")
    for picture in (read["frame"], read["crop"]):
        answer = await api.get(picture["url"])
        assert answer.headers["content-type"] == "image/jpeg"
        assert hashlib.sha256(answer.content).hexdigest() == picture["sha256"]
    looks = (await get(api, f"/reads/{made.id}/looks"))["looks"]
    assert [look["kept"] for look in looks] == [False, False, False, True, False]
    assert (await api.get(looks[0]["picture"])).content.startswith(b"\xff\xd8")


async def test_a_read_that_has_not_changed_is_not_sent_again(api, site):
    """With its tag the answer is empty; a read that was completed has another tag."""
    made = drawn_read("VQAB128")
    await site.passes(as_preview(made))
    first = await api.get(f"{BASE}/reads/{made.id}")
    again = await api.get(f"{BASE}/reads/{made.id}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await site.passes(made)
    later = await api.get(f"{BASE}/reads/{made.id}", headers={"if-none-match": first.headers["etag"]})
    assert later.json()["state"] == "final"


async def test_a_search_says_why(api, site):
    """Look-alikes that were forgiven are named."""
    for text in ("AB0123", "ABO123", "XY999"):
        await site.passes(drawn_read(text))
    found = (await get(api, "/search", q="abo1"))["found"]
    assert [(one["read"]["text"], one["reason"]) for one in found] == [
        ("ABO123", "begins with ABO1"),
        ("AB0123", "matched with O=0"),
    ]
    assert found[1]["swaps"] == [{"typed": "O", "stored": "0"}]


async def test_cameras_statistics_and_health(api, site):
    """The site in numbers; the address of a camera is nobody's business."""
    for text, camera in (("AB1", "gate-in"), ("", "gate-in"), ("AB2", "gate-out")):
        await site.passes(drawn_read(text, camera=camera))
    cameras = (await get(api, "/cameras"))["cameras"]
    assert [(one["name"], one["state"]) for one in cameras] == [("gate-in", "live"), ("gate-out", "reconnecting")]
    assert "192.0.2" not in str(cameras)
    by_camera = await get(api, "/statistics", by="camera")
    assert (by_camera["total"], by_camera["unread"], by_camera["timezone"]) == (3, 1, "Europe/Berlin")
    assert sorted(one["key"] for one in by_camera["counts"]) == ["gate-in", "gate-out"]
    for by in ("hour", "day", "kind", "state"):
        counts = (await get(api, "/statistics", by=by))["counts"]
        assert sum(one["reads"] for one in counts) == 3
    assert (await get(api, "/statistics", camera="gate-out"))["total"] == 1
    assert (await get(api, "/statistics", until="2001-01-01T00:00:00Z"))["total"] == 0
    health = await get(api, "/health")
    assert (health["status"], health["cameras"], health["live"]) == ("degraded", 2, 1)


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/reads", {"limit": "0"}, "limit"),
        ("/reads", {"limit": "501"}, "limit"),
        ("/reads", {"limit": "many"}, "limit"),
        ("/reads", {"camara": "gate-in"}, "camara"),
        ("/reads", {"state": "done"}, "state"),
        ("/reads", {"in_state": "final"}, "in_state"),
        ("/reads", {"direction": "up"}, "direction"),
        ("/reads", {"below": "2"}, "below"),
        ("/reads", {"since": "yesterday"}, "since"),
        ("/reads", {"since": "2026-03-01T08:00:00"}, "since"),
        ("/reads", {"cursor": "nonsense"}, "cursor"),
        ("/reads", {"text": "--"}, "text"),
        ("/search", {}, "q"),
        ("/search", {"q": "*?"}, "q"),
        ("/search", {"q": "A" * 65}, "q"),
        ("/search", {"q": "A", "mode": "fuzzy"}, "mode"),
        ("/statistics", {"since": "2020-01-01T00:00:00Z"}, "since"),
        ("/statistics", {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "since"),
        ("/statistics", {"until": "0001-01-01T00:00:00Z"}, "until"),
    ],
)
async def test_a_wrong_parameter_is_named(api, path, query, field):
    """The problem says which one, so that a program's author need not guess."""
    problem = await get(api, path, 400, **query)
    assert (problem["title"], problem["status"]) == ("Bad Request", 400)
    assert [one["field"] for one in problem["errors"]] == [field]
    assert problem["errors"][0]["message"]


@pytest.mark.parametrize(
    "path", ["/reads/nothing", "/reads/nothing/looks", "/reads/x/frame.jpg", "/nothing", "/", "/search/x"]
)
async def test_nothing_there_is_a_problem_too(api, path):
    """Not a page."""
    assert (await get(api, path, 404))["title"] == "Not Found"


async def test_only_reading_is_offered(api):
    """Whatever would change something is refused."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = await api.request(method, f"{BASE}/search")
        assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


async def test_our_own_fault_is_a_problem_without_the_inside(site, secret):
    """The log has the traceback; the program gets a 500 that tells nothing."""

    @get_route(f"{BASE}/crash")
    async def crash() -> str:
        raise ZeroDivisionError("the inside")

    app = site.web()
    app.register(crash)
    async with AsyncTestClient(app, raise_server_exceptions=False) as api:
        api.headers["authorization"] = f"Bearer {secret}"
        problem = await get(api, "/crash", 500)
    assert problem["title"] == "Internal Server Error"
    assert "inside" not in str(problem)


async def test_who_may_ask(client, site, log_in):
    """Nobody without a login; a session of the pages and a token both open the API, a token opens no page."""
    for path in ("/reads", "/reads/x/frame.jpg", "/health", "/openapi.json"):
        answer = await client.get(f"{BASE}{path}", headers={"accept": "text/html"})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["title"] == "Unauthorized"
    bearer = {"authorization": f"Bearer {await make_token(site)}"}
    assert (await client.get(f"{BASE}/reads", headers=bearer)).status_code == 200
    page = await client.get("/reads", headers=bearer | {"accept": "text/html"}, follow_redirects=False)
    assert page.status_code == 303
    await log_in(client)
    assert (await client.get(f"{BASE}/reads")).status_code == 200


async def test_a_token_ends(client, site):
    """When its time is up and when it is revoked, at once; its use is noted."""
    short = await make_token(site, "short", lasts=timedelta(microseconds=1))
    secret = await make_token(site)
    assert (await client.get(f"{BASE}/health", headers={"authorization": f"Bearer {short}"})).status_code == 401
    assert (await client.get(f"{BASE}/health", headers={"authorization": f"bearer {secret}"})).status_code == 200
    assert {token.name: token.used_at is not None for token in await tokens.everyone(site.database)} == {
        "erp": True,
        "short": False,
    }
    await tokens.revoke(site.database, "erp", utc_now())
    assert (await client.get(f"{BASE}/health", headers={"authorization": f"Bearer {secret}"})).status_code == 401


async def test_guessing_tokens_is_slowed_and_noted(client, site, secret, log_in):
    """After five wrong ones an address waits; a valid token and the guards' login go on."""
    for guess in range(5):
        answer = await client.get(f"{BASE}/health", headers={"authorization": f"Bearer alpr_{guess}"})
        assert answer.status_code == 401
    answer = await client.get(f"{BASE}/health", headers={"authorization": "Bearer alpr_9"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert (await client.get(f"{BASE}/health", headers={"authorization": f"Bearer {secret}"})).status_code == 200
    assert (await log_in(client)).status_code == 303
    noted = [entry.action for entry in await audit.latest(site.database)]
    assert noted.count("token refused") == 5


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer \u00ff", "nonsense", ""])
async def test_a_header_that_is_no_token_is_refused(client, header):
    """Even beside a valid session: who sends one means it."""
    answer = await client.get(f"{BASE}/health", headers={"authorization": header.encode("latin-1")})
    assert answer.status_code == 401


async def test_a_session_is_seen_once_in_a_while(site, client, log_in):
    """When it was last used is noted every few minutes, not with each request."""
    await log_in(client)
    digest = token_digest(client.cookies["alpr-session"])
    old = utc_now() - timedelta(minutes=6)
    await sessions.touch(site.database, digest, old)
    await client.get("/health")
    await client.get("/cameras")
    assert (await sessions.find(site.database, digest, utc_now())).seen_at > old
    fresh = utc_now() - timedelta(minutes=4)
    await sessions.touch(site.database, digest, fresh)
    await client.get("/cameras")
    assert (await sessions.find(site.database, digest, utc_now())).seen_at == fresh


async def test_the_description_is_complete_and_names_no_other_host(api):
    """Every path of the API, none of the pages, and nothing to load from elsewhere."""
    answer = await api.get(f"{BASE}/openapi.json")
    document = answer.json()
    assert all(path.startswith(f"{BASE}/") for path in document["paths"])
    assert len(document["paths"]) == len(api_router.routes)
    assert set(document["components"]["securitySchemes"]) == {"token", "password", "session"}
    assert "http://" not in answer.text
    assert "https://" not in answer.text


_JUNK = st.one_of(
    st.text(max_size=70), st.integers().map(str), st.sampled_from(["null", "true", "1e999", "*", "?", "A"])
)


def _value(schema):
    """Give values that fit a parameter's schema and values that do not."""
    known = schema.get("enum", [])
    kinds = [schema.get("type"), *(one.get("type") for one in schema.get("oneOf", ()))]
    fitting = [st.sampled_from(known)] if known else []
    if "date-time" in str(schema):
        fitting.append(st.datetimes(timezones=st.timezones() | st.none()).map(lambda at: at.isoformat()))
    if "integer" in kinds or "number" in kinds:
        fitting.append(st.integers(0, 600).map(str))
    return st.one_of(*fitting, _JUNK)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
async def test_no_request_breaks_it_and_every_answer_is_as_described(api, site, data):
    """Any mixture of parameters: no 5xx, only described status codes, bodies of the described shapes."""
    if not hasattr(site, "known"):
        made = await site.passes(drawn_read("VQAB128"))
        await site.passes(drawn_read(""))
        site.known, site.document = made.id, api.app.openapi_schema.to_schema()
    path = data.draw(st.sampled_from(sorted(site.document["paths"])))
    operation = site.document["paths"][path].get("get")
    if operation is None or "text/event-stream" in operation["responses"]["200"].get("content", {}):
        return  # a stream does not end: test_events_api.py reads it
    url, query = path, {}
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        if parameter["in"] == "path":
            value = data.draw(st.sampled_from([site.known, "0.jpg", "1", "9" * 30]) | st.text(min_size=1, max_size=40))
            url = url.replace(f"{{{name}}}", quote(value, safe=""))
        elif parameter["required"] or data.draw(st.booleans()):
            query[name] = data.draw(_value(_resolved(site.document, parameter["schema"])))
    answer = await api.get(url, params=query)
    if url.count("/") != path.count("/") or answer.status_code == 404:
        assert answer.status_code == 404  # a path that was drawn as another one, or nothing there
        return
    described = operation["responses"][str(answer.status_code)]["content"]
    media_type = answer.headers["content-type"]
    assert media_type.replace(" ", "") in {known.replace(" ", "") for known in described}, described
    if "json" in media_type:
        assert faults(site.document, described[media_type]["schema"], answer.json()) == []


def _resolved(document, schema):
    """Return the schema with the names that it may refer to in their place."""
    for one in (schema, *schema.get("oneOf", ())):
        if "$ref" in one:
            return document["components"]["schemas"][one["$ref"].rpartition("/")[2]]
    return schema
