"""The program on the machine of a task: where it is, which one it is, how it is run."""

from __future__ import annotations

import functools
import os
import shutil
import socket
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pyspark import SparkFiles

from stage_one.build_options import PREFIX, digest
from stage_one.errors import InputError
from stage_one.task import Task

SECONDS_FOR_VERSION = 120


@dataclass(frozen=True)
class Program:
    """An executable file with its version and its SHA-256: two builds may say the same version."""

    path: str
    version: str
    sha256: str

    @classmethod
    def found(cls, name: str) -> Program:
        """The program of a name on this machine. Raises `InputError` where it is not there or does not run."""
        path = found_file(name) or shutil.which(name)
        if path is None:
            raise InputError(
                name,
                f"is not on {socket.gethostname()}: neither sent with the job, nor in the working folder, nor on PATH",
                "Give --program PATH with a path that every worker has, or --ship.",
            )
        _make_executable(path)
        return cls(path, _version(path), _digest(path, os.stat(path).st_mtime_ns))

    def require_version(self, version: str) -> None:
        """Raises `InputError` where another version was begun with."""
        if version and self.version != version:
            raise InputError(
                f"{self.path} on {socket.gethostname()}",
                f"is version {self.version}, and the run was begun with {version}",
                "Install the same version on all workers, or give --ship.",
            )


def found_file(name: str) -> str | None:
    """The real path of a file by its path, or by the name by which it came with the job; None where there is none."""
    places = [name] if os.path.isabs(name) else [SparkFiles.get(name), os.path.abspath(name)]
    return next((os.path.realpath(place) for place in places if os.path.isfile(place)), None)


def required_file(name: str, option: str) -> str:
    """As `found_file`. Raises `InputError` where there is none."""
    path = found_file(name)
    if path is None:
        raise InputError(
            f"{option} {name}",
            f"is not on {socket.gethostname()}",
            "Give a path that every worker has, or --ship.",
        )
    return path


def build_environment(task: Task, folder: Path) -> dict[str, str]:
    """This machine's environment, but with the driver's variables that stand for options instead of its own.

    Weights of a model that came with the job are put where the program looks for them: into a cache in `folder`.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment.pop("FINETUNER_CACHE_STORE", None)
    environment.update(task.variables)
    if task.model_weights:
        home = folder / "home"
        (home / "weights").mkdir(parents=True, exist_ok=True)
        link = home / "weights" / task.model_weights
        if not link.exists():
            link.symlink_to(required_file(task.model_weights, "the file"))
        environment["FINETUNER_CACHE_HOME"] = str(home)
    return environment


def network_words(task: Task) -> list[str]:
    """The options that say which network is run, and how."""
    weights = ["--weights", required_file(task.weights, "--weights")] if task.weights else []
    return [*task.options, *weights]


def _make_executable(path: str) -> None:
    mode = os.stat(path).st_mode
    if not os.access(path, os.X_OK):
        os.chmod(path, mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def _version(path: str) -> str:
    try:
        outcome = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=SECONDS_FOR_VERSION, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unusable(path, str(error)) from None
    if outcome.returncode != 0:
        raise _unusable(path, outcome.stderr.strip() or f"exit code {outcome.returncode}")
    return outcome.stdout.strip()


def _unusable(path: str, reason: str) -> InputError:
    return InputError(
        f"{path} on {socket.gethostname()}",
        f"does not run: {reason}",
        "Install the packages in Tools/runtime-packages.txt there, or a program that was built for that system.",
    )


@functools.lru_cache(maxsize=4)
def _digest(path: str, _modified: int) -> str:
    return digest(Path(path))
