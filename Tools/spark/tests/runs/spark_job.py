"""Runs build_on_spark.py as users do, with spark-submit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve().parents[2] / "build_on_spark.py"
LOOPBACK = "127.0.0.1"
DEADLINE = 240.0
QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
MODEL = ("--model", "efficientnet-lite0")


def spark_home() -> Path:
    """Where pip has put Spark."""
    import pyspark

    return Path(pyspark.__file__).parent


def spark_environment() -> dict[str, str]:
    """An environment in which Spark keeps to the loopback interface."""
    python = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    # These runs take seconds: what the compiler would gain it would not earn.
    python |= {"SPARK_SUBMIT_OPTS": QUICK_START, "SPARK_DAEMON_JAVA_OPTS": QUICK_START}
    return {**os.environ, **python, "SPARK_LOCAL_IP": LOOPBACK, "SPARK_HOME": str(spark_home())}


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it said; spark-submit passes messages on as output."""

    code: int
    text: str


@dataclass
class Job:
    """A run that was begun."""

    process: subprocess.Popen[str]

    def outcome(self) -> Outcome:
        """Waits for its end."""
        try:
            output, _ = self.process.communicate(timeout=DEADLINE)
        finally:
            self.process.kill()
        return Outcome(self.process.returncode, output)


def start(master: str, words: Sequence[str], configuration: Mapping[str, str] | None = None, **variables: str) -> Job:
    """Begins a run with the words of build_on_spark.py."""
    settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    settings |= {"spark.executor.extraJavaOptions": QUICK_START, **(configuration or {})}
    command = [str(spark_home() / "bin" / "spark-submit"), "--master", master]
    command += [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    process = subprocess.Popen(
        [*command, str(SCRIPT), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**spark_environment(), **variables},
    )
    return Job(process)


def submit(
    master: str, words: Sequence[str], configuration: Mapping[str, str] | None = None, **variables: str
) -> Outcome:
    """Does a run."""
    return start(master, words, configuration, **variables).outcome()


def run_program(program: str, *words: str) -> Outcome:
    """Runs finetuner-cache."""
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=DEADLINE, check=False)
    return Outcome(done.returncode, done.stdout + done.stderr)


def assert_same(program: str, store: Path, other: Path) -> None:
    """Asserts that `compare` finds no difference."""
    outcome = run_program(program, "compare", str(store), str(other))
    assert outcome.code == 0, outcome.text


def shard_lines(output: Path) -> list[dict[str, Any]]:
    """What shards.jsonl has."""
    return [json.loads(line) for line in (output / "shards.jsonl").read_text().splitlines()]


def wait_until(condition: Callable[[], bool], what: str, job: Job | None = None) -> None:
    """Waits for something that has to come, as long as the job goes on."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, f"{what}: did not come"
        if job is not None and job.process.poll() is not None:
            raise AssertionError(f"{what}: the job ended before\n{job.outcome()}")
        time.sleep(0.02)
