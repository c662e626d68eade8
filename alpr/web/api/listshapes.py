"""Lists, entries and hits as the API gives and takes them."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from alpr.access import ListKind, MatchKind
from alpr.site.schedule import schedule_words
from alpr.store.entries import StoredEntry
from alpr.store.hits import Hit
from alpr.store.lists import PlateList


@dataclass(frozen=True, slots=True)
class ListFields:
    """What a list is made of."""

    name: str
    kind: ListKind


@dataclass(frozen=True, slots=True)
class List:
    """A list, with how many entries it has and how many of them are over."""

    id: int
    name: str
    kind: ListKind
    entries: int
    expired: int
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Lists:
    """All lists, by name."""

    lists: list[List]


@dataclass(frozen=True, slots=True)
class EntryFields:
    """What an entry is made of.

    `plate` may have `*` for any run and `?` for any one character. Times are ISO 8601, those without a zone by the
    site's clock; a day as `valid_until` is included. `schedule` is such as `Mon-Fri 06:00-18:00; Sat 22:00-06:00`.
    """

    plate: str
    owner: str = ""
    company: str = ""
    note: str = ""
    opens_inexact: bool = False
    valid_from: str = ""
    valid_until: str = ""
    cameras: tuple[str, ...] = ()
    schedule: str = ""

    def typed(self) -> dict[str, str]:
        """Return the fields as people type them."""
        texts = {field.name: str(getattr(self, field.name)) for field in fields(self)}
        return texts | {"opens_inexact": "yes" if self.opens_inexact else "", "cameras": ",".join(self.cameras)}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list; `cameras` and `schedule` are empty for all and always."""

    id: int
    list: str
    list_id: int
    kind: ListKind
    plate: str
    owner: str
    company: str
    note: str
    opens_inexact: bool
    valid_from: datetime | None
    valid_until: datetime | None
    cameras: tuple[str, ...]
    schedule: str
    created_at: datetime
    created_by: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Entries:
    """A page of entries, by plate; `next` is the `cursor` of the page that follows, null on the last one."""

    entries: list[Entry]
    next: str | None


@dataclass(frozen=True, slots=True)
class HitShape:
    """An entry that fitted a read, as it was then."""

    list: str
    kind: ListKind
    pattern: str
    owner: str
    company: str
    note: str
    match: MatchKind
    probability: float
    reason: str
    applies: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """The entries that fitted a read, the one that decided first."""

    hits: list[HitShape]


def list_shape(plates: PlateList) -> List:
    """Show a list to a program."""
    return List(**asdict(plates))


def entry_shape(stored: StoredEntry) -> Entry:
    """Show an entry to a program."""
    entry = stored.entry
    return Entry(
        id=entry.id,
        list=entry.list_name,
        list_id=stored.list_id,
        kind=entry.list_kind,
        plate=entry.pattern,
        owner=entry.owner,
        company=entry.company,
        note=entry.note,
        opens_inexact=entry.opens_inexact,
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
        cameras=tuple(sorted(entry.cameras)),
        schedule=schedule_words(entry.schedule),
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
    )


def hit_shape(hit: Hit) -> HitShape:
    """Show a hit to a program."""
    return HitShape(
        list=hit.list_name,
        kind=hit.list_kind,
        pattern=hit.pattern,
        owner=hit.owner,
        company=hit.company,
        note=hit.note,
        match=hit.kind,
        probability=hit.probability,
        reason=hit.reason,
        applies=hit.applies,
    )
