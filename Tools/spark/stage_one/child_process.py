"""Runs a program that ends with the process that runs it, however that ends."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stage_one.errors import BuildInterrupted

SECONDS_BETWEEN_LOOKS = 0.5
MOST_FILES = 65_536

# Its second read fails where this process has ended, be it by SIGKILL. It ends the whole group: the program may be a
# script or a container's starter with the real one as a child, which a signal on the parent's death would not reach.
WATCHDOG = 'read -r group && { read -r _ || kill -KILL "-$group"; } 2>/dev/null; true'


def run(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    output: Path,
    messages: Path,
    standard_input: Path | None = None,
) -> int:
    """Runs a program in `folder`, its output and messages going to files; returns its exit code, negative for a signal.

    Raises `BuildInterrupted`, with the program ended, where this process has lost its parent: Spark's daemon dies with
    its executor, and the work is then another's.
    """
    parent = os.getppid()
    _allow_many_files()
    with open(standard_input or os.devnull, "rb") as taken, output.open("wb") as out, messages.open("wb") as err:
        with _watchdog() as watchdog:
            process = subprocess.Popen(
                arguments,
                stdin=taken,
                stdout=out,
                stderr=err,
                cwd=folder,
                env=dict(environment),
                process_group=0,
            )
            try:
                _write(watchdog, f"{process.pid}\n")
                return _wait(process, parent)
            finally:
                _end(process)


def _wait(process: subprocess.Popen[bytes], parent: int) -> int:
    while True:
        try:
            return process.wait(timeout=SECONDS_BETWEEN_LOOKS)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                raise BuildInterrupted("the executor that this task ran for has ended") from None


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def _watchdog() -> Iterator[int]:
    """A pipe to a process that ends the group whose number it is told, unless this process outlives it."""
    reading, writing = os.pipe()
    try:
        watchdog = subprocess.Popen(
            ["/bin/sh", "-c", WATCHDOG], stdin=reading, stdout=subprocess.DEVNULL, process_group=0
        )
    finally:
        os.close(reading)
    try:
        yield writing
    finally:
        _write(writing, "done\ndone\n")
        os.close(writing)
        watchdog.wait()


def _write(pipe: int, text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(pipe, text.encode())


def _allow_many_files() -> None:
    # A merge holds a file of every shard open.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(MOST_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
