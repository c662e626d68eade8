"""Activity events through the API: each is answered on its own, and the figures that they come to."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from litestar.testing import AsyncTestClient

from alpr.activity import FactoryPlan, Shift, Station
from alpr.domain import utc_now
from alpr.store import tokens
from alpr.store.tokens import NewToken, digest
from alpr.store.users import Role
from tests.site.drawn_floor import BERLIN, window
from tests.web.openapi_check import faults

EVENTS, BATCH = "/api/v1/activity/events", "/api/v1/activity/batch"
DAY = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
"""Six in the morning in Berlin, in winter."""


@pytest.fixture
async def api(site):
    """Give a client for a token that may only send, and one that may only look."""
    site.floor.plan = FactoryPlan(
        BERLIN,
        (Shift("Early", window("06:00", "14:00"), (window("09:00", "09:15"),)),),
        stations={"S1": Station("S1", "Press", 10.0)},
    )
    for name, role in (("hall-1", Role.SENDER), ("board", Role.VIEWER)):
        await tokens.create(site.database, NewToken(name, digest(name), role, utc_now(), "test", None))
    async with AsyncTestClient(site.web()) as client:
        yield client


SEND = {"Authorization": "Bearer hall-1"}
LOOK = {"Authorization": "Bearer board"}


def event(minute: float = 0, **other):
    at = (DAY + timedelta(minutes=minute)).isoformat()
    return {"timestamp": at, "worker": "W1", "station": "S1", "type": "working", "confidence": 0.9} | other


async def look(api, path, **parameters):
    answer = await api.get(f"/api/v1/activity/{path}", params=parameters, headers=LOOK)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_one_event_is_accepted_once(api):
    """The same event again is a duplicate, by its id or, without one, by its content."""
    for one in (event(1), event(2, id="e-2"), event(3, type="product_count", count=4)):
        outcomes = [(await api.post(EVENTS, json=one, headers=SEND)).json()["outcome"] for _ in range(3)]
        assert outcomes == ["accepted", "duplicate", "duplicate"]
    other = await api.post(EVENTS, json=event(9, id="e-2"), headers=SEND)
    assert other.status_code == 400
    assert other.json()["errors"] == [{"field": "id", "message": "was given to another event before"}]
    assert [one["source"] for one in (await look(api, "events"))["events"]] == ["hall-1"] * 3


BROKEN = [
    ({"timestamp": "2026-03-04T06:00:00"}, "timestamp", "has no time zone"),
    ({"timestamp": "1970-01-01T00:00:00Z"}, "timestamp", "lies in 1970"),
    ({"timestamp": "2126-01-01T00:00:00Z"}, "timestamp", "in the future: check the sender's clock"),
    ({"timestamp": 1772600400}, "timestamp", "write it as 2026-03-01T08:00:00Z"),
    ({"timestamp": "yesterday"}, "timestamp", "is 'yesterday'"),
    ({"timestamp": None}, "timestamp", "is missing"),
    ({"type": "sleeping"}, "type", "write working, idle, absent, product_count"),
    ({"confidence": 1.5}, "confidence", "write 0 to 1"),
    ({"confidence": float("nan")}, "confidence", "not a number that counts"),
    ({"confidence": float("inf")}, "confidence", "not a number that counts"),
    ({"confidence": 10**400}, "confidence", "too large"),
    ({"confidence": "sure"}, "confidence", "is 'sure'"),
    ({"type": "product_count"}, "count", "is missing"),
    ({"type": "product_count", "count": -3}, "count", "is -3"),
    ({"type": "product_count", "count": 2.5}, "count", "not a whole number"),
    ({"worker": "x" * 100_000}, "worker", "has 100,000 characters, 64 at most"),
    ({"worker": ""}, "worker", "is missing"),
    ({"station": {"id": 1}}, "station", "is an object, not a text"),
    ({"model": "m\0"}, "model", "cannot be shown"),
]


async def test_every_fault_is_told_with_its_place_and_field(api):
    """In the midst of events that are right, each of which is kept."""
    sent = [one for number, (wrong, _, _) in enumerate(BROKEN) for one in (event(number), event(number) | wrong)]
    answer = await api.post(BATCH, content=json.dumps([*sent, 17, None]), headers=SEND)
    told = answer.json()
    assert (told["accepted"], told["duplicate"], told["refused"]) == (len(BROKEN), 0, len(BROKEN) + 2)
    refused = [one for one in told["events"] if one["outcome"] == "refused"]
    for place, (one, (_, field, words)) in enumerate(zip(refused, BROKEN, strict=False)):
        assert (one["position"], one["field"]) == (2 * place + 2, field)
        assert words in one["reason"]
    assert [one["reason"].partition(",")[0] for one in refused[-2:]] == ["is 17", "is null"]


TABLE = """Timestamp,worker_id,workstation_id,event_type,confidence,count
2026-03-04T05:00:00Z,W1,S1,idle,0.9,

2026-03-04T05:01:00Z,W1,S1,product_count,0.9,3
now,W1,S1,idle,1,
"""


@pytest.mark.parametrize(
    ("content", "kind", "answers"),
    [
        ("{0}\n\n{broken\n{1}\n", "application/x-ndjson", [(1, "accepted"), (3, "refused"), (4, "accepted")]),
        ("[{0}, {broken: 1}, {1}]", "application/json", [(1, "accepted"), (2, "refused"), (3, "accepted")]),
        ('[{0},\n{"worker": ,\n{1}]', "application/json", [(1, "accepted"), (2, "refused"), (3, "accepted")]),
        ("[{0}, {1}, ", "application/json", [(1, "accepted"), (2, "accepted"), (3, "refused")]),
        ("[{0}, {1}, {", "application/json", [(1, "accepted"), (2, "accepted"), (3, "refused")]),
        (
            "Timestamp,worker_id;x,station,type,confidence\n2026-03-04T05:00Z,W1,S1,idle,0.9\n,,,,\nnow,W1,S1,idle,1,2\n",
            "text/csv",
            [(1, "refused")],
        ),
        (
            TABLE,
            "text/csv; charset=utf-8",
            [(2, "accepted"), (4, "accepted"), (5, "refused")],
        ),
        ("\ufeff{0}", "application/json", [(1, "accepted")]),
        ("[" * 100_000, "application/json", [(1, "refused")]),
    ],
)
async def test_what_is_broken_takes_nothing_else_with_it(api, content, kind, answers):
    """Lists, JSON Lines and CSV with something in them that cannot be read."""
    for number in (0, 1):
        content = content.replace(f"{{{number}}}", json.dumps(event(number)))
    answer = await api.post(BATCH, content=content.encode(), headers=SEND | {"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    assert [(one["position"], one["outcome"]) for one in answer.json()["events"]] == answers


async def test_strangers_are_refused_where_they_are_not_wanted(api, site):
    """Only workers and stations of the configuration, and those that are there already."""
    await api.post(EVENTS, json=event(worker="Old"), headers=SEND)
    site.floor.strangers = False
    sent = [event(1, worker="Old"), event(2, worker="New"), event(3, worker="Old", station="S9")]
    told = (await api.post(BATCH, json=sent, headers=SEND)).json()["events"]
    assert [(one["outcome"], one["field"]) for one in told] == [
        ("accepted", ""),
        ("refused", "worker"),
        ("refused", "station"),
    ]
    assert told[1]["reason"] == "'New' is not known: add it to [[factory.worker]]"


async def test_who_may_send_and_look(api, site):
    """Tokens that may only look do not send, and those that may only send do not look."""
    assert (await api.post(EVENTS, json=event(), headers=LOOK)).status_code == 403
    assert (await api.get("/api/v1/activity/workers", headers=SEND)).status_code == 403
    assert (await api.post(EVENTS, json=event())).status_code == 401
    site.floor.plan = None
    off = await api.post(EVENTS, json=event(), headers=SEND)
    assert "set `enabled = true` in [factory]" in off.json()["detail"]


async def test_a_body_that_is_none(api):
    """Nothing, two events where one belongs, too much."""
    for content, words in (("", "holds 0 events"), ("{}\n{}", "holds 2 events"), ("{", "is not JSON")):
        answer = await api.post(EVENTS, content=content, headers=SEND)
        assert (answer.status_code, words in answer.text) == (400, True), answer.text
    assert (await api.post(BATCH, content=" ", headers=SEND)).status_code == 400
    assert (await api.post(EVENTS, content="x" * 70_000, headers=SEND)).status_code == 413


@pytest.fixture
async def morning(api):
    """Let a morning pass: an hour of work, a break in it, then idle, and nothing more is heard."""
    sent = [
        event(170),  # 08:50, the break begins at 09:00
        event(195, worker="W2", station="S2", type="idle"),
        event(195),
        event(200, type="product_count", count=3),
        event(205, type="idle"),
    ]
    await api.post(BATCH, json=sent, headers=SEND, params={"late": "true"})
    return {"since": DAY.isoformat(), "until": (DAY + timedelta(hours=8)).isoformat()}


async def test_the_figures(api, morning):
    """Workers, stations and the factory say the same, in seconds."""
    workers = (await look(api, "workers", **morning))["workers"]
    times = workers[0]["times"]
    assert (times["planned"], times["breaks"]) == (28_800, 900)
    # Ten minutes before the break and ten after it; then idle until the longest gap of a quarter of an hour.
    assert (times["working"], times["idle"], times["absent"]) == (1200, 900, 0)
    assert times["unknown"] == 28_800 - 900 - 1200 - 900
    assert (times["units"], times["rate"], times["utilisation"]) == (3, 9.0, 1200 / 2100)
    stations = (await look(api, "stations", **morning))["stations"]
    assert [(one["id"], one["name"]) for one in stations] == [("S1", "Press"), ("S2", "S2")]
    assert (stations[0]["open"], stations[0]["occupied"], stations[0]["busy"]) == (27_900, 2100, 1200)
    assert stations[0]["performance"] == 3 / (10 * 1200 / 3600)
    factory = await look(api, "factory", **morning)
    assert [(one["name"], one["left"]) for one in factory["waterfall"]][-1] == ("productive", 1200)
    assert factory["waterfall"][-2]["left"] == 1200
    assert factory["times"]["units"] == 3
    trend = await look(api, "trend", step="hour", **morning)
    assert [one["times"]["working"] for one in trend["steps"]] == [0, 0, 600, 600, 0, 0, 0, 0]
    assert sum(one["times"]["planned"] for one in trend["steps"]) == 2 * 28_800


async def test_pages_of_lists(api, morning):
    """What `next` leads to joins on without a gap."""
    whole = (await look(api, "timeline", **morning))["spans"]
    parts, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = await look(api, "timeline", limit=2, **morning, **more)
        parts += page["spans"]
        cursor = page["next"]
        if cursor is None:
            break
    assert parts == whole
    assert [(one["state"], one["start"][11:16]) for one in whole if one["worker"] == "W1"] == [
        ("unknown", "05:00"),
        ("working", "07:50"),
        ("break", "08:00"),
        ("working", "08:15"),
        ("idle", "08:25"),
        ("unknown", "08:40"),
    ]
    first = await look(api, "workers", limit=1, **morning)
    second = await look(api, "workers", limit=1, cursor=first["next"], **morning)
    assert [first["workers"][0]["id"], second["workers"][0]["id"], second["next"]] == ["W1", "W2", None]
    newest = await look(api, "events", limit=3)
    rest = await look(api, "events", limit=3, cursor=newest["next"])
    assert [len(newest["events"]), len(rest["events"])] == [3, 2]
    assert newest["events"][0]["type"] == "idle"


@pytest.mark.parametrize(
    ("path", "parameters", "field"),
    [
        ("workers", {"since": "2026-03-04T06:00:00"}, "since"),
        ("factory", {"since": "2026-03-05T00:00:00Z", "until": "2026-03-04T00:00:00Z"}, "since"),
        ("trend", {"step": "hour", "since": "2025-03-05T00:00:00Z"}, "since"),
        ("trend", {"step": "year"}, "step"),
        ("timeline", {"since": "2020-03-05T00:00:00Z"}, "since"),
        ("workers", {"until": "9999-12-31T23:59:59Z"}, "since"),
        ("stations", {"since": "0001-01-01T00:00:00Z", "until": "0001-01-02T00:00:00Z"}, "since"),
        ("workers", {"cursor": "%"}, "cursor"),
        ("timeline", {"cursor": "AAAA"}, "cursor"),
        ("events", {"cursor": "AAAA"}, "cursor"),
        ("workers", {"workr": "W1"}, "workr"),
    ],
)
async def test_windows_and_parameters_that_cannot_be(api, morning, path, parameters, field):
    """Each is refused with the parameter's name."""
    answer = await api.get(f"/api/v1/activity/{path}", params=parameters, headers=LOOK)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["field"] == field


async def test_answers_are_as_described(api, morning):
    """Every answer fits its schema."""
    document = (await api.get("/api/v1/openapi.json", headers=LOOK)).json()
    for path in ("workers", "stations", "factory", "trend", "timeline", "definitions", "events", "sources"):
        schema = document["paths"][f"/api/v1/activity/{path}"]["get"]["responses"]["200"]["content"]
        parameters = morning if path not in {"definitions", "sources", "events"} else {}
        value = await look(api, path, **parameters)
        assert faults(document, schema["application/json"]["schema"], value) == [], path


async def test_a_clock_that_is_off_is_shown(api, site):
    """Ahead at once, though its events are refused; right again when it is."""
    for offset, skew in ((-1, 0), (3600, pytest.approx(3600, abs=5)), (-2, 0)):
        at = (utc_now() + timedelta(seconds=offset)).isoformat()
        await api.post(EVENTS, json=event() | {"timestamp": at}, headers=SEND)
        (source,) = (await look(api, "sources"))["sources"]
        assert source["skew"] == skew
        assert (source["skewed_since"] is None) == (skew == 0)
    assert (source["events"], source["refused"]) == (2, 1)
