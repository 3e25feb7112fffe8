"""LanceDB databases, opened and searched by lancedb."""

from finetuner_cache.exports import export

from . import gallery
from .needs import package, pytest


@pytest.fixture
def table(gallery_store, tmp_path):
    lancedb = package("lancedb")
    export(gallery_store, "lancedb", tmp_path / "db")
    return lancedb.connect(tmp_path / "db").open_table("features")


@pytest.mark.parametrize("distance", ["l2", "cosine", "dot"])
def test_neighbors(gallery_store, table, distance):
    found = [table.search(query).distance_type(distance).limit(gallery.K).to_list() for query in gallery.queries()]
    assert gallery.one_twin([[row["row"] for row in rows] for rows in found]) == gallery.expected(gallery_store.features()[2])


def test_columns(gallery_store, table):
    ids, paths, labels, _ = gallery.columns(gallery_store)
    rows = table.to_arrow().sort_by("row")
    assert [rows[name].to_pylist() for name in ("row", "id", "path", "label")] == [[*range(len(ids))], ids, paths, labels]


def test_written_again(gallery_store, table, tmp_path):
    export(gallery_store, "lancedb", tmp_path / "db")
    assert package("lancedb").connect(tmp_path / "db").open_table("features").count_rows() == len(gallery_store.features()[0])
