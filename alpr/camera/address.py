"""Where a camera answers, and with what credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from alpr.config import Camera
from alpr.urls import credentials_apart, scheme_of


@dataclass(frozen=True, slots=True)
class Address:
    """A URL without credentials, and the credentials apart from it."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    tls_verify: bool = True

    @property
    def with_credentials(self) -> str:
        """The URL with both percent-encoded in it (RFC 3986, section 3.2.1): for libraries only, never shown."""
        if not self.username and not self.password:
            return self.url
        scheme, rest = self.url.split("://", 1)
        return f"{scheme}://{quote(self.username, safe='')}:{quote(self.password, safe='')}@{rest}"


def address_of(camera: Camera) -> Address:
    """Return the address of a camera; what its URL says of credentials yields to its own settings."""
    url, username, password = credentials_apart(camera.url)
    scheme = scheme_of(url)
    if "+" in scheme:  # `mjpeg+http`: the first half is for us, the second for the wire
        url = f"{scheme.partition('+')[2]}{url[len(scheme) :]}"
    return Address(
        url,
        camera.username or username or "",
        camera.password.get_secret_value() or password or "",
        camera.tls_verify,
    )
