"""A Parquet file with the columns row, id, path, label and vector."""

from ..packages import needed
from .columns import batches, schema
from .output import new_file
from .vectors import Vectors

MAGIC = b"PAR1"


def write(vectors: Vectors, output: str) -> None:
    """Writes the vectors as they are, a row group for every 8192 rows."""
    parquet = needed("pyarrow.parquet", "parquet")
    with new_file(output, "Parquet file", [MAGIC]) as path:
        # A dictionary helps with labels only: vectors, paths and ids hardly repeat.
        with parquet.ParquetWriter(path, schema(vectors.dimension), use_dictionary=["label"]) as writer:
            for batch in batches(vectors):
                writer.write_batch(batch)
