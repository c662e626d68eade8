"""`[[target]]`: who can be told: anything that Apprise reaches, or a program behind a web address."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import AfterValidator, Field, SecretStr

from alpr.config.base import FilePath, Section, plain_name

SECRET_PLACE = "{secret}"  # noqa: S105 - where it goes, not what it is
"""In the address of an Apprise target, for a password that stands elsewhere."""
RESERVED = {"mqtt": "the broker of [mqtt]", "push": "the phones of [push]"}
"""Names of targets that other tables describe."""


def _name(name: str) -> str:
    if name in RESERVED:
        raise ValueError(f"the target `{name}` is {RESERVED[name]}: choose another name")
    return plain_name("target")(name)


class Target(Section):
    """`[[target]]`: one person, channel or program to be told."""

    name: Annotated[str, AfterValidator(_name)]
    kind: Literal["webhook", "apprise"] = "webhook"
    url: SecretStr = SecretStr("")
    """Much of it may be secret: tokens of services stand in the path."""
    secret: SecretStr = SecretStr("")
    secret_file: FilePath | None = None
    token: SecretStr = SecretStr("")
    token_file: FilePath | None = None
    format: Literal["alpr", "rekor", "platerecognizer"] = "alpr"
    cloudevents: bool = False
    picture: Literal["auto", "base64", "multipart", "none"] = "auto"
    timeout: float = Field(default=10.0, ge=0.5, le=120)
    give_up_after: float = Field(default=86400.0, ge=1, le=30 * 86400)
    tls_verify: bool = True
    tls_ca: FilePath | None = None

    @property
    def address(self) -> str:
        """The url with the secret in its place; show it to nobody."""
        return filled(self.url.get_secret_value(), self.secret.get_secret_value())


def filled(url: str, secret: str) -> str:
    """Put the secret, percent-encoded, where the url says."""
    return url.replace(SECRET_PLACE, quote(secret, safe=""))
