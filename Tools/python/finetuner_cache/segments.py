"""The segment files: headers, row tables and payloads, checked and decoded."""

import mmap
import os
import struct
from typing import Any, Dict, NamedTuple, Tuple

import numpy

from .checksums import crc32c
from .codecs import LZ4, MASK_TREE, RAW, ROW_TYPES, decode, unpacked_length
from .errors import StoreError
from .kinds import Bytes, Floats
from .records import Space

SEGMENT_MAGIC = b"\xfcSEG\r\n\x1a\n"
SEGMENT_HEADER = struct.Struct("<8s H H I 32s 16s 60s I")
BLOCK_MAGIC = b"\xfbBLK"
# magic, header length, kind, row type, codecs of payload and metadata, flags, rows, dimension, reserved, sequence,
# payload stored and unpacked, metadata stored and unpacked, segment UUID, offset, checksums of row table, payload and
# metadata, reserved, checksum
BLOCK_HEADER = struct.Struct("<4s H B B B B H I I I q Q Q Q Q 16s Q I I I 24s I")
CHUNK = 2
HASH_LENGTH = 32


class ChunkLocation(NamedTuple):
    """What the index says about a chunk."""
    chunk_id: int
    segment: int
    offset: int
    length: int
    sequence: int
    rows: int
    live: int
    payload_length: int
    header_crc: int


def aligned(length: int) -> int:
    """The next multiple of 64: blocks and their sections begin on such."""
    return (length + 63) // 64 * 64


class Segment:
    """A segment of a store, mapped as far as it is committed.

    A mapping has no file position and no lock, so that a forked process may go on using the one of its parent.
    """

    def __init__(self, store: str, number: int, uuid: bytes, fingerprint: bytes, committed_length: int) -> None:
        self.name = f"segments/{number:06d}.seg"
        self.path = os.path.join(store, self.name)
        self.fingerprint, self.uuid, self.committed_length = fingerprint, uuid, committed_length
        self.data = self._map()

    def __getstate__(self) -> Dict[str, Any]:
        return {**self.__dict__, "data": None}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.data = self._map()

    def _map(self) -> mmap.mmap:
        try:
            with open(self.path, "rb") as file:
                length = os.fstat(file.fileno()).st_size
                if not SEGMENT_HEADER.size <= self.committed_length <= length:
                    raise StoreError(f"{self.path} has {length} bytes; {self.committed_length} are committed")
                data = mmap.mmap(file.fileno(), self.committed_length, access=mmap.ACCESS_READ)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read: {error.strerror or error}") from None
        self._check_header(data)
        return data

    def _check_header(self, data: mmap.mmap) -> None:
        header = data[:SEGMENT_HEADER.size]
        magic, version, length, flags, fingerprint, uuid, reserved, checksum = SEGMENT_HEADER.unpack(header)
        if magic != SEGMENT_MAGIC:
            raise StoreError(f"{self.path} is not a segment")
        if crc32c(header[:-4]) != checksum:
            raise StoreError(f"{self.path} has a damaged header: the checksum differs")
        if version != 1 or length != SEGMENT_HEADER.size or flags or any(reserved):
            raise StoreError(f"{self.path} is of a later format (version {version})")
        if uuid != self.uuid or fingerprint != self.fingerprint:
            raise StoreError(f"{self.path} is another segment than the index knows under this name")

    def contents(self, chunk: ChunkLocation, space: Space) -> Bytes:
        """The SHA-256 of each row's picture, uint8 [rows, 32]."""
        return self._contents(chunk, self._header(chunk, space))

    def read(self, chunk: ChunkLocation, space: Space, check_payload: bool = True) -> Tuple[Bytes, Floats]:
        """The rows of a chunk: their contents, uint8 [rows, 32], and features, float32 [rows, dimension]."""
        header = self._header(chunk, space)
        contents = self._contents(chunk, header)
        start = chunk.offset + BLOCK_HEADER.size + aligned(chunk.rows * HASH_LENGTH)
        payload = self.data[start:start + chunk.payload_length]
        if check_payload and crc32c(payload) != header["payload_crc"]:
            raise self._error(chunk, "its payload is damaged: the checksum differs")
        try:
            features = decode(payload, header["codec"], space.row_type, chunk.rows, space.dimension)
        except StoreError as error:
            raise self._error(chunk, str(error)) from None
        return contents, features

    def _contents(self, chunk: ChunkLocation, header: Dict[str, int]) -> Bytes:
        start = chunk.offset + BLOCK_HEADER.size
        table = self.data[start:start + chunk.rows * HASH_LENGTH]
        if crc32c(table) != header["table_crc"]:
            raise self._error(chunk, "its row table is damaged: the checksum differs")
        return numpy.frombuffer(table, dtype=numpy.uint8).reshape(chunk.rows, HASH_LENGTH)

    def _header(self, chunk: ChunkLocation, space: Space) -> Dict[str, int]:
        """The facts of a chunk's header that the index does not have, all others compared."""
        if space.row_type not in ROW_TYPES:
            raise self._error(chunk, f"it has row type {space.row_type}, which is of a later format")
        if chunk.offset % 64 or chunk.offset + BLOCK_HEADER.size > self.committed_length:
            raise self._error(chunk, f"it cannot begin there in {self.committed_length} committed bytes")
        header = self.data[chunk.offset:chunk.offset + BLOCK_HEADER.size]
        (magic, length, kind, row_type, codec, metadata_codec, flags, rows, dimension, reserved, sequence, stored,
         unpacked, metadata, metadata_unpacked, uuid, offset, table_crc, payload_crc, _, more_reserved,
         checksum) = BLOCK_HEADER.unpack(header)
        if magic != BLOCK_MAGIC or crc32c(header[:-4]) != checksum:
            raise self._error(chunk, "its header is damaged: the checksum differs")
        if (checksum, uuid, offset) != (chunk.header_crc, self.uuid, chunk.offset):
            raise self._error(chunk, "it is not the one that the index describes")
        if (length != BLOCK_HEADER.size or kind != CHUNK or codec > MASK_TREE or metadata_codec not in (RAW, LZ4)
                or flags or reserved or any(more_reserved)):
            raise self._error(chunk, f"it is of a later format (kind {kind}, codec {codec})")
        if (rows, sequence, stored) != (chunk.rows, chunk.sequence, chunk.payload_length):
            raise self._error(chunk, "its header and the index differ")
        if (row_type, dimension) != (ROW_TYPES[space.row_type][0], space.dimension):
            raise self._error(chunk, f"it has rows of another type or dimension than {space.row_type}")
        table = aligned(rows * HASH_LENGTH)
        total = BLOCK_HEADER.size + table + aligned(stored) + aligned(metadata)
        if unpacked != unpacked_length(space.row_type, rows, dimension) or metadata_unpacked > 1 << 28:
            raise self._error(chunk, "its lengths do not fit")
        if total != chunk.length or offset + total > self.committed_length:
            raise self._error(chunk, f"its {total} bytes do not fit")
        return {"codec": codec, "table_crc": table_crc, "payload_crc": payload_crc}

    def _error(self, chunk: ChunkLocation, fact: str) -> StoreError:
        return StoreError(f"{self.path}: chunk {chunk.chunk_id} at byte {chunk.offset}: {fact}")
