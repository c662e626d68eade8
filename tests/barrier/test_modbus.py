"""The Modbus TCP client against a real Modbus server, and against what is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from pymodbus.pdu import ModbusPDU
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from alpr.barrier.modbus import CoilRelay, Function, Modbus, ModbusInput, Module
from alpr.errors import DeliveryError

UNIT = 7


@dataclass
class RelayModule:
    """A module with sixteen coils, inputs and registers, and what it was asked."""

    port: int = 0
    written: list[tuple[int, int, int]] = field(default_factory=list)
    """Function, address and value of each write."""

    def trace(self, _sending: bool, pdu: ModbusPDU) -> ModbusPDU:
        if not _sending and pdu.function_code in {5, 6}:
            value = pdu.bits[0] if pdu.function_code == 5 else pdu.registers[0]
            self.written.append((pdu.function_code, pdu.address, int(value)))
        return pdu


@pytest.fixture
async def module() -> AsyncIterator[RelayModule]:
    played = RelayModule()
    coils = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
    inputs = [SimData(0, values=[True] + [False] * 15, datatype=DataType.BITS)]
    registers = [SimData(0, count=16, values=0, datatype=DataType.REGISTERS)]
    device = SimDevice(UNIT, (coils, inputs, registers, registers))
    server = ModbusTcpServer(device, address=("127.0.0.1", 0), trace_pdu=played.trace)
    await server.serve_forever(background=True)
    played.port = server.transport.sockets[0].getsockname()[1]
    yield played
    await server.shutdown()


def at(port: int, timeout: float = 2.0) -> Module:
    return Module("barrier main", "127.0.0.1", port, UNIT, timeout)


async def test_a_coil_is_switched_and_read(module):
    """Functions 5 and 1 agree: what was written is read, and the neighbour stays as it was."""
    client = Modbus(at(module.port))
    await client.write_coil(3, on=True)
    assert [await client.read_bit(Function.READ_COILS, address) for address in (2, 3, 4)] == [False, True, False]
    await client.write_coil(3, on=False)
    assert not await client.read_bit(Function.READ_COILS, 3)
    await client.disconnect()


@pytest.mark.parametrize(("address", "free", "expected"), [(0, True, True), (0, False, False), (1, False, True)])
async def test_an_input_says_whether_the_way_is_free(module, address, free, expected):
    """A discrete input (function 2) is free in the state that the configuration says."""
    way = ModbusInput(at(module.port), Function.READ_DISCRETE_INPUTS, address, free=free)
    assert await way.is_free() is expected


async def test_the_watchdog_is_armed_before_the_contact_closes(module):
    """The module's own watchdog is written first, so that it watches over the pulse."""
    relay = CoilRelay(at(module.port), 4, (9, 250))
    await relay.close_contact()
    await relay.release()
    assert module.written == [(6, 9, 250), (5, 4, 1), (5, 4, 0)]


async def test_an_address_that_is_not_there(module):
    """The module's exception is told in words."""
    with pytest.raises(DeliveryError, match="barrier main: the module has no such address"):
        await Modbus(at(module.port)).write_coil(900, on=True)


async def test_after_a_fault_the_next_request_connects_anew(module):
    """A connection that was cut is no reason to fail twice."""
    client = Modbus(at(module.port))
    await client.write_coil(1, on=True)
    client._streams[1].transport.abort()
    with pytest.raises(DeliveryError, match="cannot be reached"):
        await client.write_coil(1, on=False)
    await client.write_coil(1, on=False)
    assert module.written == [(5, 1, 1), (5, 1, 0)]
    await client.disconnect()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no Modbus TCP module"),
        (b"\0\1\0\0\0\3\7\x81\4", "has a fault of its own"),
        (b"\0\1\0\0\0\4\7\2\1\1", "no Modbus TCP module"),  # the answer to another function
        (b"\0\1\0\0\xff\xff\7", "no Modbus TCP module"),
        (b"\0\1\0\0\0\4\7", "the connection was closed"),
        (b"", "the connection was closed"),
    ],
)
async def test_answers_that_are_none(answer, said):
    """Whatever a stranger answers is a fault in words, never a bit that was not read."""

    async def serve(reader, writer):
        await reader.readexactly(12)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        client = Modbus(at(server.sockets[0].getsockname()[1]))
        with pytest.raises(DeliveryError, match=said):
            await client.read_bit(Function.READ_COILS, 0)


async def test_a_module_that_is_silent_or_away():
    """Silence ends at the time limit, a closed port at once; both say what to check."""
    hold = asyncio.Event()

    async def serve(_reader, writer):
        await hold.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(DeliveryError, match=r"no answer within 0\.2 s"):
        await Modbus(at(port, 0.2)).write_coil(0, on=True)
    hold.set()
    server.close()
    await server.wait_closed()
    with pytest.raises(DeliveryError, match="cannot be reached"):
        await Modbus(at(port)).write_coil(0, on=True)
