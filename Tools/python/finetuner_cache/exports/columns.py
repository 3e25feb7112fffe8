"""Rows as record batches of Arrow: the columns row, id, path, label and vector."""

from typing import TYPE_CHECKING, Any, Iterator

from ..packages import needed
from .vectors import VectorBlock, Vectors

if TYPE_CHECKING:
    import pyarrow

BATCH_ROWS = 8192


def schema(dimension: int) -> "pyarrow.Schema":
    """The columns; a label is null where the picture has none."""
    arrow = needed("pyarrow", "parquet")
    return arrow.schema([
        arrow.field("row", arrow.int64(), nullable=False), arrow.field("id", arrow.string(), nullable=False),
        arrow.field("path", arrow.string(), nullable=False), arrow.field("label", arrow.string()),
        arrow.field("vector", arrow.list_(arrow.float32(), dimension), nullable=False)])


def batches(vectors: Vectors, unit: bool = False) -> "Iterator[pyarrow.RecordBatch]":
    """The rows, of which only a block is in memory at a time."""
    arrow, columns = needed("pyarrow", "parquet"), schema(vectors.dimension)
    for block in vectors.blocks(unit):
        whole = arrow.record_batch(_arrays(arrow, block), schema=columns)
        for start in range(0, len(block.paths), BATCH_ROWS):
            yield whole.slice(start, BATCH_ROWS)


def reader(vectors: Vectors, unit: bool = False) -> "pyarrow.RecordBatchReader":
    """The same, as one reader that Arrow's other libraries take."""
    return needed("pyarrow", "parquet").RecordBatchReader.from_batches(schema(vectors.dimension), batches(vectors, unit))


def _arrays(arrow: Any, block: VectorBlock) -> "list[pyarrow.Array]":
    values = arrow.array(block.vectors.reshape(-1), arrow.float32())
    return [arrow.array(block.rows(), arrow.int64()), arrow.array(block.ids, arrow.string()),
            arrow.array(block.paths, arrow.string()), arrow.array(block.labels, arrow.string()),
            arrow.FixedSizeListArray.from_arrays(values, block.vectors.shape[1])]
