"""Which reads a program asks for: the filters that every address of reads has, made into one question."""

from typing import TypeAlias

from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from alpr.store.reads import ReadQuery
from alpr.web.api import parameters as given


async def narrowed_reads(  # noqa: PLR0913  one parameter of the address each
    *,
    text: given.Text = None,
    mode: given.HowMuch = None,
    look_alikes: given.LookAlikes = True,
    camera: given.CameraName = None,
    kind: given.OfKind = None,
    in_state: given.InState = None,
    direction: given.Direction = None,
    source: given.OfSource = None,
    verdict: given.WithVerdict = None,
    review: given.SaidBy = None,
    region: given.Region = None,
    vehicle_type: given.VehicleType = None,
    vehicle_colour: given.Colour = None,
    below: given.Below = None,
    since: given.Since = None,
    until: given.Until = None,
) -> ReadQuery:
    """Return the question for the reads that fit all filters; raises ValidationException."""
    given.check_direction(direction)
    return ReadQuery(
        text=None if text is None else given.pattern_of("text", text, mode, look_alikes=look_alikes),
        camera=camera,
        kind=kind,
        state=in_state,
        direction=direction,
        source=source,
        verdict=verdict,
        review=review,
        region=region,
        vehicle_type=vehicle_type,
        vehicle_colour=vehicle_colour,
        below=below,
        since=given.zoned("since", since),
        until=given.zoned("until", until),
    )


NARROWED = {"narrowed": Provide(narrowed_reads)}
Narrowed: TypeAlias = NamedDependency[SkipValidation[ReadQuery]]
