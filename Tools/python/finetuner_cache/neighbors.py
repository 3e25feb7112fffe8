"""Nearest neighbors by cosine similarity, with NumPy alone."""

from typing import Tuple

import numpy as np

from .kinds import Floats, Numbers, Values

_ROWS = 256


def nearest(queries: Values, vectors: Values, k: int = 10) -> Tuple[Numbers, Floats]:
    """For each row of `queries` the positions of the `k` nearest rows of `vectors` and their cosine similarities, both [n, k],
    nearest first, equal ones by position."""
    queries, vectors = unit_rows(queries), unit_rows(vectors)
    k = min(k, len(vectors))
    positions = np.empty((len(queries), k), dtype=np.int64)
    scores = np.empty((len(queries), k), dtype=np.float32)
    for start in range(0, len(queries), _ROWS):
        found = queries[start:start + _ROWS] @ vectors.T
        order = np.argsort(-found, axis=1, kind="stable")[:, :k]
        positions[start:start + _ROWS] = order
        scores[start:start + _ROWS] = np.take_along_axis(found, order, axis=1)
    return positions, scores


def unit_rows(rows: Values) -> Floats:
    """The rows as float32 [n, dimension], each divided by its length; rows of zeros stay so."""
    rows = np.asarray(rows, dtype=np.float32)
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit
