"""What the driver tells every task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SPLIT = "split"
SHARD = "shard"


@dataclass(frozen=True)
class Task:
    """The same for all partitions, and for the check and the merge around them."""

    output: str
    source: str
    # SPLIT: the task builds its part of the listing; SHARD: it builds its --shard of the whole input.
    division: str
    partitions: int
    options: tuple[str, ...]
    variables: Mapping[str, str]
    threads: int
    # A folder on the worker's local disk to build in; None to build in the output.
    scratch: str | None
    program: str
    weights: str | None
    # The file in which the weights of a named model were sent along.
    model_weights: str | None
    # The version that the run was begun with, and the manifest's fingerprint; empty before that is known.
    version: str
    fingerprint: str
    # How often Spark tries a task.
    most_attempts: int
