"""The templates: one strict, escaping environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from alpr.web.words.language import NAMES, decimal, gettext, ngettext, number, spoken
from alpr.web.words.said import in_language, value_words
from alpr.web.words.script_words import script_words

if TYPE_CHECKING:
    from pathlib import Path


def template_environment(templates: Path, *, static: str, site_name: str) -> Environment:
    """Make the environment: everything is escaped, and a name that is missing is an error."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        static=static,
        site_name=site_name,
        spoken=spoken,
        value_words=value_words,
        in_language=in_language,
        languages=NAMES,
        script_words=script_words,
    )
    environment.filters.update(number=number, decimal=decimal)
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # of the extension
    return environment


def template_config(environment: Environment) -> TemplateConfig[JinjaTemplateEngine]:
    """Hand the environment to Litestar."""
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))
