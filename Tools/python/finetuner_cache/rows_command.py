"""python -m finetuner_cache parquet-rows FILE_OR_FOLDER..."""

import argparse
import base64
import json
import sys
from typing import Any, Dict, List

from .image_rows import ImageRow, image_rows


def arguments(words: List[str]) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m finetuner_cache parquet-rows",
        description="Prints the pictures of a Hugging Face data set in Parquet files as lines of JSON:"
        ' {"path", "label", "split", "bytes" (base64)}, without the label or split that a picture does not have,'
        ' or {"path", "error"}.')
    parser.add_argument("sources", nargs="+", metavar="FILE_OR_FOLDER", help="Parquet files, or folders of them")
    parser.add_argument("--image-column", default="image", metavar="NAME", help="the column of the pictures (image)")
    parser.add_argument("--label-column", default="label", metavar="NAME", help="the column of the labels (label)")
    return parser.parse_args(words)


def run(words: List[str]) -> None:
    """Carries out the command. Raises StoreError and OSError, BrokenPipeError too."""
    options = arguments(words)
    for row in image_rows(options.sources, options.image_column, options.label_column):
        sys.stdout.write(json.dumps(_line(row)) + "\n")
    sys.stdout.flush()


def _line(row: ImageRow) -> Dict[str, Any]:
    if row.error is not None:
        return {"path": row.path, "error": row.error}
    values = {"path": row.path, "label": row.label, "split": row.split, "bytes": base64.b64encode(row.data).decode("ascii")}
    return {name: value for name, value in values.items() if value is not None}
