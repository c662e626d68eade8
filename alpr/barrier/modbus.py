"""Modbus TCP: coils and inputs of a relay module (MODBUS Application Protocol V1.1b3, Messaging on TCP/IP V1.0b).

Functions 1 (read coils), 2 (read discrete inputs), 5 (write single coil) and 6 (write single register): all that a
barrier needs. One request at a time, each on a connection that is made when it is needed.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from alpr.errors import DeliveryError

_ON: Final = 0xFF00
_FAULT: Final = 0x80
_HEADER: Final = struct.Struct(">HHHB")
"""Transaction, protocol (0), length of the rest from the unit on, unit."""
_MOST_LENGTH: Final = 254
_EXCEPTIONS: Final = {
    1: "does not know this function: check the module's manual",
    2: "has no such address: check the addresses, which count from 0",
    3: "refused the value",
    4: "has a fault of its own",
    6: "is busy",
    10: "cannot reach the unit: check `unit`",
    11: "got no answer of the unit: check `unit` and its wiring",
}
"""Section 7 of the application protocol."""


class Function(IntEnum):
    """What is asked for."""

    READ_COILS = 1
    READ_DISCRETE_INPUTS = 2
    WRITE_COIL = 5
    WRITE_REGISTER = 6


@dataclass(frozen=True, slots=True)
class Module:
    """Where a module is."""

    subject: str
    """Whose, for messages: `barrier main`."""
    host: str
    port: int
    unit: int
    timeout: float
    """Seconds for connecting, and for each answer."""


class Modbus:
    """A client of one module; every fault is a DeliveryError and ends the connection."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._transaction = 0
        self._turn = asyncio.Lock()

    async def write_coil(self, address: int, *, on: bool) -> None:
        """Switch a coil (function 5); the module repeats the request when it has done so."""
        await self._echoed(Function.WRITE_COIL, address, _ON if on else 0)

    async def write_register(self, address: int, value: int) -> None:
        """Write a holding register (function 6)."""
        await self._echoed(Function.WRITE_REGISTER, address, value)

    async def read_bit(self, function: Function, address: int) -> bool:
        """Read one coil (function 1) or discrete input (function 2)."""
        answer = await self._request(struct.pack(">BHH", function, address, 1))
        if len(answer) != 3 or answer[1] != 1:  # noqa: PLR2004  function, count of bytes, the byte
            raise await self._garbage()
        return bool(answer[2] & 1)

    async def disconnect(self) -> None:
        """Close the connection; the next request makes a new one."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with suppress(OSError):
                await streams[1].wait_closed()

    async def _echoed(self, function: Function, address: int, value: int) -> None:
        request = struct.pack(">BHH", function, address, value)
        if await self._request(request) != request:
            raise await self._garbage()

    async def _request(self, pdu: bytes) -> bytes:
        """Send a protocol data unit and return the one that answers it."""
        async with self._turn, self._told():
            reader, writer = await self._connected()
            self._transaction = (self._transaction + 1) & 0xFFFF
            writer.write(_HEADER.pack(self._transaction, 0, len(pdu) + 1, self._module.unit) + pdu)
            answer = await self._answer(reader)
        if answer[0] == pdu[0] | _FAULT:
            await self.disconnect()
            words = _EXCEPTIONS.get(answer[1] if len(answer) > 1 else 0, "answered with an unknown fault")
            raise DeliveryError(f"{self._module.subject}: the module {words} (function {pdu[0]})")
        if answer[0] != pdu[0]:
            raise await self._garbage()
        return answer

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        while True:
            transaction, protocol, length, _unit = _HEADER.unpack(await reader.readexactly(_HEADER.size))
            if protocol or not 1 < length <= _MOST_LENGTH:
                raise await self._garbage()
            pdu = await reader.readexactly(length - 1)
            if transaction == self._transaction:
                return pdu

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._module.host, self._module.port)
        return self._streams

    @asynccontextmanager
    async def _told(self) -> AsyncIterator[None]:
        """Bound the time, and say network faults in words; whatever goes wrong, the connection is given up."""
        subject = self._module.subject
        try:
            async with asyncio.timeout(self._module.timeout):
                yield
        except TimeoutError:
            await self.disconnect()
            raise DeliveryError(
                f"{subject}: no answer within {self._module.timeout:g} s: check host, cable and power"
            ) from None
        except (OSError, EOFError) as error:
            await self.disconnect()
            words = (error.strerror if isinstance(error, OSError) else "") or "the connection was closed"
            raise DeliveryError(f"{subject}: cannot be reached ({words}): check host, port and power") from None
        except asyncio.CancelledError:
            await self.disconnect()
            raise

    async def _garbage(self) -> DeliveryError:
        await self.disconnect()
        return DeliveryError(f"{self._module.subject}: what answers is no Modbus TCP module: check host and port")


class CoilRelay:
    """A coil of a module, and the module's watchdog where it has one."""

    def __init__(self, module: Module, coil: int, watchdog: tuple[int, int] | None) -> None:
        """Take the coil's address, and register and value of the watchdog that lets go when we are silent."""
        self._modbus, self._coil, self._watchdog = Modbus(module), coil, watchdog

    async def close_contact(self) -> None:
        """Arm the watchdog, then close the contact."""
        if self._watchdog is not None:
            await self._modbus.write_register(*self._watchdog)
        await self._modbus.write_coil(self._coil, on=True)

    async def release(self) -> None:
        """Let the contact go, and the connection too: a module has few of them, and forgets idle ones unseen."""
        try:
            await self._modbus.write_coil(self._coil, on=False)
        finally:
            await self._modbus.disconnect()

    async def disconnect(self) -> None:
        """Close the connection."""
        await self._modbus.disconnect()


class ModbusInput:
    """One input of a module."""

    def __init__(self, module: Module, function: Function, address: int, *, free: bool) -> None:
        """Take what the input is when the way is free."""
        self._modbus, self._function, self._address, self._free = Modbus(module), function, address, free

    async def is_free(self) -> bool:
        """Read it now, on a connection of its own."""
        try:
            return await self._modbus.read_bit(self._function, self._address) == self._free
        finally:
            await self._modbus.disconnect()

    async def disconnect(self) -> None:
        """Close the connection."""
        await self._modbus.disconnect()
