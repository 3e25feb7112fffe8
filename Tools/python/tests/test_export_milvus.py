"""Rows for Milvus: loaded into milvus-lite and searched there, and compared with the files of pymilvus's own bulk writer."""

import os

from finetuner_cache import StoreError
from finetuner_cache.exports import export
from finetuner_cache.exports.milvus_rows import collection_schema, load_into_milvus

from . import gallery
from .needs import package, pytest


@pytest.fixture
def rows(gallery_store, tmp_path):
    package("pyarrow")
    export(gallery_store, "milvus", tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


@pytest.fixture
def client(tmp_path):
    package("milvus_lite")
    client = package("pymilvus").MilvusClient(str(tmp_path / "milvus.db"))
    yield client
    client.close()


def test_neighbors(gallery_store, rows, client):
    paths, labels, vectors = gallery_store.features()
    assert load_into_milvus(client, "pictures", rows, batch=64) == len(paths)
    found = client.search("pictures", data=gallery.queries().tolist(), limit=gallery.K, output_fields=["path", "label"])
    assert gallery.one_twin([[hit["id"] for hit in hits] for hits in found]) == gallery.expected(vectors)
    for hit in found[0]:
        assert (hit["entity"]["path"], hit["entity"]["label"]) == (paths[hit["id"]], labels[hit["id"]])


def test_bulk_writer_makes_the_same(gallery_store, rows, client, tmp_path):
    bulk_writer, parquet = package("pymilvus.bulk_writer"), package("pyarrow.parquet")
    ids, paths, labels, vectors = gallery.columns(gallery_store)
    writer = bulk_writer.LocalBulkWriter(collection_schema(client, gallery.DIMENSION), str(tmp_path / "bulk"),
                                         file_type=bulk_writer.BulkFileType.PARQUET)
    for row in zip(range(len(ids)), vectors, paths, labels, ids):
        writer.append_row(dict(zip(["id", "vector", "path", "label", "content"], row)))
    writer.commit()
    [[file]] = writer.batch_files
    theirs, ours = parquet.read_table(os.fspath(file)), parquet.read_table(rows)
    assert sorted(ours.column_names) == sorted(theirs.column_names)
    for name in ours.column_names:
        assert ours[name].to_pylist() == theirs[name].to_pylist()
        assert str(ours.schema.field(name).type) == str(theirs.schema.field(name).type)


def test_wrong_collections(rows, client):
    load_into_milvus(client, "pictures", rows)
    with pytest.raises(StoreError, match="pictures is there already"):
        load_into_milvus(client, "pictures", rows)
