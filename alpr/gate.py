"""The wiring of who may enter and whom to tell: gatekeeper, watchdog, outbox and its targets, built once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from alpr.bus import Bus
from alpr.config import Config, Yard
from alpr.configfile import rule_lines
from alpr.delivery.activityear import ActivityEar
from alpr.delivery.channels import Channels
from alpr.delivery.outbox import Outbox
from alpr.delivery.target import Target
from alpr.delivery.targets import Targets
from alpr.delivery.vapid import Vapid, load_key
from alpr.delivery.webpush import PushTarget
from alpr.intake.activity import Intake as ActivityIntake
from alpr.intake.build import intake_settings
from alpr.intake.reads import Intake
from alpr.keepers.activity import keep_sums
from alpr.keepers.gate import Gatekeeper
from alpr.keepers.visits import VisitKeeper
from alpr.keepers.yard import YardKeeper, YardSettings
from alpr.live import LiveView
from alpr.site.factory.floor import Floor, write_floor
from alpr.site.rules.book import ALWAYS_TARGETS, FiledRule, Names, Rulebook
from alpr.site.rules.states import watches
from alpr.site.visits.states import visit_watches
from alpr.site.yard.demurrage import Rate, Tariff
from alpr.site.yard.grouping import Portal
from alpr.status import Status
from alpr.stay import Room, StayLimits
from alpr.store.database import Database
from alpr.store.images import Images
from alpr.watch.box import Watchdog
from alpr.watch.lists import watch_lists
from alpr.watch.visits import VisitWatch


@dataclass(frozen=True, slots=True)
class Gate:
    """The parts that decide and tell."""

    book: Rulebook
    gatekeeper: Gatekeeper
    yard: YardKeeper
    visits: VisitKeeper
    watchdog: Watchdog
    outbox: Outbox
    targets: Targets
    channels: Channels
    database: Database
    bus: Bus
    intake: Intake
    floor: Floor
    push_key: str = ""
    """The public key that browsers subscribe with; empty while notifications are switched off."""

    def runs(self) -> dict[str, Coroutine[Any, Any, None]]:
        """Return what runs as long as the site does, by name."""
        return {
            "gatekeeper": self.gatekeeper.run(),
            "watchdog": self.watchdog.run(),
            "outbox": self.outbox.run(),
            "channels": self.channels.run(),
            "lists": watch_lists(self.database, self.bus),
            "visits": self.visits.run(),
            "intake": self.intake.run(),
            "activity": keep_sums(self.database, self.bus, self.floor),
        }

    async def reload(self, config: Config, path: Path) -> None:
        """Take up what the configuration says now; raises ConfigError and StoreError."""
        write_floor(self.floor, config.factory, ZoneInfo(config.site.timezone))
        await _load(self.targets, self.channels, config)
        await self.outbox.replace(_all(self.targets, self.channels), self.targets.patience())
        write_rulebook(self.book, config, path)
        self.yard.take(yard_settings(config))
        self.visits.limits, self.visits.containers = stay_limits(config), container_limits(config)
        self.visits.room = room(config)
        self.intake.settings = intake_settings(config)
        await self.gatekeeper.load()

    async def drain(self) -> None:
        """Let what is on its way arrive, before the outbox is cancelled."""
        await self.outbox.drain()


async def build_gate(
    config: Config, path: Path, database: Database, images: Images, bus: Bus, status: Status, live: LiveView
) -> Gate:
    """Build the parts and take up lists, rules and targets; raises ConfigError and StoreError."""
    book = Rulebook()
    write_rulebook(book, config, path)
    yard, visits = keepers(config, database, bus)
    gatekeeper = Gatekeeper(database, bus, status, book, yard=yard, visits=visits)
    await gatekeeper.load()
    watchdog = Watchdog(
        database,
        status,
        live,
        tell=gatekeeper.box.tell,
        escalate=gatekeeper.box.escalate,
        watches=lambda: (
            *watches(book.alarms, gatekeeper.rules),
            *visit_watches(gatekeeper.ready_rules, visits.room),
        ),
        visits=VisitWatch(database, lambda: visits.room).measures,
    )
    vapid = Vapid(load_key(config.store.data), config.push.contact) if config.push.enabled else None
    push = PushTarget(database, vapid, tuple(config.push.services)) if vapid is not None else None
    floor = Floor()
    write_floor(floor, config.factory, ZoneInfo(config.site.timezone))
    hears = ActivityEar(ActivityIntake(database, bus, floor), floor)
    targets, channels = Targets(), Channels(database, bus, status, push, hears)
    await _load(targets, channels, config)
    outbox = Outbox(database, images, _all(targets, channels), patience=targets.patience(), bus=bus)
    gatekeeper.wakes(outbox.wake)
    push_key = vapid.public_key if vapid is not None else ""
    intake = Intake(
        database,
        images,
        bus,
        judge=gatekeeper.decide_all,
        committed=gatekeeper.committed,
        settings=intake_settings(config),
    )
    return Gate(
        book, gatekeeper, yard, visits, watchdog, outbox, targets, channels, database, bus, intake, floor, push_key
    )


def write_rulebook(book: Rulebook, config: Config, path: Path) -> None:
    """Write into the book what the configuration says about rules; raises ConfigError."""
    lines = rule_lines(path) if config.rule else ()
    book.filed = tuple(FiledRule(rule, line) for rule, line in zip(config.rule, lines, strict=True))
    book.file = path.name
    book.names = names_in(config)
    book.barrier_confidence = {barrier.name: barrier.min_confidence for barrier in config.barrier}
    book.alarms = config.alarms
    book.site = config.site.name
    book.zone = ZoneInfo(config.site.timezone)


def yard_settings(config: Config) -> YardSettings:
    """Return what groups reads into passes and judges what arrives."""
    portals = tuple(
        Portal(one.name, tuple(one.cameras), timedelta(seconds=one.seconds), tuple(one.rear)) for one in config.portal
    )
    return YardSettings(portals, ZoneInfo(config.site.timezone), timedelta(days=config.yard.tolerance_days))


def keepers(config: Config, database: Database, bus: Bus) -> tuple[YardKeeper, VisitKeeper]:
    """Return what groups reads into passes, and what makes visits of them."""
    visits = VisitKeeper(database, bus, stay_limits(config), room=room(config), containers=container_limits(config))
    return YardKeeper(yard_settings(config)), visits


def stay_limits(config: Config) -> StayLimits:
    """Return what parts one visit from the next."""
    visits = config.visits
    return StayLimits(*(timedelta(seconds=it) for it in (visits.duplicate, visits.turn_round, visits.missed_after)))


def container_limits(config: Config) -> StayLimits:
    """Return the same for containers."""
    return replace(stay_limits(config), missed_after=timedelta(seconds=config.visits.containers_missed_after))


def room(config: Config) -> Room:
    """Return how many may be inside, and for how long."""
    visits = config.visits
    return Room(
        overstay=timedelta(seconds=visits.overstay) if visits.overstay else None,
        list_overstay={name: timedelta(seconds=seconds) for name, seconds in visits.list_overstay.items()},
        capacity=visits.capacity,
        zone_capacity=visits.zone_capacity,
        list_capacity=visits.list_capacity,
    )


def tariff_of(yard: Yard) -> Tariff:
    """Return free time, and what the days after it cost."""
    rates = tuple(Rate(one.feet, one.after, Decimal(str(one.per_day))) for one in yard.rate)
    return Tariff(yard.free_days, timedelta(days=yard.overstay_days), yard.currency, rates)


def names_in(config: Config) -> Names:
    """Return what rules may name."""
    always = {name for name in ALWAYS_TARGETS if (config.mqtt if name == "mqtt" else config.push).enabled}
    targets = [target.name for target in config.target]
    own = [camera.name for camera in config.camera]
    return Names(
        cameras=tuple(dict.fromkeys((*own, *(sender.name for sender in config.exchange.camera)))),
        targets=(*targets, *sorted(always)),
        barriers=tuple(barrier.name for barrier in config.barrier),
    )


async def _load(targets: Targets, channels: Channels, config: Config) -> None:
    zone = ZoneInfo(config.site.timezone)
    await asyncio.to_thread(targets.load, config.target, zone)
    await channels.load(config.barrier, config.mqtt, config.site.name, zone)


def _all(targets: Targets, channels: Channels) -> dict[str, Target]:
    return {**targets.targets(), **channels.targets()}
