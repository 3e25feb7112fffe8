"""python -m finetuner_cache STORE -o FILE, and the commands export and parquet-rows"""

import argparse
import os
import sys
from typing import Callable, Dict, List

import numpy

from . import export_command, rows_command
from .errors import StoreError
from .store import open_store

COMMANDS: Dict[str, Callable[[List[str]], None]] = {"export": export_command.run, "parquet-rows": rows_command.run}


def arguments(words: List[str]) -> argparse.Namespace:
    """The options of the command without a name."""
    parser = argparse.ArgumentParser(
        prog="python -m finetuner_cache",
        description="Writes the features of a finetuner-cache store as a float32 NumPy array, one row a listed picture,"
        " ascending by the paths' bytes.",
        epilog="Commands with options of their own: export (to the formats of other programs), parquet-rows (reads pictures of"
        " Hugging Face data sets). A store with such a name is given as ./export.")
    parser.add_argument("store", help="the store's folder")
    parser.add_argument("--space", metavar="PREFIX", help="the beginning of the feature space's fingerprint or name")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the .npy file to write")
    parser.add_argument("--list", metavar="FILE", help="also write 'path TAB label' lines, in the same order")
    parser.add_argument("--verify", action="store_true", help="also check every row of the index")
    return parser.parse_args(words)


def write_array(words: List[str]) -> None:
    """The command without a name."""
    options = arguments(words)
    paths, labels, features = open_store(options.store, verify=options.verify).features(options.space)
    with open(options.output, "wb") as file:
        numpy.save(file, features)
    if options.list:
        with open(options.list, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.writelines(f"{path}\t{label or ''}\n" for path, label in zip(paths, labels))
    print(f"{len(paths)} pictures, {features.shape[1]} values each", file=sys.stderr)


def main() -> None:
    """Runs what the command line says; ends with status 1 and a message where that cannot be done."""
    words = sys.argv[1:]
    try:
        if words and words[0] in COMMANDS:
            COMMANDS[words[0]](words[1:])
        else:
            write_array(words)
    except BrokenPipeError:
        # The reader has gone and wants no more. What is left in the buffer must not be tried again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (StoreError, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
