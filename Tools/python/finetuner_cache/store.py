"""A store as it was when it was opened."""

import json
import os
import re
from typing import Dict, List, NamedTuple, Optional

import numpy

from .codecs import ROW_TYPES
from .errors import StoreError
from .index import read_index
from .segments import HASH_LENGTH, ChunkLocation, Segment

LARGEST_DIMENSION = 1 << 20
LARGEST_ROWS = 65_536
LARGEST_NUMBER = 1 << 53


class Space(NamedTuple):
    """A feature space: everything that decides the numbers of a feature."""
    fingerprint: str  # 64 hexadecimal digits
    name: str
    dimension: int
    row_type: str  # "f16", "f32", "bf16" or "u8"
    description: dict  # what the space block says: name, fields, dimension, rowType, recipe
    rows: int  # contents with a feature


class Picture(NamedTuple):
    """A picture of the listing."""
    path: str
    label: Optional[str]
    content: str  # SHA-256 of the file, 64 hexadecimal digits
    root: str  # the root folder of its listing
    size: int  # bytes
    modified: int  # nanoseconds since 1970
    split: Optional[str]  # what it is for, as its list said; several are joined by commas


class Failure(NamedTuple):
    """A file that gave no feature in a space."""
    path: str
    reason: str
    space: str  # the space's fingerprint
    root: str
    size: int
    modified: int


class Chunk(NamedTuple):
    """The rows of a chunk that count."""
    contents: List[str]  # SHA-256 of each row's picture, 64 hexadecimal digits
    features: numpy.ndarray  # float32 [len(contents), dimension]


class _Listed(NamedTuple):
    path: str
    label: Optional[str]
    content_id: int
    root: str
    size: int
    modified: int
    split: Optional[str]


class _Runs(NamedTuple):
    """Which content has which row in a space, ascending by content: one element a run."""
    first_content: numpy.ndarray
    row_count: numpy.ndarray
    chunk: numpy.ndarray
    first_row: numpy.ndarray

    def find(self, contents):
        """For each content its chunk's number and its row; a row of -1 where the space does not have it."""
        if len(self.first_content) == 0:
            return numpy.zeros_like(contents), numpy.full_like(contents, -1)
        run = numpy.maximum(numpy.searchsorted(self.first_content, contents, side="right") - 1, 0)
        place = contents - self.first_content[run]
        found = (place >= 0) & (place < self.row_count[run])
        return self.chunk[run], numpy.where(found, self.first_row[run] + place, -1)


def open_store(path, verify=False, check_payloads=True):
    """The store in the folder at path, as it is now: later commits do not show. Raises StoreError.

    With verify, every row of the index is checked against its row_check and the totals, and every segment must be
    there. Headers and row tables of segments are always checked against their checksums, payloads unless
    check_payloads is false.
    """
    return Store(path, verify, check_payloads)


class Store:
    """What open_store gives. Holds the listing in memory and the segments mapped; the index is closed again.

    Nothing is changed by reading, so that an object may be used from several threads and, also after a fork, from
    several processes. Pickled, it maps the segments again.
    """

    def __init__(self, path, verify=False, check_payloads=True):
        self.path = os.fspath(path)
        self._check_payloads = check_payloads
        with read_index(self.path, verify) as tables:
            self._enter(tables)
            self._segments = {}
            for number, uuid, space_id, length, _ in tables["segments"]:
                self._segments[number] = self._open_segment(number, uuid, space_id, length, verify)

    def spaces(self):
        """The feature spaces, in the order in which they came."""
        return list(self._spaces.values())

    def pictures(self):
        """The listing, ascending by the paths' bytes."""
        hashes = self._hashes({picture.content_id for picture in self._listing})
        return [Picture(p.path, p.label, hashes[p.content_id], p.root, p.size, p.modified, p.split) for p in self._listing]

    def labels(self) -> Dict[Optional[str], int]:
        """How many listed pictures each label has, ascending; those without a label last, under None."""
        counts = {}
        for picture in self._listing:
            counts[picture.label] = counts.get(picture.label, 0) + 1
        return {label: counts[label] for label in sorted(counts, key=lambda label: (label is None, label or ""))}

    def failures(self, space=None):
        """The files that gave no feature in a space, or in any, ascending by the paths' bytes."""
        chosen = None if space is None else self._spaces[self._choose(space)].fingerprint
        return [failure for failure in self._failures if chosen in (None, failure.space)]

    def features(self, space=None):
        """The listed pictures that have a feature in the space: (paths, labels, float32 array [n, dimension]).

        Ascending by the paths' bytes; a label is None where the listing gave none. space is the beginning of a
        fingerprint or name, or a Space; it may be left out where the store has one only.
        """
        space_id = self._choose(space)
        contents = numpy.fromiter((p.content_id for p in self._listing), numpy.int64, len(self._listing))
        chunks, rows = self._runs[space_id].find(contents)
        listed = numpy.flatnonzero(rows >= 0)
        try:
            features = numpy.empty((len(listed), self._spaces[space_id].dimension), dtype=numpy.float32)
        except (MemoryError, ValueError):
            raise StoreError(f"{self.path}: {len(listed)} features do not fit in memory") from None
        by_chunk = listed[numpy.argsort(chunks[listed], kind="stable")]
        bounds = numpy.flatnonzero(numpy.diff(chunks[by_chunk])) + 1
        targets = numpy.searchsorted(listed, by_chunk)
        for pictures, places in zip(numpy.split(by_chunk, bounds), numpy.split(targets, bounds)):
            if len(pictures):
                _, decoded = self._read(int(chunks[pictures[0]]), space_id)
                features[places] = decoded[rows[pictures]]
        pictures = [self._listing[place] for place in listed]
        return [p.path for p in pictures], [p.label for p in pictures], features

    def chunks(self, space=None):
        """Every feature of the space once, in storage order: an iterator that decodes one Chunk at a time."""
        return self._iterate(self._choose(space))

    def _iterate(self, space_id):
        runs = self._runs[space_id]
        order = numpy.argsort(runs.chunk, kind="stable")
        bounds = numpy.flatnonzero(numpy.diff(runs.chunk[order])) + 1
        groups = [group for group in numpy.split(order, bounds) if len(group)]
        groups.sort(key=lambda group: self._storage_order(int(runs.chunk[group[0]])))
        for group in groups:
            chunk_id = int(runs.chunk[group[0]])
            alive = numpy.zeros(self._chunks[chunk_id].rows, dtype=bool)
            for first, count in zip(runs.first_row[group], runs.row_count[group]):
                alive[first:first + count] = True
            contents, features = self._read(chunk_id, space_id)
            if not alive.all():
                contents, features = contents[alive], features[alive]
            yield Chunk([content.tobytes().hex() for content in contents], features)

    def _storage_order(self, chunk_id):
        chunk = self._chunks[chunk_id]
        return chunk.sequence, chunk.segment, chunk.offset

    def _read(self, chunk_id, space_id):
        chunk = self._chunks[chunk_id]
        return self._segment(chunk).read(chunk, self._spaces[space_id], self._check_payloads)

    def _segment(self, chunk):
        segment = self._segments[chunk.segment]
        if isinstance(segment, StoreError):
            raise StoreError(str(segment))
        return segment

    def _hashes(self, wanted):
        """The SHA-256 of each content, in hexadecimal: of the row tables, and of the index for those without row."""
        hashes = {number: content.hex() for number, content in self._loose.items() if number in wanted}
        missing = numpy.array(sorted(wanted - set(hashes)), dtype=numpy.int64)
        for space_id, runs in self._runs.items():
            chunks, rows = runs.find(missing)
            for chunk_id in numpy.unique(chunks[rows >= 0]).tolist():
                chunk = self._chunks[chunk_id]
                table = self._segment(chunk).contents(chunk, self._spaces[space_id])
                picked = numpy.flatnonzero((chunks == chunk_id) & (rows >= 0))
                hashes.update((int(missing[place]), table[rows[place]].tobytes().hex()) for place in picked)
            missing = missing[rows < 0]
        if len(missing):
            raise StoreError(f"{self.path}: the index is damaged: content {missing[0]} is nowhere")
        return hashes

    def _choose(self, space):
        """The number of the space that is meant."""
        if isinstance(space, Space):
            space = space.fingerprint
        fitting = [number for number, known in self._spaces.items() if space is None
                   or known.fingerprint.startswith(space.lower()) or known.name.startswith(space)]
        exact = [number for number in fitting if self._spaces[number].name == space]
        fitting = exact if len(exact) == 1 else fitting
        if len(fitting) != 1:
            known = ", ".join(f"{s.fingerprint[:12]} ({s.name})" for s in self._spaces.values()) or "none"
            raise StoreError(f"{self.path}: {len(fitting)} feature spaces fit; choose one of: {known}")
        chosen = self._spaces[fitting[0]]
        if chosen.row_type not in ROW_TYPES:
            raise StoreError(f"{self.path}: the space {chosen.name} has row type {chosen.row_type} of a later format")
        return fitting[0]

    # What the index says, checked: no number of it is used as a place before.

    def _damaged(self, fact):
        return StoreError(f"{os.path.join(self.path, 'index.sqlite')} is damaged: {fact}")

    def _enter(self, tables):
        self._loose = dict(tables["contents"])
        self._enter_chunks(tables)
        owner = {number: space_id for number, _, space_id, _, _ in tables["segments"]}
        runs = {row[0]: [] for row in tables["spaces"]}
        live = dict.fromkeys(self._chunks, 0)
        for space_id, first, count, chunk_id, first_row in tables["features"]:
            chunk = self._chunks.get(chunk_id)
            if (chunk is None or space_id not in runs or owner[chunk.segment] != space_id
                    or not 0 < first <= LARGEST_NUMBER or first_row < 0 or not 0 < count <= chunk.rows - first_row):
                raise self._damaged(f"the run of features from content {first} on has no such rows")
            runs[space_id].append((first, count, chunk_id, first_row))
            live[chunk_id] += count
        for chunk in self._chunks.values():
            if live[chunk.chunk_id] != chunk.live:
                raise self._damaged(f"chunk {chunk.chunk_id} has {live[chunk.chunk_id]} live rows, not {chunk.live}")
        self._runs = {space_id: self._checked_runs(found) for space_id, found in runs.items()}
        self._enter_spaces(tables["spaces"])
        self._enter_listing(tables)

    def _enter_chunks(self, tables):
        lengths = {number: length for number, _, _, length, _ in tables["segments"]}
        self._chunks = {}
        for row in tables["chunks"]:
            chunk = ChunkLocation(*row)
            length = lengths.get(chunk.segment)
            if (length is None or chunk.offset < 0 or not 0 < chunk.length <= length - chunk.offset
                    or not 0 <= chunk.live <= chunk.rows <= LARGEST_ROWS or not 0 <= chunk.payload_length <= length
                    or not 0 < chunk.chunk_id <= LARGEST_NUMBER):
                raise self._damaged(f"chunk {chunk.chunk_id} has no place in a segment")
            self._chunks[chunk.chunk_id] = chunk

    def _checked_runs(self, found):
        runs = _Runs(*numpy.array(sorted(found), dtype=numpy.int64).reshape(-1, 4).T)
        if (runs.first_content[1:] < (runs.first_content + runs.row_count)[:-1]).any():
            raise self._damaged("two runs of features have the same content")
        order = numpy.lexsort((runs.first_row, runs.chunk))
        chunk, first, end = runs.chunk[order], runs.first_row[order], (runs.first_row + runs.row_count)[order]
        if ((chunk[1:] == chunk[:-1]) & (first[1:] < end[:-1])).any():
            raise self._damaged("two runs of features have the same row")
        return runs

    def _enter_spaces(self, rows):
        self._spaces = {}
        for space_id, fingerprint, name, dimension, row_type, description in sorted(rows):
            if not re.fullmatch("[0-9a-f]{64}", fingerprint) or not 0 < dimension <= LARGEST_DIMENSION:
                raise self._damaged(f"the space {name} has no fingerprint or no dimension")
            try:
                described = json.loads(description)
            except (ValueError, RecursionError):
                described = None
            if not isinstance(described, dict):
                raise self._damaged(f"the space {name} has no description")
            rows_of_space = int(self._runs[space_id].row_count.sum())
            self._spaces[space_id] = Space(fingerprint, name, dimension, row_type, described, rows_of_space)

    def _enter_listing(self, tables):
        folders, labels, sources = dict(tables["folders"]), dict(tables["labels"]), dict(tables["sources"])
        splits = dict(tables["splits"])
        labels[None] = splits[None] = None
        try:
            self._listing = sorted(
                (_Listed(folders[folder] + name, labels[label], content, sources[source], size, modified, splits[split])
                 for folder, name, source, label, content, size, modified, split in tables["images"]), key=_by_path)
            self._failures = sorted(
                (Failure(folders[folder] + name, reason, self._spaces[space].fingerprint, sources[source], size,
                         modified)
                 for space, folder, name, source, reason, size, modified in tables["failures"]), key=_by_path)
        except KeyError as error:
            raise self._damaged(f"a listed file refers to {error}, which is not there") from None
        for number, content in self._loose.items():
            if len(content) != HASH_LENGTH:
                raise self._damaged(f"content {number} has no SHA-256")

    def _open_segment(self, number, uuid, space_id, length, verify):
        """A segment, or why it cannot be read: that is raised only where it is needed, or at once with verify."""
        space = self._spaces.get(space_id)
        if space is None or not re.fullmatch("[0-9a-f]{32}", uuid) or number < 0:
            raise self._damaged(f"segment {number} has no space or no UUID")
        try:
            return Segment(self.path, number, bytes.fromhex(uuid), bytes.fromhex(space.fingerprint), length)
        except StoreError as error:
            if verify:
                raise
            return error


def _by_path(entry):
    return entry.path.encode("utf-8", "surrogateescape")
