"""What other systems send, made up after their public manuals."""

from __future__ import annotations

import base64
import json

import cv2
import numpy as np


def jpeg(width=64, height=32, grey=128):
    """Draw a small grey picture."""
    return cv2.imencode(".jpg", np.full((height, width, 3), grey, np.uint8))[1].tobytes()


def own(**changes):
    """Make a read in our own shape."""
    return {
        "id": "event-1",
        "camera": "south",
        "captured_at": "2026-03-01T08:00:00Z",
        "text": "AB 123 CD",
        "confidence": 0.97,
        "box": [10, 10, 30, 20],
    } | changes


def stream(**changes):
    """Make a result of Plate Recognizer Stream."""
    result = {
        "box": {"xmin": 10, "ymin": 10, "xmax": 30, "ymax": 20},
        "plate": "ab123cd",
        "score": 0.9,
        "dscore": 0.8,
        "region": {"code": "fr", "score": 0.5},
        "candidates": [{"plate": "ab123cd", "score": 0.9}, {"plate": "a8123cd", "score": 0.4}],
        "vehicle": {"type": "Big Truck", "score": 0.7, "box": {"xmin": 0, "ymin": 0, "xmax": 60, "ymax": 30}},
        "color": [{"color": "gray", "score": 0.6}],
        "direction": 210,
    } | changes
    return {
        "hook": {"target": "http://alpr/", "id": "camera-1", "event": "recognition", "filename": "camera-1/1.jpg"},
        "data": {
            "camera_id": "south",
            "filename": "camera-1/21-09-29/05-56-13.606935.jpg",
            "timestamp": "2026-03-01T08:00:00.606935Z",
            "timestamp_local": "2026-03-01 09:00:00.606935+01:00",
            "results": [result],
        },
    }


def stream_with_props():
    """Make the same in the newer shape, where plate and vehicle are objects."""
    return stream(
        plate={
            "type": "Plate",
            "score": 0.9,
            "box": {"xmin": 10, "ymin": 10, "xmax": 30, "ymax": 20},
            "props": {
                "plate": [{"value": "ab123cd", "score": 0.9}, {"value": "a8123cd", "score": 0.4}],
                "region": [{"value": "fr", "score": 0.5}],
            },
        },
        vehicle={"type": "Big Truck", "score": 0.7, "props": {"color": [{"value": "gray", "score": 0.6}]}},
        color=None,
    )


def axis(**changes):
    """Make a push event of AXIS License Plate Verifier."""
    return {
        "packetCounter": "13046",
        "capture_timestamp": "1772352000372",
        "datetime": "20260301 090000372",
        "plateUTF8": "AB123CD",
        "plateASCII": "AB123CD",
        "plateCountry": "FRA",
        "plateConfidence": "0.868800",
        "plateCoordinates": [10, 10, 20, 10],
        "carState": "new",
        "carID": "1327",
        "carMoveDirection": "in",
        "sensorProviderID": "defaultID",
        "camera_info": {"SerialNumber": "B8A44F960ACE", "MACAddress": "", "ProdShortName": "AXIS Q1805-LE"},
        "vehicle_info": {"type": "CAR", "color": "GRAY", "confidenceMMR": "0.99"},
        "ImageArray": [
            {"ImageType": "plate", "ImageFormat": "jpg", "BinaryImage": base64.b64encode(jpeg(20, 10)).decode()},
            {"ImageType": "vehicle", "ImageFormat": "jpg", "BinaryImage": base64.b64encode(jpeg()).decode()},
        ],
    } | changes


def hikvision(plate="AB123CD", when="2026-03-01T09:00:00.847+01:00", kind="ANPR", extra=""):
    """Make the XML of a Hikvision event."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<EventNotificationAlert version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">
<ipAddress>192.168.1.64</ipAddress><protocol>HTTP</protocol><macAddress>44:a6:42:f3:2a:d7</macAddress>
<channelID>1</channelID><dateTime>{when}</dateTime><activePostCount>80</activePostCount>
<eventType>{kind}</eventType><eventState>active</eventState><channelName>South gate</channelName>{extra}
<ANPR><country>64</country><licensePlate>{plate}</licensePlate><line>1</line><direction>forward</direction>
<confidenceLevel>98</confidenceLevel><plateCharBelieve>99,98,97,96,95,94,93</plateCharBelieve>
<vehicleType>SUVMPV</vehicleType><vehicleInfo><index>0</index><color>white</color></vehicleInfo>
<pictureInfoList><pictureInfo><fileName>detectionPicture.jpg</fileName><type>detectionPicture</type>
<plateRect><X>10</X><Y>10</Y><width>20</width><height>10</height></plateRect>
<vehicelRect><X>0</X><Y>0</Y><width>60</width><height>30</height></vehicelRect></pictureInfo>
<pictureInfo><fileName>licensePlatePicture.jpg</fileName><type>licensePlatePicture</type></pictureInfo>
</pictureInfoList><originalLicensePlate>{plate}</originalLicensePlate></ANPR>
<UUID>a0fe72d4-3652-464a-aebd-3f9190010236</UUID><picNum>2</picNum></EventNotificationAlert>""".encode()


BOUNDARY = "----------------boundary7"


def multipart(*parts, kind="multipart/form-data"):
    """Join parts `(name, filename, media type, bytes)`; return the content type and the body."""
    body = b""
    for name, filename, media, data in parts:
        disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
        head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: {media}\r\n\r\n"
        body += head.encode() + data + b"\r\n"
    return f"{kind}; boundary={BOUNDARY}", body + f"--{BOUNDARY}--\r\n".encode()


def stream_upload(picture=None, **changes):
    """Make the request of Plate Recognizer Stream."""
    return multipart(
        ("json", "", "application/json", json.dumps(stream(**changes)).encode()),
        ("upload", "1.jpg", "image/jpeg", jpeg() if picture is None else picture),
    )


def hikvision_upload(xml=None, picture=None):
    """Make the request of a Hikvision camera."""
    return multipart(
        ("anpr.xml", "anpr.xml", "text/xml", hikvision() if xml is None else xml),
        ("licensePlatePicture.jpg", "licensePlatePicture.jpg", "image/jpeg", jpeg(20, 10)),
        ("detectionPicture.jpg", "detectionPicture.jpg", "image/jpeg", jpeg() if picture is None else picture),
    )
