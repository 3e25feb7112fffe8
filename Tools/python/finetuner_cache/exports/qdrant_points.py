"""Points for Qdrant: a line of JSON a picture, {"id": row, "vector": [...], "payload": {"path", "label", "content"}}."""

import itertools
import json
from typing import TYPE_CHECKING, Any, Dict, Iterator

from ..errors import StoreError
from ..kinds import FilePath
from ..packages import needed
from .output import new_file
from .vectors import VectorBlock, Vectors

if TYPE_CHECKING:
    import qdrant_client


def write(vectors: Vectors, output: str) -> None:
    """Writes the vectors as they are: Qdrant brings them to unit length itself where it compares by cosine."""
    with new_file(output, "list of points", [b'{"id": 0, ']) as path, open(path, "w", encoding="utf-8") as file:
        for block in vectors.blocks():
            file.writelines(json.dumps(point) + "\n" for point in _points(block))


def load_into_qdrant(client: "qdrant_client.QdrantClient", collection: str, path: FilePath, batch: int = 256) -> int:
    """Creates the collection with cosine distance, uploads the points in batches, and says how many there are. Raises StoreError
    where the collection is there already or the file has no points."""
    models = needed("qdrant_client.models", "qdrant")
    if client.collection_exists(collection):
        raise StoreError(f"The collection {collection} is there already; choose another name, or delete it")
    points = _lines(path)
    first = next(points, None)
    if first is None:
        raise StoreError(f"{path} has no points; export a store that lists pictures")
    parameters = models.VectorParams(size=len(first["vector"]), distance=models.Distance.COSINE)
    client.create_collection(collection, vectors_config=parameters)
    count, remaining = 0, itertools.chain([first], points)
    while part := list(itertools.islice(remaining, batch)):
        client.upsert(collection, [models.PointStruct(**point) for point in part], wait=True)
        count += len(part)
    return count


def _points(block: VectorBlock) -> Iterator[Dict[str, Any]]:
    for row, vector, path, label, content in zip(block.rows(), block.vectors, block.paths, block.labels, block.ids):
        yield {"id": row, "vector": vector.tolist(), "payload": {"path": path, "label": label, "content": content}}


def _lines(path: FilePath) -> Iterator[Dict[str, Any]]:
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                point: Dict[str, Any] = json.loads(line)
            except ValueError as error:
                raise StoreError(f"{path}: line {number} is no point ({error}); export the store again") from None
            yield point
