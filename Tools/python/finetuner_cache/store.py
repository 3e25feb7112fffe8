"""A store as it was when it was opened."""

import os
import re
from typing import TYPE_CHECKING, Dict, Iterator, List, Optional, Set, Tuple, Union

import numpy

from .kinds import Bytes, FilePath, Floats
from .catalog import Catalog, Listed
from .errors import StoreError
from .index import Tables, read_index
from .records import Block, Chunk, Failure, Picture, Places, Space, SpaceChoice
from .runs import grouped
from .segments import ChunkLocation, Segment

if TYPE_CHECKING:
    import pandas

BLOCK_BYTES = 256 << 20  # of features, which a block of pictures has at most


def open_store(path: FilePath, verify: bool = False, check_payloads: bool = True) -> "Store":
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

    def __init__(self, path: FilePath, verify: bool = False, check_payloads: bool = True) -> None:
        self.path = os.fspath(path)
        self._check_payloads = check_payloads
        with read_index(self.path, verify) as tables:
            self._catalog = Catalog(self.path, tables)
            self._segments = self._open_segments(tables, verify)

    def spaces(self) -> List[Space]:
        """The feature spaces, in the order in which they came."""
        return list(self._catalog.spaces.values())

    def space(self, space: SpaceChoice = None) -> Space:
        """The space that is meant. Raises StoreError where none or several fit."""
        return self._catalog.spaces[self._catalog.choose(space)]

    def pictures(self) -> List[Picture]:
        """The listing, ascending by the paths' bytes."""
        return self._pictures(self._catalog.listing)

    def labels(self) -> Dict[Optional[str], int]:
        """How many listed pictures each label has, ascending; those without a label last, under None."""
        counts: Dict[Optional[str], int] = {}
        for picture in self._catalog.listing:
            counts[picture.label] = counts.get(picture.label, 0) + 1
        return {label: counts[label] for label in sorted(counts, key=lambda label: (label is None, label or ""))}

    def failures(self, space: SpaceChoice = None) -> List[Failure]:
        """The files that gave no feature in a space, or in any, ascending by the paths' bytes."""
        chosen = None if space is None else self.space(space).fingerprint
        return [failure for failure in self._catalog.failures if chosen in (None, failure.space)]

    def dataframe(self, space: SpaceChoice = None) -> "pandas.DataFrame":
        """The listing as a pandas.DataFrame, ascending by the paths' bytes: path, label, id (SHA-256 of the file in hex),
        root, size in bytes, modified (a time in UTC), split, and has_feature, whether the space has the picture's feature.
        """
        from .frames import listing_frame
        has_feature = numpy.zeros(len(self._catalog.listing), dtype=bool)
        has_feature[self._places(self._catalog.choose(space)).pictures] = True
        return listing_frame(self.pictures(), has_feature)

    def features(self, space: SpaceChoice = None) -> Tuple[List[str], List[Optional[str]], Floats]:
        """The listed pictures that have a feature in the space: (paths, labels, float32 array [n, dimension]).

        Ascending by the paths' bytes; a label is None where the listing gave none. space is the beginning of a
        fingerprint or name, or a Space; it may be left out where the store has one only.
        """
        space_id = self._catalog.choose(space)
        places = self._places(space_id)
        features = self._features_at(places, space_id)
        pictures = self._listed(places)
        return [p.path for p in pictures], [p.label for p in pictures], features

    def blocks(self, space: SpaceChoice = None, rows: Optional[int] = None) -> Iterator[Block]:
        """The same pictures and features, at most rows at a time: as many as fit in 256 MiB where rows is left out.

        Each block decodes the chunks that it needs, once; stores that were filled in the order of their paths decode
        hardly any chunk twice.
        """
        space_id = self._catalog.choose(space)
        return self._iterate_blocks(space_id, rows or max(1, BLOCK_BYTES // (4 * self._catalog.spaces[space_id].dimension)))

    def chunks(self, space: SpaceChoice = None) -> Iterator[Chunk]:
        """Every feature of the space once, in storage order: an iterator that decodes one Chunk at a time."""
        return self._iterate_chunks(self._catalog.choose(space))

    def places_by_chunk(self, space: SpaceChoice = None) -> List[Places]:
        """The listed pictures that have a feature, those of each chunk together, in storage order."""
        places = self._places(self._catalog.choose(space))
        groups = sorted(grouped(places.chunks), key=lambda group: self._catalog.storage_order(group[0]))
        return [places.at(positions) for _, positions in groups]

    def features_at(self, places: Places, space: SpaceChoice = None) -> Floats:
        """The features of the pictures at places, float32 [n, dimension]; each chunk is decoded once."""
        return self._features_at(places, self._catalog.choose(space))

    def _iterate_blocks(self, space_id: int, rows: int) -> Iterator[Block]:
        places = self._places(space_id)
        for first in range(0, len(places.pictures), rows):
            part = places.at(slice(first, first + rows))
            yield Block(first, self._pictures(self._listed(part)), self._features_at(part, space_id))

    def _iterate_chunks(self, space_id: int) -> Iterator[Chunk]:
        runs = self._catalog.runs[space_id]
        groups = sorted(grouped(runs.chunk), key=lambda group: self._catalog.storage_order(group[0]))
        for chunk_id, group in groups:
            alive = numpy.zeros(self._catalog.chunks[chunk_id].rows, dtype=bool)
            for first, count in zip(runs.first_row[group], runs.row_count[group]):
                alive[first:first + count] = True
            contents, features = self._read(chunk_id, space_id)
            if not alive.all():
                contents, features = contents[alive], features[alive]
            yield Chunk([content.tobytes().hex() for content in contents], features)

    def _places(self, space_id: int) -> Places:
        listing = self._catalog.listing
        contents = numpy.fromiter((p.content_id for p in listing), numpy.int64, len(listing))
        chunks, rows = self._catalog.runs[space_id].find(contents)
        listed = numpy.flatnonzero(rows >= 0)
        return Places(listed, chunks[listed], rows[listed])

    def _features_at(self, places: Places, space_id: int) -> Floats:
        """The features at the places, float32 [n, dimension]; each chunk is decoded once."""
        try:
            features = numpy.empty((len(places.rows), self._catalog.spaces[space_id].dimension), dtype=numpy.float32)
        except (MemoryError, ValueError):
            raise StoreError(f"{self.path}: {len(places.rows)} features do not fit in memory") from None
        for chunk_id, group in grouped(places.chunks):
            _, decoded = self._read(chunk_id, space_id)
            features[group] = decoded[places.rows[group]]
        return features

    def _listed(self, places: Places) -> List[Listed]:
        return [self._catalog.listing[place] for place in places.pictures.tolist()]

    def _pictures(self, listed: List[Listed]) -> List[Picture]:
        hashes = self._hashes({picture.content_id for picture in listed})
        return [Picture(p.path, p.label, hashes[p.content_id], p.root, p.size, p.modified, p.split) for p in listed]

    def _read(self, chunk_id: int, space_id: int) -> Tuple[Bytes, Floats]:
        chunk = self._catalog.chunks[chunk_id]
        return self._segment(chunk).read(chunk, self._catalog.spaces[space_id], self._check_payloads)

    def _segment(self, chunk: ChunkLocation) -> Segment:
        segment = self._segments[chunk.segment]
        if isinstance(segment, StoreError):
            raise StoreError(str(segment))
        return segment

    def _hashes(self, wanted: Set[int]) -> Dict[int, str]:
        """The SHA-256 of each content, in hexadecimal: of the row tables, and of the index for those without row."""
        loose = self._catalog.loose
        hashes = {number: loose[number].hex() for number in wanted if number in loose}
        missing = numpy.array(sorted(wanted - set(hashes)), dtype=numpy.int64)
        for space_id, runs in self._catalog.runs.items():
            chunks, rows = runs.find(missing)
            found = missing[rows >= 0]
            for chunk_id, group in grouped(chunks[rows >= 0]):
                chunk = self._catalog.chunks[chunk_id]
                table = self._segment(chunk).contents(chunk, self._catalog.spaces[space_id])[rows[rows >= 0][group]]
                hashes.update(zip(found[group].tolist(), (content.tobytes().hex() for content in table)))
            missing = missing[rows < 0]
        if len(missing):
            raise StoreError(f"{self.path}: the index is damaged: content {missing[0]} is nowhere")
        return hashes

    def _open_segments(self, tables: Tables, verify: bool) -> Dict[int, Union[Segment, StoreError]]:
        return {number: self._open_segment(number, uuid, space_id, length, verify)
                for number, uuid, space_id, length, _ in tables["segments"]}

    def _open_segment(self, number: int, uuid: str, space_id: int, length: int, verify: bool) -> Union[Segment, StoreError]:
        """A segment, or why it cannot be read: that is raised only where it is needed, or at once with verify."""
        space = self._catalog.spaces.get(space_id)
        if space is None or not re.fullmatch("[0-9a-f]{32}", uuid) or number < 0:
            raise self._catalog.damaged(f"segment {number} has no space or no UUID")
        try:
            return Segment(self.path, number, bytes.fromhex(uuid), bytes.fromhex(space.fingerprint), length)
        except StoreError as error:
            if verify:
                raise
            return error
