"""Rows of listings, as the program itself would read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stage_one.errors import InputError
from stage_one.listing_rows import Row, read_rows, sniffed


def rows(folder: Path, name: str, text: str | bytes, dialect: str = "sniffed") -> list[Row]:
    listing = folder / name
    listing.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read_rows(listing, dialect))


def test_header_names_the_columns(tmp_path: Path) -> None:
    found = rows(tmp_path, "list.csv", "label,Path,split\ncat,a.jpg,train\n")
    assert [(row.number, row.path) for row in found] == [(2, "a.jpg")]
    assert json.loads(found[0].line) == {"label": "cat", "path": "a.jpg", "split": "train"}


def test_without_a_header_the_first_two_columns_count(tmp_path: Path) -> None:
    found = rows(tmp_path, "list.csv", "a.jpg,cat,more\nb.jpg\n")
    assert [json.loads(row.line) for row in found] == [{"path": "a.jpg", "label": "cat"}, {"path": "b.jpg"}]
    assert [row.number for row in found] == [1, 2]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_sniffed(tmp_path: Path, delimiter: str) -> None:
    text = f'path{delimiter}label\n"a,;|b.jpg"{delimiter}cat\n'
    assert [row.path for row in rows(tmp_path, "list.csv", text)] == ["a,;|b.jpg"]


def test_sniffing_takes_what_most_lines_agree_on() -> None:
    assert sniffed(["path;label", "a,b.jpg;cat", "c.jpg;dog"]) == ";"
    assert sniffed(['"a,b.jpg";cat', '"c,d.jpg";dog']) == ";"
    assert sniffed(["only.jpg"]) == ","
    assert sniffed([]) == ","


def test_a_dialect_is_not_sniffed(tmp_path: Path) -> None:
    assert rows(tmp_path, "list.csv", "path;label\na.jpg;cat\n", "excel")[0].path == "path;label"
    assert rows(tmp_path, "list.tsv", "path\tlabel\na,b.jpg\tcat\n", "excel")[0].path == "a,b.jpg"


def test_quotes_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    text = b'\xef\xbb\xbfpath,label\r\n"a ""b"".jpg",cat\r\n"two\nlines.jpg",dog\r\n'
    assert [row.path for row in rows(tmp_path, "list.csv", text)] == ['a "b".jpg', "two\nlines.jpg"]
    assert all("\n" not in row.line for row in rows(tmp_path, "list.csv", text))


def test_objects_pass_as_they_are(tmp_path: Path) -> None:
    line = '{"label": 7, "file_name": "ä.jpg", "extra": [1, 2]}'
    assert rows(tmp_path, "list.jsonl", f"\n{line}\n") == [Row(2, "ä.jpg", line)]


def test_faults_have_numbers(tmp_path: Path) -> None:
    found = rows(tmp_path, "list.jsonl", '{"path": "a.jpg"}\nnonsense\n[1]\n{"label": "cat"}\n{"path": ""}\n')
    assert [(row.number, row.fault) for row in found[1:]] == [
        (2, "is no JSON object"),
        (3, "is no JSON object"),
        (4, "has no path"),
        (5, "has no path"),
    ]
    assert rows(tmp_path, "list.csv", "path,label\n,cat\n")[0].fault == "has no path"


def test_what_is_not_utf8_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"list\.csv: is not UTF-8\. Save it as UTF-8\."):
        rows(tmp_path, "list.csv", b"path\n\xff\xfe.jpg\n")
