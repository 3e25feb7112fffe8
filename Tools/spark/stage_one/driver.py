"""A run from its beginning to its end, or from where an earlier one was stopped."""

from __future__ import annotations

import functools
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TypeVar

from stage_one.arguments import Arguments, build_options, output_folder
from stage_one.build_options import BuildOptions
from stage_one.cluster import Cluster
from stage_one.errors import BuildFailed, InputError
from stage_one.listing_parts import ListingParts
from stage_one.manifest import BegunRun, Manifest, folder_state
from stage_one.output_folder import OutputFolder, OutputLock, publish
from stage_one.report import Record, Report
from stage_one.shipment import Shipment
from stage_one.task import SHARD, SPLIT, Task
from stage_one.tasks import Failure, run_check, run_merge, run_shard

DONE, SKIPPED, ERROR, INTERRUPTED = 0, 1, 2, 130

Item = TypeVar("Item")
Result = TypeVar("Result")


def main(words: Sequence[str]) -> int:
    """Runs a command line; returns its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    arguments = Arguments.parse(words)
    try:
        folder = OutputFolder(Path(os.path.realpath(arguments.output)))
        arguments = arguments.completed(BegunRun.read(folder))
        request = Request(arguments, build_options(arguments, os.environ))
        return _run(request)
    except (InputError, BuildFailed) as error:
        _say(f"error: {error}")
        return ERROR
    except OSError as error:
        _say(f"error: {error.filename or arguments.output}: {error.strerror}. Check the space and your rights there.")
        return ERROR
    except KeyboardInterrupt:
        _say("interrupted; the same command goes on from here")
        return INTERRUPTED


class Request:
    """What is to be built, and how it is divided."""

    def __init__(self, arguments: Arguments, options: BuildOptions) -> None:
        self.arguments = arguments
        self.options = options
        self.source = Path(arguments.source)
        self.partitions = arguments.partitions or 1
        self.division = self._division()

    def manifest(self, version: str) -> Manifest:
        """What decides what will be in the shards."""
        weights = self.arguments.weights
        return Manifest.of(self.source, self.partitions, self.division, self.options, weights, version)

    def _division(self) -> str:
        # Pairs are a table of another form, and int8's scales are measured on pictures of the whole listing.
        is_whole = self.options.has_flag("--pairs") or self.options.value("--precision") == "int8"
        return SPLIT if self.source.is_file() and not is_whole else SHARD


def _run(request: Request) -> int:
    folder = output_folder(request.arguments)
    lock = OutputLock(folder)
    try:
        begun = BegunRun.read(folder)
        if begun:
            begun.manifest.require_same(request.manifest(begun.manifest.version), folder)
        if left := folder.clear_attempts():
            _say(f"removed {left} unfinished {'attempt' if left == 1 else 'attempts'} of an earlier run")
        cluster = Cluster(request.arguments.threads, request.arguments.spark_log_level)
        try:
            return Run(request, folder, cluster, begun).finish()
        finally:
            cluster.stop()
            folder.clear_attempts()
    finally:
        if not folder.manifest.exists():
            folder.remove_unbegun()
        lock.release()


class Run:
    """The steps of a run, each of which does only what is missing."""

    def __init__(self, request: Request, folder: OutputFolder, cluster: Cluster, begun: BegunRun | None) -> None:
        self.request = request
        self.folder = folder
        self.cluster = cluster
        self.begun = begun
        self.store = folder.path / request.arguments.name_of_store

    def finish(self) -> int:
        """Does the steps; returns the exit code."""
        if self.store.exists():
            return self._tell(Report.read(self.folder), computed=0)
        task = self._checked(self._task())
        # A run whose listing cannot be read has not begun, so that it can be corrected.
        refused = self._split() if task.division == SPLIT else []
        task = self._begin(task)
        records, computed = self._shards(task)
        report = Report.of(records, refused)
        report.require_one_space()
        report.write(self.folder)
        numbers = [record["shard"] for record in report.records if record["spaces"]]
        self._each(functools.partial(run_merge, task, name=self.store.name), [numbers], "merge")
        return self._tell(report, computed)

    def _task(self) -> Task:
        request = self.request
        shipment = Shipment.of(request.arguments, request.options, self.cluster)
        return Task(
            output=str(self.folder.path),
            source=str(request.source),
            division=request.division,
            partitions=request.partitions,
            options=request.options.words,
            variables=request.options.variables,
            threads=self.cluster.threads,
            scratch=request.arguments.scratch,
            program=shipment.program,
            weights=shipment.weights,
            model_weights=shipment.model_weights,
            version="",
            fingerprint="",
            most_attempts=self.cluster.most_attempts,
        )

    def _checked(self, task: Task) -> Task:
        """The task with the version of the program that the workers have."""
        [program] = self._each(run_check, [task], "check")
        return replace(task, version=program.version)

    def _begin(self, task: Task) -> Task:
        """Begins the run, or goes on with the one that was begun."""
        manifest = self.request.manifest(task.version)
        if self.begun:
            self.begun.manifest.require_same(manifest, self.folder)
        else:
            self.begun = BegunRun(manifest, self.request.arguments.command, folder_state(self.request.source))
            self.begun.write(self.folder)
        return replace(task, fingerprint=manifest.fingerprint)

    def _split(self) -> list[str]:
        """Splits the listing; returns what was refused."""
        parts = ListingParts(self.folder.parts, self.request.partitions)
        if self.begun is None:
            shutil.rmtree(parts.folder, ignore_errors=True)
        if not parts.folder.exists():
            attempt = self.folder.new_attempt("parts")
            dialect = self.request.options.value("--csv-dialect") or "sniffed"
            ListingParts(attempt / "parts", parts.count).write(self.request.source, dialect)
            publish(attempt / "parts", parts.folder)
        return parts.refused()

    def _shards(self, task: Task) -> tuple[list[Record], int]:
        """The records of all shards, and how many had to be computed."""
        known = {number: self.folder.record(number, task.partitions) for number in range(1, task.partitions + 1)}
        kept = [record for record in known.values() if record]
        missing = [number for number, record in known.items() if not record]
        if kept:
            _say(f"{len(kept)} of {task.partitions} shards are there")
        made = self._each(functools.partial(run_shard, task), missing, "shards") if missing else []
        return [*kept, *made], len(made)

    def _each(self, work: Callable[[Item], Result | Failure], items: Sequence[Item], description: str) -> list[Result]:
        results = self.cluster.run(work, items, self.folder, description)
        if isinstance(results, Failure):
            raise BuildFailed(f"{results.partition}: {results.text}")
        return results

    def _tell(self, report: Report, computed: int) -> int:
        for text in report.notes():
            _say(f"warning: {text}")
        for text in report.skipped_lines():
            _say(f"warning: {text}")
        if self.begun and self.begun.folder_state != folder_state(self.request.source):
            _say(
                f"warning: {self.request.source} has changed since the run began; to take in what is new, run\n"
                f"  finetuner-cache build {self.request.source} --store {self.store}"
            )
        print(report.summary(computed, str(self.store)))
        return SKIPPED if report.skipped and not self.request.options.has_flag("--allow-skips") else DONE


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
