"""An Arrow file, also known as Feather version 2, with the columns row, id, path, label and vector."""

from ..packages import needed
from .columns import batches, schema
from .output import new_file
from .vectors import Vectors

MAGIC = b"ARROW1"


def write(vectors: Vectors, output: str) -> None:
    """Writes the vectors as they are, not compressed, so that readers can map the file."""
    arrow = needed("pyarrow", "parquet")
    with new_file(output, "Arrow file", [MAGIC]) as path:
        with arrow.OSFile(path, "wb") as file, arrow.ipc.new_file(file, schema(vectors.dimension)) as writer:
            for batch in batches(vectors):
                writer.write_batch(batch)
