"""CRC-32C (Castagnoli): reflected polynomial 0x82F63B78, initial value and final XOR 0xFFFFFFFF.

The packages crc32c and google_crc32c do it in the processor and are used where one is installed. Without them NumPy
does: a CRC is linear over GF(2), so that many pieces of the data go through one table side by side and are joined
afterwards.
"""

import functools
from typing import Callable, List, Optional, Sequence

import numpy

from .kinds import Buffer, Words

POLYNOMIAL = 0x82F63B78
LANES = 1024
STEP = 2  # bytes a table look-up takes


def _installed() -> Optional[Callable[[Buffer], int]]:
    """The checksum function of an installed package, or None."""
    try:
        import crc32c
        hardware: Callable[[Buffer], int] = crc32c.crc32c
        return hardware
    except (ImportError, AttributeError):
        pass
    try:
        import google_crc32c
        return lambda data: google_crc32c.value(bytes(data))
    except (ImportError, AttributeError):
        return None


def _table(bits: int) -> Words:
    """What each value of the register's lowest bits becomes after that many steps."""
    table = numpy.arange(1 << bits, dtype=numpy.uint32)
    for _ in range(bits):
        table = numpy.where(table & 1, (table >> 1) ^ numpy.uint32(POLYNOMIAL), table >> 1)
    return table


@functools.lru_cache(maxsize=None)
def _bytes_table() -> List[int]:
    table: List[int] = _table(8).tolist()
    return table


@functools.lru_cache(maxsize=None)
def _words_table() -> Words:
    return _table(8 * STEP)


def _columns(words: Words) -> Words:
    """The registers of lanes that begin with 0: words are uint16 [steps, lanes]."""
    table, register = _words_table(), numpy.zeros(words.shape[1], dtype=numpy.uint32)
    for column in words:
        register = table[(register ^ column) & 0xFFFF] ^ (register >> 16)
    return register


def _apply(operator: Words, registers: Words) -> Words:
    """A linear map of registers; operator is what becomes of each of the 32 bits."""
    bits = (registers[:, None] >> numpy.arange(32, dtype=numpy.uint32)) & 1
    mapped: Words = numpy.bitwise_xor.reduce(bits * operator, axis=1)
    return mapped


@functools.lru_cache(maxsize=256)
def _zeros_operator(length: int) -> Words:
    """What length bytes of zeros do to a register."""
    if length == 1:
        bits = numpy.uint32(1) << numpy.arange(32, dtype=numpy.uint32)
        shifted: Words = _table(8)[bits & 0xFF] ^ (bits >> 8)
        return shifted
    half = _zeros_operator(length // 2)
    whole = _apply(half, half)
    return _apply(_zeros_operator(1), whole) if length % 2 else whole


def _crc32c_small(data: memoryview) -> int:
    table, register = _bytes_table(), 0xFFFFFFFF
    for byte in data:
        register = table[(register ^ byte) & 0xFF] ^ (register >> 8)
    return register ^ 0xFFFFFFFF


def crc32c_numpy(data: Buffer) -> int:
    """The checksum of data, without any package."""
    data = memoryview(data)
    if len(data) < 512:
        return _crc32c_small(data)
    # Zeros in front leave a register of 0 as it is; the initial value is the same as inverted first bytes.
    length = -(-len(data) // (LANES * STEP)) * STEP
    lanes = numpy.zeros(LANES * length, dtype=numpy.uint8)
    first = lanes.size - len(data)
    lanes[first:] = numpy.frombuffer(data, dtype=numpy.uint8)
    lanes[first:first + 4] ^= 0xFF
    words = lanes.view("<u2").reshape(LANES, length // STEP).T
    registers = _columns(numpy.ascontiguousarray(words).astype(numpy.uint32))
    while len(registers) > 1:
        registers = _apply(_zeros_operator(length), registers[0::2]) ^ registers[1::2]
        length *= 2
    return int(registers[0]) ^ 0xFFFFFFFF


def crc32c_many(messages: Sequence[bytes]) -> Words:
    """The checksums of many short messages of at least 4 bytes each, as uint32."""
    length = -(-max(map(len, messages)) // STEP) * STEP
    lanes = numpy.frombuffer(b"".join(m.rjust(length, b"\0") for m in messages), dtype=numpy.uint8).copy()
    lanes = lanes.reshape(len(messages), length)
    starts = length - numpy.fromiter(map(len, messages), dtype=numpy.int64, count=len(messages))
    rows = numpy.arange(len(messages))
    for byte in range(4):
        lanes[rows, starts + byte] ^= 0xFF
    words = numpy.ascontiguousarray(lanes.view("<u2").T).astype(numpy.uint32)
    return _columns(words) ^ numpy.uint32(0xFFFFFFFF)


crc32c = _installed() or crc32c_numpy
