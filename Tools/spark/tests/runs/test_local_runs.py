"""Runs on one machine: what they make, what they refuse, how they go on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.runs.pictures import some_of
from tests.runs.processes import builds_below, command_line, descendants, is_running
from tests.runs.spark_job import (
    DEADLINE,
    MODEL,
    SCRIPT,
    Outcome,
    assert_same,
    run_program,
    shard_lines,
    spark_environment,
    start,
    submit,
    wait_until,
)

LOCAL = "local[2]"


def words(source: Path, output: Path, program: str, *options: str, partitions: int = 4) -> list[str]:
    given = [str(source), "--output", str(output), "--partitions", str(partitions), "--program", program]
    return [*given, "--", *MODEL, *options]


def own_messages(outcome: Outcome) -> list[str]:
    """The messages without Spark's own, which come before its log level can be set."""
    starts = ("error:", "warning:", "removed", "interrupted")
    return [line for line in outcome.text.splitlines() if line.startswith(starts)]


def states(output: Path) -> dict[str, int]:
    return {path.parent.name: path.stat().st_mtime_ns for path in output.glob("shards/*/shard.json")}


def test_folder_is_the_same_and_a_second_run_computes_nothing(
    program: str, few: Path, few_built: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    first = submit(LOCAL, words(few, output, program))
    assert first.code == 0, first
    assert "48 pictures in 4 shards (4 computed, 0 kept), 0 skipped" in first.text
    assert_same(program, few_built, output / "features.fcstore")
    before = states(output)
    second = submit(LOCAL, words(few, output, program))
    assert second.code == 0 and "(0 computed, 4 kept)" in second.text, second
    assert states(output) == before and len(before) == 4
    assert not (output / "attempts").exists()
    # What came to the folder later is not silently left out.
    (few / "later").mkdir()
    try:
        third = submit(LOCAL, ["--resume", "--output", str(output)])
    finally:
        (few / "later").rmdir()
    assert third.code == 0
    assert [line for line in own_messages(third) if f"{few} has changed since the run began" in line]


def broken_listing(pictures: Path, folder: Path) -> Path:
    """A table with labels, splits, paths of all kinds, two broken pictures, and rows that name none."""
    (folder / "sub").mkdir(parents=True)
    rows = ["path;label;split"]
    for number, picture in enumerate(some_of(pictures, 30)):
        name = f"sub/{number} ä,b.png" if number % 3 else f"{number}.png"
        shutil.copy(picture, folder / name)
        shown = folder / name if number % 5 == 0 else f"./{name}" if number % 5 == 1 else name
        rows.append(f'"{shown}";{picture.parent.name};{"train" if number % 2 else "test"}')
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    rows += ["broken.png;cat;train", "missing.png;cat;train", ";cat;train", "../outside.png;cat;", "nowhere/a.png;cat;"]
    # Said before with another label.
    rows.append("0.png;another label;")
    listing = folder / "list.csv"
    listing.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return listing


def test_listing_with_broken_pictures_is_the_same_and_tells_each_once(
    program: str, pictures: Path, tmp_path: Path
) -> None:
    listing = broken_listing(pictures, tmp_path / "data")
    single = tmp_path / "single.fcstore"
    alone = run_program(program, "build", str(listing), "--store", str(single), *MODEL)
    assert alone.code == 1
    output = tmp_path / "out"
    outcome = submit(LOCAL, words(listing, output, program, partitions=7))
    assert outcome.code == 1, outcome
    assert_same(program, single, output / "features.fcstore")
    told = own_messages(outcome)
    assert sorted(line for line in told if "row " in line) == sorted(
        line for line in alone.text.splitlines() if "row " in line
    )
    for name in ("broken.png", "missing.png"):
        assert len([line for line in told if f"/{name}: " in line]) == 1
    failures = [json.loads(line) for line in (output / "failures.jsonl").read_text().splitlines()]
    assert len(failures) == 6 and len({failure["reason"] for failure in failures}) == 6
    assert [failure["path"] for failure in failures if "path" in failure] == [
        str(listing.parent / name) for name in ("broken.png", "missing.png")
    ]
    assert sum(line["failures"] for line in shard_lines(output)) == 2
    again = submit(LOCAL, words(listing, output, program, "--allow-skips", partitions=7))
    assert again.code == 0 and "6 skipped" in again.text
    assert own_messages(again) == told


def test_objects_and_one_more_partition_than_pictures(program: str, few: Path, tmp_path: Path) -> None:
    listing = tmp_path / "list.jsonl"
    chosen = sorted(few.glob("*/*"))[:3]
    listing.write_text("".join(json.dumps({"file_name": str(path), "label": 7}) + "\n" for path in chosen))
    single = tmp_path / "single.fcstore"
    assert run_program(program, "build", str(listing), "--store", str(single), *MODEL).code == 0
    output = tmp_path / "out"
    given = ["--threads", "2", *words(listing, output, program, partitions=4)]
    (tmp_path / "scratch").mkdir()
    outcome = submit(LOCAL, ["--scratch", str(tmp_path / "scratch"), *given])
    assert outcome.code == 0, outcome
    assert_same(program, single, output / "features.fcstore")
    assert list((tmp_path / "scratch").iterdir()) == []
    assert sum(1 for line in shard_lines(output) if line["pictures"] == 0) >= 1


def test_goes_on_after_the_driver_was_killed(
    program: str, few: Path, few_built: Path, tmp_path: Path, wrapper: Callable[[str], str]
) -> None:
    slow = wrapper('case " $* " in *" 4/4 "*) counted four && sleep 120;; esac')
    output = tmp_path / "out"
    job = start(LOCAL, words(few, output, slow))
    wait_until(lambda: len(states(output)) == 3, "three shards", job)
    wait_until(lambda: bool(builds_below(job.process.pid)), "the build of the fourth", job)
    started = [job.process.pid, *descendants(job.process.pid)]
    builds = builds_below(job.process.pid)
    [driver] = [process for process in started if command_line(process)[1:2] == [str(SCRIPT)]]
    os.kill(driver, signal.SIGKILL)
    job.process.kill()
    job.outcome()
    wait_until(lambda: not any(is_running(process) for process in builds), "the end of the build")
    before = states(output)
    assert len(before) == 3 and list((output / "attempts").iterdir())
    outcome = submit(LOCAL, ["--resume", "--output", str(output)])
    assert outcome.code == 0, outcome
    assert "(1 computed, 3 kept)" in outcome.text
    assert "removed 1 unfinished attempt of an earlier run" in outcome.text
    assert {name: states(output)[name] for name in before} == before
    assert_same(program, few_built, output / "features.fcstore")
    assert not (output / "attempts").exists() and not list(output.glob(".*"))


def test_is_interrupted_by_sigterm_and_goes_on(
    program: str, few: Path, tmp_path: Path, wrapper: Callable[[str], str]
) -> None:
    slow = wrapper('case " $* " in *" 4/4 "*) counted four && sleep 120;; esac')
    output = tmp_path / "out"
    command = [sys.executable, str(SCRIPT), *words(few, output, slow)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=spark_environment()) as driver:
        wait_until(lambda: len(states(output)) == 3, "three shards")
        wait_until(lambda: bool(builds_below(driver.pid)), "the build of the fourth")
        builds = builds_below(driver.pid)
        driver.terminate()
        _, messages = driver.communicate(timeout=DEADLINE)
    assert driver.returncode == 130 and "interrupted; the same command goes on from here" in messages
    wait_until(lambda: not any(is_running(process) for process in builds), "the end of the build")
    assert len(states(output)) == 3 and not (output / "features.fcstore").exists()
    outcome = submit(LOCAL, words(few, output, slow))
    assert outcome.code == 0 and "(1 computed, 3 kept)" in outcome.text, outcome


def test_a_bad_option_is_refused_once_in_the_words_of_the_build(program: str, few: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    outcome = submit(LOCAL, words(few, output, program, "--dtipe", "u8"))
    assert outcome.code == 2
    assert outcome.text.count("Unknown option '--dtipe'") == 1
    assert outcome.text.count("Usage: finetuner-cache build") == 1
    assert not output.exists()


def test_a_run_whose_listing_cannot_be_read_has_not_begun(program: str, few: Path, tmp_path: Path) -> None:
    listing = tmp_path / "list.csv"
    listing.write_bytes(b"path\n\xff.jpg\n")
    outcome = submit(LOCAL, words(listing, tmp_path / "out", program))
    assert outcome.code == 2 and f"error: {listing}: is not UTF-8. Save it as UTF-8." in outcome.text, outcome
    assert not (tmp_path / "out").exists()


def test_a_build_that_fails_fails_the_run_with_its_words_once(program: str, pictures: Path, tmp_path: Path) -> None:
    listing = broken_listing(pictures, tmp_path / "data")
    output = tmp_path / "out"
    outcome = submit("local[2,3]", words(listing, output, program, "--on-error", "fail"))
    assert outcome.code == 2, outcome
    errors = [line for line in outcome.text.splitlines() if line.startswith("error:")]
    assert len([line for line in errors if "broken.png" in line or "missing.png" in line]) == 1, outcome
    assert not (output / "features.fcstore").exists() and not (output / "attempts").exists()


def test_a_build_that_crashes_is_tried_again(
    program: str, few: Path, few_built: Path, tmp_path: Path, wrapper: Callable[[str], str]
) -> None:
    crashing = wrapper('case " $* " in *" 2/4 "*) counted two && kill -SEGV $$;; esac')
    output = tmp_path / "out"
    outcome = submit("local[2,3]", words(few, output, crashing))
    assert outcome.code == 0, outcome
    assert [line["attempt"] for line in shard_lines(output)] == [0, 1, 0, 0]
    assert_same(program, few_built, output / "features.fcstore")


def test_a_build_that_crashes_always_is_named(few: Path, tmp_path: Path, wrapper: Callable[[str], str]) -> None:
    crashing = wrapper('case " $* " in *" 2/4 "*) kill -SEGV $$;; esac')
    outcome = submit("local[2,2]", words(few, tmp_path / "out", crashing))
    assert outcome.code == 2
    [error] = [line for line in outcome.text.splitlines() if line.startswith("error:")]
    assert "00002-of-00004: finetuner-cache on " in error and "was ended by SIGSEGV" in error


def test_a_worker_with_another_version_is_told_apart(few: Path, tmp_path: Path, wrapper: Callable[[str], str]) -> None:
    other = wrapper('[ "$1" != --version ] || counted first || { echo 9.9.9; exit; }')
    outcome = submit(LOCAL, words(few, tmp_path / "out", other))
    assert outcome.code == 2
    assert "is version 9.9.9, and the run was begun with " in outcome.text, outcome


def test_what_does_not_fit_is_refused_before_spark_starts(program: str, few: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    assert submit(LOCAL, words(few, output, program)).code == 0
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*") if path.name != "lock"}
    cases = {
        "--partitions: 4, now 5": words(few, output, program, partitions=5),
        "--dtype u8": words(few, output, program, "--dtype", "u8"),
        "the input: ": words(few.parent, output, program),
        "--store after --: cannot be given": words(few, output, program, "--store", "x"),
        "has other files in it": words(few, few, program),
        "is not there": words(tmp_path / "none", output, program),
        "is no listing": words(Path(__file__), output, program),
        "has no run to go on with": ["--resume", "--output", str(tmp_path / "none")],
        "the model: is not named": words(few, output, program)[:-3],
        "--partitions: is missing": [str(few), "--output", str(output), "--", *MODEL],
        "'0' is no number from 1 to 10000": words(few, output, program, partitions=0),
    }
    for fact, given in cases.items():
        command = [sys.executable, str(SCRIPT), *given]
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)
        assert done.returncode == 2 and fact in done.stderr, (fact, done)
        assert done.stderr.count("error:") == 1 and "WARN" not in done.stderr, done.stderr
    assert {path: path.stat().st_mtime_ns for path in output.rglob("*") if path.name != "lock"} == before


def test_threads_have_to_agree_with_the_cores_of_a_task(program: str, few: Path, tmp_path: Path) -> None:
    outcome = submit(LOCAL, ["--threads", "2", *words(few, tmp_path / "out", program)], {"spark.task.cpus": "1"})
    assert outcome.code == 2 and "--threads 2: is not spark.task.cpus, which is 1" in outcome.text, outcome
    assert not (tmp_path / "out").exists()
