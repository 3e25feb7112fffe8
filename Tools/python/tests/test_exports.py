"""What all exports have in common: heads, the command, and outputs that are whole or not there."""

import json
import os
import sys

import numpy

from finetuner_cache import StoreError, load_head, open_store
from finetuner_cache.exports import FORMATS, export
from finetuner_cache.exports.output import new_file, new_folder

from . import gallery
from .needs import package, pytest
from .store_writer import StoreWriter
from .test_head import layers, safetensors

NEEDS = {"parquet": "pyarrow", "arrow": "pyarrow", "lance": "lance", "clip-retrieval": "pyarrow", "faiss": "faiss",
         "milvus": "pyarrow", "lancedb": "lancedb"}


@pytest.fixture
def headed(tmp_path):
    """A store with two spaces and, for the second, a head."""
    folder = tmp_path / "store"
    writer = StoreWriter(folder)
    rows = numpy.random.default_rng(1).normal(size=(9, 6)).astype(numpy.float32)
    for number, name in enumerate(["first", "second"]):
        segment = writer.segment(writer.space(name, "f32", 6))
        writer.chunk(segment, [bytes([row]) * 32 for row in range(9)], rows + number, codec=0)
    for row in range(9):
        writer.picture(f"/p/{row}.jpg", None, bytes([row]) * 32)
    writer.finish()
    save_head(folder / "heads" / "small", writer.spaces[1]["fingerprint"])
    return open_store(folder)


def save_head(folder, space):
    folder.mkdir(parents=True)
    tensors = layers(numpy.random.default_rng(2), [6, 4])
    (folder / "head.safetensors").write_bytes(safetensors(tensors, space))


def vectors_of(path):
    return numpy.array([json.loads(line)["vector"] for line in path.read_text("utf-8").splitlines()], dtype=numpy.float32)


def test_head_chooses_its_space(headed, tmp_path):
    written = export(headed, "qdrant", tmp_path / "points", head="small")
    head = load_head(os.path.join(headed.path, "heads", "small"))
    assert (written.count, written.dimension, written.space.name) == (9, 4, "second")
    assert vectors_of(tmp_path / "points").tobytes() == head(headed.features("second")[2]).tobytes()
    by_file = export(headed, "qdrant", tmp_path / "points", head=os.path.join(headed.path, "heads", "small", "head.safetensors"))
    assert by_file.space == written.space


def test_heads_that_do_not_fit(headed, tmp_path):
    with pytest.raises(StoreError, match="the head takes features of the space .*, and these are of .* \\(first\\)"):
        export(headed, "qdrant", tmp_path / "points", "first", head="small")
    with pytest.raises(StoreError, match="the head large is neither a head of this store nor a file; it has: small"):
        export(headed, "qdrant", tmp_path / "points", head="large")
    with pytest.raises(StoreError, match="2 feature spaces fit"):
        export(headed, "qdrant", tmp_path / "points")
    assert not (tmp_path / "points").exists()


def test_nothing_to_export(tmp_path):
    writer = StoreWriter(tmp_path / "store")
    writer.segment(writer.space("net", "f16", 4))
    with pytest.raises(StoreError, match="lists no picture with a feature of net"):
        export(open_store(writer.finish().path), "qdrant", tmp_path / "points")


def test_names_that_are_no_text(tmp_path):
    writer = StoreWriter(tmp_path / "store")
    writer.chunk(writer.segment(writer.space("net", "f32", 2)), [b"1" * 32], numpy.ones((1, 2)), codec=0)
    writer.picture("/p/a.jpg", None, b"1" * 32)
    store = open_store(writer.finish().path)
    store._catalog.listing[0] = store._catalog.listing[0]._replace(path="/p/\udcff.jpg")
    with pytest.raises(StoreError, match=r"'/p/\\udcff.jpg' is no UTF-8"):
        export(store, "qdrant", tmp_path / "points")
    assert os.listdir(tmp_path) == ["store"]


@pytest.mark.parametrize("target", FORMATS)
def test_command(gallery_store, program, tmp_path, target):
    if target in NEEDS:
        package(NEEDS[target])
    for _ in range(2):
        result = program("export", gallery_store.path, "--to", target, "-o", tmp_path / "out", "--head", "none")
        assert (result.returncode, result.stderr) == (0, "301 pictures, 16 values each\n")
    expected = ["out", "out.csv"] if target == "faiss" else ["out"]
    assert sorted(os.listdir(tmp_path)) == expected


@pytest.mark.parametrize("target", FORMATS)
def test_other_outputs_are_refused(gallery_store, tmp_path, target):
    if target in NEEDS:
        package(NEEDS[target])
    (tmp_path / "file").write_text("a letter")
    (tmp_path / "folder" / "data").mkdir(parents=True)
    for name in ["file", "folder"]:
        with pytest.raises(StoreError, match=f"{name} is there already and is no .*; choose another name, or delete it"):
            export(gallery_store, target, tmp_path / name)
    assert (tmp_path / "file").read_text() == "a letter"
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]
    with pytest.raises(StoreError, match="its folder .*nowhere is not there"):
        export(gallery_store, target, tmp_path / "nowhere" / "out")


def test_command_errors(gallery_store, program, tmp_path):
    result = program("export", tmp_path, "--to", "qdrant", "-o", tmp_path / "out")
    assert result.returncode == 1 and result.stderr.startswith("error: ") and "is not a feature store" in result.stderr
    result = program("export", gallery_store.path, "--to", "qdrant", "-o", tmp_path / "out", "--faiss-factory", "Flat")
    assert result.returncode == 1 and "--faiss-factory does nothing for qdrant" in result.stderr
    assert program("export", gallery_store.path, "--to", "other", "-o", tmp_path / "out").returncode == 2
    assert os.listdir(tmp_path) == []


def test_command_options(gallery_store, headed, program, tmp_path):
    result = program("export", headed.path, "--to", "qdrant", "-o", tmp_path / "out", "--head", "small", "--space", "second")
    assert (result.returncode, result.stderr) == (0, "9 pictures, 4 values each\n")
    faiss = package("faiss")
    program("export", gallery_store.path, "--to", "faiss", "-o", tmp_path / "f.faiss", "--faiss-factory", "HNSW32")
    assert isinstance(faiss.read_index(str(tmp_path / "f.faiss")), faiss.IndexHNSWFlat)


def test_store_of_the_name_of_a_command(program, tmp_path):
    gallery.make(tmp_path / "export")
    result = program("./export", "-o", "f.npy", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "301 pictures, 16 values each\n")


def test_missing_packages_are_named(gallery_store, tmp_path, monkeypatch):
    for module in ["pyarrow", "pyarrow.parquet", "lance", "lancedb", "faiss"]:
        monkeypatch.setitem(sys.modules, module, None)
    for target, extra in [("parquet", "parquet"), ("lance", "lance"), ("lancedb", "lancedb"), ("faiss", "faiss"), ("milvus", "milvus")]:
        with pytest.raises(StoreError, match=rf"install it with: pip install 'Tools/python\[{extra}\]'"):
            export(gallery_store, target, tmp_path / "out")


@pytest.mark.parametrize("old", [None, b"MAGIC of before"])
def test_failure_leaves_what_was_there(tmp_path, old):
    if old:
        (tmp_path / "file").write_bytes(old)
    with pytest.raises(KeyboardInterrupt):
        with new_file(str(tmp_path / "file"), "file", [b"MAGIC"]) as path:
            with open(path, "wb") as file:
                file.write(b"MAGIC, but only ha")
            raise KeyboardInterrupt
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == ({"file": old} if old else {})


def test_folders_are_replaced_as_a_whole(tmp_path):
    for names in [["mark", "data"], ["mark"]]:
        with new_folder(str(tmp_path / "folder"), "folder", "mark", ["data"]) as path:
            os.makedirs(path)
            for name in names:
                with open(os.path.join(path, name), "w") as file:
                    file.write("text")
        assert sorted(os.listdir(tmp_path / "folder")) == sorted(names)
        assert os.listdir(tmp_path) == ["folder"]
