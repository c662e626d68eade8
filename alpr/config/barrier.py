"""`[[barrier]]`: what opens, how, and what must be so before it does."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from alpr.config.base import FilePath, Fraction, Section, plain_name
from alpr.urls import web_fault

_LAST_ADDRESS = 65535
Port = Annotated[int, Field(ge=1, le=65535)]
Address = Annotated[int, Field(ge=0, le=_LAST_ADDRESS)]
"""Of a coil, an input or a register, counted from 0 as on the wire."""


def _web_url(url: str) -> str:
    if url and (fault := web_fault(url)):
        raise ValueError(f"the url {fault}")
    return url


def _topic(topic: str) -> str:
    if any(character in topic for character in "+#\0"):
        raise ValueError(f"the topic `{topic[:80]}` holds `+` or `#`: those are for listening, write the whole topic")
    return topic


WebUrl = Annotated[str, AfterValidator(_web_url)]
Topic = Annotated[str, Field(max_length=200), AfterValidator(_topic)]


class Interlock(Section):
    """`[barrier.interlock]`: an input that must say that the way is free."""

    kind: Literal["", "http", "modbus", "gpio"] = ""
    free: str = "0"
    url: WebUrl = ""
    key: str = ""
    host: str = ""
    port: Port = 502
    unit: int = Field(default=1, ge=0, le=255)
    input: Address = 0
    function: Literal["discrete", "coil"] = "discrete"
    chip: str = "/dev/gpiochip0"
    line: int = Field(default=0, ge=0)
    active_low: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {"http": ("url", self.url), "modbus": ("host", self.host)}
        key, value = needed.get(self.kind, ("", "-"))
        if not value:
            raise ValueError(f'an interlock of the kind "{self.kind}" needs `{key}`: where its input is asked for')
        if self.kind in {"modbus", "gpio"} and self.free not in {"0", "1"}:
            raise ValueError(f'`free` must be "0" or "1" for the kind "{self.kind}": a contact is open or closed')
        return self


class Barrier(Section):
    """`[[barrier]]`: a barrier, gate or door and its relay."""

    name: Annotated[str, AfterValidator(plain_name("barrier"))]
    kind: Literal["http", "mqtt", "gpio", "modbus"] = "http"
    enabled: bool = True
    cameras: list[str] = Field(default_factory=list)
    pulse: float = Field(default=1.0, ge=0.05, le=30)
    repeat_after: float = Field(default=10.0, ge=0, le=3600)
    min_confidence: Fraction = 0.9
    timeout: float = Field(default=3.0, ge=0.2, le=60)
    url: WebUrl = ""
    method: Literal["GET", "POST", "PUT"] = "POST"
    body: str = ""
    release_url: WebUrl = ""
    release_body: str = ""
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: FilePath | None = None
    tls_verify: bool = True
    topic: Topic = ""
    payload: str = Field(default="on", min_length=1)
    release_payload: str = "off"
    host: str = ""
    port: Port = 502
    unit: int = Field(default=1, ge=0, le=255)
    coil: Address = 0
    watchdog_register: int = Field(default=-1, ge=-1, le=_LAST_ADDRESS)
    watchdog_value: Address = 0
    chip: str = "/dev/gpiochip0"
    line: int = Field(default=0, ge=0)
    active_low: bool = False
    interlock: Interlock = Interlock()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {"http": ("url", self.url), "modbus": ("host", self.host), "mqtt": ("topic", self.topic)}
        key, value = needed.get(self.kind, ("", "-"))
        if not value:
            raise ValueError(f'a barrier of the kind "{self.kind}" needs `{key}`: where its relay is switched')
        return self
