"""Vectors of a store in the formats of other tools: one module a format, which imports that tool's package only when it is used."""

import os
from importlib import import_module
from typing import Any, Dict, Optional, Union

from ..errors import StoreError
from ..head import Head
from ..kinds import FilePath
from ..records import SpaceChoice
from ..store import Store
from .vectors import VectorBlock, Vectors, head_of

__all__ = ["FORMATS", "VectorBlock", "Vectors", "export"]

# The module that writes each format.
FORMATS: Dict[str, str] = {
    "parquet": "parquet_file", "arrow": "arrow_file", "lance": "lance_dataset", "clip-retrieval": "clip_retrieval",
    "faiss": "faiss_index", "qdrant": "qdrant_points", "milvus": "milvus_rows", "lancedb": "lancedb_table",
}


def export(store: Store, form: str, output: FilePath, space: SpaceChoice = None, head: Optional[Union[Head, str]] = None,
           **settings: Any) -> Vectors:
    """Writes the features of a space, or their embeddings by a head or the one of that name, as `form`, one of FORMATS, to the file or
    folder `output`; "faiss" takes the setting factory. Returns what was written. Raises StoreError where nothing is listed, something
    else is there, or a package is missing, and OSError where the output cannot be written."""
    if form not in FORMATS:
        raise StoreError(f"{form} is no format; choose one of {', '.join(FORMATS)}")
    vectors = Vectors(store, space, head_of(store, head) if isinstance(head, str) else head)
    if vectors.count == 0:
        raise StoreError(f"{store.path} lists no picture with a feature of {vectors.space.name}; run finetuner-cache build first")
    import_module("." + FORMATS[form], __package__).write(vectors, os.fspath(output), **settings)
    return vectors
