"""Folders on a worker's local disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from stage_one.errors import InputError
from stage_one.scratch import PREFIX, copy_durably, scratch_folder


def test_goes_at_the_end_and_takes_abandoned_ones_along(tmp_path: Path) -> None:
    abandoned = tmp_path / f"{PREFIX}of-a-killed-task"
    abandoned.mkdir()
    (abandoned / "lock").touch()
    foreign = tmp_path / "something"
    foreign.mkdir()
    with scratch_folder(str(tmp_path)) as first:
        assert not abandoned.exists()
        with scratch_folder(str(tmp_path)) as second:
            assert first.exists() and second.exists() and first != second
    assert list(tmp_path.iterdir()) == [foreign]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match=f"--scratch {tmp_path}/none: cannot be used"),
        scratch_folder(f"{tmp_path}/none"),
    ):
        pass


def test_copies_everything(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(b"123")
    copy_durably(tmp_path / "a", tmp_path / "copy")
    assert (tmp_path / "copy" / "b" / "c").read_bytes() == b"123"
