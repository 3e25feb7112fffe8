"""Outputs that are whole or not there: written under another name in the same folder, then renamed."""

import contextlib
import os
import shutil
import tempfile
from typing import Callable, Collection, Iterator, Sequence

from ..errors import StoreError


@contextlib.contextmanager
def new_file(path: str, kind: str, beginnings: Sequence[bytes]) -> Iterator[str]:
    """The name to write under. An existing file is replaced if it begins as those of its kind do; all else is refused with a
    StoreError before anything is written."""
    if os.path.lexists(path) and not _begins(path, beginnings):
        raise _refused(path, kind)
    with _renamed(path, os.replace) as temporary:
        yield os.path.join(temporary, "new")


@contextlib.contextmanager
def new_folder(path: str, kind: str, mark: str, entries: Collection[str]) -> Iterator[str]:
    """The name of a folder to write to. An existing one is replaced if it is empty, or has the entry `mark` and no others than
    entries, as those of its kind do; all else is refused with a StoreError before anything is written."""
    if os.path.lexists(path) and not _consists(path, mark, entries):
        raise _refused(path, kind)
    with _renamed(path, _replace_folder) as temporary:
        yield os.path.join(temporary, "new")


@contextlib.contextmanager
def _renamed(path: str, replace: Callable[[str, str], None]) -> Iterator[str]:
    parent, name = os.path.split(os.path.abspath(path))
    if not os.path.isdir(parent):
        raise StoreError(f"{path}: its folder {parent} is not there; make it first")
    temporary = tempfile.mkdtemp(prefix=f".{name}.", dir=parent)
    try:
        yield temporary
        replace(os.path.join(temporary, "new"), os.path.abspath(path))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _replace_folder(new: str, path: str) -> None:
    # A folder cannot take the place of a full one: the old one moves to the temporary folder, and goes with it.
    if os.path.lexists(path):
        os.rename(path, os.path.join(os.path.dirname(new), "old"))
    os.rename(new, path)


def _begins(path: str, beginnings: Sequence[bytes]) -> bool:
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return file.read(max(map(len, beginnings))).startswith(tuple(beginnings))


def _consists(path: str, mark: str, entries: Collection[str]) -> bool:
    if not os.path.isdir(path):
        return False
    found = os.listdir(path)
    return not found or mark in found and set(found) <= {mark, *entries}


def _refused(path: str, kind: str) -> StoreError:
    return StoreError(f"{path} is there already and is no {kind}; choose another name, or delete it")
