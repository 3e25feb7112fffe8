import random
import unittest

from finetuner_cache import checksums

from .store_writer import crc32c


class ChecksumTests(unittest.TestCase):
    def test_known_values(self):
        # RFC 3720, appendix B.4, and the usual check value.
        for data, expected in [(b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43),
                               (bytes(range(32)), 0x46DD794E), (b"", 0)]:
            self.assertEqual(checksums.crc32c_numpy(data), expected)
            self.assertEqual(checksums.crc32c(data), expected)

    def test_every_way_agrees_with_the_definition(self):
        generator = random.Random(1)
        for length in [1, 3, 4, 511, 512, 513, 1023, 2047, 2048, 2049, 5000, 40_001]:
            data = generator.randbytes(length)
            self.assertEqual(checksums.crc32c_numpy(data), crc32c(data), length)
            self.assertEqual(checksums.crc32c(memoryview(data)), crc32c(data), length)

    def test_many_at_once(self):
        generator = random.Random(2)
        messages = [generator.randbytes(generator.randrange(4, 90)) for _ in range(300)] + [b"\0\0\0\0", b"\xff" * 4]
        self.assertEqual(checksums.crc32c_many(messages).tolist(), [crc32c(message) for message in messages])
