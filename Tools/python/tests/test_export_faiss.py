"""Indexes of faiss, read and searched by faiss."""

import csv

from finetuner_cache import StoreError
from finetuner_cache.exports import export, faiss_index
from finetuner_cache.neighbors import unit_rows

from . import gallery
from .needs import package, pytest


@pytest.fixture
def faiss():
    return package("faiss")


def search(faiss, path):
    index = faiss.read_index(str(path))
    if hasattr(index, "nprobe"):
        index.nprobe = index.nlist
    return gallery.one_twin(index.search(unit_rows(gallery.queries()), gallery.K)[1].tolist())


@pytest.mark.parametrize("factory", ["Flat", "HNSW32", "IVF4,Flat"])
def test_neighbors(gallery_store, tmp_path, faiss, factory):
    export(gallery_store, "faiss", tmp_path / "f.faiss", factory=factory)
    assert search(faiss, tmp_path / "f.faiss") == gallery.expected(gallery_store.features()[2])


def test_kind_of_index(gallery_store, tmp_path, faiss):
    export(gallery_store, "faiss", tmp_path / "f.faiss")
    index = faiss.read_index(str(tmp_path / "f.faiss"))
    assert (type(index), index.ntotal, index.metric_type) == (faiss.IndexFlatIP, 301, faiss.METRIC_INNER_PRODUCT)
    vectors = index.reconstruct_n(0, index.ntotal)
    assert vectors.tobytes() == unit_rows(gallery_store.features()[2]).tobytes()


def test_list_of_rows(gallery_store, tmp_path, faiss):
    export(gallery_store, "faiss", tmp_path / "f.faiss")
    ids, paths, labels, _ = gallery.columns(gallery_store)
    with open(tmp_path / "f.faiss.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["row", "id", "path", "label"]
    assert rows[1:] == [[str(row), *rest] for row, rest in enumerate(zip(ids, paths, [label or "" for label in labels]))]


def test_training_rows_are_a_sample_of_all(gallery_store, monkeypatch):
    from finetuner_cache.exports import Vectors
    monkeypatch.setattr(faiss_index, "TRAINING_ROWS", 40)
    monkeypatch.setattr("finetuner_cache.store.BLOCK_BYTES", 100 * 4 * gallery.DIMENSION)
    known = {row.tobytes(): place for place, row in enumerate(unit_rows(gallery_store.features()[2]))}
    parts = list(faiss_index._sample(Vectors(gallery_store)))
    places = [known[row.tobytes()] for part in parts for row in part]
    assert len(places) == 40 and len(parts) == 4 and all(len(part) > 0 for part in parts[:3])


@pytest.mark.parametrize("kind", ["HNSW32", "IVF4,Flat", "PQ4x4", "Flat"])
def test_written_again(gallery_store, tmp_path, faiss, kind):
    for factory in (kind, "Flat"):
        export(gallery_store, "faiss", tmp_path / "f.faiss", factory=factory)
    assert faiss.read_index(str(tmp_path / "f.faiss")).ntotal == 301


def test_wrong_factories(gallery_store, tmp_path, faiss):
    with pytest.raises(StoreError, match="faiss makes no index of nonsense"):
        export(gallery_store, "faiss", tmp_path / "f.faiss", factory="nonsense")
    with pytest.raises(StoreError, match="faiss cannot train IVF400,Flat with 301 vectors"):
        export(gallery_store, "faiss", tmp_path / "f.faiss", factory="IVF400,Flat")
    assert list(tmp_path.iterdir()) == []
