"""The wiring: builds each part once and runs them together. Read it top to bottom.

Cameras → pipelines → recorder → store, and the pages beside them, in one event loop and one
TaskGroup. The outer world's faults are healed where they happen (camera sources, recorder); whatever
else escapes is our own bug and ends the process, non-zero, so that the service manager restarts it.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import structlog

from alpr import config as settings
from alpr.bus import Bus
from alpr.camera.source import open_source
from alpr.configfile import load_config
from alpr.correction import Corrector
from alpr.domain import Kind, utc_now
from alpr.errors import CameraError, ConfigError, StoreError
from alpr.gate import Gate, build_gate, tariff_of
from alpr.inference import Inference
from alpr.keepers.retention import Retention, limits_of
from alpr.live import LiveView
from alpr.ops.counters import counters
from alpr.ops.memory import return_freed_pictures
from alpr.paths import shipped
from alpr.pipeline import WatchSettings, watch
from alpr.recognizers.crossing import Line
from alpr.recognizers.makers import makers_of
from alpr.recognizers.passes import PassSettings
from alpr.recognizers.registry import Engine, load_engine, recognizers_for, with_text
from alpr.recognizers.zones import ZoneMask
from alpr.recorder import Recorder
from alpr.status import CameraState, Status
from alpr.store import reads
from alpr.store.database import Database, open_database
from alpr.store.images import Images
from alpr.store.stills import StillLedger
from alpr.watch.views import ViewWatch
from alpr.web.context import DemoScore
from alpr.web.server import make_web, serve

_log = structlog.get_logger(__name__)
_LAG_SAMPLE = 0.1


@dataclass(slots=True)
class Site:
    """The running parts that pipelines are made of."""

    config: settings.Config
    engine: Engine
    inference: Inference
    database: Database
    recorder: Recorder
    status: Status
    live: LiveView
    gate: Gate


Score = Callable[[], DemoScore]


async def run_site(config: settings.Config, config_path: Path, demo_score: Score | None = None) -> None:
    """Run the site until SIGTERM or SIGINT; SIGHUP loads the configuration anew, SIGUSR1 logs the counters.

    With a `demo_score` every page says in a corner how the demo does.
    """
    # Our own threads fill the cores; OpenCV's pool under them only gets in their way.
    cv2.setNumThreads(1)
    return_freed_pictures()
    stop, reload, status = asyncio.Event(), asyncio.Event(), Status()
    deeds: dict[signal.Signals, Callable[[], object]] = {
        signal.SIGTERM: stop.set,
        signal.SIGINT: stop.set,
        signal.SIGHUP: reload.set,
        signal.SIGUSR1: lambda: _log.info("counters", **counters(status)),
    }
    # From the first moment to the last: a signal that nobody takes ends the process at once.
    with _signals(deeds):
        await _run(config, config_path, status, stop, reload, demo_score)
    _log.info("stopped", **counters(status))


async def _run(
    config: settings.Config,
    config_path: Path,
    status: Status,
    stop: asyncio.Event,
    reload: asyncio.Event,
    demo_score: Score | None,
) -> None:
    bus, live = Bus(), LiveView()
    engine = await asyncio.to_thread(_load_models, config)
    status.provider, status.fallback, status.models = engine.provider, engine.fallback, engine.models
    async with _database(config.store.data) as database:
        async with database.write() as connection:
            left_open = await reads.complete_previews(connection, utc_now())
        images = Images(config.store.data / "images")
        gate = await build_gate(config, config_path, database, images, bus, status, live)
        recorder = Recorder(
            database,
            images,
            bus,
            status,
            quality=config.store.jpeg_quality,
            decide=gate.gatekeeper.decide,
            committed=gate.gatekeeper.committed,
            makers=makers_of(engine.models),
        )
        inference = Inference(engine.detector, config.recognition.threads, status)
        site = Site(config, engine, inference, database, recorder, status, live, gate)
        _log.info("started", cameras=len(config.camera), provider=engine.provider, completed_reads=left_open)
        async with asyncio.TaskGroup() as tasks:
            services = [tasks.create_task(recorder.run(), name="recorder"), tasks.create_task(_sample_lag(status))]
            services += [tasks.create_task(work, name=name) for name, work in gate.runs().items()]
            services.append(tasks.create_task(ViewWatch(status, site.live).run(), name="views"))
            retention = Retention(database, images, lambda: limits_of(site.config.store))
            services.append(tasks.create_task(retention.run(), name="retention"))
            if config.web.enabled:
                services.append(tasks.create_task(_serve(site, bus, images, demo_score), name="web"))
            watchers = {c.name: _start(tasks, site, c) for c in config.camera}
            while not await _first(stop, reload):
                reload.clear()
                await _reload(tasks, site, watchers, config_path)
            await _end(watchers.values())
            await recorder.drain()
            await gate.drain()
            for task in services:
                task.cancel()
        inference.close()


def _load_models(config: settings.Config) -> Engine:
    recognition = config.recognition
    models = recognition.models or shipped("models")
    engine = load_engine(models, recognition.provider, second_opinion=recognition.second_opinion)
    if engine.fallback:
        _log.warning("models run on the processor although a faster provider is installed: see `alpr doctor`")
    return with_text(engine, recognition.provider) if _reads_containers(config) else engine


def _reads_containers(config: settings.Config) -> bool:
    return any("container" in camera.reads for camera in config.camera if camera.enabled)


@asynccontextmanager
async def _database(data: Path) -> AsyncIterator[Database]:
    database = await open_database(data)
    try:
        yield database
    finally:
        await database.close()


async def _serve(site: Site, bus: Bus, images: Images, demo_score: Score | None) -> None:
    web = site.config.web
    app = make_web(
        database=site.database,
        bus=bus,
        status=site.status,
        live=site.live,
        corrector=Corrector(site.database, bus, site.gate.gatekeeper),
        images=images.root,
        site_name=site.config.site.name,
        timezone=site.config.site.timezone,
        secure_cookies=web.secure_cookies,
        session_hours=web.session_hours,
        demo_score=demo_score,
        barriers=site.gate.channels.barriers,
        push_key=site.gate.push_key,
        push_services=tuple(site.config.push.services),
        book=site.gate.book,
        visits=site.gate.visits,
        yard=site.gate.yard,
        wake_outbox=site.gate.outbox.wake,
        intake=site.gate.intake,
        floor=site.gate.floor,
        tariff=lambda: tariff_of(site.config.yard),
        review=lambda: site.config.review,
        limits=lambda: limits_of(site.config.store),
    )
    _log.info("pages", url=f"http://{web.host}:{web.port}/")
    await serve(app, web.host, web.port)


def _start(tasks: asyncio.TaskGroup, site: Site, camera: settings.Camera) -> asyncio.Task[None]:
    return tasks.create_task(_watch(site, camera), name=f"camera {camera.name}")


async def _watch(site: Site, camera: settings.Camera) -> None:
    """Run one camera's pipeline; a source that cannot go on ends it, and nothing else."""
    status = site.status.camera(camera.name)
    if not camera.enabled:
        status.change(CameraState.DISABLED)
        return
    ledger = StillLedger(site.database, camera.name)
    regions = camera.regions or site.config.site.regions
    recognizers = recognizers_for(
        site.engine,
        regions,
        min_plate_width=camera.min_plate_width,
        kinds=[Kind(kind) for kind in camera.reads],
        owners=site.config.containers.owners,
    )
    try:
        source = open_source(camera, status, ledger=ledger, timezone=ZoneInfo(site.config.site.timezone))
        how = replace(watch_settings(site.config, camera), live=source.live)
        await watch(source, recognizers, how, site.inference, site.recorder.record, status, site.live)
        _log.info("camera ended", camera=camera.name, reads=status.reads)
    except CameraError as error:
        status.change(CameraState.ENDED, str(error))
        _log.error("camera given up", camera=camera.name, error=str(error))


def watch_settings(config: settings.Config, camera: settings.Camera) -> WatchSettings:
    """Put together how one camera is watched."""
    recognition = config.recognition
    zones = ZoneMask(
        include=tuple(tuple(z.polygon) for z in camera.zone if z.mode == "include"),
        ignore=tuple(tuple(z.polygon) for z in camera.zone if z.mode == "ignore"),
        named=tuple((z.name, tuple(z.polygon)) for z in camera.zone if z.name and z.mode != "ignore"),
    )
    return WatchSettings(
        camera=camera.name,
        direction=camera.direction or None,
        zones=zones,
        motion_gate=camera.motion_gate,
        track_gap=recognition.track_gap,
        passes=PassSettings(
            accept=recognition.accept,
            preview=recognition.preview,
            park_memory=recognition.park_memory,
            line=Line(camera.line[0], camera.line[1]) if camera.line else None,
            zones=zones,
        ),
    )


async def _reload(
    tasks: asyncio.TaskGroup, site: Site, watchers: dict[str, asyncio.Task[None]], config_path: Path
) -> None:
    """Load the configuration anew: cameras that changed start again; a faulty file changes nothing."""
    try:
        new = await asyncio.to_thread(load_config, config_path)
    except ConfigError as error:
        for fault in error.faults:
            _log.error("configuration not taken, the old one goes on", fault=fault)
        return
    old = site.config
    if (new.store, new.web, new.push, new.log) != (old.store, old.web, old.push, old.log):
        _log.warning("changes in [store], [web], [push] and [log] need a restart")
    parts = attrgetter("site", "recognition", "containers")
    everything = parts(new) != parts(old)
    kept = {c.name for c in new.camera if not everything and c in old.camera}
    gone = [name for name in watchers if name not in kept]
    await _end([watchers.pop(name) for name in gone])
    for name in set(gone) - {c.name for c in new.camera}:
        site.status.cameras.pop(name, None)
        site.live.forget(name)
    site.config = new
    if _reads_containers(new):
        site.engine = await asyncio.to_thread(with_text, site.engine, new.recognition.provider)
    watchers.update({c.name: _start(tasks, site, c) for c in new.camera if c.name not in kept})
    try:
        await site.gate.reload(new, config_path)
    except (ConfigError, StoreError) as error:
        _log.error("rules and targets stay as they were", error=str(error))
    _log.info("configuration taken", cameras=len(new.camera), restarted=len(gone))


async def _end(watchers: Collection[asyncio.Task[None]]) -> None:
    """Cancel pipelines and wait until each has handed over what it still had open."""
    for task in watchers:
        task.cancel()
    if watchers:
        await asyncio.wait(watchers)


async def _first(stop: asyncio.Event, reload: asyncio.Event) -> bool:
    """Wait for either event; return whether it is time to stop."""
    waits = [asyncio.create_task(stop.wait()), asyncio.create_task(reload.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return stop.is_set()


@contextmanager
def _signals(deeds: Mapping[signal.Signals, Callable[[], object]]) -> Iterator[None]:
    """Do a deed on each signal while the context is open."""
    loop = asyncio.get_running_loop()
    for number, deed in deeds.items():
        loop.add_signal_handler(number, deed)
    try:
        yield
    finally:
        for number in deeds:
            loop.remove_signal_handler(number)


async def _sample_lag(status: Status) -> None:
    """Measure how late the event loop wakes: what a slow page or a busy GIL costs every camera."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LAG_SAMPLE
        await asyncio.sleep(_LAG_SAMPLE)
        status.loop_lag.append(max(0.0, loop.time() - due))
