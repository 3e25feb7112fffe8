"""What a store tells about itself: its spaces, the listed pictures, the failures, and the rows of a chunk."""

from typing import Any, Dict, List, NamedTuple, Optional, Union

from .kinds import Floats, Numbers


class Space(NamedTuple):
    """A feature space: everything that decides the numbers of a feature."""
    fingerprint: str  # 64 hexadecimal digits
    name: str
    dimension: int
    row_type: str  # "f16", "f32", "bf16" or "u8"
    description: Dict[str, Any]  # what the space block says: name, fields, dimension, rowType, recipe
    rows: int  # contents with a feature


# The beginning of a space's fingerprint or name; None where the store has one space only.
SpaceChoice = Union[None, str, Space]


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
    features: Floats  # [len(contents), dimension]


class Block(NamedTuple):
    """Listed pictures that follow each other, with their features."""
    first: int  # how many pictures came before
    pictures: List[Picture]
    features: Floats  # [len(pictures), dimension]


class Places(NamedTuple):
    """Where the features of listed pictures are: one element a picture that has one."""
    pictures: Numbers  # positions in the listing, ascending
    chunks: Numbers
    rows: Numbers

    def at(self, positions: Union[slice, Numbers]) -> "Places":
        """Those at the positions."""
        return Places(self.pictures[positions], self.chunks[positions], self.rows[positions])
