"""What is complete is whole, is never overwritten, and has one driver."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stage_one.errors import InputError
from stage_one.output_folder import OutputFolder, OutputLock, publish, write_atomically


def test_the_first_attempt_is_kept(tmp_path: Path) -> None:
    folder = OutputFolder(tmp_path)
    first, second = folder.new_attempt("00001-of-00002"), folder.new_attempt("00001-of-00002")
    (first / "shard.json").write_text("first")
    (second / "shard.json").write_text("second")
    assert publish(first, folder.shard(1, 2))
    assert not publish(second, folder.shard(1, 2))
    assert (folder.shard(1, 2) / "shard.json").read_text() == "first"
    assert second.exists()


def test_attempts_that_came_to_no_end_go(tmp_path: Path) -> None:
    folder = OutputFolder(tmp_path)
    left = folder.new_attempt("00001-of-00002")
    (left / "features.fcstore").mkdir()
    (tmp_path / ".discarded-of-a-killed-driver").mkdir()
    assert folder.clear_attempts() == 1
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        publish(left, folder.shard(1, 2))
    assert folder.clear_attempts() == 0


def test_a_shard_that_lost_bytes_is_named(tmp_path: Path) -> None:
    folder = OutputFolder(tmp_path)
    shard = folder.shard(1, 2)
    segment = shard / "features.fcstore" / "segments" / "000001.seg"
    segment.parent.mkdir(parents=True)
    segment.write_bytes(b"1234")
    (shard / "shard.json").write_text(json.dumps({"bytes": 4}))
    assert folder.record(1, 2) == {"bytes": 4}
    assert folder.record(2, 2) is None
    segment.write_bytes(b"123")
    with pytest.raises(InputError, match="00001-of-00002: is damaged: its segments have 3 bytes, and had 4"):
        folder.record(1, 2)


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.json", "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(tmp_path / "a.json", "new \udcff")
    assert (tmp_path / "a.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_second_driver_is_refused_by_name(tmp_path: Path) -> None:
    folder = OutputFolder(tmp_path)
    code = "import sys\nfrom pathlib import Path\nfrom stage_one.output_folder import *\n"
    code += "lock = OutputLock(OutputFolder(Path(sys.argv[1])))\nprint('held', flush=True)\nsys.stdin.read()\n"
    package = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=package) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(InputError, match=f"is being written by process {other.pid} on "):
            OutputLock(folder)
        other.kill()
    OutputLock(folder).release()
    assert folder.lock.read_text() == ""


def test_a_lock_whose_file_was_removed_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = OutputFolder(tmp_path)
    flock = OutputLock.__init__.__globals__["fcntl"].flock

    def removed_meanwhile(descriptor: int, operation: int) -> None:
        folder.lock.unlink()
        flock(descriptor, operation)

    monkeypatch.setattr("stage_one.output_folder.fcntl.flock", removed_meanwhile)
    with pytest.raises(InputError, match="is being written by another driver"):
        OutputLock(folder)
