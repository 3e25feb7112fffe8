"""What is told of a run: a line a shard, a line a skipped picture, and a summary."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stage_one.errors import InputError
from stage_one.output_folder import OutputFolder, write_atomically

SHOWN_FAILURES = 10

Record = dict[str, Any]

LINE_KEYS = (
    "shard",
    "of",
    "pictures",
    "failures",
    "seconds",
    "bytes",
    "host",
    "attempt",
    "finished",
    "program",
    "spaces",
    "warnings",
)


@dataclass(frozen=True)
class Report:
    """A record a shard, in their order, and what was skipped: entries that were refused, and pictures that failed."""

    records: Sequence[Record]
    refused: Sequence[str]
    failed: Sequence[Record]

    @classmethod
    def of(cls, records: Iterable[Record], refused: Sequence[str]) -> Report:
        """From what shards say of themselves, and what was refused before there were any."""
        ordered = sorted(records, key=lambda record: int(record["shard"]))
        # Every task that walks the whole input refuses the same.
        every = (text for record in ordered for text in record["refused"])
        failed = (failure for record in ordered for failure in record["failed"])
        lines = [{key: record[key] for key in LINE_KEYS} for record in ordered]
        ordered_failed = sorted(failed, key=lambda failure: str(failure["path"]))
        return cls(lines, list(dict.fromkeys([*refused, *every])), ordered_failed)

    @classmethod
    def read(cls, output: OutputFolder) -> Report:
        """As `write` wrote it."""
        lines = _read_lines(output.failure_lines)
        refused = [str(line["reason"]) for line in lines if "path" not in line]
        return cls(_read_lines(output.shard_lines), refused, [line for line in lines if "path" in line])

    @property
    def skipped(self) -> int:
        """Pictures that failed and entries that were refused."""
        return len(self.failed) + len(self.refused)

    @property
    def pictures(self) -> int:
        """Pictures that the shards list, those that failed too."""
        return sum(record["pictures"] for record in self.records)

    def require_one_space(self) -> None:
        """Raises `InputError` where the shards' features cannot be merged into one store."""
        known: Record | None = None
        for record in self.records:
            if not record["spaces"]:
                continue
            known = known or record
            if record["spaces"] != known["spaces"]:
                raise InputError(
                    f"shards {known['shard']} and {record['shard']}",
                    f"have features of different spaces: {_spaces(known)}, {_spaces(record)}",
                    "The workers have different weights or files: give --weights and --ship, and another --output.",
                )

    def notes(self) -> list[str]:
        """What a person should know that did not keep the run from its end."""
        warnings = [text for record in self.records for text in record["warnings"]]
        programs = {record["program"]["sha256"]: record for record in self.records}
        if len(programs) > 1:
            places = sorted(f"{record['program']['path']} on {record['host']}" for record in programs.values())
            warnings.append(
                f"the workers have {len(programs)} different programs that say the same version "
                f"({', '.join(places)}): give --ship to run one"
            )
        return list(dict.fromkeys(warnings))

    def write(self, output: OutputFolder) -> None:
        """Writes `shards.jsonl` and `failures.jsonl`."""
        write_atomically(output.shard_lines, _json_lines(self.records))
        refused = [{"reason": text} for text in self.refused]
        write_atomically(output.failure_lines, _json_lines([*refused, *self.failed]))

    def skipped_lines(self) -> list[str]:
        """The first of what was skipped, in words, each once."""
        lines = [*self.refused, *(f"{failure['path']}: {failure['reason']}" for failure in self.failed)]
        more = len(lines) - SHOWN_FAILURES
        return lines[:SHOWN_FAILURES] + ([f"… and {more} more in failures.jsonl"] if more > 0 else [])

    def summary(self, computed: int, store: str) -> str:
        """One line."""
        kept = len(self.records) - computed
        return (
            f"{self.pictures} pictures in {len(self.records)} shards ({computed} computed, {kept} kept), "
            f"{self.skipped} skipped; {store}"
        )


def _json_lines(values: Iterable[Record]) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def _read_lines(path: Path) -> list[Record]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise InputError(str(path), f"cannot be read: {error}", "Name another --output.") from None


def _spaces(record: Record) -> str:
    return ", ".join(f"{name} ({fingerprint[:12]})" for name, fingerprint in record["spaces"].items())
