#!/usr/bin/env python3
"""A store of made-up features, brought in by `finetuner-cache import`: half of the values zeros, as a ReLU leaves them,
and pictures of a class near each other. Needs NumPy."""

import argparse
import csv
import hashlib
import sys
import tempfile
from pathlib import Path

from neighbor_lists import ScaleError, run

PICTURES_PER_CLASS = 1000
NOISE = 0.8


def make(program: str, store: Path, rows: int, dimension: int, seed: int = 1) -> None:
    """Makes the store, which must not be there."""
    if store.exists():
        raise ScaleError(f"{store} is there already. Give another name for the store, or delete it.")
    import numpy as np

    generator = np.random.default_rng(seed)
    classes = np.arange(rows) // min(PICTURES_PER_CLASS, max(1, rows // 10))
    centers = generator.uniform(-1, 1, (int(classes[-1]) + 1, dimension)) + generator.uniform(
        -1, 1, (int(classes[-1]) + 1, dimension))
    features = np.empty((rows, dimension), np.float16)
    for start in range(0, rows, 65_536):
        part = slice(start, min(start + 65_536, rows))
        noise = generator.uniform(-NOISE, NOISE, (part.stop - start, dimension))
        features[part] = np.maximum(0, centers[classes[part]] + noise)
    with tempfile.TemporaryDirectory(dir=store.resolve().parent) as folder:
        np.save(f"{folder}/features.npy", features)
        with open(f"{folder}/listing.csv", "w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["path", "label", "id"])
            for row, number in enumerate(classes):
                table.writerow([f"/made-up/class-{number}/{row}.jpg", f"class-{number}",
                                hashlib.sha256(b"made-up %d" % row).hexdigest()])
        run([program, "import", "--features", f"{folder}/features.npy", "--listing", f"{folder}/listing.csv",
             "--space-name", "made-up", "--store", str(store)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path, help="the store to make")
    parser.add_argument("--rows", type=int, default=100_000, help="pictures (default: 100000)")
    parser.add_argument("--dimension", type=int, default=128, help="values of a feature (default: 128)")
    parser.add_argument("--program", default="finetuner-cache", help="finetuner-cache (default: the one on the path)")
    options = parser.parse_args()
    if options.rows < 1 or options.dimension < 1:
        parser.error("--rows and --dimension must be at least 1")
    try:
        make(options.program, options.store, options.rows, options.dimension)
    except (ScaleError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
