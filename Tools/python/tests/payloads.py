"""Encodes payloads as the article StoreFormat describes them: plain loops, nothing shared with the reader."""

import heapq
import struct

import lz4.block
import numpy

ROW_TYPES = {"f16": (1, 2), "f32": (2, 4), "bf16": (3, 2), "u8": (4, 1)}
CODECS = range(5)


def quantize(features, row_type):
    """The stored form of float32 rows, (prefix, values as bytes), and the float32 rows that it stands for."""
    features = numpy.asarray(features, dtype=numpy.float32)
    if row_type == "f32":
        return b"", features.astype("<f4").tobytes(), features
    if row_type == "f16":
        halves = features.astype("<f2")
        return b"", halves.tobytes(), halves.astype(numpy.float32)
    if row_type == "bf16":
        bits = features.view(numpy.uint32).astype(numpy.uint64)
        rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
        return b"", rounded.tobytes(), (rounded.astype(numpy.uint32) << 16).view(numpy.float32)
    prefix, values, decoded = b"", b"", []
    for row in features:
        offset = numpy.float32(min(0, row.min()))
        scale = numpy.float32((numpy.float32(max(0, row.max())) - offset) / numpy.float32(255))
        q = numpy.zeros(len(row), numpy.uint8) if scale == 0 else numpy.clip(
            numpy.rint((row - offset) / scale), 0, 255).astype(numpy.uint8)
        prefix += struct.pack("<ff", scale, offset)
        values += q.tobytes()
        decoded.append(offset + scale * q.astype(numpy.float32))
    return prefix, values, numpy.array(decoded, dtype=numpy.float32).reshape(features.shape)


def pack_lz4(data):
    return lz4.block.compress(data, store_size=False)


def bits_to_bytes(bits):
    packed = bytearray((len(bits) + 7) // 8)
    for position, bit in enumerate(bits):
        packed[position // 8] |= bit << position % 8
    return bytes(packed)


def encode_values(values, width, codec):
    """The bytes of values of a width, packed with a codec."""
    if codec == 0:
        return values
    if codec == 1:
        return pack_lz4(values)
    numbers = [values[i:i + width] for i in range(0, len(values), width)]
    bitmap = bits_to_bytes([int(any(number)) for number in numbers])
    present = b"".join(number for number in numbers if any(number))
    if codec == 2:
        return bitmap + present
    if codec == 3:
        return pack_lz4(bitmap + present)
    return bitmap + b"".join(smaller_plane(present[plane::width]) for plane in range(width))


def smaller_plane(symbols):
    raw = b"\0" + symbols
    tree = tree_plane(symbols) if symbols else raw
    return tree if len(tree) < len(raw) or len(symbols) < 4 else raw


def code_lengths(symbols):
    """Huffman's code lengths by symbol."""
    counts = {s: symbols.count(bytes([s])) for s in set(symbols)}
    heap = [(count, s, [s]) for s, count in counts.items()]
    heapq.heapify(heap)
    lengths = dict.fromkeys(counts, 0)
    while len(heap) > 1:
        a, b = heapq.heappop(heap), heapq.heappop(heap)
        for s in a[2] + b[2]:
            lengths[s] += 1
        heapq.heappush(heap, (a[0] + b[0], min(a[1], b[1]), a[2] + b[2]))
    return lengths


def tree_plane(symbols, lengths=None):
    lengths = lengths or code_lengths(symbols)
    order = sorted(lengths, key=lambda s: (lengths[s], s))
    codes, code, last = {}, -1, lengths[order[0]]
    for s in order:
        code = (code + 1) << (lengths[s] - last)
        last = lengths[s]
        codes[s] = format(code, "b").zfill(lengths[s]) if lengths[s] else ""
    table = bytes([1, len(order) - 1]) + b"".join(bytes([s, lengths[s]]) for s in order)
    return table + node_bitmaps(symbols, codes, "")


def node_bitmaps(symbols, codes, prefix):
    """The bitmaps of the node whose code is prefix and of those below it, in preorder."""
    if any(code == prefix for code in codes.values()):
        return b""
    bits = [int(codes[s][len(prefix)]) for s in symbols]
    below = [bytes(s for s, bit in zip(symbols, bits) if bit == side) for side in (0, 1)]
    return bits_to_bytes(bits) + b"".join(node_bitmaps(part, codes, prefix + side) for part, side in zip(below, "01"))
