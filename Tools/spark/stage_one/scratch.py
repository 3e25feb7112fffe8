"""A folder on a local disk to build in, where the output lies on a network file system."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from stage_one.errors import InputError

PREFIX = "finetuner-cache-spark-"


@contextlib.contextmanager
def scratch_folder(parent: str) -> Iterator[Path]:
    """A new folder in `parent`, which goes at the end; before it those go that killed tasks left on this machine."""
    try:
        _remove_abandoned(Path(parent))
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    except OSError as error:
        remedy = "Name a folder that every worker has on a local disk."
        raise InputError(f"--scratch {parent}", f"cannot be used: {error.strerror}", remedy) from None
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def copy_durably(store: Path, to: Path) -> None:
    """Copies a folder; it is on the disk when this returns."""
    shutil.copytree(store, to)
    for file in to.rglob("*"):
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        # A folder without a lock is being made, or is somebody else's.
        with contextlib.suppress(OSError), (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
