"""The folder that clip-retrieval's inference writes: img_emb/img_emb_0.npy and metadata/metadata_0.parquet."""

import os
from typing import Any

import numpy

from ..packages import needed
from .output import new_folder
from .vectors import VectorBlock, Vectors

VECTORS, METADATA = "img_emb", "metadata"


def write(vectors: Vectors, output: str) -> None:
    """Writes the vectors at unit length as float16, and of each its image_path, caption (the label, empty where there is none)
    and id. Both files have their rows in the same order."""
    arrow, parquet = needed("pyarrow", "parquet"), needed("pyarrow.parquet", "parquet")
    columns = arrow.schema([(name, arrow.string()) for name in ("image_path", "caption", "id")])
    with new_folder(output, "folder of clip-retrieval", VECTORS, [METADATA]) as folder:
        for entry in (VECTORS, METADATA):
            os.makedirs(os.path.join(folder, entry))
        array, table = os.path.join(folder, VECTORS, "img_emb_0.npy"), os.path.join(folder, METADATA, "metadata_0.parquet")
        with open(array, "wb") as file, parquet.ParquetWriter(table, columns) as writer:
            header = {"descr": "<f2", "fortran_order": False, "shape": (vectors.count, vectors.dimension)}
            numpy.lib.format.write_array_header_1_0(file, header)
            for block in vectors.blocks(unit=True):
                file.write(block.vectors.astype("<f2").tobytes())
                writer.write_batch(_metadata(arrow, columns, block))


def _metadata(arrow: Any, columns: Any, block: VectorBlock) -> Any:
    captions = [label or "" for label in block.labels]
    return arrow.record_batch([block.paths, captions, block.ids], schema=columns)
