"""One run of `finetuner-cache build`: its command line, its outcome, its words."""

from __future__ import annotations

import json
import re
import signal
import socket
from pathlib import Path
from typing import Any

from stage_one import child_process
from stage_one.errors import BuildFailed, BuildInterrupted
from stage_one.listing_parts import ListingParts
from stage_one.output_folder import OutputFolder
from stage_one.program import Program, build_environment, network_words
from stage_one.task import SPLIT, Task

DONE, SKIPPED, ERROR, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 64, 130
WARNING = "warning: "
STREAMED_ROW = re.compile(r"standard input, row (\d+): ")


def check_options(program: Program, task: Task, folder: Path) -> None:
    """Raises `BuildFailed` with the program's words where it does not know the options.

    The program reads its options before it looks at its input, of which it is given none.
    """
    words = ["build", "-", *network_words(task), "--store", str(folder / "none.fcstore"), "--shard", "1/1"]
    code, _, messages = _run(program, words, task, folder, folder, None)
    if code == WRONG_USAGE:
        raise BuildFailed(messages.strip())


def build(program: Program, task: Task, number: int, folder: Path, store: Path) -> dict[str, Any]:
    """Builds a partition into `store`; returns what the program printed, with what it said besides as `refused` and
    `warnings`.
    """
    parts = ListingParts(OutputFolder(Path(task.output)).parts, task.partitions)
    is_split = task.division == SPLIT
    shard = "1/1" if is_split else f"{number}/{task.partitions}"
    words = ["build", "-" if is_split else task.source, *network_words(task)]
    words += ["--store", str(store), "--shard", shard, "--threads", str(task.threads), "--json"]
    # Relative paths in a stream begin at the working folder, and in a listing at the listing's.
    place = Path(task.source).parent if is_split else folder
    code, output, messages = _run(program, words, task, folder, place, parts.lines(number) if is_split else None)
    _require_done(code, messages)
    outcome: dict[str, Any] = json.loads(output)
    warnings = [line.removeprefix(WARNING) for line in messages.splitlines() if line.startswith(WARNING)]
    if is_split:
        warnings = _with_listing_rows(warnings, task.source, parts, number)
    outcome["refused"] = [text for text in warnings if text.startswith(task.source)]
    others = [text for text in warnings if not text.startswith(task.source)]
    outcome["warnings"] = [text.replace(str(store), "the shards") for text in others]
    return outcome


def merge(program: Program, task: Task, stores: list[str], folder: Path, into: Path) -> dict[str, Any]:
    """Merges stores, whose names are relative to the folder of shards; returns what the program printed."""
    words = ["merge", *stores, "--into", str(into), "--json"]
    code, output, messages = _run(program, words, task, folder, OutputFolder(Path(task.output)).shards, None)
    _require_done(code, messages)
    outcome: dict[str, Any] = json.loads(output)
    return outcome


def _run(
    program: Program, words: list[str], task: Task, folder: Path, place: Path, standard_input: Path | None
) -> tuple[int, str, str]:
    output, messages = folder / "build.json", folder / "build.log"
    code = child_process.run(
        [program.path, *words],
        environment=build_environment(task, folder),
        folder=place,
        output=output,
        messages=messages,
        standard_input=standard_input,
    )
    return code, output.read_text(encoding="utf-8"), messages.read_text(encoding="utf-8", errors="replace")


def _require_done(code: int, messages: str) -> None:
    host = socket.gethostname()
    if code < 0:
        name = signal.Signals(-code).name
        raise BuildInterrupted(f"finetuner-cache on {host} was ended by {name}{_last_words(messages)}")
    if code == INTERRUPTED:
        raise BuildInterrupted(f"finetuner-cache on {host} was interrupted")
    if code not in (DONE, SKIPPED):
        raise BuildFailed(f"finetuner-cache on {host} ended with {code}{_last_words(messages)}")


def _last_words(messages: str) -> str:
    """From the error on, without the notes before it."""
    lines = messages.strip().splitlines()
    errors = [index for index, line in enumerate(lines) if line.lower().startswith("error:")]
    first = errors[0] if errors else max(0, len(lines) - 5)
    return ":\n" + "\n".join(lines[first:]) if lines else ""


def _with_listing_rows(warnings: list[str], listing: str, parts: ListingParts, number: int) -> list[str]:
    numbers = parts.numbers(number)
    return [
        STREAMED_ROW.sub(lambda match: f"{listing}, row {numbers[int(match[1]) - 1]}: ", text, count=1)
        for text in warnings
    ]
