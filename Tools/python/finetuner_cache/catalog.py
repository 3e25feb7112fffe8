"""What the index of a store says, checked: no number of it is used as a place before."""

import json
import os
import re
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import numpy

from .codecs import ROW_TYPES
from .errors import StoreError
from .index import Tables
from .records import Failure, Space, SpaceChoice
from .runs import Runs
from .segments import HASH_LENGTH, ChunkLocation

LARGEST_DIMENSION = 1 << 20
LARGEST_ROWS = 65_536
LARGEST_NUMBER = 1 << 53


class Listed(NamedTuple):
    """A picture of the listing, its content as a number of the index."""
    path: str
    label: Optional[str]
    content_id: int
    root: str
    size: int
    modified: int
    split: Optional[str]


class Catalog:
    """The tables of the index as Python has use for them. Raises StoreError where they contradict each other."""

    def __init__(self, store: str, tables: Tables) -> None:
        self.store = store
        self.loose: Dict[int, bytes] = dict(tables["contents"])
        self.chunks = self._checked_chunks(tables)
        self.runs = self._all_runs(tables)
        self.spaces = self._checked_spaces(tables["spaces"])
        self._enter_listing(tables)

    def damaged(self, fact: str) -> StoreError:
        """The error that says so."""
        return StoreError(f"{os.path.join(self.store, 'index.sqlite')} is damaged: {fact}")

    def choose(self, space: SpaceChoice) -> int:
        """The number of the space that is meant: of the only one, or of the one whose fingerprint or name begins so."""
        if isinstance(space, Space):
            space = space.fingerprint
        fitting = [number for number, known in self.spaces.items() if space is None
                   or known.fingerprint.startswith(space.lower()) or known.name.startswith(space)]
        exact = [number for number in fitting if self.spaces[number].name == space]
        fitting = exact if len(exact) == 1 else fitting
        if len(fitting) != 1:
            known_ones = ", ".join(f"{s.fingerprint[:12]} ({s.name})" for s in self.spaces.values()) or "none"
            raise StoreError(f"{self.store}: {len(fitting)} feature spaces fit; choose one of: {known_ones}")
        chosen = self.spaces[fitting[0]]
        if chosen.row_type not in ROW_TYPES:
            raise StoreError(f"{self.store}: the space {chosen.name} has row type {chosen.row_type} of a later format")
        return fitting[0]

    def storage_order(self, chunk_id: int) -> Tuple[int, int, int]:
        """What chunks are sorted by to come as they were written."""
        chunk = self.chunks[chunk_id]
        return chunk.sequence, chunk.segment, chunk.offset

    def _checked_chunks(self, tables: Tables) -> Dict[int, ChunkLocation]:
        lengths = {number: length for number, _, _, length, _ in tables["segments"]}
        chunks = {}
        for row in tables["chunks"]:
            chunk = ChunkLocation(*row)
            length = lengths.get(chunk.segment)
            if (length is None or chunk.offset < 0 or not 0 < chunk.length <= length - chunk.offset
                    or not 0 <= chunk.live <= chunk.rows <= LARGEST_ROWS or not 0 <= chunk.payload_length <= length
                    or not 0 < chunk.chunk_id <= LARGEST_NUMBER):
                raise self.damaged(f"chunk {chunk.chunk_id} has no place in a segment")
            chunks[chunk.chunk_id] = chunk
        return chunks

    def _all_runs(self, tables: Tables) -> Dict[int, Runs]:
        owner = {number: space_id for number, _, space_id, _, _ in tables["segments"]}
        found: Dict[int, List[Tuple[int, int, int, int]]] = {row[0]: [] for row in tables["spaces"]}
        live = dict.fromkeys(self.chunks, 0)
        for space_id, first, count, chunk_id, first_row in tables["features"]:
            chunk = self.chunks.get(chunk_id)
            if (chunk is None or space_id not in found or owner[chunk.segment] != space_id
                    or not 0 < first <= LARGEST_NUMBER or first_row < 0 or not 0 < count <= chunk.rows - first_row):
                raise self.damaged(f"the run of features from content {first} on has no such rows")
            found[space_id].append((first, count, chunk_id, first_row))
            live[chunk_id] += count
        for chunk in self.chunks.values():
            if live[chunk.chunk_id] != chunk.live:
                raise self.damaged(f"chunk {chunk.chunk_id} has {live[chunk.chunk_id]} live rows, not {chunk.live}")
        return {space_id: self._checked_runs(rows) for space_id, rows in found.items()}

    def _checked_runs(self, found: List[Tuple[int, int, int, int]]) -> Runs:
        runs = Runs(*numpy.array(sorted(found), dtype=numpy.int64).reshape(-1, 4).T)
        if (runs.first_content[1:] < (runs.first_content + runs.row_count)[:-1]).any():
            raise self.damaged("two runs of features have the same content")
        order = numpy.lexsort((runs.first_row, runs.chunk))
        chunk, first, end = runs.chunk[order], runs.first_row[order], (runs.first_row + runs.row_count)[order]
        if ((chunk[1:] == chunk[:-1]) & (first[1:] < end[:-1])).any():
            raise self.damaged("two runs of features have the same row")
        return runs

    def _checked_spaces(self, rows: List[Tuple[Any, ...]]) -> Dict[int, Space]:
        spaces = {}
        for space_id, fingerprint, name, dimension, row_type, description in sorted(rows):
            if not re.fullmatch("[0-9a-f]{64}", fingerprint) or not 0 < dimension <= LARGEST_DIMENSION:
                raise self.damaged(f"the space {name} has no fingerprint or no dimension")
            try:
                described = json.loads(description)
            except (ValueError, RecursionError):
                described = None
            if not isinstance(described, dict):
                raise self.damaged(f"the space {name} has no description")
            rows_of_space = int(self.runs[space_id].row_count.sum())
            spaces[space_id] = Space(fingerprint, name, dimension, row_type, described, rows_of_space)
        return spaces

    def _enter_listing(self, tables: Tables) -> None:
        folders: Dict[int, str] = dict(tables["folders"])
        sources: Dict[int, str] = dict(tables["sources"])
        labels: Dict[Optional[int], Optional[str]] = {None: None, **dict(tables["labels"])}
        splits: Dict[Optional[int], Optional[str]] = {None: None, **dict(tables["splits"])}
        try:
            self.listing = sorted(
                (Listed(folders[folder] + name, labels[label], content, sources[source], size, modified, splits[split])
                 for folder, name, source, label, content, size, modified, split in tables["images"]), key=_by_path)
            self.failures = sorted(
                (Failure(folders[folder] + name, reason, self.spaces[space].fingerprint, sources[source], size, modified)
                 for space, folder, name, source, reason, size, modified in tables["failures"]), key=_by_path)
        except KeyError as error:
            raise self.damaged(f"a listed file refers to {error}, which is not there") from None
        for number, content in self.loose.items():
            if len(content) != HASH_LENGTH:
                raise self.damaged(f"content {number} has no SHA-256")


def _by_path(entry: Any) -> bytes:
    path: str = entry.path
    return path.encode("utf-8", "surrogateescape")
