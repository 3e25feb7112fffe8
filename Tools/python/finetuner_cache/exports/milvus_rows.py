"""A Parquet file for Milvus's bulk import: the columns id (the row's number), vector, path, label and content."""

from typing import TYPE_CHECKING, Any

from ..errors import StoreError
from ..kinds import FilePath
from ..packages import needed
from .columns import BATCH_ROWS
from .output import new_file
from .parquet_file import MAGIC
from .vectors import VectorBlock, Vectors

if TYPE_CHECKING:
    import pymilvus

LONGEST_TEXT = 65_535  # bytes that a field of Milvus holds


def write(vectors: Vectors, output: str) -> None:
    """Writes the vectors as they are: Milvus compares by cosine."""
    parquet, columns = needed("pyarrow.parquet", "milvus"), _columns()
    with new_file(output, "Parquet file", [MAGIC]) as path, parquet.ParquetWriter(path, columns) as writer:
        for block in vectors.blocks():
            for start in range(0, len(block.paths), BATCH_ROWS):
                writer.write_batch(_batch(columns, block).slice(start, BATCH_ROWS))


def load_into_milvus(client: "pymilvus.MilvusClient", collection: str, path: FilePath, batch: int = 256) -> int:
    """Creates the collection with cosine similarity, inserts the rows in batches, and says how many there are. Raises StoreError
    where the collection is there already or the file has no rows."""
    file = needed("pyarrow.parquet", "milvus").ParquetFile(path)
    if client.has_collection(collection):
        raise StoreError(f"The collection {collection} is there already; choose another name, or delete it")
    if file.metadata.num_rows == 0:
        raise StoreError(f"{path} has no rows; export a store that lists pictures")
    parts = file.iter_batches(batch)
    first = next(parts).to_pylist()
    _create(client, collection, len(first[0]["vector"]))
    client.insert(collection, first)
    for part in parts:
        client.insert(collection, part.to_pylist())
    return int(file.metadata.num_rows)


def collection_schema(client: "pymilvus.MilvusClient", dimension: int) -> "pymilvus.CollectionSchema":
    """The fields of a collection into which the file can be imported."""
    types = needed("pymilvus", "milvus").DataType
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", types.INT64, is_primary=True)
    schema.add_field("vector", types.FLOAT_VECTOR, dim=dimension)
    schema.add_field("path", types.VARCHAR, max_length=LONGEST_TEXT)
    schema.add_field("label", types.VARCHAR, max_length=LONGEST_TEXT, nullable=True)
    schema.add_field("content", types.VARCHAR, max_length=64)
    return schema


def _create(client: "pymilvus.MilvusClient", collection: str, dimension: int) -> None:
    index = client.prepare_index_params()
    index.add_index(field_name="vector", index_type="AUTOINDEX", metric_type="COSINE")
    client.create_collection(collection, schema=collection_schema(client, dimension), index_params=index)


def _columns() -> Any:
    arrow = needed("pyarrow", "milvus")
    return arrow.schema([("id", arrow.int64()), ("vector", arrow.list_(arrow.float32())), ("path", arrow.string()),
                         ("label", arrow.string()), ("content", arrow.string())])


def _batch(columns: Any, block: VectorBlock) -> Any:
    arrow = needed("pyarrow", "milvus")
    count, dimension = block.vectors.shape
    starts = arrow.array(range(0, (count + 1) * dimension, dimension), arrow.int32())
    lists = arrow.ListArray.from_arrays(starts, arrow.array(block.vectors.reshape(-1), arrow.float32()))
    return arrow.record_batch([arrow.array(block.rows(), arrow.int64()), lists, block.paths, block.labels, block.ids], schema=columns)
