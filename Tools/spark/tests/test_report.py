"""What is told of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stage_one.errors import InputError
from stage_one.output_folder import OutputFolder
from stage_one.report import LINE_KEYS, Report


def record(number: int, **more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        **dict.fromkeys(LINE_KEYS),
        "shard": number,
        "of": 3,
        "pictures": 10,
        "warnings": [],
        "spaces": {"s": "1"},
    }
    program = {"path": "/p", "version": "1", "sha256": "a"}
    return {**values, "host": "h", "program": program, "refused": [], "failed": [], **more}


def test_what_every_shard_refuses_is_told_once() -> None:
    refused = ["/data/link: is a symbolic link that leads outside the folder"]
    report = Report.of([record(1, refused=refused), record(2, refused=refused)], ["list, row 3: has no path"])
    assert report.refused == ["list, row 3: has no path", *refused]
    assert report.skipped == 2


def test_is_read_as_it_was_written(tmp_path: Path) -> None:
    failed = [{"path": "/b.jpg", "reason": "is damaged"}]
    report = Report.of([record(2, failed=failed), record(1)], ["row 3"])
    report.write(OutputFolder(tmp_path))
    assert Report.read(OutputFolder(tmp_path)) == report
    assert [line["shard"] for line in report.records] == [1, 2]


def test_many_failures_are_shortened() -> None:
    failed = [{"path": f"/{number:02}.jpg", "reason": "is damaged"} for number in range(12)]
    lines = Report.of([record(1, failed=failed)], []).skipped_lines()
    assert lines[0] == "/00.jpg: is damaged"
    assert len(lines) == 11 and lines[-1] == "… and 2 more in failures.jsonl"


def test_different_spaces_are_refused_before_the_merge() -> None:
    Report.of([record(1), record(2, spaces={})], []).require_one_space()
    with pytest.raises(InputError, match="shards 1 and 3: have features of different spaces"):
        Report.of([record(1), record(2, spaces={}), record(3, spaces={"s": "2"})], []).require_one_space()


def test_different_programs_of_one_version_are_told_apart() -> None:
    other = {"path": "/q", "version": "1", "sha256": "b"}
    assert Report.of([record(1), record(2)], []).notes() == []
    [note] = Report.of([record(1), record(2, program=other, host="i")], []).notes()
    assert "2 different programs" in note and "/p on h, /q on i" in note
