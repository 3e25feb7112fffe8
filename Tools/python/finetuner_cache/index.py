"""The index: one consistent snapshot of its tables, read in one transaction and closed again."""

import contextlib
import os
import sqlite3
import struct
import urllib.parse
from typing import Any, Dict, Iterator, List, Sequence, Tuple

import numpy

from .checksums import crc32c_many
from .errors import StoreError

APPLICATION_ID = 0x46435354  # "FCST"
VERSION = 3
TABLES = {
    "meta": "key value",
    "spaces": "space_id fingerprint name dimension row_type description",
    "sources": "source_id root",
    "folders": "folder_id path",
    "labels": "label_id label",
    "splits": "split_id split",
    "images": "folder_id name source_id label_id content_id size modified split_id",
    "segments": "segment_id uuid space_id committed_length sealed",
    "chunks": "chunk_id segment_id offset length sequence rows live payload_length header_crc",
    "features": "space_id first_content row_count chunk_id first_row",
    "contents": "content_id hash",
    "failures": "space_id folder_id name source_id reason size modified",
    "totals": "table_name row_count check_sum",
}
OF_ANY_TYPE = {("meta", "value")}
TEXTS = {"key", "fingerprint", "name", "row_type", "description", "root", "path", "label", "split", "uuid", "reason",
         "table_name"}
BLOBS = {"hash"}
Row = Tuple[Any, ...]
Tables = Dict[str, List[Row]]
OR_NULL = {("images", "label_id"), ("images", "split_id")}


@contextlib.contextmanager
def read_index(store: str, verify: bool) -> Iterator[Tables]:
    """The rows of every table, by the table's name; with verify, each checked against its row_check and the totals.

    One read transaction, which lasts as long as the context: no writer commits and no segment goes meanwhile.
    """
    path = os.path.join(store, "index.sqlite")
    if not os.path.isfile(path):
        raise StoreError(f"{store} is not a feature store: it has no index.sqlite")
    try:
        if os.path.exists(path + "-journal"):
            _roll_back(path)
        database = _connect(path, "ro")
        try:
            yield _snapshot(database, path, verify)
        finally:
            database.close()
    except (sqlite3.Error, sqlite3.Warning, UnicodeError, OverflowError, MemoryError) as error:
        raise StoreError(f"{path} cannot be read: {error}") from None


def _connect(path: str, mode: str) -> sqlite3.Connection:
    # The path is quoted as the system has it, byte by byte.
    uri = "file:" + urllib.parse.quote(os.fsencode(os.path.abspath(path))) + "?mode=" + mode
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30)


def _roll_back(path: str) -> None:
    """Undoes what a writer that was killed inside a transaction left, for which SQLite has to write.

    Where it may not, the read-only connection says what is the matter; where a writer is at work, nothing happens.
    """
    try:
        database = _connect(path, "rw")
        try:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            database.close()
    except sqlite3.Error:
        pass


def _snapshot(database: sqlite3.Connection, path: str, verify: bool) -> Tables:
    # Paths are bytes to the system; what is no UTF-8 is kept as Python keeps it in file names.
    database.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    for statement in ["trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0", "query_only = ON"]:
        database.execute("PRAGMA " + statement)
    database.execute("BEGIN")
    if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreError(f"{path} is a database of another application")
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        raise StoreError(f"{path} has index version {version}; this reader knows version {VERSION}")
    rows = {name: _rows(database, path, name, verify) for name in TABLES}
    if verify:
        _check_totals(path, rows)
    return {name: [row[:-1] for row in rows[name]] for name in TABLES}


def _rows(database: sqlite3.Connection, path: str, table: str, verify: bool) -> List[Row]:
    """The rows of a table, the columns in the order of TABLES and row_check last."""
    if not database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone():
        raise StoreError(f"{path} has no table {table}")
    declared = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    wanted = TABLES[table].split() + ["row_check"]
    if sorted(declared) != sorted(wanted):
        raise StoreError(f"{path}: the table {table} has other columns than those of version {VERSION}")
    order = [column for column in declared if column != "row_check"] + ["row_check"]
    rows = database.execute(f"SELECT {', '.join(order)} FROM {table}").fetchall()
    if verify:
        _check_rows(path, table, rows)
    if order != wanted:
        places = [order.index(column) for column in wanted]
        rows = [tuple(row[place] for place in places) for row in rows]
    _check_types(path, table, wanted, rows)
    return rows


def _check_types(path: str, table: str, columns: List[str], rows: List[Row]) -> None:
    """SQLite lets any column hold any type; a damaged one does."""
    for position, column in enumerate(columns):
        if (table, column) in OF_ANY_TYPE:
            continue
        fitting = str if column in TEXTS else bytes if column in BLOBS else int
        null = (table, column) in OR_NULL
        for row in rows:
            if type(row[position]) is not fitting and not (null and row[position] is None):
                raise StoreError(f"{path}: the table {table} has a row with a damaged {column}")


def _encoded(value: object) -> bytes:
    if value is None:
        return b"n"
    if type(value) is int:
        return b"i" + struct.pack("<q", value)
    if type(value) is str:
        text = value.encode("utf-8", "surrogateescape")
        return b"t" + struct.pack("<I", len(text)) + text
    if type(value) is bytes:
        return b"b" + struct.pack("<I", len(value)) + value
    raise StoreError(f"a value of type {type(value).__name__} is of a later format")


def row_check_messages(table: str, rows: Sequence[Row]) -> List[bytes]:
    """What the row_check of each row is the checksum of; rows are all columns but row_check, in the table's order."""
    name = _encoded(table)
    return [name + b"".join(map(_encoded, row)) for row in rows]


def _check_rows(path: str, table: str, rows: List[Row]) -> None:
    for start in range(0, len(rows), 4096):
        part = rows[start:start + 4096]
        try:
            messages = row_check_messages(table, [row[:-1] for row in part])
        except StoreError as error:
            raise StoreError(f"{path}: the table {table} is damaged: {error}") from None
        found = crc32c_many(messages).view(numpy.int32)
        for row, checksum in zip(part, found.tolist()):
            if row[-1] != checksum:
                raise StoreError(f"{path}: the table {table} has a damaged row: {_shown(row)}")


def _shown(row: Row) -> str:
    return ", ".join(str(value)[:80] for value in row[:3])


def _check_totals(path: str, rows: Tables) -> None:
    totals = {name: (count, total) for name, count, total, _ in rows["totals"]}
    if set(totals) != set(TABLES) - {"totals"}:
        raise StoreError(f"{path}: the table totals does not list the tables of version {VERSION}")
    for name, expected in totals.items():
        found = len(rows[name]), sum(row[-1] & 0xFFFFFFFF for row in rows[name])
        if found != expected:
            raise StoreError(f"{path}: the table {name} has lost or won rows: {found[0]} of {expected[0]} are there")
