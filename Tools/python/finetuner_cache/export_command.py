"""python -m finetuner_cache export STORE --to FORMAT -o OUT"""

import argparse
import sys
from typing import List

from .errors import StoreError
from .exports import FORMATS, export
from .store import open_store


def arguments(words: List[str]) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m finetuner_cache export",
        description="Writes the vectors of the listed pictures with paths, labels and content ids, ascending by the paths' bytes.")
    parser.add_argument("store", help="the store's folder")
    parser.add_argument("--to", required=True, choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the file or folder to write")
    parser.add_argument("--space", metavar="PREFIX", help="the beginning of the feature space's fingerprint or name")
    parser.add_argument("--head", metavar="NAME", default="none", help="a head of the store, or its file; none for the features")
    parser.add_argument("--faiss-factory", metavar="S", help="the kind of index: Flat (if left out), HNSW32, IVF256,Flat, ...")
    return parser.parse_args(words)


def run(words: List[str]) -> None:
    """Carries out the command. Raises StoreError and OSError."""
    options = arguments(words)
    if options.faiss_factory is not None and options.to != "faiss":
        raise StoreError(f"--faiss-factory does nothing for {options.to}; leave it out, or use --to faiss")
    settings = {} if options.faiss_factory is None else {"factory": options.faiss_factory}
    head = None if options.head == "none" else options.head
    written = export(open_store(options.store), options.to, options.output, options.space, head, **settings)
    print(f"{written.count} pictures, {written.dimension} values each", file=sys.stderr)
