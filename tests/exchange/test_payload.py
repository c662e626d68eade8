"""Bodies of requests: what cannot be read at all, and batches."""

from __future__ import annotations

import json

import pytest

from alpr.exchange.payload import items_of
from alpr.exchange.told import FieldFaultError, Refused, Told
from tests import foreign_payloads as sent

JSON = "application/json"
UNREADABLE = {
    "nothing": (JSON, b"", "is no JSON: line 1, column 1: Expecting value"),
    "half": (JSON, b'{"camera": "sou', "is no JSON: line 1, column 12: Unterminated string starting at"),
    "latin-1": (JSON, '{"camera": "Süd"}'.encode("latin-1"), "byte 13 is not utf-8: send UTF-8"),
    "charset": ("application/json; charset=klingon", b"{}", "names the unknown charset klingon: send UTF-8"),
    "infinity": (JSON, b'{"confidence": Infinity}', "is no JSON: Infinity is no number of JSON"),
    "deep": (JSON, b"[" * 100_000, "is nested too deep"),
    "empty batch": (JSON, b"[]", "has no read in it"),
    "too many": (JSON, b"[1,2,3,4,5,6]", "has 6 reads, 5 at most are taken at a time"),
    "text": ("text/csv", b"a,b", "is text/csv: send JSON, or what the formats' makers send"),
    "no boundary": ("multipart/form-data", b"--x", "is multipart without a boundary in its Content-Type"),
    "no parts": (*sent.multipart(), "has no part with JSON or XML: name it `json`"),
    "no end": (sent.stream_upload()[0], sent.stream_upload()[1][:-40], None),
    "picture alone": (
        *sent.multipart(("upload", "1.jpg", "image/jpeg", sent.jpeg())),
        "has no part with JSON or XML: name it `json`",
    ),
    "picture beside two": (
        *sent.multipart(
            ("reads", "", JSON, json.dumps([sent.own(), sent.own()]).encode()),
            ("frame", "1.jpg", "image/jpeg", sent.jpeg()),
        ),
        "has picture parts beside several reads: send them as `frame_jpeg` in each",
    ),
}


@pytest.mark.parametrize(("kind", "body", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_cannot_be_read_is_refused_as_a_whole(kind, body, words):
    """The reason says where it breaks."""
    with pytest.raises(FieldFaultError) as caught:
        items_of(kind, body, None, 5)
    assert caught.value.fault.field == "body"
    if words is not None:
        assert caught.value.fault.message.startswith(words)


XML_FAULTS = {
    "broken": b"<EventNotificationAlert><ANPR>",
    "another": b"<html></html>",
    "entities": b'<!DOCTYPE a [<!ENTITY b "c">]><EventNotificationAlert>&b;</EventNotificationAlert>',
    "not utf-8": b'<?xml version="1.0"?><EventNotificationAlert><a>\xff\xfe</a></EventNotificationAlert>',
    "nested": b"<EventNotificationAlert>" + b"<a>" * 60 + b"</a>" * 60 + b"</EventNotificationAlert>",
}


@pytest.mark.parametrize("xml", XML_FAULTS.values(), ids=XML_FAULTS)
def test_xml_that_cannot_be_read_is_refused(xml):
    """Broken, of another kind, with a document type, in a wrong encoding, nested too deep."""
    (item,) = items_of("application/xml", xml, None, 5)
    assert isinstance(item, Refused)
    assert item.faults[0].field == "xml"


def test_the_rest_of_a_batch_is_kept():
    """A broken read among good ones is refused alone."""
    batch = [sent.own(id="1"), sent.own(id="2", text=None), 7, sent.own(id="4")]
    items = items_of(JSON, json.dumps(batch).encode(), None, 500)
    assert [type(item) for item in items] == [Told, Refused, Refused, Told]
    assert items[2].faults[0].message == "is a number, should be an object"


@pytest.mark.parametrize("wrapped", [{"reads": [sent.own()]}, [sent.own()], sent.own(), {"read": sent.own()}])
def test_one_or_many_in_our_own_shape(wrapped):
    """Alone, in a list, as our list gives them, as our webhook sends them."""
    (item,) = items_of(JSON, json.dumps(wrapped).encode(), None, 500)
    assert item.text == "AB 123 CD"


def test_cameras_that_were_out_of_reach_may_send_what_they_kept_as_a_list():
    """Every element is an event of its own."""
    events = [sent.axis(carID=str(number)) for number in range(3)]
    assert len(items_of(JSON, json.dumps(events).encode(), None, 500)) == 3


def test_a_byte_order_mark_is_forgiven():
    """Windows writes one."""
    (item,) = items_of(JSON, json.dumps(sent.own()).encode("utf-8-sig"), None, 500)
    assert isinstance(item, Told)
