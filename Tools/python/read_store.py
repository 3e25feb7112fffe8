#!/usr/bin/env python3
"""Reads the features of a finetuner-cache store into NumPy.

    python3 read_store.py STORE [--space PREFIX] -o features.npy

writes the features of every listed picture as a float32 array, one row a picture in ascending order of the paths' bytes,
and, with --list, the paths and labels beside it as tab-separated text. From Python:

    from read_store import read_features
    paths, labels, features = read_features("features.fcstore")

Needs numpy and lz4. The format is described in the article StoreFormat of the FeatureStorage library. This reader checks
magic numbers, lengths and that each block is the one the index describes; CRC-32C over the sections would take minutes in
pure Python and is what finetuner-cache itself checks on every read.
"""

import argparse
import mmap
import os
import pathlib
import sqlite3
import struct
import sys

import lz4.block
import numpy

APPLICATION_ID = 0x46435354  # "FCST"
SEGMENT_MAGIC = b"\xfcSEG\r\n\x1a\n"
BLOCK_MAGIC = b"\xfbBLK"
# magic, header length, kind, row type, codecs of payload and metadata, flags, rows, dimension, (reserved), sequence,
# payload stored and raw, metadata stored and raw, segment UUID, offset, checksums of row table, payload and metadata
BLOCK_HEADER = struct.Struct("<4s H B B B B H I I 4x q Q Q Q Q 16s Q I I I 24x I")
CHUNK, FLOAT16, RAW, LZ4 = 2, 1, 0, 1


class StoreError(Exception):
    """What is wrong with a store, in a sentence."""


def aligned(length):
    """The next multiple of 64: sections of a block begin on such."""
    return (length + 63) // 64 * 64


def open_index(store):
    """The store's index, opened so that nothing can be changed."""
    path = os.path.join(store, "index.sqlite")
    if not os.path.exists(path):
        raise StoreError(f"{store} is not a feature store: it has no index.sqlite")
    index = sqlite3.connect(pathlib.Path(path).absolute().as_uri() + "?mode=ro", uri=True)
    if index.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreError(f"{path} is a database of another application")
    version = index.execute("PRAGMA user_version").fetchone()[0]
    if version != 1:
        raise StoreError(f"{path} has index version {version}; this script reads version 1")
    return index


def choose_space(index, prefix):
    """The id and dimension of the space whose fingerprint or name begins with prefix, or of the only one."""
    spaces = index.execute("SELECT space_id, dimension, fingerprint, name, row_type FROM spaces").fetchall()
    fitting = [s for s in spaces if prefix is None or s[2].startswith(prefix.lower()) or s[3].startswith(prefix)]
    exact = [s for s in fitting if s[3] == prefix]
    if len(exact) == 1:
        fitting = exact
    if len(fitting) != 1:
        known = ", ".join(f"{s[2][:12]} ({s[3]})" for s in spaces) or "none"
        raise StoreError(f"{len(fitting)} feature spaces fit; choose one with --space: {known}")
    space_id, dimension, _, _, row_type = fitting[0]
    if row_type != "f16":
        raise StoreError(f"the space has rows of type {row_type}; this script reads f16")
    return space_id, dimension


def map_segment(store, number, uuid):
    """A segment's bytes, mapped."""
    path = os.path.join(store, "segments", f"{number:06d}.seg")
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if data[:8] != SEGMENT_MAGIC or struct.unpack_from("<H", data, 8)[0] != 1:
        raise StoreError(f"{path} is not a segment of version 1")
    if data[48:64].hex() != uuid:
        raise StoreError(f"{path} is another segment than the index knows under this name")
    return path, data


def decode_chunk(path, data, offset, header_crc, rows, dimension):
    """The features of the chunk at offset, as float32 of shape [rows, dimension]."""
    if offset + BLOCK_HEADER.size > len(data):
        raise StoreError(f"{path}: ends before the chunk at byte {offset}")
    (magic, length, kind, row_type, codec, _, flags, found_rows, found_dimension, _, stored, raw, metadata, _, uuid,
     position, _, _, _, checksum) = BLOCK_HEADER.unpack_from(data, offset)
    if (magic, length, kind, flags) != (BLOCK_MAGIC, BLOCK_HEADER.size, CHUNK, 0):
        raise StoreError(f"{path}: no chunk of version 1 at byte {offset}")
    if (found_rows, found_dimension, position, uuid, checksum) != (rows, dimension, offset, data[48:64], header_crc):
        raise StoreError(f"{path}: the chunk at byte {offset} is not the one that the index describes")
    start = offset + BLOCK_HEADER.size + aligned(rows * 32)
    if row_type != FLOAT16 or raw != rows * dimension * 2 or start + stored + metadata > len(data):
        raise StoreError(f"{path}: the chunk at byte {offset} has lengths that do not fit")
    payload = data[start:start + stored]
    if codec == LZ4:
        payload = lz4.block.decompress(payload, uncompressed_size=raw)
    elif codec != RAW:
        raise StoreError(f"{path}: the chunk at byte {offset} uses codec {codec}; this script reads raw and LZ4")
    if len(payload) != raw:
        raise StoreError(f"{path}: the chunk at byte {offset} unpacks to {len(payload)} bytes instead of {raw}")
    return numpy.frombuffer(payload, dtype="<f2").reshape(rows, dimension).astype(numpy.float32)


def read_features(path, space=None):
    """The listed pictures that have a feature in the space: (paths, labels, features).

    Ordered by the paths' bytes; labels are None where the listing gave none; features are float32 [n, dimension].
    """
    index = open_index(path)
    try:
        index.execute("BEGIN")  # one state of the store, whatever a writer does meanwhile
        space_id, dimension = choose_space(index, space)
        pictures = index.execute(
            "SELECT path, label, chunk_id, row FROM images JOIN features USING (content_id) WHERE space_id = ?"
            " ORDER BY path", (space_id,)).fetchall()
        chunks = index.execute(
            "SELECT chunk_id, segment_id, uuid, offset, rows, header_crc FROM chunks JOIN segments USING (segment_id)"
            " WHERE space_id = ? AND live > 0 ORDER BY sequence", (space_id,)).fetchall()
        segments = {}
        for _, segment, uuid, *_ in chunks:
            if segment not in segments:
                segments[segment] = map_segment(path, segment, uuid)
    finally:
        index.close()
    features = numpy.empty((len(pictures), dimension), dtype=numpy.float32)
    wanted = {}
    for position, (_, _, chunk, row) in enumerate(pictures):
        wanted.setdefault(chunk, []).append((position, row))
    for chunk, segment, _, offset, rows, header_crc in chunks:
        if chunk in wanted:
            positions, picked = zip(*wanted[chunk])
            decoded = decode_chunk(*segments[segment], offset, header_crc, rows, dimension)
            features[list(positions)] = decoded[list(picked)]
    return [p[0] for p in pictures], [p[1] for p in pictures], features


def main():
    parser = argparse.ArgumentParser(description="Writes the features of a finetuner-cache store as a NumPy array.")
    parser.add_argument("store", help="the store's folder")
    parser.add_argument("--space", metavar="PREFIX", help="the beginning of the feature space's fingerprint or name")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the .npy file to write")
    parser.add_argument("--list", metavar="FILE", help="also write 'path TAB label' lines, in the same order")
    arguments = parser.parse_args()
    paths, labels, features = read_features(arguments.store, arguments.space)
    numpy.save(arguments.output, features)
    if arguments.list:
        with open(arguments.list, "w", encoding="utf-8", newline="\n") as file:
            for path, label in zip(paths, labels):
                file.write(f"{path}\t{label or ''}\n")
    print(f"{len(paths)} pictures, {features.shape[1]} values each", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except (StoreError, OSError, sqlite3.Error) as error:
        sys.exit(f"error: {error}")
