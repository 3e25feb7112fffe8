"""Looks at running processes."""

from __future__ import annotations

from pathlib import Path


def is_running(process: int) -> bool:
    """Whether there is such a process that has not ended."""
    return bool(_status(process)) and _status(process)[0] != "Z"


def command_line(process: int) -> list[str]:
    """The words a process was begun with; empty where it is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
    except OSError:
        return []


def descendants(ancestor: int) -> list[int]:
    """The children of a process, and theirs."""
    parents = {int(entry.name): _status(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    found = [ancestor]
    for process in found:
        found += [child for child, status in parents.items() if status and int(status[1]) == process]
    return found[1:]


def builds_below(ancestor: int) -> list[int]:
    """The descendants that are builds of shards; a script that is to become one has its own name before the word."""
    return [process for process in descendants(ancestor) if "build" in command_line(process)[1:3]]


def _status(process: int) -> list[str]:
    """The state, the parent and more of a process."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
