"""An index of faiss by inner product of vectors of unit length, which is cosine similarity, and a CSV file of its rows."""

import csv
from typing import Any, Iterator

import numpy

from ..errors import StoreError
from ..kinds import Floats
from ..packages import needed
from .output import new_file
from .vectors import Vectors

TRAINING_ROWS = 1 << 18  # what an index that has to learn sees at most
BEGINNINGS = [b"Ix", b"IH", b"Iw", b"Iv", b"IB"]


def write(vectors: Vectors, output: str, factory: str = "Flat") -> None:
    """Writes the index that faiss's index factory makes of `factory`, such as Flat, HNSW32 or IVF256,Flat, and output.csv.

    The rows of the CSV file, row,id,path,label, are those of the index. faiss holds an index in memory until it is written.
    """
    faiss = needed("faiss", "faiss")
    index = _empty_index(faiss, vectors.dimension, factory)
    with new_file(output, "faiss index", BEGINNINGS) as path, new_file(output + ".csv", "list of rows", [b"row,id,path,label"]) as rows:
        if not index.is_trained:
            _train(index, vectors, factory)
        with open(rows, "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["row", "id", "path", "label"])
            for block in vectors.blocks(unit=True):
                index.add(block.vectors)
                table.writerows(zip(block.rows(), block.ids, block.paths, block.labels))
        faiss.write_index(index, path)


def _empty_index(faiss: Any, dimension: int, factory: str) -> Any:
    try:
        return faiss.index_factory(dimension, factory, faiss.METRIC_INNER_PRODUCT)
    except RuntimeError as error:
        raise StoreError(f"faiss makes no index of {factory} for {dimension} values a vector ({_reason(error)});"
                         " give a factory string such as Flat, HNSW32 or IVF256,Flat") from None


def _train(index: Any, vectors: Vectors, factory: str) -> None:
    try:
        index.train(numpy.concatenate(list(_sample(vectors))))
    except (RuntimeError, ValueError) as error:
        raise StoreError(f"faiss cannot train {factory} with {vectors.count} vectors ({_reason(error)});"
                         " choose Flat, or fewer lists") from None


def _sample(vectors: Vectors) -> Iterator[Floats]:
    """All vectors, or, of very many, a random part that is always the same."""
    generator = numpy.random.default_rng(0)
    kept = numpy.sort(generator.permutation(vectors.count)[:TRAINING_ROWS])
    for block in vectors.blocks(unit=True):
        inside = kept[(kept >= block.first) & (kept < block.first + len(block.paths))]
        yield block.vectors[inside - block.first]


def _reason(error: Exception) -> str:
    return str(error).rsplit("Error: ", 1)[-1].strip().splitlines()[-1] if str(error).strip() else type(error).__name__
