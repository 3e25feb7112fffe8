"""Runs on a standalone cluster: lost workers, two attempts at once, files that come along with the job."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runs.processes import is_running
from tests.runs.spark_job import (
    MODEL,
    Outcome,
    assert_same,
    run_program,
    shard_lines,
    start,
    submit,
    wait_until,
)
from tests.runs.standalone_cluster import StandaloneCluster, standalone_cluster

PARTITIONS = 8
# Larger pictures than the network's own, so that there is time to lose a worker.
SLOWED = (*MODEL, "--input-size", "320", "--crop-pct", "0.875")


@pytest.fixture(scope="module")
def single(program: str, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store that one machine makes of all pictures."""
    store = tmp_path_factory.mktemp("single") / "features.fcstore"
    assert run_program(program, "build", str(pictures), "--store", str(store), *SLOWED).code == 0
    return store


@pytest.fixture(scope="module")
def cluster(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandaloneCluster]:
    """A master and two workers."""
    with standalone_cluster(tmp_path_factory.mktemp("cluster") / "work", workers=2) as cluster:
        yield cluster


def words(source: Path, output: Path, program: str, *options: str, partitions: int = PARTITIONS) -> list[str]:
    given = [str(source), "--output", str(output), "--partitions", str(partitions), "--program", program]
    return [*given, "--spark-log-level", "ERROR", "--", *options]


def test_two_attempts_at_once_do_each_other_no_harm(
    program: str, few: Path, few_built: Path, tmp_path: Path, wrapper: Callable[[str], str], cluster: StandaloneCluster
) -> None:
    # The first attempt at the third shard waits until the second has begun, and then takes longer than that.
    script = """case " $* " in *" 3/4 "*)
    if counted first; then until [ -d counts/second ]; do sleep 0.1; done; sleep 100; else mkdir counts/second; fi;;
esac"""
    slow = wrapper(script.replace("counts/", f"{tmp_path}/counts/"))
    speculation = {"spark.speculation": "true", "spark.speculation.interval": "100ms"}
    speculation |= {"spark.speculation.quantile": "0.5", "spark.speculation.multiplier": "1.1"}
    output = tmp_path / "out"
    outcome = submit(cluster.master, words(few, output, slow, *MODEL, partitions=4), speculation)
    assert outcome.code == 0, outcome
    assert [line["attempt"] for line in shard_lines(output)] == [0, 0, 1, 0]
    assert_same(program, few_built, output / "features.fcstore")
    assert not (output / "attempts").exists()


def test_program_and_weights_come_along_with_the_job(
    program: str, few: Path, few_built: Path, tmp_path: Path, cluster: StandaloneCluster
) -> None:
    # The workers have neither: the program has a name of its own, and there is nothing from which weights could come.
    named = tmp_path / "driver" / "finetuner-cache-of-the-driver"
    named.parent.mkdir()
    shutil.copy(program, named)
    bare = {"FINETUNER_CACHE_HOME": str(tmp_path / "empty"), "PATH": "/usr/bin:/bin"}
    bare = {f"spark.executorEnv.{name}": value for name, value in bare.items()}
    given = words(few, tmp_path / "out", str(named), *MODEL, partitions=4)
    outcome = submit(cluster.master, ["--ship", *given], bare)
    assert outcome.code == 0, outcome
    assert_same(program, few_built, tmp_path / "out" / "features.fcstore")
    paths = {line["program"]["path"] for line in shard_lines(tmp_path / "out")}
    assert paths and all(Path(path).name == named.name and not path.startswith(str(named.parent)) for path in paths)
    # The same by spark-submit's own means.
    given = words(few, tmp_path / "files", named.name, *MODEL, partitions=4)
    outcome = submit(cluster.master, given, {"spark.files": str(named)})
    assert outcome.code == 0, outcome
    assert_same(program, few_built, tmp_path / "files" / "features.fcstore")
    outcome = submit(cluster.master, words(few, tmp_path / "none", "no-such-program", *MODEL))
    assert outcome.code == 2 and "no-such-program: is not on " in outcome.text, outcome
    assert outcome.text.count("no-such-program") == 1


# The last one on this cluster, which has one worker after it.
def test_a_lost_worker_costs_only_its_partition(
    program: str, pictures: Path, single: Path, cluster: StandaloneCluster, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    job = start(cluster.master, words(pictures, output, program, *SLOWED))

    def complete() -> list[Path]:
        return list((output / "shards").glob("*")) if output.exists() else []

    wait_until(lambda: len(complete()) >= 2, "two shards", job)
    wait_until(lambda: bool(cluster.builds(0)) and bool(cluster.builds(1)), "a build on each worker", job)
    builds, executors, kept = cluster.builds(0), cluster.executors(0), complete()
    cluster.kill(0)
    print(f"killed worker {cluster.workers[0].pid}, executors {executors}; {len(kept)} of {PARTITIONS} shards complete")
    # Spark's daemon looks whether its executor lives; what that had begun ends with it.
    wait_until(lambda: not any(is_running(build) for build in builds), "the end of the lost builds")
    outcome = job.outcome()
    print(outcome.text)
    assert outcome.code == 0, outcome
    lines = shard_lines(output)
    print("attempts:", {line["shard"]: line["attempt"] for line in lines})
    assert [line["shard"] for line in lines] == list(range(1, PARTITIONS + 1))
    assert sorted(line["attempt"] for line in lines) == [0] * (PARTITIONS - len(builds)) + [1] * len(builds)
    assert_same(program, single, output / "features.fcstore")
    assert not (output / "attempts").exists()


@pytest.mark.skipif("STAGE_ONE_TIMINGS" not in os.environ, reason="timings are measured where they are asked for")
@pytest.mark.parametrize("workers", [1, 2])
def test_timings(program: str, pictures: Path, single: Path, tmp_path: Path, workers: int) -> None:
    with standalone_cluster(tmp_path / "cluster", workers) as cluster:
        started = time.monotonic()
        outcome: Outcome = submit(cluster.master, words(pictures, tmp_path / "out", program, *SLOWED))
        seconds = time.monotonic() - started
    assert outcome.code == 0, outcome
    assert_same(program, single, tmp_path / "out" / "features.fcstore")
    lines = shard_lines(tmp_path / "out")
    pictures_built = sum(line["pictures"] for line in lines)
    in_tasks = sum(line["seconds"] for line in lines)
    print(
        f"timing: {workers} workers of one core: {pictures_built} pictures, {seconds:.1f} s from start to end "
        f"({pictures_built / seconds:.1f} pictures/s), {in_tasks:.1f} s in tasks"
    )
