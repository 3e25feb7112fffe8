"""Lance datasets, read and searched by pylance."""

from finetuner_cache.exports import export

from . import gallery
from .needs import package, pytest


@pytest.fixture
def dataset(gallery_store, tmp_path):
    lance = package("lance")
    export(gallery_store, "lance", tmp_path / "f.lance")
    return lance.dataset(tmp_path / "f.lance")


def test_columns(gallery_store, dataset):
    ids, paths, labels, vectors = gallery.columns(gallery_store)
    table = dataset.to_table()
    assert [table[name].to_pylist() for name in ("row", "id", "path", "label")] == [[*range(len(ids))], ids, paths, labels]
    assert table["vector"].combine_chunks().flatten().to_numpy().tobytes() == vectors.tobytes()


def test_neighbors(gallery_store, dataset):
    found = [dataset.to_table(columns=["row"], nearest={"column": "vector", "q": query, "k": gallery.K, "metric": "cosine"})
             for query in gallery.queries()]
    assert gallery.one_twin([table["row"].to_pylist() for table in found]) == gallery.expected(gallery_store.features()[2])


def test_written_again(gallery_store, dataset, tmp_path):
    export(gallery_store, "lance", tmp_path / "f.lance")
    assert package("lance").dataset(tmp_path / "f.lance").count_rows() == dataset.count_rows()
