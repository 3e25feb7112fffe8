import multiprocessing
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import numpy

from finetuner_cache import StoreError, open_store

from . import samples
from .payloads import ROW_TYPES
from .store_writer import StoreWriter


def path_bytes(path):
    return path.encode()


class ScratchTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = os.path.join(scratch.name, "a store ?#%41é")
        self.outside = scratch.name


class StoreTests(ScratchTest):
    def setUp(self):
        super().setUp()
        self.writer = samples.full_store(self.folder)
        self.store = open_store(self.folder, verify=True)

    def test_features_of_every_type_and_codec(self):
        for space in self.writer.spaces:
            paths, labels, features = self.store.features(space["name"])
            listed = {path: entry for path, entry in self.writer.listing.items()
                      if (space["id"], entry[1]) in self.writer.expected}
            self.assertEqual(paths, sorted(listed, key=path_bytes))
            self.assertEqual(labels, [listed[path][0] for path in paths])
            expected = numpy.array([self.writer.expected[space["id"], listed[path][1]] for path in paths])
            self.assertEqual(features.dtype, numpy.float32)
            self.assertEqual(features.tobytes(), expected.tobytes())

    def test_chunks_give_live_rows_once(self):
        for space in self.writer.spaces:
            found = {}
            sizes = []
            for chunk in self.store.chunks(space["fingerprint"][:20]):
                sizes.append(len(chunk.contents))
                for content, row in zip(chunk.contents, chunk.features):
                    self.assertNotIn(content, found)
                    found[content] = row.tobytes()
            expected = {content.hex(): row.tobytes() for (number, content), row in self.writer.expected.items()
                        if number == space["id"]}
            self.assertEqual(found, expected)
            self.assertEqual(list(found), list(expected))  # in storage order
            self.assertIn(10, sizes)

    def test_listing(self):
        pictures = self.store.pictures()
        expected = sorted(
            ((path, label, content.hex(), root, size, modified, split)
             for path, (label, content, root, size, modified, split) in self.writer.listing.items()),
            key=lambda entry: path_bytes(entry[0]))
        self.assertEqual([tuple(picture) for picture in pictures], expected)
        labels = [entry[0] for entry in self.writer.listing.values()]
        self.assertEqual(self.store.labels(), {label: labels.count(label) for label in set(labels)})
        self.assertEqual(list(self.store.labels())[-1], None)

    def test_failures_and_spaces(self):
        self.assertEqual([f.path for f in self.store.failures()], sorted(f"/p/{t}.txt" for t in ROW_TYPES))
        self.assertEqual([tuple(f)[:2] for f in self.store.failures("net u8")], [("/p/u8.txt", "is no picture")])
        self.assertEqual([(s.name, s.row_type, s.dimension, s.rows) for s in self.store.spaces()],
                         [(f"net {t}", t, 13, 53) for t in ROW_TYPES])
        self.assertEqual(self.store.spaces()[0].description["fields"], {"model": "net f16"})

    def test_choice_of_space(self):
        with self.assertRaisesRegex(StoreError, "4 feature spaces fit"):
            self.store.features()
        with self.assertRaisesRegex(StoreError, "0 feature spaces fit"):
            self.store.chunks("other")
        self.assertEqual(self.store.features(self.store.spaces()[2])[2].shape[1], 13)

    def test_exact_name_comes_before_longer_ones(self):
        writer = StoreWriter(os.path.join(self.outside, "two"))
        for name in ["net", "net 2"]:
            writer.segment(writer.space(name, "f16", 4))
        store = open_store(writer.finish().path, verify=True)
        self.assertEqual(store.features("net")[2].shape, (0, 4))
        with self.assertRaisesRegex(StoreError, "2 feature spaces fit"):
            store.features("ne")

    def test_snapshot_survives_later_changes(self):
        before = self.store.features("net f16")[2].tobytes()
        database = sqlite3.connect(os.path.join(self.folder, "index.sqlite"))
        database.execute("DELETE FROM images")
        database.commit()
        database.close()
        with open(os.path.join(self.folder, "segments", "000001.seg"), "ab") as file:
            file.write(b"a block that is not finished")
        self.assertEqual(self.store.features("net f16")[2].tobytes(), before)
        self.assertEqual(open_store(self.folder).features("net f16")[0], [])

    def test_nothing_of_the_index_stays_open(self):
        targets = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
                   if os.path.exists(f"/proc/self/fd/{fd}")]
        self.assertFalse([target for target in targets if "index.sqlite" in target])

    def test_read_only(self):
        for folder, _, names in os.walk(self.folder):
            for name in names:
                os.chmod(os.path.join(folder, name), 0o444)
            os.chmod(folder, 0o555)
        before = sorted(os.listdir(self.folder))
        self.assertEqual(len(open_store(self.folder, verify=True).spaces()), 4)
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        for folder, _, _ in os.walk(self.folder):
            os.chmod(folder, 0o755)

    def test_missing_segment_is_named_where_it_is_needed(self):
        os.remove(os.path.join(self.folder, "segments", "000002.seg"))
        store = open_store(self.folder)
        self.assertEqual(len(store.features("net f32")[0]), 55)
        with self.assertRaisesRegex(StoreError, "000002.seg"):
            store.features("net f16")
        with self.assertRaisesRegex(StoreError, "000002.seg"):
            open_store(self.folder, verify=True)

    def test_no_store(self):
        with self.assertRaisesRegex(StoreError, "is not a feature store"):
            open_store(self.outside)

    def test_later_version(self):
        database = sqlite3.connect(os.path.join(self.folder, "index.sqlite"))
        database.execute("PRAGMA user_version = 4")
        database.close()
        with self.assertRaisesRegex(StoreError, "has index version 4"):
            open_store(self.folder)

    def test_hot_journal_is_rolled_back(self):
        program = ("import os, sqlite3, sys\n"
                   "d = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
                   "d.execute('PRAGMA cache_size = 1'); d.execute('BEGIN')\n"
                   "d.execute('DELETE FROM images')\n"
                   "d.execute(\"INSERT INTO meta VALUES ('x', zeroblob(300000), 0)\")\n"
                   "os._exit(9)")
        subprocess.run([sys.executable, "-c", program, os.path.join(self.folder, "index.sqlite")])
        self.assertTrue(os.path.getsize(os.path.join(self.folder, "index.sqlite-journal")))
        self.assertEqual(len(open_store(self.folder, verify=True).pictures()), len(self.writer.listing))


class ProcessTests(ScratchTest):
    def setUp(self):
        super().setUp()
        samples.full_store(self.folder)

    def test_fork(self):
        store = open_store(self.folder)
        expected = [store.features(space)[2].tobytes() for space in store.spaces()]
        shutil.rmtree(self.folder)  # the children go on with what their parent had
        context = multiprocessing.get_context("fork")
        results = context.Queue()
        children = [context.Process(target=answer_features, args=(store, results, i)) for i in range(8)]
        for child in children:
            child.start()
        found = dict(results.get(timeout=60) for _ in range(32))
        for child in children:
            child.join()
        self.assertEqual(found, {(i, space): expected[space] for i in range(8) for space in range(4)})

    def test_pickle_opens_the_segments_again(self):
        store = open_store(self.folder)
        other = pickle.loads(pickle.dumps(store))
        self.assertEqual(other.pictures(), store.pictures())
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            self.assertEqual(pool.apply(features_bytes, (store, 3)), store.features("net u8")[2].tobytes())


def features_bytes(store, space):
    return store.features(store.spaces()[space])[2].tobytes()


def answer_features(store, results, number):
    for space in range(4):
        results.put(((number, space), features_bytes(store, space)))


class ProgramTests(ScratchTest):
    def run_program(self, *arguments):
        environment = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(os.path.abspath(__file__)))}
        return subprocess.run([sys.executable, "-m", "finetuner_cache", *arguments], env=environment,
                              capture_output=True, text=True)

    def test_export(self):
        samples.full_store(self.folder)
        array, listing = os.path.join(self.outside, "f.npy"), os.path.join(self.outside, "list.txt")
        result = self.run_program(self.folder, "--space", "net bf16", "-o", array, "--list", listing, "--verify")
        self.assertEqual((result.returncode, result.stderr), (0, "55 pictures, 13 values each\n"))
        paths, labels, features = open_store(self.folder).features("net bf16")
        self.assertEqual(numpy.load(array).tobytes(), features.tobytes())
        with open(listing, encoding="utf-8", newline="") as file:
            self.assertEqual(file.read(), "".join(f"{p}\t{label or ''}\n" for p, label in zip(paths, labels)))

    def test_error(self):
        result = self.run_program(self.folder, "-o", os.path.join(self.outside, "f.npy"))
        self.assertEqual(result.returncode, 1)
        self.assertTrue(result.stderr.startswith("error: ") and "is not a feature store" in result.stderr)
