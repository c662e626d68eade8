"""What is wrong with `[[target]]` tables beyond their single values: addresses, names, words that contradict."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from typing import Any, Final

from alpr.config.target import RESERVED, SECRET_PLACE, filled
from alpr.configfile.appriseurl import apprise_fault
from alpr.configfile.faults import Fault
from alpr.urls import credentials_apart, web_fault

_OF_WEBHOOKS: Final = ("token", "token_file", "format", "cloudevents", "picture", "tls_verify", "tls_ca")
_READS_ONLY: Final = ("rekor", "platerecognizer")
_NO_PICTURE: Final = {"rekor": "multipart", "platerecognizer": "base64"}
"""Ways to send a picture that the other products do not have."""


def target_faults(tables: Mapping[str, Any]) -> Iterator[Fault]:
    """Give what is wrong with the targets, secrets in their places; values of wrong types are passed over."""
    targets = _dicts(tables.get("target"))
    first: dict[str, int] = {}
    for index, target in enumerate(targets):
        name = target.get("name")
        if isinstance(name, str) and first.setdefault(name.lower(), index) != index:
            said = f"a target is called `{name}` already (upper and lower case count as one): choose another name"
            yield Fault(("target", index, "name"), said)
        for key, message in _faults_of(target):
            yield Fault(("target", index, key), message)
    yield from _reads_only(tables, {str(one.get("name")): str(one.get("format")) for one in targets})


def _faults_of(target: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind, url, secret = (target.get(key, "") for key in ("kind", "url", "secret"))
    if isinstance(url, str) and isinstance(secret, str) and (said := _url_fault(kind or "webhook", url, secret)):
        yield "url", f"the url {said}"
    if kind == "apprise":
        for key in _OF_WEBHOOKS:
            if key in target:
                yield key, f'`{key}` is of webhooks and does not go with `kind = "apprise"`'
        if secret and SECRET_PLACE not in str(url):
            yield "secret", f"`secret` goes nowhere: write {SECRET_PLACE} into the url, where the password stands"
    if isinstance(file := target.get("tls_ca"), str) and (said := _authority_fault(file)):
        yield "tls_ca", f"`tls_ca` {file} {said}"
    chosen = target.get("format")
    if isinstance(chosen, str) and target.get("picture") == _NO_PICTURE.get(chosen, False):
        yield "picture", f'`picture = "{target["picture"]}"` is not known to receivers of `{chosen}`: leave it out'


def _url_fault(kind: object, url: str, secret: str) -> str | None:
    if not url:
        return 'is missing: add one, such as `url = "https://erp.example.org/gate"`'
    if kind == "webhook":
        # A login may stand in it; what remains is a web address.
        return web_fault(credentials_apart(url)[0])
    if SECRET_PLACE in url and not secret:
        return f"holds {SECRET_PLACE} and there is none: add `secret`, `secret_file` or the variable"
    return apprise_fault(filled(url, secret)) if kind == "apprise" else None


def _authority_fault(file: str) -> str | None:
    try:
        ssl.create_default_context(cafile=file)
    except ssl.SSLError:
        return "holds no certificate in PEM"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None


def _reads_only(tables: Mapping[str, Any], formats: Mapping[str, str]) -> Iterator[Fault]:
    """Give where a target that can be told of reads alone is to be told of something else."""
    rules = _dicts(tables.get("rule"))
    alarms = tables.get("alarms")
    about_box: list[tuple[tuple[str | int, ...], Mapping[str, Any]]] = [
        (("rule", index), rule) for index, rule in enumerate(rules) if rule.get("on", "read") != "read"
    ]
    about_box += [(("alarms",), alarms)] if isinstance(alarms, dict) else []
    for path, table in about_box:
        for key in ("tell", "escalate_to"):
            for place, name in enumerate(table[key] if isinstance(table.get(key), list) else []):
                if isinstance(name, str) and formats.get(name) in _READS_ONLY and name not in RESERVED:
                    said = f"`{key}` names `{name}`, whose format `{formats[name]}` tells of reads alone: use another"
                    yield Fault((*path, key, place), said)


def _dicts(value: object) -> list[dict[str, Any]]:
    return [table if isinstance(table, dict) else {} for table in value] if isinstance(value, list) else []
