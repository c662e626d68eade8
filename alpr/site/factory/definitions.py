"""What each figure of the factory means: the same words on the page, in the manual and in the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure, of whom it is, and how it is made."""

    name: str
    of: str
    """`worker`, `station`, `factory` or `all`."""
    formula: str
    words: str


DEFINITIONS: Final = (
    Definition(
        "state",
        "all",
        "from the event to the earliest of: next state event of the worker, next start of a break, next end of a "
        "shift, event + max_gap",
        "What a worker does from one event on. Product counts change no state. After that, and where an event is less "
        "sure than min_confidence, the state is unknown.",
    ),
    Definition(
        "planned",
        "all",
        "sum of the lengths of the shifts in which the worker takes part",
        "A worker takes part in a shift when an event of his lies in it. Events within the handover of its start or "
        "end do not tell so for whom others tell that he takes part in the neighbouring shift.",
    ),
    Definition("breaks", "all", "sum of the breaks of these shifts", "Whatever events say in a break, it is a break."),
    Definition("net", "all", "planned - breaks", "The time that could be worked."),
    Definition("working", "worker", "sum of the time in the state working", "Active, productive time."),
    Definition("idle", "worker", "sum of the time in the state idle", "There, and not at work."),
    Definition("absent", "worker", "sum of the time in the state absent", "Not at the station."),
    Definition(
        "unknown",
        "worker",
        "net - working - idle - absent",
        "Time of which no event tells, or none that is recent and sure enough. It is never counted as idle.",
    ),
    Definition(
        "coverage", "all", "(working + idle + absent) / net", "For how much of the net time the figures can speak."
    ),
    Definition(
        "utilisation",
        "worker",
        "working / (working + idle + absent)",
        "Working time as a share of the time that is known.",
    ),
    Definition("units", "worker", "sum of the counts of product events", "Wherever and whenever they were made."),
    Definition(
        "unsure_units", "all", "sum of the counts of product events below min_confidence", "In no other figure."
    ),
    Definition("rate", "worker", "units / working hours", "Units for each hour of work."),
    Definition(
        "open",
        "station",
        "sum of the net times of the shifts in which somebody used the station",
        "By the clock, however many worked there.",
    ),
    Definition(
        "occupancy",
        "station",
        "clock time with at least one worker there (working or idle) / open",
        "How long somebody was at the station.",
    ),
    Definition(
        "utilisation",
        "station",
        "clock time with at least one worker working there / open",
        "How long somebody worked at the station.",
    ),
    Definition("units", "station", "sum of the counts of product events of the station", "From all of its workers."),
    Definition("throughput", "station", "units / open hours", "Units for each hour that the station was open."),
    Definition(
        "performance",
        "station",
        "units / (target x working hours of its workers)",
        "Against the target rate of the station, where it has one.",
    ),
    Definition(
        "productive", "factory", "sum of the working time of all workers", "Equal to the sum over all stations."
    ),
    Definition("units", "factory", "sum of the units of all workers", "Equal to the sum over all stations."),
    Definition("rate", "factory", "units of all / working hours of all", "Weighted by time, no average of averages."),
    Definition(
        "utilisation",
        "factory",
        "working of all / (working + idle + absent of all)",
        "Weighted by time, no average of averages.",
    ),
    Definition(
        "performance",
        "factory",
        "units of the stations with a target / sum of (target x working hours) of these stations",
        "Stations without a target do not count.",
    ),
    Definition(
        "waterfall",
        "factory",
        "planned - breaks - absent - unknown - idle = productive",
        "Where the planned time went.",
    ),
)
