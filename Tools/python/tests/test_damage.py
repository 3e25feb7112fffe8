"""Damaged stores give an error that names what is damaged, or, where nothing that counts was hit, the same data."""

import os
import random
import sqlite3

from finetuner_cache import StoreError, open_store

from . import samples
from .store_writer import insert, row_check
from .test_store import ScratchTest


# Thousands take a minute: where FINETUNER_CACHE_LONG is set.
FLIPS = 4000 if os.environ.get("FINETUNER_CACHE_LONG") else 500


def everything(folder):
    store = open_store(folder, verify=True)
    data = [store.spaces(), store.pictures(), store.labels(), store.failures()]
    for space in store.spaces():
        paths, labels, features = store.features(space)
        chunks = [(chunk.contents, chunk.features.tobytes()) for chunk in store.chunks(space)]
        data.append((paths, labels, features.tobytes(), chunks))
    return data


class DamageTests(ScratchTest):
    def setUp(self):
        super().setUp()
        samples.full_store(self.folder)
        self.expected = everything(self.folder)
        self.outcomes = {"error": 0, "equal": 0}

    def read(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read()

    def write(self, name, data):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(data)

    def check(self, what):
        """Anything but a StoreError or the same data ends the test."""
        try:
            found = everything(self.folder)
        except StoreError as error:
            self.outcomes["error"] += 1
            return str(error)
        self.assertEqual(found, self.expected, what)
        self.outcomes["equal"] += 1
        return None

    def test_segment_cut_at_every_byte(self):
        name = "segments/000001.seg"
        data = self.read(name)
        for length in range(len(data)):
            self.write(name, data[:length])
            with self.assertRaisesRegex(StoreError, "000001.seg", msg=length):
                list(open_store(self.folder).chunks("net f16"))
        self.write(name, data + b"what a writer has begun")
        self.assertEqual(everything(self.folder), self.expected)

    def test_every_bit_of_headers_counts(self):
        name = "segments/000001.seg"
        data = self.read(name)
        chunk = next(at for at in range(0, len(data), 64) if data[at:at + 7] == b"\xfbBLK\x80\0\x02")
        for place, what in [(0, "header|not a segment"), (chunk, f"at byte {chunk}: its header is damaged")]:
            for bit in range(8 * 128):
                flipped = bytearray(data)
                flipped[place + bit // 8] ^= 1 << bit % 8
                self.write(name, flipped)
                with self.assertRaisesRegex(StoreError, what):
                    list(open_store(self.folder).chunks("net f16"))

    def test_index_cut(self):
        data = self.read("index.sqlite")
        for length in range(0, len(data), 97):
            self.write("index.sqlite", data[:length])
            self.assertIn("index.sqlite", self.check(length) or "index.sqlite")

    def test_flipped_bits_of_a_segment(self):
        generator = random.Random(5)
        for number in range(1, 9):
            name = f"segments/{number:06d}.seg"
            data = self.read(name)
            for _ in range(FLIPS // 8):
                flipped, bit = bytearray(data), generator.randrange(8 * len(data))
                flipped[bit // 8] ^= 1 << bit % 8
                self.write(name, flipped)
                message = self.check((name, bit))
                self.assertTrue(message is None or name in message, message)
            self.write(name, data)
        self.assertGreater(self.outcomes["error"], FLIPS // 10)

    def test_flipped_bits_of_the_index(self):
        generator = random.Random(6)
        data = self.read("index.sqlite")
        for _ in range(FLIPS):
            flipped, bit = bytearray(data), generator.randrange(8 * len(data))
            flipped[bit // 8] ^= 1 << bit % 8
            self.write("index.sqlite", flipped)
            self.check(bit)
        self.assertGreater(self.outcomes["error"], FLIPS // 10)

    def test_flips_without_verify_raise_nothing_else(self):
        generator = random.Random(7)
        data = self.read("index.sqlite")
        for _ in range(FLIPS // 2):
            flipped = bytearray(data)
            for _ in range(3):
                bit = generator.randrange(8 * len(data))
                flipped[bit // 8] ^= 1 << bit % 8
            self.write("index.sqlite", flipped)
            try:
                store = open_store(self.folder)
                for space in store.spaces():
                    store.features(space)
                    list(store.chunks(space))
                store.pictures(), store.labels(), store.failures()
            except StoreError:
                pass

    def change(self, statement, table=None):
        """Changes the index; with a table, makes the row_checks of its rows fit again."""
        database = sqlite3.connect(os.path.join(self.folder, "index.sqlite"))
        database.execute(statement)
        if table:
            rows = [row[:-1] for row in database.execute(f"SELECT * FROM {table}").fetchall()]
            database.execute(f"DELETE FROM {table}")
            checks = [row_check(table, row) for row in rows]
            for row, check in zip(rows, checks):
                insert(database, table, (*row, check))
            database.execute("DELETE FROM totals WHERE table_name = ?", (table,))
            total = (table, len(rows), sum(check & 0xFFFFFFFF for check in checks))
            insert(database, "totals", (*total, row_check("totals", total)))
        database.commit()
        database.close()

    def test_changed_and_vanished_rows_show(self):
        for statement, message in [
                ("UPDATE labels SET label = 'cat' WHERE label_id = 1", "labels has a damaged row: 1, cat"),
                ("DELETE FROM images WHERE name = '1.jpg'", "images has lost or won rows"),
                ("DELETE FROM failures", "failures has lost or won rows: 0 of 4"),
                ("DELETE FROM totals WHERE table_name = 'images'", "totals does not list"),
                ("UPDATE totals SET row_count = 3 WHERE table_name = 'meta'", "totals has a damaged row"),
                ("UPDATE spaces SET dimension = '13x'", "damaged")]:
            data = self.read("index.sqlite")
            self.change(statement)
            with self.assertRaisesRegex(StoreError, message):
                open_store(self.folder, verify=True)
            self.write("index.sqlite", data)

    def test_hostile_index(self):
        big = 1 << 62
        for table, statement in [
                ("features", f"UPDATE features SET row_count = {big} WHERE first_content = 1"),
                ("features", f"UPDATE features SET first_content = {big} WHERE first_content = 1 AND space_id = 1"),
                ("features", "UPDATE features SET first_row = -1 WHERE first_content = 1"),
                ("features", "UPDATE features SET chunk_id = 1000 WHERE first_content = 1"),
                ("features", "UPDATE features SET chunk_id = chunk_id - 6, space_id = 1 WHERE space_id = 1"),
                ("features", "UPDATE features SET row_count = row_count + 1 WHERE row_count = 5"),
                ("features", "UPDATE features SET first_row = 0"),
                ("chunks", f"UPDATE chunks SET offset = {big} WHERE chunk_id = 100"),
                ("chunks", f"UPDATE chunks SET length = {big}"),
                ("chunks", "UPDATE chunks SET length = 64, offset = -64 + (SELECT committed_length FROM segments"
                           " WHERE segments.segment_id = chunks.segment_id) WHERE chunk_id IN (100, 94)"),
                ("segments", "UPDATE segments SET uuid = printf('%032x', segment_id)"),
                ("chunks", "UPDATE chunks SET offset = offset + 1"), ("chunks", "UPDATE chunks SET rows = 65537"),
                ("chunks", "UPDATE chunks SET rows = 4096"), ("chunks", f"UPDATE chunks SET payload_length = {big}"),
                ("chunks", "UPDATE chunks SET live = rows + 1"), ("chunks", "UPDATE chunks SET sequence = 1"),
                ("chunks", "UPDATE chunks SET header_crc = 1"),
                ("chunks", "UPDATE chunks SET segment_id = 77 WHERE chunk_id = 100"),
                ("segments", f"UPDATE segments SET committed_length = {big}"),
                ("segments", "UPDATE segments SET committed_length = 64"),
                ("segments", "UPDATE segments SET segment_id = -1 WHERE segment_id = 1"),
                ("segments", "UPDATE segments SET uuid = '../' || segment_id"),
                ("chunks", "UPDATE chunks SET live = live - 1 WHERE chunk_id = 100"),
                ("spaces", f"UPDATE spaces SET dimension = {big}"), ("spaces", "UPDATE spaces SET dimension = 1048576"),
                ("spaces", "UPDATE spaces SET row_type = 'f8'"), ("spaces", "UPDATE spaces SET description = '[]'"),
                ("spaces", "UPDATE spaces SET row_type = 'f32'"),
                ("spaces", "UPDATE spaces SET fingerprint = 'x' || space_id"),
                ("images", "UPDATE images SET label_id = 99"),
                ("images", "UPDATE images SET folder_id = 99 WHERE name = 'a'"),
                ("images", f"UPDATE images SET content_id = {big}"), ("images", "UPDATE images SET content_id = -1"),
                ("contents", "UPDATE contents SET hash = x'00'")]:
            data = self.read("index.sqlite")
            self.change(statement, table)
            with self.assertRaises(StoreError, msg=statement):
                everything(self.folder)
            self.write("index.sqlite", data)
