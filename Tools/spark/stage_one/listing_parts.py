"""A listing, split once into a part for every partition, so that no task reads rows that are not its own."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable
from pathlib import Path

from stage_one.errors import InputError
from stage_one.listing_rows import Row, read_rows
from stage_one.partitions import partition_name, partition_of

BUFFERED_BYTES = 16 << 20
REFUSED_FILE = "refused.json"


class ListingParts:
    """The folder of parts: for each partition its rows as JSON lines, and in which rows of the listing they stand."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.count = count

    def lines(self, number: int) -> Path:
        """The rows of a partition; there is no such file where it has none."""
        return self.folder / f"{partition_name(number, self.count)}.jsonl"

    def numbers(self, number: int) -> array[int]:
        """The number in the listing of each row of a partition."""
        numbers: array[int] = array("Q")
        numbers.frombytes(self._numbers_file(number).read_bytes())
        return numbers

    def refused(self) -> list[str]:
        """What of the listing was refused before anything was built."""
        texts: list[str] = json.loads((self.folder / REFUSED_FILE).read_text(encoding="utf-8"))
        return texts

    def write(self, listing: Path, dialect: str) -> None:
        """Splits the listing into this folder, which must be new. Memory does not grow with the listing."""
        self.folder.mkdir(parents=True)
        refused: list[str] = []
        if not self._write_rows(read_rows(listing, dialect), listing, refused):
            first = f": {refused[0]}" if refused else ""
            raise InputError(str(listing), f"lists no picture{first}", "List pictures by their paths.")
        (self.folder / REFUSED_FILE).write_text(json.dumps(refused, ensure_ascii=False), encoding="utf-8")

    def _write_rows(self, rows: Iterable[Row], listing: Path, refused: list[str]) -> bool:
        pending: dict[int, list[Row]] = {}
        size = 0
        found = False
        folder = str(listing.parent)
        for row in rows:
            if row.fault:
                refused.append(f"{listing}, row {row.number}: {row.fault}")
                continue
            found = True
            pending.setdefault(partition_of(row.path, folder, self.count), []).append(row)
            size += len(row.line)
            if size > BUFFERED_BYTES:
                self._flush(pending)
                size = 0
        self._flush(pending)
        return found

    def _flush(self, pending: dict[int, list[Row]]) -> None:
        for number, rows in pending.items():
            with self.lines(number).open("a", encoding="utf-8") as file:
                file.writelines(f"{row.line}\n" for row in rows)
            with self._numbers_file(number).open("ab") as numbers:
                array("Q", (row.number for row in rows)).tofile(numbers)
        pending.clear()

    def _numbers_file(self, number: int) -> Path:
        return self.folder / f"{partition_name(number, self.count)}.rows"
