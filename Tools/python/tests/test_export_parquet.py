"""Parquet, read by pyarrow and by pandas."""

import numpy

from finetuner_cache.exports import columns, export

from . import gallery
from .needs import package, pytest


@pytest.fixture(autouse=True)
def parquet():
    return package("pyarrow.parquet")


def test_columns_and_neighbors(gallery_store, tmp_path, parquet):
    export(gallery_store, "parquet", tmp_path / "f.parquet")
    table = parquet.read_table(tmp_path / "f.parquet")
    ids, paths, labels, vectors = gallery.columns(gallery_store)
    assert table.column_names == ["row", "id", "path", "label", "vector"]
    assert str(table.schema.field("vector").type) == "fixed_size_list<element: float>[16]"
    assert table["row"].to_pylist() == list(range(len(paths)))
    assert (table["id"].to_pylist(), table["path"].to_pylist(), table["label"].to_pylist()) == (ids, paths, labels)
    found = numpy.array(table["vector"].to_pylist(), dtype=numpy.float32)
    assert found.tobytes() == vectors.tobytes()
    assert gallery.expected(found) == gallery.expected(vectors)


def test_pandas_reads_it(full_store, tmp_path):
    pandas = package("pandas")
    export(full_store, "parquet", tmp_path / "f.parquet", "net u8")
    frame = pandas.read_parquet(tmp_path / "f.parquet")
    _, paths, labels, vectors = gallery.columns(full_store, "net u8")
    assert frame["path"].tolist() == paths
    assert [None if pandas.isna(label) else label for label in frame["label"]] == labels
    assert numpy.stack(frame["vector"]).tobytes() == vectors.tobytes()


def test_small_blocks_give_the_same(gallery_store, tmp_path, parquet, monkeypatch):
    export(gallery_store, "parquet", tmp_path / "whole.parquet")
    monkeypatch.setattr("finetuner_cache.store.BLOCK_BYTES", 7 * 4 * gallery.DIMENSION)
    monkeypatch.setattr(columns, "BATCH_ROWS", 3)
    export(gallery_store, "parquet", tmp_path / "parts.parquet")
    assert parquet.ParquetFile(tmp_path / "parts.parquet").num_row_groups > 100
    assert parquet.read_table(tmp_path / "parts.parquet").equals(parquet.read_table(tmp_path / "whole.parquet"))
