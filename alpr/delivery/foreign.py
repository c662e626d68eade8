"""The shapes of two other products, so that what was made for them understands us: Rekor Scout, Plate Recognizer.

Only a read has such a shape. What we do not know stays empty or zero, with the type that receivers expect.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import cv2
import numpy as np

from alpr.access import Json

_PERCENT: Final = 100.0
_QUALITY: Final = 85


def rekor_group(read: Mapping[str, Any], identity: str, frame: bytes | None) -> dict[str, Json]:
    """Return the read as an `alpr_group`, what Rekor Scout posts for each vehicle that passed."""
    plate, vehicle = read["text"], read.get("vehicle") or {}
    first, last = (_epoch_ms(read[key]) for key in ("first_seen", "last_seen"))
    candidates: list[Json] = [
        {"plate": one["text"], "confidence": one["confidence"] * _PERCENT, "matches_template": 0}
        for one in ({"text": plate, "confidence": read["confidence"]}, *read["candidates"])
        if one["text"]
    ]
    confidence, region = read["confidence"] * _PERCENT, read.get("region") or ""
    return {
        "data_type": "alpr_group",
        "version": 5,
        "epoch_start": first,
        "epoch_end": last,
        "frame_start": 0,
        "frame_end": 0,
        "company_id": "",
        "agent_uid": "alpr",
        "agent_version": "",
        "agent_type": "alpr",
        "camera_id": _number_of(read["camera"]),
        "country": region,
        "gps_latitude": 0.0,
        "gps_longitude": 0.0,
        "uuids": [read["id"]],
        "plate_indexes": [0],
        "candidates": candidates,
        "best_plate": {
            "plate": plate,
            "confidence": confidence,
            "matches_template": 0,
            "plate_index": 0,
            "region": region,
            "region_confidence": 0,
            "processing_time_ms": 0.0,
            "requested_topn": len(candidates),
            "coordinates": _corners(read["box"]),
            "plate_crop_jpeg": _cropped(frame, read["box"]),
            "vehicle_region": _region(vehicle.get("box")),
            "vehicle_detected": bool(vehicle),
            "candidates": candidates,
        },
        "best_confidence": confidence,
        "best_uuid": read["id"],
        "best_uuid_epoch_ms": _epoch_ms(read["captured_at"]),
        "best_plate_number": plate,
        "best_region": region,
        "best_region_confidence": 0,
        "best_image_width": 0,
        "best_image_height": 0,
        "matches_template": False,
        "plate_path": [],
        "vehicle_path": [],
        "vehicle_crop_jpeg": _cropped(frame, vehicle.get("box")),
        "overview_jpeg": "",
        "vehicle_signature": "",
        "vehicle": {
            "color": _named(vehicle.get("colour"), vehicle),
            "body_type": _named(vehicle.get("type"), vehicle),
            "make": [],
            "make_model": [],
            "year": [],
            "orientation": [],
            "is_vehicle": _named("yes" if vehicle else None, vehicle),
            "missing_plate": _named(None if plate else "yes", {"confidence": 1.0}),
        },
        "travel_direction": 0.0,
        "direction_of_travel_id": 0,
        "is_parked": False,
        "is_preview": read["state"] == "preview",
        "web_server_config": {"camera_label": read["camera"], "agent_label": identity},
        "custom_data": "",
    }


def stream_result(read: Mapping[str, Any], url: str, zone: ZoneInfo) -> dict[str, Json]:
    """Return the read as Plate Recognizer Stream posts it: `hook` and `data`."""
    at = datetime.fromisoformat(read["captured_at"])
    filename = f"{read['camera']}_screenshots/{at:%y-%m-%d/%H-%M-%S.%f}.jpg"
    vehicle, colour = read.get("vehicle"), (read.get("vehicle") or {}).get("colour")
    result: dict[str, Json] = {
        "box": _box(read["box"]),
        "plate": read["text"].lower(),
        "score": read["confidence"],
        "dscore": read["confidence"],
        "region": {"code": read.get("region") or "", "score": 0.0},
        "candidates": [{"plate": one["text"].lower(), "score": one["confidence"]} for one in read["candidates"]],
        "vehicle": vehicle and {"type": vehicle["type"], "score": vehicle["confidence"], "box": _box(vehicle["box"])},
        "color": [{"color": colour, "score": (vehicle or {}).get("confidence") or 0.0}] if colour else [],
        "model_make": [],
        "orientation": [],
        "direction": None,
        "source_url": "",
        "position_sec": 0.0,
    }
    return {
        "hook": {"target": url, "id": read["camera"], "event": "recognition", "filename": filename},
        "data": {
            "camera_id": read["camera"],
            "filename": filename,
            "timestamp": f"{at.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%M:%S.%f}Z",
            "timestamp_local": at.astimezone(zone).isoformat(" ", "microseconds"),
            "results": [result],
        },
    }


def _number_of(camera: str) -> int:
    # Their cameras have numbers: one that stays the same for a name, and fits 31 bits.
    return zlib.crc32(camera.encode()) & 0x7FFFFFFF


def _epoch_ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _corners(box: list[float]) -> list[Json]:
    x1, y1, x2, y2 = (round(side) for side in box)
    return [{"x": x, "y": y} for x, y in ((x1, y1), (x2, y1), (x2, y2), (x1, y2))]


def _region(box: list[float] | None) -> dict[str, Json]:
    x1, y1, x2, y2 = (round(side) for side in box or (0, 0, 0, 0))
    return {"x": x1, "y": y1, "width": x2 - x1, "height": y2 - y1}


def _box(box: list[float] | None) -> Json:
    if box is None:
        return None
    return dict(zip(("xmin", "ymin", "xmax", "ymax"), (round(side) for side in box), strict=True))


def _named(name: str | None, vehicle: Mapping[str, Any]) -> list[Json]:
    return [{"name": name, "confidence": (vehicle.get("confidence") or 0.0) * _PERCENT}] if name else []


def _cropped(frame: bytes | None, box: list[float] | None) -> str:
    """Return the JPEG's part inside a box in base64; all of it without a box, nothing without a picture."""
    if frame is None:
        return ""
    image = cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_COLOR) if box else None
    if image is None or box is None:
        return base64.b64encode(frame).decode()
    x1, y1, x2, y2 = (max(0, round(side)) for side in box)
    part = image[y1:y2, x1:x2]
    if not part.size:
        return base64.b64encode(frame).decode()
    _, jpeg = cv2.imencode(".jpg", np.ascontiguousarray(part), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return base64.b64encode(jpeg.tobytes()).decode()
