"""How soon a read that is stored is on the guard's screen: `make bench-screen`.

A small drawn site is served to Chromium, which shows a gate. Each read is timed from the end of its transaction to the
frame that the browser draws with it, by one clock: browser and site are one machine.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from alpr.access import Decision, Entry, ListKind, Match, MatchKind, Verdict
from alpr.ops.bench.timings import Timing, table, timing_of
from tests.browser.conftest import Visit, chromium, served
from tests.web.drawn_site import drawn_read, drawn_site

GOAL = 300.0
_PATIENCE = 240_000
"""Milliseconds that the browser may take to log in, on a machine that has much else to do."""
_WATCH = """() => {
  const shown = {};
  const look = () => {
    const read = document.getElementById("decision")?.dataset.read;
    if (read) shown[read] ??= new Promise((drawn) => {
      requestAnimationFrame(() => drawn(performance.timeOrigin + performance.now()));
    });
    return shown;
  };
  window.drawn = (read) => new Promise((done) => {
    const seen = () => look()[read]?.then(done);
    if (!seen()) new MutationObserver((_, watch) => { if (seen()) watch.disconnect(); })
      .observe(document.body, { childList: true, subtree: true });
  });
}"""
"""Gives the page `drawn(read)`: when the frame with this read was drawn, in milliseconds since 1970."""


def _decision() -> Decision:
    entry = Entry(1, "Staff", ListKind.ALLOW, "GX*", owner="Meyer Logistics", note="bay 4")
    return Decision(Verdict.ALLOWED, "Staff: Meyer", (Match(entry, MatchKind.WILDCARD, 0.99, "fits GX*"),), opens=True)


async def measure(count: int) -> Timing:
    """Let so many vehicles come to a gate that somebody watches."""
    took: list[float] = []
    with tempfile.TemporaryDirectory(prefix="alpr-bench-") as folder:
        async with drawn_site(Path(folder) / "data") as site, served(site.web()) as address, chromium() as browser:
            page = await (await browser.new_context(viewport={"width": 1280, "height": 800})).new_page()
            page.set_default_timeout(_PATIENCE)
            visit = Visit(address, page.context, page)
            await visit.log_in(page)
            for number in range(20):
                await site.passes(drawn_read(f"VQAB{number:03d}", age=600 - number), announce=False)
            await page.goto(f"{address}/gate/gate-in")
            await page.wait_for_selector("#gate-view[data-live]")
            await page.evaluate(_WATCH)
            cpu = time.process_time()
            for number in range(count):
                read = drawn_read(f"GXXK{4000 + number}")
                await site.passes(read, decision=_decision())
                stored = 1000 * time.time()
                async with asyncio.timeout(60):
                    took.append(await page.evaluate("read => window.drawn(read)", read.id) - stored)
            cpu = time.process_time() - cpu
    return timing_of("stored read on the gate's screen", took, [1000 * cpu / count] * count, GOAL)


def main() -> int:
    """Measure and print; return 1 when the goal is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.guardspeed", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--reads", type=int, default=40, metavar="N", help="default: 40")
    timing = asyncio.run(measure(parser.parse_args().reads))
    print(table([timing]))  # noqa: T201  standard output is its interface
    return 0 if timing.met else 1


if __name__ == "__main__":
    sys.exit(main())
