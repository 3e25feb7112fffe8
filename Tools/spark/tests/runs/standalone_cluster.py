"""A standalone cluster on the loopback interface."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.runs.processes import builds_below, command_line, descendants
from tests.runs.spark_job import LOOPBACK, spark_environment, spark_home, wait_until

MASTER_READY = re.compile(r"Starting Spark master at (spark://\S+)")
WORKER_READY = "Successfully registered with master"


class StandaloneCluster:
    """A master, and workers of one core each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        self.master = ""

    def begin(self, workers: int) -> None:
        """Begins the master and its workers."""
        log = self._start("Master", "master", LOOPBACK, "--port", "0")
        wait_until(lambda: MASTER_READY.search(log.read_text()) is not None, "the master")
        found = MASTER_READY.search(log.read_text())
        assert found is not None
        self.master = found[1]
        # By two names, since Spark speculates on another host only.
        hosts = (LOOPBACK, "localhost")[:workers]
        logs = [self._start_worker(f"worker-{number}", host) for number, host in enumerate(hosts)]
        for log in logs:
            wait_until(functools.partial(_has, log, WORKER_READY), log.stem)

    def stop(self) -> None:
        """Ends all of it."""
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(timeout=60)

    def executors(self, worker: int) -> list[int]:
        """The processes that run tasks for a worker."""
        below = descendants(self.workers[worker].pid)
        return [process for process in below if any("ExecutorBackend" in word for word in command_line(process))]

    def builds(self, worker: int) -> list[int]:
        """The builds that run on a worker."""
        return builds_below(self.workers[worker].pid)

    def kill(self, worker: int) -> None:
        """What a machine's failure does: worker and executors are gone at once."""
        for process in [self.workers[worker].pid, *self.executors(worker)]:
            os.kill(process, signal.SIGKILL)
        self.workers[worker].wait()

    def _start_worker(self, name: str, host: str) -> Path:
        words = ["--cores", "1", "--memory", "1g", "--port", "0", "--work-dir", str(self._folder / name), self.master]
        log = self._start("Worker", name, host, *words)
        self.workers.append(self._processes[-1])
        return log

    def _start(self, role: str, name: str, host: str, *words: str) -> Path:
        log = self._folder / f"{name}.log"
        kind = f"org.apache.spark.deploy.{role.lower()}.{role}"
        command = [str(spark_home() / "bin" / "spark-class"), kind, "--host", host, "--webui-port", "0", *words]
        with log.open("wb") as file:
            self._processes.append(
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=self._environment())
            )
        return log

    def _environment(self) -> dict[str, str]:
        return {**spark_environment(), "SPARK_LOCAL_DIRS": str(self._folder)}


def _has(log: Path, text: str) -> bool:
    return text in log.read_text()


@contextlib.contextmanager
def standalone_cluster(folder: Path, workers: int) -> Iterator[StandaloneCluster]:
    """A cluster that ends with the block."""
    folder.mkdir()
    cluster = StandaloneCluster(folder)
    try:
        cluster.begin(workers)
        yield cluster
    finally:
        cluster.stop()
