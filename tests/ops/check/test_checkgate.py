"""What `alpr check` says of barriers and the broker."""

from __future__ import annotations

from pydantic import SecretStr

from alpr.config import Barrier, Config, Interlock, Mqtt, Rule
from alpr.ops.check.gate import gate_warnings, gate_words


def test_barriers_and_the_broker_in_words_without_secrets():
    """One line each: how it is switched, for whom, and whether something must be free."""
    config = Config(
        barrier=[
            Barrier(name="main", url="http://10.0.0.9/on?token=geheim", cameras=["gate-in"]),
            Barrier(name="side", kind="modbus", host="10.0.0.8", coil=3, interlock=Interlock(kind="modbus", host="h")),
            Barrier(name="old", url="http://h/", enabled=False),
        ],
        mqtt=Mqtt(enabled=True, host="broker", password=SecretStr("geheim")),
    )
    assert gate_words(config) == [
        "barrier main: http http://10.0.0.9/on?token=***, 1 s, for gate-in, no interlock",
        "barrier side: modbus 10.0.0.8:502 unit 1 coil 3, 1 s, by hand alone, interlock modbus",
        "barrier old: disabled",
        "mqtt: broker:1883, not encrypted, below alpr/, known to Home Assistant",
    ]
    assert "geheim" not in str(gate_words(config))


def test_what_is_probably_not_meant():
    """A rule that opens what refuses it, and a password that anybody on the network can read."""
    config = Config(
        barrier=[Barrier(name="main", url="http://h/"), Barrier(name="off", url="http://h/", enabled=False)],
        rule=[Rule(name="staff", open=["main", "off"])],
        mqtt=Mqtt(enabled=True, host="broker", password=SecretStr("geheim")),
    )
    warnings = list(gate_warnings(config))
    assert [warning.split(":")[0] for warning in warnings] == ["barrier main", "barrier off", "mqtt"]
    assert "`cameras` is empty, so it refuses what the rule staff orders" in warnings[0]
    assert list(gate_warnings(Config())) == []
