"""From the stored bytes of a chunk's payload to float32: row types and codecs of the article StoreFormat."""

from typing import List, Tuple

import lz4.block
import numpy

from .errors import StoreError
from .kinds import Bytes, Floats, Mask

RAW, LZ4, ZERO_MASK, ZERO_MASK_LZ4, MASK_TREE = range(5)
LZ4_LARGEST_RATIO = 255
LONGEST_CODE = 24

# name in the index -> (code in a block header, bytes a value, bytes of scale and offset a row)
ROW_TYPES = {"f16": (1, 2, 0), "f32": (2, 4, 0), "bf16": (3, 2, 0), "u8": (4, 1, 8)}


def unpacked_length(row_type: str, rows: int, dimension: int) -> int:
    """The bytes of a payload that no codec has packed."""
    _, width, prefix = ROW_TYPES[row_type]
    return rows * (dimension * width + prefix)


def decode(stored: bytes, codec: int, row_type: str, rows: int, dimension: int) -> Floats:
    """The features in the bytes of a payload, float32 [rows, dimension]."""
    _, width, prefix = ROW_TYPES[row_type]
    if len(stored) < rows * prefix:
        raise StoreError("the payload ends in its row scales")
    values = decode_values(stored[rows * prefix:], codec, rows * dimension, width)
    with numpy.errstate(all="ignore"):
        features = _to_float32(values, stored[:rows * prefix], row_type, rows, dimension)
    if not numpy.isfinite(features).all():
        raise StoreError("the payload has values that are never written: not a number, or infinite")
    return features


def _to_float32(values: Bytes, scales: bytes, row_type: str, rows: int, dimension: int) -> Floats:
    if row_type == "f16":
        return values.view("<f2").reshape(rows, dimension).astype(numpy.float32)
    if row_type == "f32":
        return values.view("<f4").reshape(rows, dimension).astype(numpy.float32)
    if row_type == "bf16":
        return (values.view("<u2").astype(numpy.uint32) << 16).view(numpy.float32).reshape(rows, dimension)
    scale, offset = numpy.frombuffer(scales, dtype="<f4").reshape(rows, 2).T[:, :, None]
    # In float32, rounded after the product and after the sum.
    features: Floats = offset + scale * values.reshape(rows, dimension).astype(numpy.float32)
    return features


def decode_values(stored: bytes, codec: int, count: int, width: int) -> Bytes:
    """The bytes of count values of width bytes each, as a contiguous array of uint8."""
    if codec == RAW:
        if len(stored) != count * width:
            raise StoreError(f"the values take {len(stored)} bytes instead of {count * width}")
        return numpy.frombuffer(stored, dtype=numpy.uint8)
    if codec == LZ4:
        return numpy.frombuffer(unpack_lz4(stored, count * width), dtype=numpy.uint8)
    if codec == ZERO_MASK:
        return _zero_mask(stored, count, width)
    if codec == ZERO_MASK_LZ4:
        largest = -(-count // 8) + count * width
        return _zero_mask(unpack_lz4(stored, largest, exact=False), count, width)
    if codec == MASK_TREE:
        return _mask_tree(stored, count, width)
    raise StoreError(f"the payload has codec {codec}, which is of a later format")


def unpack_lz4(stored: bytes, length: int, exact: bool = True) -> bytes:
    """An LZ4 block of length bytes, or, where not exact, of at most so many."""
    largest = len(stored) * LZ4_LARGEST_RATIO
    if exact and length > largest:
        raise StoreError(f"{len(stored)} bytes of LZ4 cannot unpack to {length}")
    try:
        unpacked: bytes = lz4.block.decompress(stored, uncompressed_size=min(length, largest))
    except (lz4.block.LZ4BlockError, ValueError, OverflowError) as error:
        raise StoreError(f"the LZ4 block is damaged ({error})") from None
    if exact and len(unpacked) != length:
        raise StoreError(f"the LZ4 block unpacks to {len(unpacked)} bytes instead of {length}")
    return unpacked


class _Bytes:
    """The bytes of a section, taken from the front."""

    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def take(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self.data):
            raise StoreError(f"the payload ends {end - len(self.data)} bytes early")
        part = self.data[self.position:end]
        self.position = end
        return part

    def bitmap(self, count: int) -> Mask:
        """A mask of count bits, least significant first."""
        packed = numpy.frombuffer(self.take(-(-count // 8)), dtype=numpy.uint8)
        if count % 8 and packed[-1] >> (count % 8):
            raise StoreError("a bitmap of the payload has spare bits that are not 0")
        return numpy.unpackbits(packed, count=count, bitorder="little").view(bool)

    def finish(self) -> None:
        if self.position != len(self.data):
            raise StoreError(f"the payload has {len(self.data) - self.position} bytes too many")


def _scattered(mask: Mask, values: Bytes, width: int) -> Bytes:
    """The values where mask is true, zeros elsewhere; all as bytes."""
    numbers = {1: numpy.uint8, 2: numpy.uint16, 4: numpy.uint32}[width]
    result = numpy.zeros(len(mask), dtype=numbers)
    result[numpy.flatnonzero(mask)] = values.view(numbers)  # 4 times as fast as by the mask itself
    return result.view(numpy.uint8)


def _zero_mask(stored: bytes, count: int, width: int) -> Bytes:
    source = _Bytes(stored)
    mask = source.bitmap(count)
    values = numpy.frombuffer(source.take(int(numpy.count_nonzero(mask)) * width), dtype=numpy.uint8)
    source.finish()
    return _scattered(mask, values, width)


def _mask_tree(stored: bytes, count: int, width: int) -> Bytes:
    source = _Bytes(stored)
    mask = source.bitmap(count)
    found = int(numpy.count_nonzero(mask))
    values = numpy.empty((found, width), dtype=numpy.uint8)
    for plane in range(width):
        values[:, plane] = _plane(source, found)
    source.finish()
    return _scattered(mask, values.reshape(-1), width)


def _plane(source: _Bytes, count: int) -> Bytes:
    """One byte plane of the values that are not zero."""
    method = source.take(1)[0]
    if method == 0:
        return numpy.frombuffer(source.take(count), dtype=numpy.uint8)
    if method != 1:
        raise StoreError(f"a byte plane has method {method}, which is of a later format")
    symbols, ends = _codes(source)
    return _node(source, symbols, ends, 0, len(symbols), 1 << (LONGEST_CODE - 1), 0, count)


def _codes(source: _Bytes) -> Tuple[List[int], List[int]]:
    """The symbols in the order of their codes, and where the code range of each ends on a scale of 2^24."""
    size = source.take(1)[0] + 1
    table = numpy.frombuffer(source.take(2 * size), dtype=numpy.uint8).reshape(size, 2)
    symbols, lengths = table[:, 0].tolist(), table[:, 1].tolist()
    if size == 1:
        if lengths[0] != 0:
            raise StoreError("a byte plane of one symbol has a code")
        return symbols, [1 << LONGEST_CODE]
    order = list(zip(lengths, symbols))
    if any(a >= b for a, b in zip(order, order[1:])) or len(set(symbols)) != size:
        raise StoreError("a byte plane has symbols out of order")
    if lengths[0] < 1 or lengths[-1] > LONGEST_CODE:
        raise StoreError("a byte plane has a code of impossible length")
    ends, total = [], 0
    for length in lengths:
        total += 1 << (LONGEST_CODE - length)
        ends.append(total)
    if total != 1 << LONGEST_CODE:
        raise StoreError("a byte plane has codes that are no complete tree")
    return symbols, ends


def _node(source: _Bytes, symbols: List[int], ends: List[int], first: int, last: int, half: int, start: int,
          count: int) -> Bytes:
    """What passes the node of symbols first ..< last, whose code range begins at start and is 2 * half wide."""
    if last - first == 1:
        return numpy.full(count, symbols[first], dtype=numpy.uint8)
    middle = ends.index(start + half, first, last) + 1
    mask = source.bitmap(count)
    ones = int(numpy.count_nonzero(mask))
    zeros = _node(source, symbols, ends, first, middle, half // 2, start, count - ones)
    result = numpy.empty(count, dtype=numpy.uint8)
    if middle - first == 1:
        result.fill(symbols[first])
    else:
        result[numpy.flatnonzero(~mask)] = zeros
    places = numpy.flatnonzero(mask)
    result[places] = _node(source, symbols, ends, middle, last, half // 2, start + half, ones)
    return result
