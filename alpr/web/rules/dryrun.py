"""`/rules/try`: what rules would have done with the reads of the last days, shown while it is found out.

The page is sent in pieces, so that its progress needs no script.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery
from litestar.response import Stream, Template

from alpr.domain import utc_now
from alpr.site.rules.dryrun import Tried
from alpr.site.rules.firing import ready
from alpr.site.rules.words import then_words, when_words
from alpr.site.visits.dryrun import try_on_visits
from alpr.site.visits.states import HAPPENINGS
from alpr.store import reads
from alpr.store.dryrun import dry_run
from alpr.store.users import Role
from alpr.watch.visits import past_guests
from alpr.web.auth.access import PageRequest, need_role
from alpr.web.context import Web, WebParts
from alpr.web.page import page
from alpr.web.reads.view import ReadRow, read_row
from alpr.web.rules.deeds import every_rule
from alpr.web.view import counted
from alpr.web.words.language import gettext as _
from alpr.web.words.said import each_in_language, in_language

_LONGEST = 92
_MARK = "<!--pieces-->"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule would have done."""

    name: str
    when: str
    then: str
    words: str
    guessed: bool
    """Whether a condition was let through because stored reads do not tell."""
    rows: tuple[ReadRow, ...] = ()


@get("/rules/try", guards=[need_role(Role.ADMIN)])
async def try_rules(request: PageRequest, web: WebParts, rule: FromQuery[str] = "", days: FromQuery[int] = 7) -> Stream:
    """Try a rule of this name, or all rules, on the reads of the last days."""
    chosen = [one.rule for one in await every_rule(web) if one.rule and one.rule.on in {"read", *HAPPENINGS}]
    if rule:
        chosen = [one for one in chosen if one.name == rule]
        if not chosen:
            raise NotFoundException
    span = max(1, min(days, _LONGEST))
    frame = page(request, web, "rule_try.html", here="rules", rule=rule, days=span, mark=_MARK)
    whole = _render(web, frame, request)
    # One that is switched off is tried as if it were on: that is what trying is for.
    tried = ready([one.model_copy(update={"enabled": True}) for one in chosen], web.zone)
    now = utc_now()

    async def pieces() -> AsyncIterator[str]:
        head, _, tail = whole.partition(_MARK)
        yield head
        results: Sequence[Tried] = ()
        of_reads = [one for one in tried if one.rule.on == "read"]
        async for progress in dry_run(web.database, of_reads, now - timedelta(days=span), now):
            results = progress.tried
            yield web.templates.get_template("_try_progress.html").render(percent=int(100 * progress.done))
        inside = [one for one in tried if one.rule.on in HAPPENINGS]
        if inside:
            guests = await past_guests(web.database, now - timedelta(days=span), now, now)
            results = [*results, *try_on_visits(inside, guests, web.visits.room)]
        outcomes = [await _outcome(web, one, shown=bool(rule)) for one in results]
        yield web.templates.get_template("_try_result.html").render(outcomes=outcomes, days=span, single=bool(rule))
        yield tail

    return Stream(pieces(), media_type="text/html; charset=utf-8")


def _render(web: Web, frame: Template, request: PageRequest) -> str:
    return web.templates.get_template(str(frame.template_name)).render(request=request, **frame.context)


async def _outcome(web: Web, one: Tried, *, shown: bool) -> Outcome:
    rule, now = one.ready.rule, utc_now()
    latest = [await reads.get(web.database, read_id) for read_id in reversed(one.latest) if shown]
    rows = tuple(read_row(stored, web.zone, now) for stored in latest if stored is not None)
    words = _("would not have fired")
    if one.fired:
        words = _("would have fired %(times)s") % {"times": counted(one.fired, "time")}
    if one.fired and one.held_back:
        words += _(", held back %(times)s") % {"times": counted(one.held_back, "time")}
    return Outcome(
        rule.name, in_language(when_words(rule)), each_in_language(then_words(rule)), words, bool(rule.moving), rows
    )
