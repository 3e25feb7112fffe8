"""A dataset of Lance: a folder with the columns row, id, path, label and vector."""

from ..packages import needed
from .columns import reader
from .output import new_folder
from .vectors import Vectors

MARK, ENTRIES = "_versions", {"data", "_transactions", "_deletions", "_indices", "_refs"}


def write(vectors: Vectors, output: str) -> None:
    """Writes the vectors as they are."""
    lance = needed("lance", "lance")
    with new_folder(output, "Lance dataset", MARK, ENTRIES) as path:
        lance.write_dataset(reader(vectors), path)
