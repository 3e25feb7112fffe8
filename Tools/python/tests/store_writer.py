"""Makes small stores as the article StoreFormat describes them, with all that a reader may meet."""

import hashlib
import json
import os
import sqlite3
import struct

from .payloads import ROW_TYPES, encode_values, pack_lz4, quantize

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value, row_check);
CREATE TABLE spaces (space_id INTEGER PRIMARY KEY, fingerprint TEXT UNIQUE, name TEXT, dimension INTEGER, row_type TEXT,
    description TEXT, row_check);
CREATE TABLE sources (source_id INTEGER PRIMARY KEY, root TEXT UNIQUE, row_check);
CREATE TABLE folders (folder_id INTEGER PRIMARY KEY, path TEXT UNIQUE, row_check);
CREATE TABLE labels (label_id INTEGER PRIMARY KEY, label TEXT UNIQUE, row_check);
CREATE TABLE splits (split_id INTEGER PRIMARY KEY, split TEXT UNIQUE, row_check);
CREATE TABLE images (folder_id, name TEXT, source_id, label_id, content_id, size, modified, split_id, row_check,
    PRIMARY KEY (folder_id, name)) WITHOUT ROWID;
CREATE TABLE segments (segment_id INTEGER PRIMARY KEY, uuid TEXT UNIQUE, space_id, committed_length, sealed, row_check);
CREATE TABLE chunks (chunk_id INTEGER PRIMARY KEY, segment_id, offset, length, sequence, rows, live, payload_length,
    header_crc, row_check, UNIQUE (segment_id, offset));
CREATE TABLE features (space_id, first_content, row_count, chunk_id, first_row, row_check,
    PRIMARY KEY (space_id, first_content)) WITHOUT ROWID;
CREATE TABLE contents (content_id INTEGER PRIMARY KEY, hash BLOB, row_check);
CREATE TABLE failures (space_id, folder_id, name TEXT, source_id, reason TEXT, size, modified, row_check,
    PRIMARY KEY (space_id, folder_id, name)) WITHOUT ROWID;
CREATE TABLE totals (table_name TEXT PRIMARY KEY, row_count INTEGER, check_sum INTEGER, row_check INTEGER);
"""


def crc32c(data):
    """Bit by bit, as the definition has it."""
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def row_check(table, row):
    message = b""
    for value in [table, *row]:
        if value is None:
            message += b"n"
        elif isinstance(value, int):
            message += b"i" + struct.pack("<q", value)
        else:
            data = value if isinstance(value, bytes) else value.encode()
            message += (b"b" if isinstance(value, bytes) else b"t") + struct.pack("<I", len(data)) + data
    return struct.unpack("<i", struct.pack("<I", crc32c(message)))[0]


def padded(data):
    return data + bytes(-len(data) % 64)


class Segment:
    def __init__(self, number, space):
        self.number, self.space = number, space
        self.uuid = hashlib.md5(f"segment {number}".encode()).digest()
        header = b"\xfcSEG\r\n\x1a\n" + struct.pack("<HHI", 1, 128, 0) + bytes.fromhex(space["fingerprint"]) + self.uuid
        header += bytes(60)
        self.data = header + struct.pack("<I", crc32c(header))
        self.sealed = 0


class StoreWriter:
    """Collects blocks and rows; finish() writes the files. `run_limit` splits runs of features."""

    def __init__(self, path, run_limit=1 << 20):
        self.path, self.run_limit = str(path), run_limit
        self.sequence, self.segments, self.spaces = 0, [], []
        self.numbers, self.rows_of, self.chunks = {}, {}, []
        self.listing, self.failures = {}, {}
        self.expected = {}

    def space(self, name, row_type, dimension):
        fields = {"model": name}
        identity = json.dumps({"dimension": dimension, "fields": fields, "rowType": row_type}, sort_keys=True,
                              separators=(",", ":"))
        space = {"id": len(self.spaces) + 1, "name": name, "row_type": row_type, "dimension": dimension,
                 "fingerprint": hashlib.sha256(identity.encode()).hexdigest(),
                 "description": {"name": name, "fields": fields, "dimension": dimension, "rowType": row_type,
                                 "recipe": {}}}
        self.spaces.append(space)
        return space

    def segment(self, space):
        segment = Segment(len(self.segments) + 1, space)
        self.segments.append(segment)
        self.block(segment, 1, json.dumps({"space": space["description"]}).encode())
        return segment

    def block(self, segment, kind, metadata, contents=(), payload=b"", codec=0, unpacked=0):
        self.sequence += 1
        space, table, offset = segment.space, b"".join(contents), len(segment.data)
        packed = pack_lz4(metadata)
        metadata_codec = int(len(packed) < len(metadata))
        stored = packed if metadata_codec else metadata
        header = b"\xfbBLK" + struct.pack(
            "<HBBBBHIIIqQQQQ", 128, kind, ROW_TYPES[space["row_type"]][0] if contents else 0, codec, metadata_codec, 0,
            len(contents), space["dimension"] if contents else 0, 0, self.sequence, len(payload), unpacked, len(stored),
            len(metadata)) + segment.uuid + struct.pack("<Q", offset)
        header += struct.pack("<III", crc32c(table), crc32c(payload), crc32c(stored)) + bytes(24)
        checksum = crc32c(header)
        segment.data += header + struct.pack("<I", checksum) + padded(table) + padded(payload) + padded(stored)
        return offset, len(segment.data) - offset, checksum

    def chunk(self, segment, contents, features, codec, changes=()):
        """A chunk of the rows; contents are 32 bytes each. A content that the space has already makes a dead row."""
        space = segment.space
        prefix, values, decoded = quantize(features, space["row_type"])
        payload = prefix + encode_values(values, ROW_TYPES[space["row_type"]][1], codec) if len(contents) else b""
        offset, length, checksum = self.block(
            segment, 2, json.dumps({"changes": list(changes)}).encode(), contents, payload, codec,
            len(prefix) + len(values))
        number = 100 - len(self.chunks)  # the order is that of the sequence numbers, not of these
        live = 0
        for row, content in enumerate(contents):
            key = (space["id"], self.number(content))
            if key not in self.rows_of:
                self.rows_of[key] = (number, row)
                self.expected[space["id"], content] = decoded[row]
                live += 1
        self.chunks.append((number, segment.number, offset, length, self.sequence, len(contents), live, len(payload),
                            checksum))

    def seal(self, segment):
        self.block(segment, 3, json.dumps({"footer": {"chunks": 0, "rows": 0}}).encode())
        segment.sealed = 1

    def number(self, content):
        return self.numbers.setdefault(content, len(self.numbers) + 1)

    def picture(self, path, label, content, root="/p", split=None):
        self.number(content)
        self.listing[path] = (label, content, root, len(path), 1_700_000_000_000_000_000 + len(path), split)

    def failure(self, space, path, reason, root="/p"):
        self.failures[space["id"], path] = (reason, root, 7, -5)

    def runs(self):
        """Rows of the table features: contents that follow each other and have rows that follow each other."""
        runs = []
        for (space, content), (chunk, row) in sorted(self.rows_of.items()):
            last = runs[-1] if runs else None
            if (last and last[0] == space and last[3] == chunk and last[1] + last[2] == content
                    and last[4] + last[2] == row and last[2] < self.run_limit):
                last[2] += 1
            else:
                runs.append([space, content, 1, chunk, row])
        return [tuple(run) for run in runs]

    def tables(self):
        numbered = {kind: {} for kind in ("root", "folder", "label", "split")}

        def number(kind, value):
            return numbered[kind].setdefault(value, len(numbered[kind]) + 1)

        def place(path):
            folder = path[:path.rfind("/") + 1]
            return number("folder", folder), path[len(folder):]

        def number_or_none(kind, value):
            return None if value is None else number(kind, value)

        images = [(*place(path), number("root", root), number_or_none("label", label), self.numbers[content], size,
                   modified, number_or_none("split", split))
                  for path, (label, content, root, size, modified, split) in self.listing.items()]
        failures = [(space, *place(path), number("root", root), reason, size, modified)
                    for (space, path), (reason, root, size, modified) in self.failures.items()]
        with_rows = {content for _, content in self.rows_of}
        return {
            "meta": [("store_uuid", "00" * 16), ("last_sequence", self.sequence)],
            "spaces": [(s["id"], s["fingerprint"], s["name"], s["dimension"], s["row_type"],
                        json.dumps(s["description"])) for s in self.spaces],
            "sources": [(n, v) for v, n in numbered["root"].items()],
            "folders": [(n, v) for v, n in numbered["folder"].items()],
            "labels": [(n, v) for v, n in numbered["label"].items()],
            "splits": [(n, v) for v, n in numbered["split"].items()],
            "images": images, "failures": failures,
            "segments": [(s.number, s.uuid.hex(), s.space["id"], len(s.data), s.sealed) for s in self.segments],
            "chunks": self.chunks, "features": self.runs(),
            "contents": [(n, content) for content, n in self.numbers.items() if n not in with_rows],
        }

    def finish(self):
        os.makedirs(os.path.join(self.path, "segments"))
        for segment in self.segments:
            with open(os.path.join(self.path, "segments", f"{segment.number:06d}.seg"), "wb") as file:
                file.write(segment.data)
        write_index(os.path.join(self.path, "index.sqlite"), self.tables())
        return self


def write_index(path, tables):
    database = sqlite3.connect(path)
    database.executescript(SCHEMA)
    database.execute(f"PRAGMA application_id = {0x46435354}")
    database.execute("PRAGMA user_version = 3")
    totals = []
    for table, rows in tables.items():
        checks = [row_check(table, row) for row in rows]
        for row, check in zip(rows, checks):
            insert(database, table, (*row, check))
        totals.append((table, len(rows), sum(check & 0xFFFFFFFF for check in checks)))
    for row in totals:
        insert(database, "totals", (*row, row_check("totals", row)))
    database.commit()
    database.close()


def insert(database, table, row):
    database.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
