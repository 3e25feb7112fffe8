"""python -m finetuner_cache STORE -o FILE [--space PREFIX] [--list FILE]"""

import argparse
import sys

import numpy

from .errors import StoreError
from .store import open_store


def arguments():
    parser = argparse.ArgumentParser(
        prog="python -m finetuner_cache",
        description="Writes the features of a finetuner-cache store as a float32 NumPy array, one row a listed picture,"
        " ascending by the paths' bytes.")
    parser.add_argument("store", help="the store's folder")
    parser.add_argument("--space", metavar="PREFIX", help="the beginning of the feature space's fingerprint or name")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the .npy file to write")
    parser.add_argument("--list", metavar="FILE", help="also write 'path TAB label' lines, in the same order")
    parser.add_argument("--verify", action="store_true", help="also check every row of the index")
    return parser.parse_args()


def main():
    options = arguments()
    try:
        paths, labels, features = open_store(options.store, verify=options.verify).features(options.space)
        with open(options.output, "wb") as file:
            numpy.save(file, features)
        if options.list:
            with open(options.list, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
                file.writelines(f"{path}\t{label or ''}\n" for path, label in zip(paths, labels))
    except (StoreError, OSError) as error:
        sys.exit(f"error: {error}")
    print(f"{len(paths)} pictures, {features.shape[1]} values each", file=sys.stderr)


if __name__ == "__main__":
    main()
