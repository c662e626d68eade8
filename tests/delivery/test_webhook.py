"""Webhooks against a receiver process that behaves well, badly, or not at all."""

from __future__ import annotations

import base64
import email.parser
import email.policy
import hashlib
import hmac
import io
import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest

from alpr.delivery.httpanswer import retry_after
from alpr.delivery.webhook import Hook, WebhookTarget
from alpr.errors import ConfigError, DeliveryError
from alpr.log import configure_logging
from tests.delivery.drawn_deliveries import NOW, make_delivery, make_jpeg

README = Path(__file__).parents[2] / "README.md"


async def _send(hook, delivery=None, picture=None):
    target = WebhookTarget(hook, clock=lambda: NOW)
    try:
        await target.send(delivery or make_delivery(), picture)
    finally:
        await target.close()


async def _refused(hook, delivery=None):
    with pytest.raises(DeliveryError) as told:
        await _send(hook, delivery)
    return told.value


def _parts(arrival):
    """Return the parts of a multipart body by their names."""
    head = f"Content-Type: {arrival.headers['content-type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + arrival.body)
    return {
        part.get_param("name", header="content-disposition"): (part.get_content_type(), part.get_payload(decode=True))
        for part in message.iter_parts()
    }


async def test_our_own_shape_tells_the_read_and_why(receiver):
    """One POST of JSON: what happened, in words and in facts, with a key that repeats itself."""
    await _send(Hook("yard", receiver.url()))
    await _send(Hook("yard", receiver.url()))
    first, second = receiver.arrivals()
    assert (first.method, first.headers["content-type"]) == ("POST", "application/json")
    told = first.json
    assert told["title"] == "GX15 OGJ denied"
    assert told["text"] == "Gate in: GX15 OGJ is denied"
    assert (told["event"], told["rule"], told["site"]) == ("read", "Denied", "Yard & Söhne")
    assert (told["read"]["text"], told["read"]["verdict"]) == ("GX15OGJ", "denied")
    assert "picture" not in told
    assert told["key"] == "rule Gesperrt äöü/1/yard"
    assert re.fullmatch(r"[0-9a-f-]{36}", first.key)
    assert first.key == told["id"] == second.key
    assert first.headers["user-agent"].startswith("alpr/")
    assert "webhook-signature" not in first.headers


async def test_the_picture_goes_along_as_configured(receiver):
    """Base64 in the JSON, a part of its own, or not at all."""
    jpeg = make_jpeg()
    for picture in ("auto", "base64", "multipart", "none"):
        await _send(Hook("yard", receiver.url(), picture=picture), picture=jpeg)
    auto, inside, beside, none = receiver.arrivals()
    for arrival in (auto, inside):
        assert base64.b64decode(arrival.json["picture"]["base64"]) == jpeg
        assert arrival.json["picture"]["content_type"] == "image/jpeg"
    parts = _parts(beside)
    assert parts["picture"] == ("image/jpeg", jpeg)
    assert parts["payload"][0] == "application/json"
    assert json.loads(parts["payload"][1])["read"]["text"] == "GX15OGJ"
    assert "picture" not in none.json


@pytest.mark.parametrize("picture", ["base64", "multipart"])
async def test_the_signature_can_be_verified(receiver, picture):
    """HMAC-SHA-256 over id, time and the bytes as they came, whatever is in them."""
    await _send(Hook("yard", receiver.url(), secret="s3cret", picture=picture), picture=make_jpeg())
    (arrival,) = receiver.arrivals()
    headers = arrival.headers
    assert headers["webhook-id"] == arrival.key
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + arrival.body
    digest = base64.b64encode(hmac.new(b"s3cret", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"


async def test_the_readme_tells_how_to_verify(receiver):
    """The snippet in the manual takes our signature and no other."""
    snippet = re.search(r"```python\n(import base64.*?def is_genuine.*?)```", README.read_text(), re.DOTALL)[1]
    names = {}
    exec(snippet, names)
    for secret in ("s3cret", "whsec_" + base64.b64encode(b"other bytes").decode()):
        target = WebhookTarget(Hook("yard", receiver.url(), secret=secret))
        await target.send(make_delivery(), None)
        await target.close()
        last = receiver.arrivals()[-1]
        assert names["is_genuine"](secret, last.headers, last.body)
        assert not names["is_genuine"]("another", last.headers, last.body)
        assert not names["is_genuine"](secret, last.headers, last.body + b" ")
        old = {**last.headers, "webhook-timestamp": str(int(time.time()) - 3600)}
        assert not names["is_genuine"](secret, old, last.body)


async def test_login_in_the_url_or_by_token(receiver):
    """Basic login from the url, Bearer from the token."""
    await _send(Hook("yard", receiver.url().replace("//", "//me:p%40ss@")))
    await _send(Hook("yard", receiver.url(), token="t0ken"))
    basic, bearer = (arrival.headers["authorization"] for arrival in receiver.arrivals())
    assert base64.b64decode(basic.removeprefix("Basic ")) == b"me:p@ss"
    assert bearer == "Bearer t0ken"


async def test_cloud_events(receiver):
    """The envelope of CloudEvents 1.0 with what it requires: specversion, id, source, type."""
    await _send(Hook("yard", receiver.url(), cloudevents=True))
    (arrival,) = receiver.arrivals()
    assert arrival.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    event = arrival.json
    assert (event["specversion"], event["id"], event["type"]) == ("1.0", arrival.key, "alpr.read")
    assert event["source"] == "/alpr/Yard%20%26%20S%C3%B6hne"
    assert (event["time"], event["subject"]) == (NOW.isoformat(), "gate-in")
    assert event["data"]["read"]["text"] == "GX15OGJ"


async def test_rekors_shape(receiver):
    """An `alpr_group` with the fields and types that receivers of Rekor Scout look for."""
    await _send(Hook("yard", receiver.url(), format="rekor"), picture=make_jpeg())
    group = receiver.arrivals()[0].json
    assert (group["data_type"], group["best_plate_number"], group["best_region"]) == ("alpr_group", "GX15OGJ", "gb")
    assert group["best_confidence"] == pytest.approx(93)
    assert [one["plate"] for one in group["candidates"]] == ["GX15OGJ", "GX150GJ"]
    assert group["best_plate"]["coordinates"][2] == {"x": 60, "y": 24}
    assert group["vehicle"]["color"] == [{"name": "red", "confidence": 80.0}]
    assert isinstance(group["camera_id"], int)
    assert group["web_server_config"]["camera_label"] == "gate-in"
    assert isinstance(group["epoch_start"], int)
    assert group["epoch_start"] == datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC).timestamp() * 1000
    for jpeg, shape in ((group["best_plate"]["plate_crop_jpeg"], (16, 56)), (group["vehicle_crop_jpeg"], (60, 120))):
        image = cv2.imdecode(np.frombuffer(base64.b64decode(jpeg), np.uint8), cv2.IMREAD_COLOR)
        assert image.shape[:2] == shape


async def test_plate_recognizers_shape(receiver):
    """`hook` and `data` as its Stream sends them, the picture as `upload` beside `json`."""
    url = receiver.url().replace("//", "//me:secret@")
    zone = ZoneInfo("Europe/Berlin")
    await _send(Hook("yard", url, format="platerecognizer", zone=zone), picture=make_jpeg())
    await _send(Hook("yard", url, format="platerecognizer", picture="none", zone=zone))
    with_picture, without = receiver.arrivals()
    parts = _parts(with_picture)
    assert parts["upload"] == ("image/jpeg", make_jpeg())
    told = json.loads(parts["json"][1])
    assert told == without.json
    assert told["hook"]["event"] == "recognition"
    assert told["hook"]["target"] == receiver.url()
    data = told["data"]
    assert (data["camera_id"], data["timestamp"]) == ("gate-in", "2026-03-01T12:00:01.000000Z")
    assert data["timestamp_local"] == "2026-03-01 13:00:01.000000+01:00"
    (result,) = data["results"]
    assert (result["plate"], result["score"], result["region"]["code"]) == ("gx15ogj", 0.93, "gb")
    assert result["box"] == {"xmin": 4, "ymin": 8, "xmax": 60, "ymax": 24}
    assert result["vehicle"] == {"type": "car", "score": 0.8, "box": {"xmin": 0, "ymin": 0, "xmax": 120, "ymax": 60}}


@pytest.mark.parametrize("chosen", ["rekor", "platerecognizer"])
async def test_an_event_without_a_read_has_no_foreign_shape(receiver, chosen):
    """What the other product has no word for is refused for good, in words."""
    delivery = make_delivery(facts={"event": "camera lost", "read": None})
    error = await _refused(Hook("yard", receiver.url(), format=chosen), delivery)
    assert error.permanent
    assert "tells of reads alone" in str(error)
    assert receiver.count() == 0


@pytest.mark.parametrize(
    ("status", "permanent", "said"),
    [
        (400, True, "answers 400 and says 'no, thank\\x07 you'"),
        (401, True, "check `token`, `secret` and the login in the url"),
        (404, True, "check the url"),
        (410, True, "no longer in use"),
        (413, True, "leave the picture out"),
        (408, False, "answers 408"),
        (425, False, "answers 425"),
        (429, False, "answers 429"),
        (500, False, "answers 500"),
        (503, False, "answers 503"),
    ],
)
async def test_permanent_and_temporary_refusals(receiver, status, permanent, said):
    """Most of 4xx would fail again just so; timeouts, too early, too many and 5xx may not."""
    error = await _refused(Hook("yard", receiver.url(f"status/{status}")))
    assert error.permanent is permanent
    assert str(error).startswith("target yard: ")
    assert said in str(error)
    assert "\n" not in str(error)


async def test_a_redirect_is_told_and_not_followed(receiver):
    """The message goes nowhere that nobody configured."""
    error = await _refused(Hook("yard", receiver.url("redirect"), token="t0ken"))
    assert error.permanent
    assert "redirects (302) to http://127.0.0.1:1/elsewhere: write that as the url" in str(error)


async def test_a_receiver_that_asks_for_time(receiver):
    """Retry-After is handed on in seconds."""
    error = await _refused(Hook("yard", receiver.url("busy")))
    assert (error.permanent, error.retry_after) == (False, 1.0)


def test_retry_after():
    """Seconds or a date; whatever else it is, it says nothing."""
    now = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    for value, seconds in [
        ("120", 120),
        ("Sat, 21 Nov 2026 14:01:00 GMT", 60),
        ("Sat, 21 Nov 2026 13:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ]:
        assert retry_after(value, now) == seconds


async def test_a_receiver_that_stalls_is_left(receiver):
    """One that never answers costs the configured seconds, no more."""
    began = time.monotonic()
    error = await _refused(Hook("yard", receiver.url("stall"), timeout=0.2))
    assert time.monotonic() - began < 3
    assert not error.permanent
    assert str(error) == "target yard: no answer within 0.2 s: check the receiver"


@pytest.mark.parametrize("path", ["drip", "gzip"])
async def test_a_status_of_success_is_success(receiver, path):
    """A body that never ends or cannot be unpacked changes nothing: the receiver has said that it took the message."""
    began = time.monotonic()
    await _send(Hook("yard", receiver.url(path), timeout=0.3))
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("path", ["garbage", "close"])
async def test_what_is_no_http_is_told(receiver, path):
    """Something else listens there, or it broke off: worth another attempt, and told."""
    error = await _refused(Hook("yard", receiver.url(path)))
    assert not error.permanent
    assert "is no HTTP" in str(error)


async def test_nobody_there(receiver):
    """A receiver that is down is worth another attempt."""
    await receiver.stop()
    error = await _refused(Hook("yard", receiver.url()))
    assert not error.permanent
    assert "cannot be reached" in str(error)


async def test_secrets_that_a_receiver_repeats_are_not_kept(receiver):
    """An answer that shows all that was sent shows no secret in our error."""
    hook = Hook("yard", receiver.url("echo").replace("//", "//me:passw0rd@"), token="t0ken", secret="s3cret")
    error = await _refused(hook)
    assert "answers 401 and says 'POST /echo" in str(error)
    assert not any(secret in str(error) for secret in ("passw0rd", "t0ken", "s3cret"))


async def test_addresses_are_not_logged_even_when_everything_is(receiver):
    """The path of a webhook is a secret in many services."""
    stream = io.StringIO()
    configure_logging("debug", "json", stream)
    await _send(Hook("yard", receiver.url("T0KEN123?key=S3CRET99")))
    assert receiver.count() == 1
    assert "T0KEN123" not in stream.getvalue()
    assert "S3CRET99" not in stream.getvalue()


async def test_a_certificate_must_be_trusted(tls_receiver):
    """A self-signed receiver is refused, until its authority or no check is asked for."""
    url, certificate = tls_receiver
    error = await _refused(Hook("yard", url))
    assert not error.permanent
    assert "certificate is not trusted" in str(error)
    await _send(Hook("yard", url, tls_ca=certificate))
    await _send(Hook("yard", url, tls_verify=False))


def test_authorities_that_cannot_be_read(tmp_path):
    """A wrong file of authorities is a fault of the configuration."""
    with pytest.raises(ConfigError, match=r"target yard: `tls_ca` .* cannot be used"):
        WebhookTarget(Hook("yard", "https://h/x", tls_ca=tmp_path / "none.pem"))
