"""The folder that a run writes, on a file system that the driver and all workers share.

    manifest.json           what the run was begun with
    lock                    held by the driver
    parts/                  the rows of each partition, where a listing was split
    attempts/               what tasks are at work on; of no worth to anybody else
    shards/00003-of-00008/  a complete shard: features.fcstore, shard.json, build.log
    failed/                 why a shard could not be built
    shards.jsonl            a line a shard
    failures.jsonl          a line for every picture that was skipped
    features.fcstore        the merged store

What is complete came to its place by renaming a folder, which happens as a whole or not at all, and is never
overwritten.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import socket
import time
import uuid
from pathlib import Path
from typing import Any

from stage_one.errors import InputError
from stage_one.partitions import partition_name

STORE_NAME = "features.fcstore"
RECORD_NAME = "shard.json"
DISCARDED = ".discarded-"


class OutputFolder:
    """Where things are in the folder, and how they come there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_new = False
        self.manifest = path / "manifest.json"
        self.lock = path / "lock"
        self.parts = path / "parts"
        self.attempts = path / "attempts"
        self.shards = path / "shards"
        self.failed = path / "failed"
        self.shard_lines = path / "shards.jsonl"
        self.failure_lines = path / "failures.jsonl"

    def shard(self, number: int, count: int) -> Path:
        """The folder of a complete shard."""
        return self.shards / partition_name(number, count)

    def record(self, number: int, count: int) -> dict[str, Any] | None:
        """What a complete shard says of itself; None where there is none."""
        try:
            text = (self.shard(number, count) / RECORD_NAME).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        record: dict[str, Any] = json.loads(text)
        found = segment_bytes(self.shard(number, count) / STORE_NAME)
        if found != record["bytes"]:
            raise InputError(
                str(self.shard(number, count)),
                f"is damaged: its segments have {found} bytes, and had {record['bytes']}",
                "Remove that folder and run again: that shard alone is computed anew.",
            )
        return record

    def new_attempt(self, purpose: str) -> Path:
        """A folder whose name no other attempt has, on any machine."""
        folder = self.attempts / f"{purpose}.{socket.gethostname()}.{uuid.uuid4().hex}"
        folder.mkdir(parents=True)
        return folder

    def remove_unbegun(self) -> None:
        """Removes what a run made that did not begin."""
        self.lock.unlink(missing_ok=True)
        if self.is_new:
            with contextlib.suppress(OSError):
                self.path.rmdir()

    def clear_attempts(self) -> int:
        """Removes what attempts left that came to no end; returns how many there were.

        They lose their place first: a task of an earlier driver that still runs cannot publish what is half removed.
        """
        left = len(list(self.attempts.iterdir())) if self.attempts.is_dir() else 0
        for folder in (self.attempts, self.failed):
            if folder.exists():
                folder.rename(self.path / f"{DISCARDED}{uuid.uuid4().hex}")
        for folder in self.path.glob(f"{DISCARDED}*"):
            shutil.rmtree(folder, ignore_errors=True)
        return left


def segment_bytes(store: Path) -> int:
    """The bytes of a store's features: what no reader changes."""
    return sum(segment.stat().st_size for segment in store.glob("segments/*"))


def publish(attempt: Path, place: Path) -> bool:
    """Moves a complete folder to its place; false, and nothing is moved, where another attempt's is there already."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        attempt.rename(place)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    _synchronize(place.parent)
    return True


def write_atomically(path: Path, text: str) -> None:
    """Writes a file that is there as a whole or not at all, on the disk when this returns."""
    arriving = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with arriving.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        arriving.rename(path)
    finally:
        arriving.unlink(missing_ok=True)
    _synchronize(path.parent)


def _synchronize(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class OutputLock:
    """The one driver's hold on an output folder, of which the system lets go when the driver ends, however it ends."""

    def __init__(self, folder: OutputFolder) -> None:
        self._descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._descriptor, 512, 0).decode("utf-8", "replace").strip()
            os.close(self._descriptor)
            raise _refusal(folder, error, holder) from None
        if not _is_in_place(self._descriptor, folder.lock):
            os.close(self._descriptor)
            raise _refusal(folder, BlockingIOError(errno.EWOULDBLOCK, "is gone"), "")
        note = f"process {os.getpid()} on {socket.gethostname()} since {time.strftime('%Y-%m-%dT%H:%M:%S%z')}\n"
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, note.encode("utf-8"), 0)

    def release(self) -> None:
        """Lets another driver go on."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def _is_in_place(descriptor: int, path: Path) -> bool:
    # A driver that refused its arguments may have removed the file between its opening here and its locking.
    return path.exists() and os.path.samestat(os.fstat(descriptor), path.stat())


def _refusal(folder: OutputFolder, error: OSError, holder: str) -> InputError:
    if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
        return InputError(
            str(folder.path),
            f"is being written by {holder or 'another driver'}",
            "Wait until that is done, or stop it, or name another --output.",
        )
    return InputError(
        str(folder.lock),
        f"cannot be locked: {error.strerror}",
        "The file system has to support locks (Lustre: mount it with -o flock).",
    )
