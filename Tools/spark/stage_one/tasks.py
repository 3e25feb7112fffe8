"""The tasks that Spark runs on its executors: the check before, a shard a partition, the merge after."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from pyspark import TaskContext

from stage_one import build_run
from stage_one.errors import BuildFailed, BuildInterrupted, InputError
from stage_one.listing_parts import ListingParts
from stage_one.output_folder import RECORD_NAME, STORE_NAME, OutputFolder, publish, segment_bytes, write_atomically
from stage_one.partitions import partition_name
from stage_one.program import Program
from stage_one.scratch import copy_durably, scratch_folder
from stage_one.task import SPLIT, Task

Result = TypeVar("Result")


@dataclass(frozen=True)
class Failure:
    """Why a task failed for good."""

    partition: str
    text: str

    @classmethod
    def told_in(cls, output: OutputFolder) -> Failure | None:
        """The first failure that a task has told of; None where there is none yet."""
        path = next(iter(sorted(output.failed.glob("*.json"))), None)
        return None if path is None else cls(**json.loads(path.read_text(encoding="utf-8")))


def run_check(task: Task) -> Program | Failure:
    """Finds the program and lets it read the options, before anything else is begun."""

    def check() -> Program:
        with _attempt(task, "check") as folder:
            program = Program.found(task.program)
            build_run.check_options(program, task, folder)
            return program

    return _tried(task, "check", check)


def run_shard(task: Task, number: int) -> dict[str, Any] | Failure:
    """Builds a shard unless it is there; returns what it says of itself."""
    return _tried(task, partition_name(number, task.partitions), lambda: _shard(task, number))


def run_merge(task: Task, numbers: list[int], name: str) -> bool | Failure:
    """Merges these shards into the store of that name; false where it is there already."""
    return _tried(task, "merge", lambda: _merge(task, numbers, name))


def _shard(task: Task, number: int) -> dict[str, Any]:
    output = OutputFolder(Path(task.output))
    with _attempt(task, partition_name(number, task.partitions)) as folder:
        if known := output.record(number, task.partitions):
            return known
        record = _built(task, number, folder)
        write_atomically(folder / RECORD_NAME, json.dumps(record, ensure_ascii=False) + "\n")
        shutil.rmtree(folder / "home", ignore_errors=True)
        if publish(folder, output.shard(number, task.partitions)):
            return record
        # Spark had two attempts run at once, and the other one was first.
        return output.record(number, task.partitions) or record


def _built(task: Task, number: int, folder: Path) -> dict[str, Any]:
    started = time.monotonic()
    program = Program.found(task.program)
    program.require_version(task.version)
    parts = ListingParts(OutputFolder(Path(task.output)).parts, task.partitions)
    is_empty = task.division == SPLIT and not parts.lines(number).exists()
    store = folder / STORE_NAME
    outcome: dict[str, Any] = {}
    if not is_empty:
        with _place(task, folder, STORE_NAME) as place:
            outcome = build_run.build(program, task, number, folder, place)
    context = TaskContext.get()
    return {
        "shard": number,
        "of": task.partitions,
        "pictures": outcome.get("pictures", 0),
        "failures": len(outcome.get("failed", [])),
        "seconds": round(time.monotonic() - started, 3),
        "bytes": segment_bytes(store),
        "host": socket.gethostname(),
        "attempt": context.attemptNumber() if context else 0,
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "program": asdict(program),
        "spaces": {space["name"]: space["fingerprint"] for space in outcome.get("spaces", [])},
        "failed": outcome.get("failed", []),
        "refused": outcome.get("refused", []),
        "warnings": outcome.get("warnings", []),
        "fingerprint": task.fingerprint,
    }


def _merge(task: Task, numbers: list[int], name: str) -> bool:
    output = OutputFolder(Path(task.output))
    stores = [f"{partition_name(number, task.partitions)}/{STORE_NAME}" for number in numbers]
    with _attempt(task, "merge") as folder:
        program = Program.found(task.program)
        program.require_version(task.version)
        with _place(task, folder, name) as place:
            build_run.merge(program, task, stores, folder, place)
        return publish(folder / name, output.path / name)


def _tried(task: Task, partition: str, work: Callable[[], Result]) -> Result | Failure:
    """What the work gives. What may be the machine's fault is raised, so that Spark tries it elsewhere. The last time
    it is told to the driver, which then stops all tasks: an exception would come there among the engine's own words.
    """
    try:
        return work()
    except (BuildFailed, BuildInterrupted, InputError, OSError) as error:
        context = TaskContext.get()
        if context and context.attemptNumber() + 1 < task.most_attempts:
            raise
        failure = Failure(partition, str(error))
        _tell(OutputFolder(Path(task.output)), failure)
        return failure


def _tell(output: OutputFolder, failure: Failure) -> None:
    if output.lock.is_file():
        output.failed.mkdir(exist_ok=True)
        write_atomically(output.failed / f"{failure.partition}.json", json.dumps(asdict(failure)))


@contextmanager
def _place(task: Task, folder: Path, name: str) -> Iterator[Path]:
    """Where to make a store that is to be in the attempt's folder."""
    if task.scratch is None:
        yield folder / name
        return
    with scratch_folder(task.scratch) as scratch:
        yield scratch / name
        copy_durably(scratch / name, folder / name)


@contextmanager
def _attempt(task: Task, purpose: str) -> Iterator[Path]:
    """A folder to work in, which goes unless it was published. Raises `InputError` where it is not the driver's."""
    output = OutputFolder(Path(task.output))
    _require_shared(output, task)
    folder = output.new_attempt(purpose)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_shared(output: OutputFolder, task: Task) -> None:
    try:
        if task.fingerprint:
            content = json.loads(output.manifest.read_text(encoding="utf-8"))
            is_shared = content["fingerprint"] == task.fingerprint
        else:
            is_shared = output.lock.is_file()
    except (OSError, ValueError, KeyError):
        is_shared = False
    if not is_shared:
        raise InputError(
            f"--output {task.output}",
            f"is another folder on {socket.gethostname()} than on the driver",
            "Name a folder on a file system that the driver and all workers mount at the same path.",
        )
