"""What is exported: the vectors of a store's pictures, block by block, ascending by the paths' bytes."""

import os
from typing import Iterator, List, NamedTuple, Optional

from ..errors import StoreError
from ..head import Head, load_head
from ..kinds import Floats
from ..neighbors import unit_rows
from ..records import SpaceChoice
from ..store import Store


class VectorBlock(NamedTuple):
    """Pictures that follow each other, with their vectors; the first is row number `first`."""
    first: int
    paths: List[str]
    labels: List[Optional[str]]
    ids: List[str]  # SHA-256 of the files, 64 hexadecimal digits
    vectors: Floats  # [len(paths), dimension]

    def rows(self) -> range:
        """The numbers of the rows."""
        return range(self.first, self.first + len(self.paths))


class Vectors:
    """The features of a space, or their embeddings by a head. `count` rows of `dimension` values."""

    def __init__(self, store: Store, space: SpaceChoice = None, head: Optional[Head] = None) -> None:
        chosen = store.space(head.space if space is None and head is not None else space)
        if head is not None and head.space not in (None, chosen.fingerprint):
            raise StoreError(f"{store.path}: the head takes features of the space {str(head.space)[:12]}, and these are of"
                             f" {chosen.fingerprint[:12]} ({chosen.name}); choose its space, or another head")
        self.space, self.head, self._store = chosen, head, store
        self.dimension = chosen.dimension if head is None else head.output_dimension
        self.count = sum(len(chunk.pictures) for chunk in store.places_by_chunk(chosen))

    def blocks(self, unit: bool = False, rows: Optional[int] = None) -> Iterator[VectorBlock]:
        """The rows, at most so many at a time; with unit, each divided by its length."""
        for first, pictures, features in self._store.blocks(self.space, rows):
            vectors = features if self.head is None else self.head(features)
            paths = [_text(picture.path) for picture in pictures]
            labels = [picture.label if picture.label is None else _text(picture.label) for picture in pictures]
            yield VectorBlock(first, paths, labels, [p.content for p in pictures], unit_rows(vectors) if unit else vectors)


def head_of(store: Store, name: str) -> Head:
    """The head of a store by its name, or the one in the file or folder `name`. Raises StoreError where there is neither."""
    folder = os.path.join(store.path, "heads")
    inside = os.path.join(folder, name)
    if os.sep not in name and os.path.isdir(inside):
        return load_head(inside)
    if os.path.exists(name):
        return load_head(name)
    known = ", ".join(sorted(entry for entry in os.listdir(folder) if not entry.startswith("."))) if os.path.isdir(folder) else ""
    raise StoreError(f"{store.path}: the head {name} is neither a head of this store nor a file; it has: {known or 'no heads'}")


def _text(text: str) -> str:
    """The text, for formats that hold Unicode only. Raises StoreError where a file's name is no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise StoreError(f"The name {text!a} is no UTF-8, which this format cannot hold; rename the file and scan again") from None
    return text
