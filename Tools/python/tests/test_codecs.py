import random
import tracemalloc
import unittest

import lz4.block
import numpy

from finetuner_cache import StoreError
from finetuner_cache.codecs import decode, decode_values, unpacked_length

from . import samples
from .payloads import CODECS, ROW_TYPES, encode_values, pack_lz4, quantize, tree_plane


def packed(values, width, codec):
    return encode_values(values, width, codec)


class CodecTests(unittest.TestCase):
    def test_round_trips(self):
        for rows, dimension in [(1, 1), (1, 7), (3, 8), (5, 33), (40, 29)]:
            for row_type, (_, width) in ROW_TYPES.items():
                prefix, values, expected = quantize(samples.features(rows, dimension, rows, rows > 4), row_type)
                self.assertEqual(len(prefix + values), unpacked_length(row_type, rows, dimension))
                for codec in CODECS:
                    found = decode(prefix + packed(values, width, codec), codec, row_type, rows, dimension)
                    self.assertEqual(found.tobytes(), expected.tobytes(), (row_type, codec, rows))

    def test_zeros_only_and_no_zeros(self):
        for data in [bytes(60), bytes(range(1, 61)), b"\x00\x80" * 30]:
            for width in [1, 2, 4]:
                for codec in CODECS:
                    found = decode_values(packed(data, width, codec), codec, 60 // width, width)
                    self.assertEqual(found.tobytes(), data, (width, codec))

    def test_longest_codes(self):
        # Lengths 1, 2, … 24, 24, as a Fibonacci-like distribution gives them.
        lengths = {symbol: min(symbol, 24) for symbol in range(1, 26)}
        symbols = bytes(random.Random(3).choices(list(lengths), k=500)) + bytes(range(1, 26))
        stored = b"\xff" * (len(symbols) // 8) + bytes([(1 << len(symbols) % 8) - 1])
        stored += tree_plane(symbols, lengths)
        self.assertEqual(decode_values(stored, 4, len(symbols), 1).tobytes(), symbols)

    def test_all_symbols(self):
        data = bytes(range(1, 256)) * 3
        stored = packed(data, 1, 4)
        self.assertEqual(decode_values(stored, 4, len(data), 1).tobytes(), data)

    def test_damaged_trees(self):
        bitmap = b"\x0f"
        for plane, message in [
                (b"\x02", "method 2"), (b"\x01\x00\x07\x01", "one symbol has a code"),
                (b"\x01\x01\x05\x01\x04\x01\x00", "out of order"), (b"\x01\x01\x04\x01\x04\x01\x00", "out of order"),
                (b"\x01\x01\x04\x00\x05\x01\x00", "impossible length"),
                (b"\x01\x01\x04\x01\x05\x19\x00", "impossible length"),
                (b"\x01\x01\x04\x01\x05\x02\x00", "no complete tree"),
                (b"\x01\x02\x04\x01\x05\x01\x06\x01\x00\x00", "no complete tree"),
                (b"\x01\x02\x04\x01\x05\x02\x04\x02\x00\x00", "out of order"),
                (b"\x01\x02\x04\x01\x04\x02\x05\x02\x00\x00", "out of order"),
                (b"\x01\x01\x04\x01\x05\x01\x10", "spare bits"), (b"\x01\x01\x04\x01\x05\x01", "early"),
                (b"\x01\xff\x04", "early"), (b"\x00abc", "early"), (b"\x00abcde", "too many")]:
            with self.assertRaisesRegex(StoreError, message):
                decode_values(bitmap + plane, 4, 4, 1)
        self.assertEqual(decode_values(bitmap + b"\x01\x01\x04\x01\x05\x01\x05", 4, 4, 1).tolist(), [5, 4, 5, 4])
        with self.assertRaisesRegex(StoreError, "spare bits"):
            decode_values(b"\x1f\x00abcde", 4, 4, 1)

    def test_hostile_lengths_take_no_memory(self):
        for count in [65_536 << 20, 1 << 28]:
            for codec in [0, 1, 2, 3, 4]:
                for stored in [b"", b"\x00", bytes(100), pack_lz4(bytes(20_000))]:
                    tracemalloc.start()
                    with self.assertRaises(StoreError):
                        decode_values(stored, codec, count, 4)
                    self.assertLess(tracemalloc.get_traced_memory()[1], 1 << 20, (count, codec, stored))
                    tracemalloc.stop()
        with self.assertRaisesRegex(StoreError, "100 bytes of LZ4 cannot unpack to 1073741824"):
            decode_values(bytes(100), 1, 1 << 28, 4)

    def test_unknown_codec_and_damaged_lz4(self):
        with self.assertRaisesRegex(StoreError, "later format"):
            decode_values(b"abcd", 5, 4, 1)
        for length in [59, 61]:
            with self.assertRaisesRegex(StoreError, "LZ4"):
                decode_values(lz4.block.compress(bytes(60), store_size=False), 1, length, 1)

    def test_never_written_values(self):
        for bad in [numpy.nan, numpy.inf]:
            with self.assertRaisesRegex(StoreError, "never written"):
                decode(numpy.array([1, bad], "<f4").tobytes(), 0, "f32", 1, 2)
        with self.assertRaisesRegex(StoreError, "never written"):
            decode(numpy.array([numpy.inf, 0], "<f4").tobytes() + b"\0\1", 0, "u8", 1, 2)

    def test_noise_gives_values_or_a_store_error(self):
        generator = random.Random(4)
        for row_type, (_, width) in ROW_TYPES.items():
            prefix, values, _ = quantize(samples.features(6, 21, 5), row_type)
            for codec in CODECS:
                stored = prefix + packed(values, width, codec)
                for length in range(len(stored)):
                    with self.assertRaises(StoreError):
                        decode(stored[:length], codec, row_type, 6, 21)
                for _ in range(300):
                    noisy = bytearray(stored)
                    for _ in range(generator.randrange(1, 4)):
                        noisy[generator.randrange(len(noisy))] ^= 1 << generator.randrange(8)
                    try:
                        self.assertEqual(decode(bytes(noisy), codec, row_type, 6, 21).shape, (6, 21))
                    except StoreError:
                        pass
