"""Pictures of Hugging Face data sets: Parquet files with a column of pictures and, where there is one, a column of labels."""

import json
import os
import re
from typing import Any, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from .errors import StoreError
from .kinds import FilePath
from .packages import needed

BATCH_ROWS = 64  # pictures in memory at a time
SHARD = re.compile(r"(?P<split>\w+(?:\.\w+)*)-\d+-of-\d+")


class ImageRow(NamedTuple):
    """A row: the bytes of a picture's file, or the error why there are none."""
    path: str  # no two rows have the same
    label: Optional[str]
    split: Optional[str]
    data: bytes
    error: Optional[str]


class _Columns(NamedTuple):
    image: str
    label: Optional[str]  # None where the file has no labels
    classes: Optional[List[str]]  # what whole numbers stand for


def image_rows(sources: Sequence[FilePath], image_column: str = "image", label_column: str = "label") -> Iterator[ImageRow]:
    """The rows of Parquet files and of those in folders, in the order of their names, a batch of which is in memory at a time.

    A picture's path is that of its row, or else the file's name and the row's number; the split, which comes from file names such
    as train-00000-of-00002.parquet, stands before it. Where a path came before, it gets the numbers of file and row too.
    Raises StoreError for sources that are no such files.
    """
    taken: Set[str] = set()
    for number, (path, name) in enumerate(_files(sources)):
        shard = SHARD.match(os.path.basename(name))
        split = shard and shard["split"]
        for row, (image, label, columns) in enumerate(_read(path, image_column, label_column)):
            own = image.get("path") if isinstance(image, dict) else None
            unique = _unique(_path(own, name, split, row), number, row, taken)
            yield _checked(unique, image, label, split, columns)


def _files(sources: Sequence[FilePath]) -> Iterator[Tuple[str, str]]:
    """Each Parquet file, and its name inside its source without the ending."""
    for source in [os.fspath(source) for source in sources]:
        if os.path.isfile(source):
            yield source, os.path.splitext(os.path.basename(source))[0]
            continue
        found = sorted(os.path.join(folder, name) for folder, _, names in os.walk(source) for name in names
                       if name.endswith(".parquet") and not name.startswith("."))
        if not found:
            raise StoreError(f"{source} is no Parquet file and no folder of them; give the data set's files")
        for path in found:
            yield path, os.path.splitext(os.path.relpath(path, source))[0]


def _read(path: str, image_column: str, label_column: str) -> Iterator[Tuple[Any, Any, _Columns]]:
    """The picture and the label of each row as the file has them."""
    arrow, parquet = needed("pyarrow", "parquet"), needed("pyarrow.parquet", "parquet")
    try:
        with parquet.ParquetFile(path) as file:
            columns = _columns(path, file.schema_arrow, image_column, label_column)
            names = [name for name in (columns.image, columns.label) if name is not None]
            for batch in file.iter_batches(BATCH_ROWS, columns=names):
                values = batch.to_pydict()
                labels = values[columns.label] if columns.label else [None] * len(batch)
                for image, label in zip(values[columns.image], labels):
                    yield image, label, columns
    except (arrow.ArrowException, OSError) as error:
        raise StoreError(f"{path} cannot be read as Parquet ({error}); fetch the file again") from None


def _columns(path: str, schema: Any, image_column: str, label_column: str) -> _Columns:
    if image_column not in schema.names:
        raise StoreError(f"{path} has no column {image_column}; choose one with --image-column: {', '.join(schema.names)}")
    if label_column not in schema.names:
        return _Columns(image_column, None, None)
    return _Columns(image_column, label_column, _classes(path, schema, label_column))


def _classes(path: str, schema: Any, label_column: str) -> Optional[List[str]]:
    """The names of a ClassLabel, which Hugging Face writes to the schema's metadata; None where there are none."""
    text = (schema.metadata or {}).get(b"huggingface")
    if text is None:
        return None
    try:
        names = json.loads(text)["info"]["features"].get(label_column, {}).get("names")
        return None if names is None else [str(name) for name in names]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{path} has damaged metadata of Hugging Face ({error!r}); fetch the file again") from None


def _path(own: Optional[str], name: str, split: Optional[str], row: int) -> str:
    path = own or f"{name.replace(os.sep, '/')}/{row:08d}"
    return path if split is None or path.startswith(split + "/") else f"{split}/{path}"


def _unique(path: str, number: int, row: int, taken: Set[str]) -> str:
    folder, _, name = path.rpartition("/")
    attempt = path
    while attempt in taken:
        folder += f"/{number}-{row}"
        attempt = f"{folder}/{name}".lstrip("/")
    taken.add(attempt)
    return attempt


def _checked(path: str, image: Any, label: Any, split: Optional[str], columns: _Columns) -> ImageRow:
    data = image.get("bytes") if isinstance(image, dict) else image
    if not isinstance(data, bytes) or not data:
        only = ", only its path" if isinstance(image, dict) and image.get("path") else ""
        return ImageRow(path, None, split, b"", f"the row has no bytes of a picture{only}")
    if not isinstance(label, int) or columns.classes is None:
        return ImageRow(path, None if label is None else str(label), split, data, None)
    # Hugging Face gives pictures without a label the class -1.
    if not -1 <= label < len(columns.classes):
        return ImageRow(path, None, split, b"", f"the label {label} is none of the {len(columns.classes)} classes")
    return ImageRow(path, None if label == -1 else columns.classes[label], split, data, None)
