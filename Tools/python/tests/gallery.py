"""A store for searches: vectors without ties, in chunks that are not in the order of the paths, and queries for it."""

import numpy

from finetuner_cache import nearest

from .samples import content
from .store_writer import StoreWriter

ROWS, DIMENSION, CHUNK_ROWS, QUERIES, K = 300, 16, 25, 20, 10
TWINS = 37, 300  # rows of equal vectors


def make(folder, row_type="f32", name="net"):
    """300 pictures; some have no label, and two paths have the same content."""
    writer = StoreWriter(folder)
    space = writer.space(name, row_type, DIMENSION)
    segment = writer.segment(space)
    generator = numpy.random.default_rng(6)
    vectors = generator.normal(size=(ROWS, DIMENSION)).astype(numpy.float32) * generator.uniform(0.1, 9, (ROWS, 1)).astype("f4")
    numbers = generator.permutation(ROWS).tolist()
    for start in range(0, ROWS, CHUNK_ROWS):
        part = numbers[start:start + CHUNK_ROWS]
        writer.chunk(segment, [content(number) for number in part], vectors[part], codec=0)
    for number in numbers:
        writer.picture(f"/p/{number % 7}/ü {number}.jpg", None if number % 5 == 0 else f"class {number % 3} é", content(number))
    writer.picture("/p/0/without feature.jpg", "class 0 é", content(ROWS))
    writer.picture("/q/twin, of 7.jpg", None, content(7))
    return writer.finish()


def queries():
    """Vectors of no particular length."""
    return numpy.random.default_rng(7).normal(size=(QUERIES, DIMENSION)).astype(numpy.float32)


def expected(vectors):
    """The rows of the neighbors of the queries as this package finds them."""
    return one_twin(nearest(queries(), vectors, K)[0].tolist())


def one_twin(found):
    """Rows of neighbors, the two that are equal and so come in any order both under the number of the first."""
    return [[TWINS[0] if row == TWINS[1] else row for row in rows] for rows in found]


def columns(store, space=None):
    """What exports say of each row: id, path, label; and the vectors."""
    paths, labels, vectors = store.features(space)
    contents = {picture.path: picture.content for picture in store.pictures()}
    return [contents[path] for path in paths], paths, labels, vectors
