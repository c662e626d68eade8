"""`[mqtt]`: the broker that hears of cameras, reads and alarms, Home Assistant's for example."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, model_validator

from alpr.config.barrier import Port, Topic
from alpr.config.base import FilePath, Section


class Mqtt(Section):
    """`[mqtt]`: where the broker is and what it is told."""

    enabled: bool = False
    host: str = Field(default="127.0.0.1", min_length=1)
    port: Port = 1883
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: FilePath | None = None
    tls: bool = False
    tls_ca: FilePath | None = None
    tls_verify: bool = True
    client_id: str = Field(default="alpr", min_length=1, max_length=64)
    prefix: Topic = Field(default="alpr", min_length=1)
    discovery: bool = True
    discovery_prefix: Topic = Field(default="homeassistant", min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.enabled and self.tls_ca is not None and not self.tls:
            raise ValueError("`tls_ca` is given and `tls` is false: set `tls = true`, and mostly `port = 8883`")
        return self
