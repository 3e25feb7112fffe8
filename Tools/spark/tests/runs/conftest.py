"""What a run needs: Spark, the program, pictures."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runs.pictures import make_pictures, quickstart_pictures, some_of
from tests.runs.spark_job import MODEL, run_program

WRAPPER = """#!/bin/sh
set -eu
program='{program}'
counted() {{ mkdir '{folder}'/"$1" 2>/dev/null; }}
{script}
exec "$program" "$@"
"""


@pytest.fixture(scope="session")
def program() -> str:
    """The program that is tested."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("there is no pyspark; Tools/spark/test installs it")
    named = os.environ.get("FINETUNER_CACHE_PROGRAM")
    if not named:
        pytest.skip("FINETUNER_CACHE_PROGRAM names no program")
    found = shutil.which(named)
    assert found, f"{named} is no program"
    return os.path.abspath(found)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few hundred pictures with labels."""
    return quickstart_pictures() or make_pictures(tmp_path_factory.mktemp("made") / "pictures")


@pytest.fixture(scope="session")
def few(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few of them."""
    folder = tmp_path_factory.mktemp("few") / "pictures"
    for picture in some_of(pictures, 48):
        (folder / picture.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, folder / picture.parent.name)
    return folder


@pytest.fixture(scope="session")
def few_built(program: str, few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store that one machine makes of these."""
    store = tmp_path_factory.mktemp("single") / "features.fcstore"
    assert run_program(program, "build", str(few), "--store", str(store), *MODEL).code == 0
    return store


@pytest.fixture
def wrapper(program: str, tmp_path: Path) -> Callable[[str], str]:
    """Makes a program that does something before the real one does its work.

    In the script `counted NAME` succeeds once, in one process of all.
    """

    def make(script: str) -> str:
        folder = tmp_path / "counts"
        folder.mkdir()
        path = tmp_path / "wrapper"
        path.write_text(WRAPPER.format(program=program, folder=folder, script=script))
        path.chmod(0o755)
        return str(path)

    return make
