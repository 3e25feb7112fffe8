"""A database of LanceDB: a folder with the table "features", whose columns are row, id, path, label and vector."""

from ..packages import needed
from .columns import reader, schema
from .output import new_folder
from .vectors import Vectors

TABLE = "features"
MARK, ENTRIES = f"{TABLE}.lance", {"__manifest"}


def write(vectors: Vectors, output: str) -> None:
    """Writes the vectors at unit length: so a search by L2 distance, which is LanceDB's default, finds the same as by cosine."""
    lancedb = needed("lancedb", "lancedb")
    with new_folder(output, "LanceDB database", MARK, ENTRIES) as path:
        lancedb.connect(path).create_table(TABLE, data=reader(vectors, unit=True), schema=schema(vectors.dimension))
