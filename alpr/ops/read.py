"""`alpr read`: pictures, folders and videos → reads on standard output; no server, no database."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from alpr.camera.replay import FileSource
from alpr.camera.still import PICTURE_SUFFIXES
from alpr.domain import Frame, Kind, Read, Reading, Recording, State
from alpr.errors import CameraError
from alpr.ops.reader import Reader, add_model_arguments, open_reader, still_frame
from alpr.pipeline import watch
from alpr.status import CameraStatus

VIDEOS = frozenset(
    {".mp4", ".mkv", ".avi", ".mov", ".m4v", ".ts", ".webm", ".h264", ".h265", ".hevc", ".mjpeg", ".mpg"}
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `alpr read`."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture, video, or folder of them")
    parser.add_argument("--json", action="store_true", help="one JSON object per read and line, and nothing else")
    parser.add_argument("--fps", type=float, default=12.5, metavar="N", help="frames of a video to look at per second")
    add_model_arguments(parser)


def read_command(args: argparse.Namespace) -> int:
    """Read every path; exit code 1 when one of them could not be read."""
    reader = open_reader(args)
    return asyncio.run(_read_all(args, reader))


async def _read_all(args: argparse.Namespace, reader: Reader) -> int:
    code = 0
    sources, faults = find_sources(args.paths)
    for fault in faults:
        print(fault, file=sys.stderr)
        code = 1
    show = _Printer(as_json=args.json)
    with tqdm(sources, unit="file", disable=not sys.stderr.isatty() or len(sources) < 2, leave=False) as bar:  # noqa: PLR2004
        for path in bar:
            try:
                await _read_one(path, args, reader, show)
            except CameraError as error:
                tqdm.write(str(error), file=sys.stderr)
                code = 1
    if not show.count and not args.json and not code:
        print("no reads: no plate, no container and no vehicle was found", file=sys.stderr)
    return code


async def _read_one(path: Path, args: argparse.Namespace, reader: Reader, show: _Printer) -> None:
    if path.suffix.lower() not in VIDEOS:
        frame = await asyncio.to_thread(still_frame, path, 0)
        for capture in await reader.still(frame):
            show(path, capture.read)
        return
    status = CameraStatus(path.name)

    async def record(recording: Recording) -> None:
        for capture in recording.captures:
            if capture.read.state is not State.PREVIEW:
                show(path, capture.read)

    source = _WithProgress(FileSource(path, status, fps=args.fps), path)
    await watch(source, reader.recognizers, reader.settings(path.name), reader.inference, record, status)


class _WithProgress:
    """A file source that shows, on a terminal, how far it is."""

    live = False

    def __init__(self, source: FileSource, path: Path) -> None:
        self._source, self.name = source, path.name

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """Give the source's frames."""
        with tqdm(desc=self.name, unit=" frames", disable=not sys.stderr.isatty(), leave=False) as bar:
            async for frame in self._source.frames():
                yield frame
                bar.update()


def find_sources(paths: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Resolve folders to the pictures and videos in them; return those and one line for each fault."""
    found: list[Path] = []
    faults: list[str] = []
    for path in paths:
        try:
            inside = list(_files(path))
        except OSError as error:
            faults.append(f"{path}: {error.strerror or error}: check the path and its permissions")
            continue
        if not inside:
            faults.append(f"{path}: holds no picture and no video ({', '.join(sorted(PICTURE_SUFFIXES | VIDEOS))})")
        found += inside
    return found, faults


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES | VIDEOS and p.is_file())
    else:
        path.stat()
        yield path


@dataclass(slots=True)
class _Printer:
    as_json: bool
    count: int = 0

    def __call__(self, path: Path, read: Read) -> None:
        self.count += 1
        line = json.dumps(as_row(path, read), ensure_ascii=False) if self.as_json else _as_text(path, read)
        tqdm.write(line, file=sys.stdout)
        sys.stdout.flush()


def as_row(path: Path, read: Read) -> dict[str, Any]:
    """Return the read as the object that `--json` prints; times in seconds from the start of the source."""
    reading, vehicle = read.reading, read.vehicle
    return {
        "source": str(path),
        "kind": read.kind.value,
        "state": read.state.value,
        "text": reading.text,
        "confidence": round(reading.confidence, 4),
        "characters": [{"text": c.text, "confidence": round(c.confidence, 4)} for c in reading.characters],
        "candidates": [{"text": c.text, "confidence": round(c.confidence, 4)} for c in reading.candidates],
        "box": [round(v, 1) for v in (read.box.x1, read.box.y1, read.box.x2, read.box.y2)],
        "frame_time": round(read.frame_time, 3),
        "first_seen": round(read.frame_time + (read.first_seen - read.captured_at).total_seconds(), 3),
        "last_seen": round(read.frame_time + (read.last_seen - read.captured_at).total_seconds(), 3),
        "looks": len(read.looks),
        "region": reading.region,
        "vehicle": {"type": vehicle.type, "colour": vehicle.colour} if vehicle else None,
        "reasons": list(reading.reasons),
        **(_about_container(reading) if read.kind is Kind.CONTAINER else {}),
    }


def _about_container(reading: Reading) -> dict[str, Any]:
    return {
        "size_type": reading.size_type or None,
        "check_digit": reading.check_digit.value if reading.check_digit else None,
    }


def _as_text(path: Path, read: Read) -> str:
    text = read.text or "unread"
    vehicle = f"{read.vehicle.colour or ''} {read.vehicle.type}".strip() if read.vehicle else ""
    guesses = " ".join(candidate.text for candidate in read.reading.candidates[:2])
    about = f"{read.frame_time:7.2f} s" if path.suffix.lower() in VIDEOS else ""
    return f"{path}  {about}  {text:<10}  {read.reading.confidence:4.0%}  {vehicle:<16}  {guesses}".rstrip()
