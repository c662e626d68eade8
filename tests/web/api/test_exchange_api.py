"""`POST /api/v1/reads`: what other systems may send, what they are answered, and what is stored of it."""

from __future__ import annotations

import asyncio
import base64
import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from alpr.access import Entry, ListKind, Verdict
from alpr.bus import LateReads, ReadCommitted
from alpr.domain import State, utc_now
from alpr.errors import StoreError
from alpr.store import entries, hits, lists, reads, tokens
from alpr.store.reads import ReadQuery
from alpr.store.tokens import NewToken
from alpr.store.users import Role
from tests import foreign_payloads as sent
from tests.web.openapi_check import faults

PATH = "/api/v1/reads"


async def make_token(site, role=Role.SENDER, name="parking"):
    secret, now = tokens.new_secret(), utc_now()
    assert await tokens.create(site.database, NewToken(name, tokens.digest(secret), role, now, "a test"))
    return secret


@pytest.fixture
async def client(site):
    """Ask the site in the loop of the test, where its intake runs."""
    transport = httpx.ASGITransport(site.web())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as opened:
        yield opened


@pytest.fixture
async def secret(site):
    return await make_token(site)


@pytest.fixture
async def api(client, secret):
    client.headers["authorization"] = f"Bearer {secret}"
    return client


async def send(api, body, status=200, kind="application/json", **query):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await api.post(PATH, content=content, headers={"content-type": kind}, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


async def stored(site, **query):
    return await reads.page(site.database, ReadQuery(**query))


def outcomes(answer):
    return [one["outcome"] for one in answer["reads"]]


def told(answer):
    """Return what a refusal says of each field."""
    return {one["field"]: one["message"] for one in answer["errors"]}


def allow(site, **changes):
    """Let the site take more, or less."""
    terms = {name: changes.pop(name) for name in ("unknown_camera", "naive_time", "bad_clock") if name in changes}
    settings = site.intake.settings
    site.intake.settings = replace(settings, terms=replace(settings.terms, **terms), **changes)


async def test_a_read_is_stored_with_its_source_and_shown(api, site, secret):
    """Everything that was sent, under the name of the token, and `source` narrows to it."""
    answer = await send(api, sent.own())
    assert outcomes(answer) == ["accepted"]
    (read,) = await stored(site, source="parking")
    assert read.read.id == answer["reads"][0]["id"]
    assert (read.read.camera, read.read.text, read.read.external_id) == ("south", "AB 123 CD", "event-1")
    assert (read.evidence.frame_path, read.evidence.crop_path) == ("", "")
    assert await stored(site, source="") == ()
    reader = await make_token(site, Role.VIEWER, "erp")
    shown = await api.get(f"{PATH}/{read.read.id}", headers={"authorization": f"Bearer {reader}"})
    body = shown.json()
    assert (body["source"], body["external_id"], body["frame"], body["crop"]) == ("parking", "event-1", None, None)
    document = (await api.get("/api/v1/openapi.json", headers={"authorization": f"Bearer {reader}"})).json()
    assert not faults(document, {"$ref": "#/components/schemas/Read"}, body)
    gone = await api.get(f"{PATH}/{read.read.id}/frame.jpg", headers={"authorization": f"Bearer {reader}"})
    assert gone.status_code == 404


async def test_the_same_read_again_is_a_duplicate(api, site):
    """Alone, in a batch, twice in one batch, and without a name of its own; under another source it is another."""
    first = await send(api, sent.own())
    again = await send(api, [sent.own(), sent.own(id="2"), sent.own(id="2")])
    assert outcomes(again) == ["duplicate", "accepted", "duplicate"]
    assert again["reads"][0]["id"] == first["reads"][0]["id"]
    nameless = sent.own()
    del nameless["id"]
    assert outcomes(await send(api, [nameless, nameless])) == ["accepted", "duplicate"]
    assert outcomes(await send(api, sent.own(), source="deck 2")) == ["accepted"]
    assert len(await stored(site)) == 4


async def test_a_preview_is_completed_by_what_follows_it(api, site):
    """Also in one batch; nothing makes a complete read a preview again."""
    preview, final = sent.own(state="preview", text="AB12"), sent.own(state="final")
    assert outcomes(await send(api, [preview, final, preview])) == ["accepted", "completed", "duplicate"]
    (read,) = await stored(site)
    assert (read.read.text, read.read.state) == ("AB 123 CD", State.FINAL)


async def test_axis_numbers_its_cars_anew_after_a_restart(api, site):
    """A car of the same number hours later is another one, and as idempotent as the first."""
    site.intake.settings = replace(
        site.intake.settings, terms=replace(site.intake.settings.terms, unknown_camera="keep")
    )
    later = sent.axis(capture_timestamp=str(1772352000372 + 4 * 3_600_000), plateUTF8="XY99ZZ", plateASCII="XY99ZZ")
    for expected in ("accepted", "duplicate"):
        answers = [outcomes(await send(api, one))[0] for one in (sent.axis(), later)]
        assert answers == [expected, expected]
    assert {one.read.text for one in await stored(site)} == {"AB123CD", "XY99ZZ"}


async def test_pictures_are_kept_to_the_byte_and_the_crop_is_cut_out(api, site):
    """The frame is what was sent; a box in it gives the crop when none came."""
    kind, body = sent.stream_upload()
    answer = await send(api, body, kind=kind)
    (read,) = await stored(site)
    assert (site.images / read.evidence.frame_path).read_bytes() == sent.jpeg()
    assert (read.evidence.frame_width, read.evidence.frame_height) == (64, 32)
    assert (site.images / read.evidence.crop_path).read_bytes()[:3] == b"\xff\xd8\xff"
    assert read.read.box.width == 20
    assert outcomes(answer) == ["accepted"]
    files = sorted(path.name for path in site.images.rglob("*.jpg"))
    assert outcomes(await send(api, body, kind=kind)) == ["duplicate"]
    assert sorted(path.name for path in site.images.rglob("*.jpg")) == files


async def test_hikvision_and_axis_bring_both_pictures(api, site):
    """Each under the name that the site gave the camera."""
    allow(site, unknown_camera="keep")
    kind, body = sent.hikvision_upload()
    assert outcomes(await send(api, body, kind=kind)) == ["accepted"]
    assert outcomes(await send(api, sent.axis())) == ["accepted"]
    for read in await stored(site):
        assert (site.images / read.evidence.crop_path).read_bytes() == sent.jpeg(20, 10)
        assert (site.images / read.evidence.frame_path).read_bytes() == sent.jpeg()


NO_PICTURES = {
    "text": b"this is no picture",
    "nothing": b"",
    "cut short": sent.jpeg()[:-30],
    "an executable": b"MZ" + bytes(500),
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
}


@pytest.mark.parametrize("picture", NO_PICTURES.values(), ids=NO_PICTURES)
async def test_a_picture_that_is_none_is_refused_or_the_read_kept_without_it(api, site, picture):
    """As the configuration says, with the field named either way."""
    kind, body = sent.stream_upload(picture)
    assert list(told(await send(api, body, 400, kind))) == ["upload"]
    assert await stored(site) == ()
    allow(site, bad_picture_kept=True)
    answer = await send(api, body, kind=kind)
    assert outcomes(answer) == ["accepted"]
    assert answer["reads"][0]["errors"][0]["field"] == "upload"
    assert (await stored(site))[0].evidence.frame_path == ""


async def test_a_picture_that_is_too_large_is_refused(api, site):
    """In bytes and in pixels."""
    allow(site, picture_bytes=100)
    big = sent.own(frame_jpeg=base64.b64encode(sent.jpeg()).decode())
    assert "at most are taken" in told(await send(api, big, 400))["frame_jpeg"]
    allow(site, picture_bytes=4_000_000)
    bomb = sent.own(frame_jpeg=base64.b64encode(sent.jpeg(9000, 5000)).decode())
    assert "megapixels" in told(await send(api, bomb, 400))["frame_jpeg"]


async def test_boxes_outside_of_the_picture_are_left_out(api, site):
    """A frame smaller than what the boxes count is still the frame."""
    body = sent.own(box=[900, 900, 950, 920], frame_jpeg=base64.b64encode(sent.jpeg()).decode())
    await send(api, body)
    (read,) = await stored(site)
    assert read.read.box.area == 0
    assert read.evidence.crop_sha256 == read.evidence.frame_sha256


async def test_the_rest_of_a_batch_is_kept(api, site):
    """Each item is answered on its own, by its position, with field and reason."""
    batch = [
        sent.own(id="1"),
        sent.own(id="2", text=""),
        sent.own(id="3", camera="nowhere"),
        sent.own(id="4", captured_at="2999-01-01T00:00:00Z"),
        sent.own(id="5", captured_at="2026-03-01T08:00:00"),
        7,
        sent.own(id="7"),
    ]
    answer = await send(api, batch)
    assert outcomes(answer) == ["accepted", *["refused"] * 5, "accepted"]
    assert [one["errors"][0]["field"] for one in answer["reads"] if one["errors"]] == [
        *("text", "camera", "captured_at", "captured_at", "item")
    ]
    assert (answer["accepted"], answer["refused"]) == (2, 5)
    assert len(await stored(site)) == 2


async def test_when_nothing_is_taken_the_whole_request_is_a_problem(api):
    """400 with every field of every item."""
    answer = await send(api, [sent.own(text=""), sent.own(camera="nowhere")], 400)
    assert list(told(answer)) == ["reads[0].text", "reads[1].camera"]
    assert "[[exchange.camera]]" in told(answer)["reads[1].camera"]


async def test_what_the_configuration_keeps_is_kept_with_a_note(api, site):
    """An unknown camera, a time without zone by the site's clock, a wrong clock by the time of arrival."""
    allow(site, unknown_camera="keep", naive_time="site", bad_clock="arrival")
    answer = await send(api, [sent.own(camera="Tor 7"), sent.own(id="2", captured_at="2999-01-01T00:00:00Z")])
    assert [one["errors"][0]["field"] for one in answer["reads"]] == ["camera", "captured_at"]
    cameras = {one.read.camera: one.read.captured_at for one in await stored(site)}
    assert utc_now() - cameras["south"] < timedelta(minutes=1)
    assert cameras["Tor-7"] == datetime(2026, 3, 1, 8, tzinfo=UTC)


async def test_ten_megabytes_of_json_are_refused_in_words_and_eat_no_memory(api):
    """413, and not even a copy of it is kept."""
    body = b'{"camera": "' + b"x" * 10_000_000 + b'"}'

    async def chunks():
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    tracemalloc.start()
    answer = await api.post(PATH, content=chunks(), headers={"content-type": "application/json"})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, answer.json()["title"]) == (413, "Request Entity Too Large")
    assert "more than 8 MB" in answer.json()["detail"]
    assert peak < 40_000_000  # the test's own client and the 8 MB that are allowed


UNREADABLE = [
    ("application/json", b'{"camera": "S\xfcd"}', "byte 13 is not utf-8"),
    ("application/json", b"{", "is no JSON"),
    ("text/csv", b"a;b", "is text/csv"),
    ("multipart/form-data; boundary=x", b"--y", "is no multipart"),
]


@pytest.mark.parametrize(("kind", "body", "words"), UNREADABLE)
async def test_a_body_in_a_wrong_encoding_or_shape_is_refused(api, kind, body, words):
    """With the byte, line or kind that is wrong."""
    assert told(await send(api, body, 400, kind))["body"].startswith(words)


async def test_heartbeats_are_answered_and_ignored(api, site):
    """So that a device does not think that the site is down."""
    answer = await send(api, {"hook": {"event": "heartbeat"}, "data": {"camera_id": "south"}})
    assert (outcomes(answer), answer["ignored"]) == (["ignored"], 1)
    assert await stored(site) == ()


async def test_lists_decide_and_the_pages_hear_of_it(api, site):
    """As for a read of our own."""
    number = await lists.create(site.database, "Staff", ListKind.ALLOW, "bea", utc_now())
    assert await entries.add(site.database, number, Entry(0, "Staff", ListKind.ALLOW, "AB123CD"), "bea", utc_now())
    await site.keeper.load()
    async with site.bus.listen(ReadCommitted, LateReads) as events:
        await send(api, [sent.own(captured_at=utc_now().isoformat()), sent.own(id="old")])
        heard = [events.get_nowait() for _ in range(2)]
    assert (heard[0].decision.verdict, heard[0].new, type(heard[1])) == (Verdict.ALLOWED, True, LateReads)
    for read in await stored(site):
        assert read.verdict is Verdict.ALLOWED
        assert [hit.owner for hit in await hits.of_read(site.database, read.read.id)] == [""]


async def test_reads_of_one_moment_all_find_their_place(api, site):
    """Systems that tell whole seconds send many reads of the same microsecond."""
    batch = [sent.own(id=str(number), text=f"AB{number}") for number in range(300)]
    assert (await send(api, batch))["accepted"] == 300
    assert (await send(api, [one | {"id": f"x{one['id']}"} for one in batch]))["accepted"] == 300
    assert len({one.read.id for one in await stored(site, limit=1000)}) == 600


async def test_many_requests_at_once_are_all_answered(api, site):
    """They share transactions, not answers."""
    answers = await asyncio.gather(*(send(api, [sent.own(id=str(n)), sent.own(id="same")]) for n in range(20)))
    fates = [outcomes(answer) for answer in answers]
    assert [one for one, _ in fates] == ["accepted"] * 20
    assert sorted(other for _, other in fates) == ["accepted", *["duplicate"] * 19]


async def test_while_nothing_can_be_stored_it_is_to_be_sent_again(api, site, monkeypatch):
    """503 with the time to wait; nothing is half stored."""

    async def full(*_, **__):
        raise StoreError("database: the disk is full: free some space")

    monkeypatch.setattr(site.intake, "_judge", full)
    answer = await api.post(PATH, json=sent.own())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "the disk is full" in answer.json()["detail"]
    monkeypatch.undo()
    assert outcomes(await send(api, sent.own())) == ["accepted"]


async def test_who_may_send(client, site):
    """Senders, guards and admins; by header, as a password, and senders alone in the address."""
    secrets = {role: await make_token(site, role, role.value) for role in Role}
    for role, status in ((Role.SENDER, 200), (Role.VIEWER, 403), (Role.GUARD, 200), (Role.ADMIN, 200)):
        answer = await client.post(PATH, json=sent.own(), headers={"authorization": f"Bearer {secrets[role]}"})
        assert answer.status_code == status, role
    assert (await client.post(PATH, json=sent.own(), auth=("camera", secrets[Role.SENDER]))).status_code == 200
    assert (await client.post(PATH, json=sent.own(), auth=("camera", "wrong"))).status_code == 401
    for role, status in ((Role.SENDER, 200), (Role.ADMIN, 401)):
        answer = await client.post(PATH, json=sent.own(), params={"access_token": secrets[role]})
        assert answer.status_code == status, role
    assert (await client.post(PATH, json=sent.own())).status_code == 401


@pytest.mark.parametrize("path", ["/reads", "/lists", "/cameras", "/openapi.json", "/health"])
async def test_a_token_that_sends_sees_nothing(api, path):
    """Lost with a camera, it tells nobody who came."""
    answer = await api.get(f"/api/v1{path}")
    assert answer.status_code == 403
    assert "may only send" in answer.json()["detail"]


async def test_a_token_in_the_address_is_taken_nowhere_else(client, site):
    """Addresses stand in logs."""
    secret = await make_token(site, Role.VIEWER)
    assert (await client.get(PATH, params={"access_token": secret})).status_code == 401


async def test_a_site_that_takes_nothing_says_so(api, site):
    """`enabled = false` in [exchange]."""
    allow(site, enabled=False)
    answer = await api.post(PATH, json=sent.own())
    assert (answer.status_code, "takes no reads" in answer.json()["detail"]) == (403, True)


async def test_the_answer_is_what_openapi_says(api, site):
    """The shape of the document, for a batch with every fate."""
    reader = await make_token(site, Role.VIEWER, "erp")
    document = (await api.get("/api/v1/openapi.json", headers={"authorization": f"Bearer {reader}"})).json()
    operation = document["paths"]["/api/v1/reads"]["post"]
    assert set(operation["requestBody"]["content"]) == {"application/json", "multipart/form-data", "application/xml"}
    batch = [sent.own(), sent.own(), sent.own(text="")]
    answer = await send(api, batch)
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert not faults(document, schema, answer)
