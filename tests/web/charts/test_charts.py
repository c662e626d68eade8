"""Charts: zero-based, nothing outside the drawing, gaps stay gaps, the figures stand in a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alpr.web.charts import drawing as charts
from alpr.web.charts.scale import nice_top
from alpr.web.tablefile import csv_answer
from alpr.web.templates import template_environment

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, 1), (1, 1), (3, 3), (4, 4), (7, 8), (81, 100), (100, 100), (101, 150), (1204, 1500), (0.62, 0.8), (1.0, 1.0)],
)
def test_scale_ends_at_a_round_figure_above(highest, top):
    """The highest line is round, never below the highest value."""
    assert nice_top(highest) == pytest.approx(top)


def test_columns_stand_on_zero():
    """Half the value is half the height, and every bar ends at the axis."""
    chart = charts.columns("Units", ("Day", "Units"), [("Mon", 400), ("Tue", 200), ("Wed", 0)], height=222)
    mon, tue, wed = chart.blocks
    assert mon.height == pytest.approx(2 * tue.height)
    assert wed.height == 0
    assert {block.y + block.height for block in chart.blocks} == {200}
    assert chart.table.rows == (("Mon", "400"), ("Tue", "200"), ("Wed", "0"))
    assert [label.text for label in chart.labels] == ["400", "200", "Mon", "Tue", "Wed"]
    assert chart.words == "Units: Mon 400, Tue 200, Wed 0"
    assert [block.words for block in chart.blocks] == ["Mon: 400", "Tue: 200", "Wed: 0"]


def test_many_columns_name_the_scale_and_some_labels():
    """Thirty figures would not fit: the highest line carries one, and at most eight days are named."""
    chart = charts.columns("Units", ("Day", "Units"), [(f"{n}", 1000 + n) for n in range(30)])
    below = [label for label in chart.labels if label.anchor == "middle"]
    assert [label.text for label in chart.labels if label.anchor == "start"] == ["1,500"]
    assert len(below) == 8
    assert [label.look for label in below] == ["", "minor"] * 4
    assert all(block.x >= 0 and block.x + block.width <= 100 and block.y >= 0 for block in chart.blocks)


def test_histogram_names_its_edges():
    """Bars touch, first and last edge are named, and a row of the table says from where to where."""
    chart = charts.histogram("Confidence", ("Confidence", "Reads"), ["0", "0.5", "1"], [3, 9])
    assert [(label.text, label.anchor) for label in chart.labels[-3:]] == [
        ("0", "start"),
        ("0.5", "middle"),
        ("1", "end"),
    ]
    assert chart.table.rows[1] == ("0.5 – 1", "9")  # noqa: RUF001  a range
    assert chart.blocks[1].x - (chart.blocks[0].x + chart.blocks[0].width) < 2


def test_unknown_days_are_gaps():
    """A line is not drawn over what nobody knows; one known day alone is a dot."""
    line = charts.Series("Utilisation", (0.5, 0.6, None, 0.7, None, None, 0.4, 0.5))
    chart = charts.trend("Utilisation", "Day", list("abcdefgh"), [line], "{:.0%}".format, top=1.0)
    assert chart.curves[0].path.count("M") == 2
    assert [dot.y for dot in chart.dots] == [
        pytest.approx(178 - 0.7 * 158),
        pytest.approx(178 - 0.5 * 158),
    ]  # 0.7 alone, and 0.5 at the end
    assert chart.words == "Utilisation: Utilisation 50%"
    assert chart.table.rows[2] == ("c", "")
    assert chart.keys == ()


def test_figures_of_close_curves_do_not_collide():
    """Ends of curves that meet are written one below the other."""
    lines = [charts.Series(name, (0.5, end), look) for name, end, look in (("a", 0.5, "first"), ("b", 0.51, "second"))]
    chart = charts.trend("Both", "Day", ["1", "2"], lines, "{:.0%}".format, top=1.0)
    first, second = (label.y for label in chart.labels if label.look.startswith("strong"))
    assert second - first >= 15
    assert chart.keys == (("first", "a"), ("second", "b"))


def test_strips_show_states_by_height():
    """A working piece is as tall as the strip, an absent one lies at its foot; names are links."""
    spans = (charts.Span(0, 0.5, "full", "working"), charts.Span(0.5, 1, "thin", "absent"))
    chart = charts.strips(
        "Day", [charts.Strip("Ada", spans, "50 %", "/worker/1")], [charts.Tick(0.5, "12:00")], charts.Table(("a",), ())
    )
    base, work, away = chart.blocks
    assert (work.x, work.width, work.height) == (0, 50, 18)
    assert away.y + away.height == base.y == work.y + work.height
    assert away.height < work.height / 4
    assert chart.labels[0].href == "/worker/1"
    assert chart.words == "Day: Ada 50 %"


def test_steps_fall_from_the_whole():
    """A waterfall's bars begin where the former ended; the figure is the length unless words say it."""
    rows = [
        charts.Step("Planned", 0, 8),
        charts.Step("Breaks", 6, 8, "half"),
        charts.Step("Rest", 0, 6, words="6 of 8"),
    ]
    chart = charts.steps("Time", ("Part", "Hours"), rows, "{:.0f} h".format)
    assert [(block.x, block.width) for block in chart.blocks[1::2]] == [(0, 100), (75, 25), (0, 75)]
    assert chart.table.rows == (("Planned", "8 h"), ("Breaks", "2 h"), ("Rest", "6 of 8"))


@pytest.mark.parametrize(
    ("start", "hours", "marks"),
    [
        (datetime(2026, 6, 18, 4, tzinfo=UTC), 10, ["08:00", "10:00", "12:00", "14:00"]),
        (datetime(2026, 6, 18, 22, tzinfo=UTC), 1, [f"00:{n}0" for n in range(1, 6)]),
        (datetime(2026, 3, 28, 23, tzinfo=UTC), 23, [f"{h:02}:00" for h in range(3, 24, 3)]),
        (datetime(2026, 6, 1, 22, tzinfo=UTC), 24 * 7, ["3 Jun", "4 Jun", "5 Jun", "6 Jun", "7 Jun", "8 Jun"]),
        (datetime(2026, 1, 1, 23, tzinfo=UTC), 24 * 28, ["6 Jan", "10 Jan", "14 Jan", "18 Jan", "22 Jan", "26 Jan"]),
    ],
)
def test_times_are_marked_on_the_clock_of_the_site(start, hours, marks):
    """Marks are round hours or days of the site, also on the day that the clock changes."""
    ticks = charts.time_ticks(start, start + timedelta(hours=hours), BERLIN)
    assert [tick.text for tick in ticks] == marks
    assert all(0 < tick.at < 1 for tick in ticks)
    spring = next((tick for tick in ticks if tick.text == "03:00"), None)
    assert spring is None or spring.at == pytest.approx(2 / 23)  # 02:00 to 03:00 is not there


def test_drawing_escapes_and_has_no_style():
    """Names are escaped; no inline style, which the policy of the pages forbids; the table and CSV stand behind."""
    environment = template_environment(Path("templates"), static="/static/x", site_name="x")
    chart = charts.columns("A & <b>", ("Day", "Units"), [("<script>", 3), ("b", 4)], links={"b": "/b?x=1&y=2"})
    page = environment.from_string('{% from "charts.html" import chart with context %}{{ chart(one) }}')
    html = page.render(one=charts.with_csv(chart, "/file.csv"))
    assert "<script>" not in html
    assert "style=" not in html
    assert 'href="/b?x=1&amp;y=2"' in html
    assert '<a href="/file.csv" download>' in html
    assert html.count("<tr>") == 3
    empty = page.render(one=charts.columns("A", ("Day", "Units"), []))
    assert "Nothing in this time." in empty
    assert "<svg" not in empty


def test_no_cell_is_a_formula():
    """What a spreadsheet would take for a formula is quoted; figures stay figures."""
    answer = csv_answer("Time & units", ("Worker", "Units"), [("=1+1", -3), ("Ada, B", 2)])
    assert answer.content.decode("utf-8-sig") == 'Worker,Units\r\n\'=1+1,-3\r\n"Ada, B",2\r\n'
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Time-units.csv"'
