"""Folders of clip-retrieval, read by embedding_reader and, as clip-retrieval's server reads the metadata, by pandas."""

import numpy

from finetuner_cache.exports import export
from finetuner_cache.neighbors import unit_rows

from . import gallery
from .needs import package, pytest

COLUMNS = ["image_path", "caption", "id"]


@pytest.fixture
def folder(gallery_store, tmp_path):
    package("pyarrow")
    export(gallery_store, "clip-retrieval", tmp_path / "clip")
    return tmp_path / "clip"


def test_embedding_reader(gallery_store, folder):
    reader = package("embedding_reader").EmbeddingReader(
        embeddings_folder=str(folder / "img_emb"), metadata_folder=str(folder / "metadata"), meta_columns=COLUMNS,
        file_format="parquet_npy")
    ids, paths, labels, vectors = gallery.columns(gallery_store)
    assert (reader.count, reader.dimension) == vectors.shape
    parts = list(reader(batch_size=64, show_progress=False))
    found = numpy.concatenate([part for part, _ in parts])
    assert found.astype(numpy.float16).tobytes() == unit_rows(vectors).astype(numpy.float16).tobytes()
    rows = [tuple(row) for _, metadata in parts for row in metadata[COLUMNS].itertuples(index=False)]
    assert rows == [(path, label or "", content) for path, label, content in zip(paths, labels, ids)]
    # Half precision moves cosine similarities by 5e-4 at most, so that neighbors closer than that may change places.
    unit, queries = unit_rows(vectors), unit_rows(gallery.queries())
    ours, theirs = numpy.array(gallery.expected(vectors)), numpy.array(gallery.expected(found))
    for query, a, b in zip(queries, ours, theirs):
        numpy.testing.assert_allclose(unit[a] @ query, unit[b] @ query, atol=1e-3)
    assert (ours == theirs).mean() > 0.9


def test_pandas_reads_the_metadata(gallery_store, folder):
    frame = package("pandas").read_parquet(folder / "metadata" / "metadata_0.parquet")
    assert frame.columns.tolist() == COLUMNS
    assert frame["image_path"].tolist() == gallery_store.features()[0]


def test_small_blocks_give_the_same(gallery_store, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("finetuner_cache.store.BLOCK_BYTES", 7 * 4 * gallery.DIMENSION)
    export(gallery_store, "clip-retrieval", tmp_path / "parts")
    arrays = [numpy.load(place / "img_emb" / "img_emb_0.npy") for place in (folder, tmp_path / "parts")]
    assert arrays[0].dtype == numpy.float16
    assert arrays[0].tobytes() == arrays[1].tobytes()
