"""The makers' payloads, each as its adapter understands it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from alpr.domain import Box, Kind
from alpr.exchange.payload import items_of
from alpr.exchange.told import Format, Refused, Silent, Told
from tests import foreign_payloads as sent


def one(content_type, body, wanted=None):
    """Return the only item of a request."""
    (item,) = items_of(content_type, body if isinstance(body, bytes) else json.dumps(body).encode(), wanted, 500)
    return item


def faults_of(item):
    assert isinstance(item, Refused), item
    return {fault.field: fault.message for fault in item.faults}


REQUESTS = {
    "own": ("application/json", sent.own(direction="in", vehicle={"type": "car", "colour": "grey"})),
    "stream": sent.stream_upload(),
    "stream with props": ("application/json", sent.stream_with_props()),
    "axis": ("application/json", sent.axis()),
    "hikvision": sent.hikvision_upload(),
    "hikvision alone": ("application/xml", sent.hikvision()),
    "hikvision unnamed": sent.multipart(("", "", "application/xml", sent.hikvision()), kind="multipart/mixed"),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_every_format_tells_the_same_of_the_same_vehicle(request_):
    """Text without look at case and spaces, the moment with its zone, box and certainty arrive in one shape."""
    told = one(*request_)
    assert isinstance(told, Told)
    assert told.text.replace(" ", "") == "AB123CD"
    assert told.kind is Kind.PLATE
    assert told.at.astimezone(UTC).replace(microsecond=0) == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert told.confidence == pytest.approx(0.9, abs=0.09)
    assert told.box == Box(10, 10, 30, 20)
    assert told.external_id


def test_a_stream_result_brings_candidates_vehicle_and_frame():
    """The truck is a truck, the gray one grey, and the picture its frame."""
    told = one(*sent.stream_upload())
    assert (told.vehicle, told.colour, told.region) == ("truck", "grey", "fr")
    assert [candidate.text for candidate in told.candidates] == ["A8123CD"]
    assert (told.camera, told.frame.data) == (("south",), sent.jpeg())


def test_a_stream_webhook_of_several_plates_is_several_reads():
    """Each result has a name of its own."""
    payload = sent.stream()
    payload["data"]["results"] *= 2
    names = [told.external_id for told in items_of("application/json", json.dumps(payload).encode(), None, 500)]
    assert len(set(names)) == 2


def test_a_vehicle_without_a_plate_is_told_unread():
    """Stream sends vehicles without plates when asked to."""
    told = one("application/json", sent.stream(plate=None, score=None))
    assert (told.text, told.vehicle) == ("", "truck")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", {"hook": {"event": "heartbeat"}, "data": {"camera_id": "south"}}),
        ("application/json", sent.stream() | {"data": sent.stream()["data"] | {"results": []}}),
        ("application/json", sent.axis(carState="lost", plateUTF8="---", plateASCII="---")),
        ("application/xml", b"<EventNotificationAlert><eventType>heartBeat</eventType></EventNotificationAlert>"),
        ("application/json", {"eventType": "videoloss", "eventState": "inactive"}),
    ],
)
def test_what_tells_of_no_vehicle_is_silent(content_type, body):
    """Heartbeats, empty results and plates that are gone are no reads and no faults."""
    assert isinstance(one(content_type, body), Silent)


def test_axis_tells_a_car_first_and_completes_it_when_it_is_lost():
    """All events of one car have one name; only the last is no preview."""
    states = [one("application/json", sent.axis(carState=state)) for state in ("new", "update", "lost")]
    assert [told.preview for told in states] == [True, True, False]
    assert len({told.external_id for told in states}) == 1
    assert (states[0].direction, states[0].vehicle, states[0].colour) == ("in", "car", "grey")
    assert states[0].camera == ("defaultID", "B8A44F960ACE")
    assert (states[0].frame.data, states[0].crop.data) == (sent.jpeg(), sent.jpeg(20, 10))


def test_axis_without_an_epoch_tells_the_time_of_its_own_clock():
    """Then the site says in which zone the camera stands."""
    told = one("application/json", sent.axis(capture_timestamp=None))
    assert told.at == datetime(2026, 3, 1, 9, 0, 0, 372000)  # noqa: DTZ001 - naive is the point
    assert told.time_field == "datetime"


def test_hikvision_tells_each_character_and_both_pictures():
    """The picture of the plate is the crop, that of the scene the frame."""
    told = one(*sent.hikvision_upload())
    assert [character.confidence for character in told.characters] == [0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93]
    assert (told.frame.data, told.crop.data) == (sent.jpeg(), sent.jpeg(20, 10))
    assert told.vehicle_box == Box(0, 0, 60, 30)
    assert told.camera == ("South gate", "44:a6:42:f3:2a:d7", "192.168.1.64")
    assert (told.vehicle, told.colour) == ("car", "white")


@pytest.mark.parametrize("plate", ["unknown", "", "noPlate", "无车牌"])
def test_hikvision_without_a_plate_is_told_unread(plate):
    """Their words for `no plate` are no plates."""
    assert one("application/xml", sent.hikvision(plate)).text == ""


def test_hikvision_in_a_chinese_encoding_is_understood():
    """Older cameras declare GB2312."""
    xml = sent.hikvision("粤B12345").decode().replace('encoding="utf-8"', 'encoding="GB2312"').encode("gb18030")
    assert one("application/xml", xml).text == "粤B12345"


def test_hikvision_in_json_is_understood():
    """Newer devices send the same fields as JSON."""
    event = {
        "ipAddress": "192.168.1.64",
        "eventType": "ANPR",
        "dateTime": "2026-03-01T09:00:00+01:00",
        "ANPR": {"licensePlate": "AB123CD", "confidenceLevel": 98},
    }
    assert one("application/json", event).text == "AB123CD"


def without(payload, *path):
    """Return a copy of a payload that misses one field."""
    copy = json.loads(json.dumps(payload))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return copy


MISSING = [
    (without(sent.own(), "camera"), "camera"),
    (without(sent.own(), "captured_at"), "captured_at"),
    (without(sent.own(), "text"), "text"),
    (without(sent.stream(), "data", "camera_id"), "data.camera_id"),
    (without(without(sent.stream(), "data", "timestamp"), "data", "timestamp_local"), "data.timestamp_local"),
    (without(without(sent.axis(), "capture_timestamp"), "datetime"), "datetime"),
    (without(without(sent.axis(), "plateUTF8"), "plateASCII"), "plateText"),
    (without(without(sent.axis(), "sensorProviderID"), "camera_info"), "sensorProviderID"),
]


@pytest.mark.parametrize(("payload", "field"), MISSING)
def test_a_missing_field_is_named(payload, field):
    """With the path that it has in the maker's payload."""
    assert faults_of(one("application/json", payload)) == {field: "is missing"}


@pytest.mark.parametrize("element", ["dateTime", "licensePlate"])
def test_a_missing_element_is_named(element):
    """In XML as well."""
    xml = sent.hikvision().decode()
    start, end = xml.index(f"<{element}>"), xml.index(f"</{element}>") + len(element) + 3
    (field,) = faults_of(one("application/xml", (xml[:start] + xml[end:]).encode()))
    assert field.endswith(element)


WRONG = [
    (sent.own(text=["AB"]), "text", "is a list, should be a text"),
    (sent.own(text="---"), "text", "`---` has no letter and no digit"),
    (sent.own(text="A" * 65), "text", "has 65 characters, 64 at most are taken"),
    (sent.own(text="AB\ufffd12"), "text", "has a broken character: check its encoding, it should be UTF-8"),
    (
        sent.own(text="AB\ud80012"),
        "text",
        "has characters that cannot be shown: check its encoding, it should be UTF-8",
    ),
    (sent.own(confidence=1.5), "confidence", "is 1.5, should be from 0 to 1"),
    (sent.own(confidence=True), "confidence", "is true or false, should be a number"),
    (sent.own(confidence="sure"), "confidence", "`sure` is no number"),
    (sent.own(captured_at="yesterday"), "captured_at", "`yesterday` is no time such as 2026-03-01T08:00:00Z"),
    (sent.own(captured_at="2026-03-01"), "captured_at", "`2026-03-01` is no time such as 2026-03-01T08:00:00Z"),
    (sent.own(captured_at=17), "captured_at", "is a number, should be a time such as 2026-03-01T08:00:00Z"),
    (sent.own(kind="ship"), "kind", "should be one of plate, container, vehicle"),
    (sent.own(direction="up"), "direction", "should be in or out"),
    (sent.own(box=[1, 2, 3]), "box", "should be [x1, y1, x2, y2] in pixels"),
    (sent.own(vehicle="car"), "vehicle", "is a text, should be an object"),
    (sent.own(candidates=[{"text": 7, "confidence": 2}]), "candidates[0].confidence", "is 2, should be from 0 to 1"),
    (sent.own(frame_jpeg="***"), "frame_jpeg", "is no base64"),
    (sent.stream(score=300), "data.results[0].score", "is 300, should be from 0 to 1 or from 0 to 100"),
    (sent.stream(box={"xmin": 1}), "data.results[0].box", "ymin is missing"),
    (sent.axis(capture_timestamp="soon"), "capture_timestamp", "`soon` is no number"),
    (sent.axis(ImageArray=[{"BinaryImage": "***"}]), "ImageArray[0].BinaryImage", "is no base64"),
    (sent.axis(plateCoordinates="10"), "plateCoordinates", "should be [x, y, width, height] in pixels"),
]


@pytest.mark.parametrize(("payload", "field", "words"), WRONG)
def test_a_wrong_value_is_named_with_what_it_should_be(payload, field, words):
    """Field and reason, in words."""
    assert faults_of(one("application/json", payload)) == {field: words}


def test_all_faults_of_an_item_are_told_at_once():
    """Nobody has to send it three times."""
    broken = sent.own(text="", captured_at="now", confidence=-1)
    assert set(faults_of(one("application/json", broken))) == {"text", "captured_at", "confidence"}


def test_a_format_that_is_named_is_not_guessed():
    """An object that looks like ours is looked at as what the address says."""
    (field, *_) = faults_of(one("application/json", sent.own(), Format.PLATERECOGNIZER))
    assert field == "timestamp_local"
