"""Points for Qdrant, loaded into the client's own engine and searched there."""

import json

from finetuner_cache import StoreError
from finetuner_cache.exports import export
from finetuner_cache.exports.qdrant_points import load_into_qdrant

from . import gallery
from .needs import package, pytest


@pytest.fixture
def points(gallery_store, tmp_path):
    export(gallery_store, "qdrant", tmp_path / "points.jsonl")
    return tmp_path / "points.jsonl"


@pytest.fixture
def client():
    client = package("qdrant_client").QdrantClient(":memory:")
    yield client
    client.close()


def test_lines(gallery_store, points):
    ids, paths, labels, vectors = gallery.columns(gallery_store)
    found = [json.loads(line) for line in points.read_text("utf-8").splitlines()]
    assert [point["id"] for point in found] == list(range(len(paths)))
    assert [point["payload"] for point in found] == [
        {"path": path, "label": label, "content": content} for path, label, content in zip(paths, labels, ids)]
    assert [point["vector"] for point in found] == vectors.tolist()


def test_neighbors(gallery_store, points, client):
    paths, labels, vectors = gallery_store.features()
    assert load_into_qdrant(client, "pictures", points, batch=64) == len(paths) == client.count("pictures").count
    found = [client.query_points("pictures", query=query.tolist(), limit=gallery.K).points for query in gallery.queries()]
    assert gallery.one_twin([[point.id for point in one] for one in found]) == gallery.expected(vectors)
    assert all(point.payload["path"] == paths[point.id] and point.payload["label"] == labels[point.id] for point in found[0])


def test_wrong_collections_and_files(points, client, tmp_path):
    load_into_qdrant(client, "pictures", points)
    with pytest.raises(StoreError, match="pictures is there already"):
        load_into_qdrant(client, "pictures", points)
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(StoreError, match="has no points"):
        load_into_qdrant(client, "others", tmp_path / "empty.jsonl")
    (tmp_path / "cut.jsonl").write_text(points.read_text("utf-8")[:-9], "utf-8")
    with pytest.raises(StoreError, match="line 301 is no point"):
        load_into_qdrant(client, "cut", tmp_path / "cut.jsonl")
