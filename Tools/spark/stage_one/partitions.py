"""Which partition a picture is in."""

from __future__ import annotations

import hashlib
import os
import re

MOST_PARTITIONS = 10_000

# Nothing to normalize, as nearly all paths: looking is faster than doing.
PLAIN_PATH = re.compile(r"(/[^/.][^/]*)+", re.DOTALL)


def partition_of(path: str, folder: str, count: int) -> int:
    """The partition, from 1, of a path in a listing that lies in `folder`: as `build --shard` divides the listing.

    Two rows that name one picture come into one partition, where the build sees that their labels agree.
    """
    absolute = path if path.startswith("/") else f"{folder}/{path}"
    if not PLAIN_PATH.fullmatch(absolute):
        absolute = os.path.normpath(absolute)
    hashed = hashlib.sha256(absolute.encode("utf-8", "surrogatepass")).digest()
    return 1 + int.from_bytes(hashed[:8], "little") % count


def partition_name(number: int, count: int) -> str:
    """The name of a partition's folder, such as 00003-of-00008."""
    return f"{number:05d}-of-{count:05d}"
