"""Arrow files, read by pyarrow as IPC and as Feather."""

import numpy

from finetuner_cache.exports import export

from . import gallery
from .needs import package


def test_columns_and_neighbors(gallery_store, tmp_path):
    arrow, feather = package("pyarrow"), package("pyarrow.feather")
    export(gallery_store, "arrow", tmp_path / "f.arrow")
    ids, paths, labels, vectors = gallery.columns(gallery_store)
    with arrow.memory_map(str(tmp_path / "f.arrow")) as file:
        table = arrow.ipc.open_file(file).read_all()
        found = table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=True).reshape(vectors.shape)
        assert found.tobytes() == vectors.tobytes()
        assert gallery.expected(found) == gallery.expected(vectors)
        del found, table
    table = feather.read_table(tmp_path / "f.arrow")
    assert [table[name].to_pylist() for name in ("row", "id", "path", "label")] == [[*range(len(ids))], ids, paths, labels]


def test_every_row_type(full_store, tmp_path):
    feather = package("pyarrow.feather")
    for space in full_store.spaces():
        export(full_store, "arrow", tmp_path / "f.arrow", space)
        found = numpy.array(feather.read_table(tmp_path / "f.arrow")["vector"].to_pylist(), dtype=numpy.float32)
        assert found.tobytes() == full_store.features(space)[2].tobytes()
