"""The rows of a listing as JSON objects, a line each, in which `finetuner-cache build -` takes them."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from stage_one.errors import InputError

EXTENSIONS = (".csv", ".tsv", ".jsonl")
PATH_COLUMNS = ("path", "file_name", "uri", "image")
DELIMITERS = ",;\t|"
LINES_TO_SNIFF = 20
LONGEST_FIELD = 1 << 30


class Row(NamedTuple):
    """A row with its number, from 1 and a header counted; where it names no picture, the fault says why."""

    number: int
    path: str = ""
    line: str = ""
    fault: str = ""


def read_rows(listing: Path, dialect: str) -> Iterator[Row]:
    """The rows of a .csv, .tsv or .jsonl file in its order; `dialect` as in `build --csv-dialect`."""
    try:
        with listing.open(encoding="utf-8-sig", newline="") as file:
            if listing.suffix.lower() == ".jsonl":
                yield from _objects(file)
            else:
                yield from _records(file, _delimiter(listing, dialect))
    except UnicodeDecodeError:
        raise InputError(str(listing), "is not UTF-8", "Save it as UTF-8.") from None
    except csv.Error as error:
        raise InputError(str(listing), f"is no table of text: {error}", "Write it as RFC 4180 says.") from None


def _objects(file: TextIO) -> Iterator[Row]:
    for number, text in enumerate(file, 1):
        line = text.strip()
        if not line:
            continue
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            yield Row(number, fault="is no JSON object")
            continue
        path = _path({str(name).lower(): member for name, member in reversed(value.items())})
        yield Row(number, path, line) if path else Row(number, fault="has no path")


def _records(file: TextIO, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_FIELD)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    names: list[str] = []
    for number, record in enumerate(csv.reader(file, delimiter=delimiter), 1):
        if not names:
            lowered = [name.lower() for name in record]
            has_header = any(name in PATH_COLUMNS for name in lowered)
            names = lowered if has_header else ["path", "label"]
            if has_header:
                continue
        if not any(record):
            continue
        # Of columns with the same name the first counts.
        columns = dict(reversed(list(zip(names, record, strict=False))))
        path = _path(columns)
        if path:
            yield Row(number, path, encode(columns))
        else:
            yield Row(number, fault="has no path")


def _path(columns: dict[str, Any]) -> str:
    for name in PATH_COLUMNS:
        value = columns.get(name)
        if value and isinstance(value, (str, int, float)):
            return str(value)
    return ""


def _delimiter(listing: Path, dialect: str) -> str:
    if listing.suffix.lower() == ".tsv" or dialect == "excel-tab":
        return "\t"
    if dialect in ("excel", "unix"):
        return ","
    with listing.open(encoding="utf-8-sig") as file:
        return sniffed(list(itertools.islice((line for line in file if line.strip()), LINES_TO_SNIFF)))


def sniffed(lines: list[str]) -> str:
    """What separates the fields: the first candidate that most lines have as often as the first line has."""
    best, agreeing = ",", 0
    for candidate in DELIMITERS:
        counts = [_count_unquoted(candidate, line) for line in lines]
        alike = counts.count(counts[0]) if counts and counts[0] else 0
        if alike > agreeing:
            best, agreeing = candidate, alike
    return best


def _count_unquoted(delimiter: str, line: str) -> int:
    return sum(piece.count(delimiter) for piece in line.split('"')[::2])
