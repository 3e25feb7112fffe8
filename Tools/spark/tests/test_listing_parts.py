"""A listing and its parts have the same rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from stage_one import listing_parts
from stage_one.errors import InputError
from stage_one.listing_parts import ListingParts
from stage_one.partitions import partition_of


def listing(folder: Path, count: int) -> Path:
    path = folder / "list.csv"
    path.write_text("path,label\n" + "".join(f"{number}.jpg,{number % 3}\n" for number in range(count)))
    return path


def test_every_row_is_in_its_part_with_its_number(tmp_path: Path) -> None:
    parts = ListingParts(tmp_path / "parts", 5)
    parts.write(listing(tmp_path, 200), "sniffed")
    seen = []
    for number in range(1, 6):
        lines = parts.lines(number).read_text().splitlines()
        assert len(parts.numbers(number)) == len(lines)
        for line, row in zip(lines, parts.numbers(number), strict=True):
            assert f'"{row - 2}.jpg"' in line
            assert partition_of(f"{row - 2}.jpg", str(tmp_path), 5) == number
            seen.append(row)
    assert sorted(seen) == list(range(2, 202))


def test_what_is_written_piece_by_piece_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = listing(tmp_path, 200)
    whole, pieces = ListingParts(tmp_path / "whole", 3), ListingParts(tmp_path / "pieces", 3)
    whole.write(source, "sniffed")
    monkeypatch.setattr(listing_parts, "BUFFERED_BYTES", 100)
    pieces.write(source, "sniffed")
    for number in range(1, 4):
        assert pieces.lines(number).read_bytes() == whole.lines(number).read_bytes()
        assert pieces.numbers(number) == whole.numbers(number)


def test_a_part_without_rows_has_no_file(tmp_path: Path) -> None:
    parts = ListingParts(tmp_path / "parts", 100)
    parts.write(listing(tmp_path, 3), "sniffed")
    assert sum(parts.lines(number).exists() for number in range(1, 101)) <= 3


def test_refused_rows_are_told_by_number(tmp_path: Path) -> None:
    source = tmp_path / "list.jsonl"
    source.write_text('{"path": "a.jpg"}\nnonsense\n')
    parts = ListingParts(tmp_path / "parts", 2)
    parts.write(source, "sniffed")
    assert parts.refused() == [f"{source}, row 2: is no JSON object"]


def test_a_listing_without_pictures_is_an_error(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text("path,label\n")
    with pytest.raises(InputError, match="lists no picture"):
        ListingParts(tmp_path / "parts", 2).write(source, "sniffed")
