"""Collect what the pages say and bring the catalogues of `alpr/locale` up to date: `make messages`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from alpr.paths import shipped
from alpr.site.factory.definitions import DEFINITIONS
from alpr.web.words.language import CATALOGUES, NAMES

_KEYWORDS: Final[dict[str, Any]] = {"_": None, "gettext": None, "later": None, "ngettext": (1, 2), "forms": (1, 2)}
_NOT_PAGES: Final = frozenset({"bench.html"})
"""Templates of reports that speak English alone."""
_WIDTH: Final = 120


def sources() -> Iterator[tuple[str, Path]]:
    """Return each file that may say something on a page, with the method that finds it there."""
    for path in sorted((Path(__file__).parent.parent / "web").rglob("*.py")):
        yield "python", path
    for path in sorted(shipped("templates").glob("*.html")):
        if path.name not in _NOT_PAGES:
            yield "jinja2.ext:babel_extract", path


def collected() -> Catalog:
    """Return a catalogue of all that the pages say."""
    catalogue = Catalog(project="alpr", charset="utf-8")
    for method, path in sources():
        with path.open("rb") as source:
            options = {"newstyle_gettext": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
            for _line, message, _comments, _context in extract(method, source, _KEYWORDS, options=options):
                if message:
                    catalogue.add(message, locations=[(path.name, 0)])
    for figure in DEFINITIONS:  # of a pure room, which knows no languages
        catalogue.add(figure.words, locations=[("definitions.py", 0)])
    return catalogue


def update(path: Path, catalogue: Catalog) -> Catalog:
    """Bring a catalogue up to date, without guesses; return it."""
    with path.open("rb") as source:
        known = read_po(source, locale=path.stem)
    known.update(catalogue, no_fuzzy_matching=True)
    known.obsolete.clear()
    with path.open("wb") as target:
        write_po(target, known, width=_WIDTH, no_location=True, sort_output=True, omit_header=False)
    return known


def missing(catalogue: Catalog) -> list[str]:
    """Return what has no translation, or an uncertain one."""

    def is_whole(words: Any) -> bool:
        return all(words) if isinstance(words, list | tuple) else bool(words)

    return [str(one.id) for one in catalogue if one.id and (one.fuzzy or not is_whole(one.string))]


def main() -> None:
    """Update every catalogue and say what is missing."""
    catalogue = collected()
    for code in list(NAMES)[1:]:
        lacking = missing(update(CATALOGUES / f"{code}.po", catalogue))
        print(f"{code}: {len(catalogue)} messages, {len(lacking)} without translation")
        for one in lacking:
            print(f"  {one}")


if __name__ == "__main__":
    main()
