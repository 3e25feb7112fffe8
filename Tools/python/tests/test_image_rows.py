"""Pictures of Hugging Face data sets: from files laid out as theirs, and from one that their library writes."""

import base64
import json
import os
import subprocess
import sys

from finetuner_cache import StoreError
from finetuner_cache.image_rows import image_rows

from .needs import package, pytest

NAMES = ["cat", "dog é"]


@pytest.fixture(autouse=True)
def arrow():
    return package("pyarrow")


def write(path, images, labels=None, names=NAMES, image_column="image", label_type=None, metadata=True, group=1000):
    """A file of pictures, each (bytes, path) or None, and their labels."""
    arrow, parquet = package("pyarrow"), package("pyarrow.parquet")
    kind = arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    columns = {image_column: arrow.array([i and {"bytes": i[0], "path": i[1]} for i in images], kind)}
    features = {image_column: {"_type": "Image"}}
    if labels is not None:
        columns["label"] = arrow.array(labels, label_type or arrow.int64())
        features["label"] = {"_type": "ClassLabel", "names": names} if names else {"_type": "Value", "dtype": "string"}
    table = arrow.table(columns)
    if metadata:
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table, path, row_group_size=group)
    return path


def seen(sources, **options):
    return [(row.path, row.label, row.split, row.data) for row in image_rows(sources, **options) if row.error is None]


def test_shards_with_classes(tmp_path):
    write(tmp_path / "data" / "train-00000-of-00002.parquet", [(b"1", "a.jpg"), (b"2", None)], [1, 0])
    write(tmp_path / "data" / "train-00001-of-00002-0123456789abcdef.parquet", [(b"3", "train/b.jpg")], [-1])
    write(tmp_path / "data" / "test-00000-of-00001.parquet", [(b"4", "a.jpg")], [None])
    assert seen([tmp_path]) == [
        ("test/a.jpg", None, "test", b"4"), ("train/a.jpg", "dog é", "train", b"1"),
        ("train/data/train-00000-of-00002/00000001", "cat", "train", b"2"), ("train/b.jpg", None, "train", b"3")]


def test_file_of_their_library(tmp_path):
    datasets, pictures = package("datasets"), package("PIL.Image")
    for number, name in enumerate(NAMES):
        (tmp_path / "source" / "train" / name).mkdir(parents=True)
        pictures.new("RGB", (8, 8), (9 * number, 0, 0)).save(tmp_path / "source" / "train" / name / f"{number}.png")
    folder = datasets.load_dataset("imagefolder", data_dir=str(tmp_path / "source"), cache_dir=str(tmp_path / "cache"), split="train")
    folder.to_parquet(tmp_path / "paths.parquet")
    assert [row.error for row in image_rows([tmp_path / "paths.parquet"])] == ["the row has no bytes of a picture, only its path"] * 2
    embedded = folder.with_format("arrow").map(datasets.table.embed_table_storage, batched=True)  # as before an upload
    embedded.to_parquet(tmp_path / "train-00000-of-00001.parquet")
    expected = [(f"train/{number}.png", name, "train", (tmp_path / "source" / "train" / name / f"{number}.png").read_bytes())
                for number, name in enumerate(NAMES)]
    assert seen([tmp_path / "train-00000-of-00001.parquet"]) == expected


def test_other_labels(tmp_path, arrow):
    strings = write(tmp_path / "s.parquet", [(b"1", None), (b"2", None)], ["ü", None], names=None, label_type=arrow.string())
    numbers = write(tmp_path / "n.parquet", [(b"3", None)], [7], metadata=False)
    none = write(tmp_path / "x.parquet", [(b"4", None)])
    assert seen([strings, numbers, none]) == [
        ("s/00000000", "ü", None, b"1"), ("s/00000001", None, None, b"2"), ("n/00000000", "7", None, b"3"),
        ("x/00000000", None, None, b"4")]


def test_other_columns(tmp_path, arrow):
    write(tmp_path / "f.parquet", [(b"1", None)], [0], image_column="img")
    assert seen([tmp_path / "f.parquet"], image_column="img", label_column="other") == [("f/00000000", None, None, b"1")]
    package("pyarrow.parquet").write_table(arrow.table({"image": [b"2"]}), tmp_path / "plain.parquet")
    assert seen([tmp_path / "plain.parquet"]) == [("plain/00000000", None, None, b"2")]
    with pytest.raises(StoreError, match="has no column image; choose one with --image-column: img, label"):
        list(image_rows([tmp_path / "f.parquet"]))


def test_bad_rows_do_not_hide_the_others(tmp_path):
    write(tmp_path / "f.parquet", [None, (None, "a.jpg"), (b"", "b.jpg"), (b"1", "c.jpg"), (b"2", "d.jpg")], [0, 0, 0, 5, 1])
    rows = list(image_rows([tmp_path / "f.parquet"]))
    assert [(row.path, row.error) for row in rows] == [
        ("f/00000000", "the row has no bytes of a picture"), ("a.jpg", "the row has no bytes of a picture, only its path"),
        ("b.jpg", "the row has no bytes of a picture, only its path"), ("c.jpg", "the label 5 is none of the 2 classes"), ("d.jpg", None)]


def test_no_path_comes_twice(tmp_path):
    for name in ["a", "b"]:
        write(tmp_path / f"{name}.parquet", [(b"1", "x/1.jpg"), (b"2", "1.jpg"), (b"3", "x/1.jpg")])
    paths = [row.path for row in image_rows([tmp_path])]
    assert paths == ["x/1.jpg", "1.jpg", "x/0-2/1.jpg", "x/1-0/1.jpg", "1-1/1.jpg", "x/1-2/1.jpg"]


def test_files_that_are_none(tmp_path):
    (tmp_path / "text.parquet").write_text("text")
    with pytest.raises(StoreError, match="text.parquet cannot be read as Parquet"):
        list(image_rows([tmp_path]))
    with pytest.raises(StoreError, match="nowhere is no Parquet file and no folder of them"):
        list(image_rows([tmp_path / "nowhere"]))


def test_damaged_file_is_named(tmp_path):
    path = write(tmp_path / "f.parquet", [(os.urandom(4000), None) for _ in range(50)])
    data = bytearray(path.read_bytes())
    data[4:200] = bytes(196)
    path.write_bytes(data)
    with pytest.raises(StoreError, match="f.parquet cannot be read as Parquet"):
        list(image_rows([path]))


@pytest.mark.parametrize("text", [
    "no JSON", "{}", '{"info": {"features": {"label": []}}}', '{"info": {"features": {"label": {"names": 3}}}}'])
def test_damaged_metadata(tmp_path, arrow, text):
    table = arrow.table({"image": [b"1"], "label": [0]}).replace_schema_metadata({"huggingface": text})
    package("pyarrow.parquet").write_table(table, tmp_path / "f.parquet")
    with pytest.raises(StoreError, match="f.parquet has damaged metadata of Hugging Face"):
        list(image_rows([tmp_path / "f.parquet"]))


def test_command(tmp_path, program):
    write(tmp_path / "train-00000-of-00001.parquet", [(b"\xff\xd8", "é.jpg"), None], [1, 0])
    write(tmp_path / "x.parquet", [(b"1", "b.jpg")])
    result = program("parquet-rows", tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"path": "train/é.jpg", "label": "dog é", "split": "train", "bytes": base64.b64encode(b"\xff\xd8").decode()},
        {"path": "train/train-00000-of-00001/00000001", "error": "the row has no bytes of a picture"},
        {"path": "b.jpg", "bytes": base64.b64encode(b"1").decode()}]
    result = program("parquet-rows", tmp_path / "nowhere")
    assert result.returncode == 1 and result.stderr.startswith("error: ") and result.stdout == ""


@pytest.mark.parametrize("rows", [2, 5000])
def test_command_stops_quietly_where_nobody_reads(tmp_path, rows):
    write(tmp_path / "f.parquet", [(bytes(500), None) for _ in range(rows)])
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with subprocess.Popen([sys.executable, "-m", "finetuner_cache", "parquet-rows", str(tmp_path)], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        if rows > 2:
            assert json.loads(process.stdout.readline())["path"] == "f/00000000"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1
