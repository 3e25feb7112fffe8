"""The connection to Spark."""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pyspark import SparkConf, SparkContext

from stage_one.errors import InputError
from stage_one.output_folder import OutputFolder
from stage_one.tasks import Failure

Item = TypeVar("Item")
Result = TypeVar("Result")

SECONDS_BETWEEN_LOOKS = 1.0
LOOKS_UNTIL_NOTE = 30
NOTHING_BEGUN = (
    "warning: no worker has taken a task so far: they may be busy, or have fewer cores than a task takes "
    "(spark.task.cpus), or less memory than spark.executor.memory"
)
PACKAGE = Path(__file__).resolve().parent


class Cluster:
    """A Spark application with the package on its executors, in which every task has the same number of cores."""

    def __init__(self, threads: int | None, log_level: str) -> None:
        # Before Spark's own process is there, a configuration does not know what spark-submit was given.
        SparkContext._ensure_initialized()
        configuration = SparkConf()
        configuration.setIfMissing("spark.master", "local[*]").setIfMissing("spark.app.name", "finetuner-cache build")
        self.threads = _agreed_threads(configuration, threads)
        configuration.set("spark.task.cpus", str(self.threads))
        try:
            self.context = SparkContext(conf=configuration)
        except Exception as error:
            reason = _first_line(error)
            raise InputError("Spark", f"cannot be started: {reason}", "Check --master and --conf.") from None
        self.context.setLogLevel(log_level)
        self.most_attempts = _most_attempts(configuration)
        # Executors that come later fetch the package, too, so it has to stay.
        self._folder = tempfile.TemporaryDirectory()
        self._send_package()

    def send(self, path: Path) -> str:
        """Sends a file to all executors; returns the name by which they find it."""
        self.context.addFile(str(path))
        return path.name

    def run(
        self, work: Callable[[Item], Result | Failure], items: Sequence[Item], output: OutputFolder, description: str
    ) -> list[Result] | Failure:
        """Runs a task an item. Ends all of them as soon as one has told of its failure."""
        group = f"finetuner-cache-{description}"
        self.context.setJobGroup(group, description, interruptOnCancel=True)
        watch = _Watch(output, self.context, group)
        try:
            with watch:
                results = self.context.parallelize(items, len(items)).map(work).collect()
        except Exception as error:
            told = Failure.told_in(output)
            return told or Failure(description, f"Spark gave up: {_first_line(error)}")
        failures = [result for result in results if isinstance(result, Failure)]
        return failures[0] if failures else [result for result in results if not isinstance(result, Failure)]

    def stop(self) -> None:
        """Ends the application and whatever runs in it."""
        # Spark's process may be gone already, by the signal that ended this one.
        with contextlib.suppress(Exception):
            self.context.cancelAllJobs()
            self.context.stop()
        self._folder.cleanup()

    def _send_package(self) -> None:
        # In a cluster's deploy mode the package came by --py-files, and is in a file already.
        if not PACKAGE.is_dir():
            return
        archive = Path(self._folder.name) / "stage_one.zip"
        with zipfile.ZipFile(archive, "w") as file:
            for module in sorted(PACKAGE.glob("*.py")):
                file.write(module, f"{PACKAGE.name}/{module.name}")
        self.context.addPyFile(str(archive))


class _Watch:
    """Looks while tasks run whether one has failed for good, and at first whether any runs at all."""

    def __init__(self, output: OutputFolder, context: SparkContext, group: str) -> None:
        self._output = output
        self._context = context
        self._group = group
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        looks = 0
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            looks += 1
            if looks == LOOKS_UNTIL_NOTE and not self._has_begun():
                print(NOTHING_BEGUN, file=sys.stderr, flush=True)
            if Failure.told_in(self._output):
                self._context.cancelJobGroup(self._group)
                return

    def _has_begun(self) -> bool:
        tracker = self._context.statusTracker()
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        return any(stage and stage.numActiveTasks + stage.numCompletedTasks > 0 for stage in stages)


def _agreed_threads(configuration: SparkConf, threads: int | None) -> int:
    cores = configuration.get("spark.task.cpus")
    if cores is not None and threads is not None and int(cores) != threads:
        raise InputError(
            f"--threads {threads}",
            f"is not spark.task.cpus, which is {cores}",
            "Leave one of them out: a task is given as many cores as its build uses.",
        )
    return threads or int(cores or 1)


def _most_attempts(configuration: SparkConf) -> int:
    master = configuration.get("spark.master") or ""
    # On one machine Spark tries a task once unless local[CORES, ATTEMPTS] says otherwise.
    if local := re.fullmatch(r"local(\[[^,\]]+(?:,\s*(\d+))?\])?", master):
        return int(local[2] or 1)
    return int(configuration.get("spark.task.maxFailures", "4") or 4)


def _first_line(error: Exception) -> str:
    text = str(getattr(error, "java_exception", None) or error)
    return next((line for line in text.splitlines() if line.strip()), type(error).__name__)
