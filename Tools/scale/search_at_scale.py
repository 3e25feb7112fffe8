#!/usr/bin/env python3
"""Loads a store into vector databases and compares what they find with what finetuner-cache finds.

For each of --databases, the store's features, or the embeddings of --head, are exported, loaded and indexed as
Sources/Pipeline/Pipeline.docc/SearchAtScale.md says. Then --queries of its pictures are searched for: by reading every
row, which must find what `finetuner-cache query --index exact` finds, and by the database's graph, whose recall is
measured. A picture is no neighbor of itself. Milliseconds are medians of one search at a time.

Exits 1 where a database's exact search finds other neighbors, or where its graph's recall is below --fail-under."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from lancedb_database import LanceDatabase
from neighbor_lists import Query, ScaleError, agreement, exact_neighbors, recall, run
from pgvector_database import PgvectorDatabase

DATABASES: dict[str, Callable[[Path], PgvectorDatabase | LanceDatabase]] = {
    "pgvector": PgvectorDatabase, "lancedb": LanceDatabase}
# Cosines of float32 sums in another order, and here of float16 embeddings where a head makes them.
TOLERANCE = 1e-3


def sampled_contents(store: Path, count: int) -> list[str]:
    """Ids of pictures from all over the store, read by Tools/python."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))
    from finetuner_cache import open_store

    contents = sorted({picture.content for picture in open_store(store).pictures()})
    step = max(1, len(contents) // count)
    return contents[::step][:count]


def measure(database: PgvectorDatabase | LanceDatabase, queries: Sequence[Query], options: argparse.Namespace
            ) -> dict[str, float | str]:
    """Every figure of one database."""
    figures: dict[str, float | str] = {}
    figures.update(database.load(options.program, options.parts or [options.store], options.head))
    figures["version"] = database.version()
    figures.update(database.sizes())
    paths = [query.path for query in queries]
    found, scores, times = database.search(paths, options.k, None)
    figures["exact agreement"] = agreement(queries, found, scores, TOLERANCE)
    figures["exact ms"] = statistics.median(times)
    found, _, times = database.search(paths, options.k, options.effort)
    figures["graph recall"] = recall(queries, found)
    figures["graph ms"] = statistics.median(times)
    return figures


def failures(name: str, figures: dict[str, float | str], lowest: float) -> list[str]:
    """What is not as it should be, a sentence each."""
    wrong = []
    if float(figures["exact agreement"]) < 1:
        wrong.append(f"{name}: reading every row finds only {figures['exact agreement']:.4f} of the neighbors")
    if float(figures["graph recall"]) < lowest:
        wrong.append(f"{name}: the graph finds {figures['graph recall']:.4f} of the neighbors, less than {lowest}")
    return wrong


def table(results: dict[str, dict[str, float | str]]) -> str:
    """A line a figure, a column a database."""
    names = list(results)
    lines = [f"{'':18}" + "".join(f"{name:>34}" for name in names)]
    for figure in dict.fromkeys(key for figures in results.values() for key in figures):
        values = [results[name].get(figure, "") for name in names]
        texts = [value if isinstance(value, str) else f"{value:,.{4 if value < 100 else 0}f}" for value in values]
        lines.append(f"{figure:18}" + "".join(f"{text:>34}" for text in texts))
    return "\n".join(lines)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, help="a finetuner-cache store")
    parser.add_argument("--parts", type=Path, nargs="+", metavar="STORE",
                        help="load these stores, which STORE is merged from, one after the other")
    parser.add_argument("--program", default="finetuner-cache", help="finetuner-cache (default: the one on the path)")
    parser.add_argument("--head", default="none",
                        help="search embeddings of this head, a name or a file (default: none, the raw features)")
    parser.add_argument("--databases", default=",".join(DATABASES),
                        help="which, separated by commas (default: %(default)s)")
    parser.add_argument("--queries", type=int, default=200, help="stored pictures to search for (default: 200)")
    parser.add_argument("-k", type=int, default=10, help="neighbors of each (default: 10)")
    parser.add_argument("--effort", type=int, default=100, help="candidates in the graphs (default: 100)")
    parser.add_argument("--fail-under", type=float, default=0.9, help="the least recall of a graph (default: 0.9)")
    parser.add_argument("--folder", help="where the databases are made (default: the system's temporary folder)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    options.databases = options.databases.split(",")
    if unknown := [name for name in options.databases if name not in DATABASES]:
        parser.error(f"there is no database {unknown[0]}; there are {', '.join(DATABASES)}")
    if options.queries < 1 or not 1 <= options.k < options.effort <= 1000:
        parser.error("--queries must be at least 1, -k at least 1 and below --effort, and --effort at most 1000")
    return options


def compare(options: argparse.Namespace) -> tuple[dict[str, dict[str, float | str]], list[str]]:
    """The figures of each database, and what is wrong."""
    for store in [options.store, *(options.parts or [])]:
        if not (store / "index.sqlite").is_file():
            raise ScaleError(f"{store} is no store: it has no index.sqlite. Give the folder that `build` made.")
    contents = sampled_contents(options.store, options.queries)
    queries = exact_neighbors(options.program, options.store, options.head, contents, options.k)
    results: dict[str, dict[str, float | str]] = {}
    wrong: list[str] = []
    for name in options.databases:
        with tempfile.TemporaryDirectory(prefix="scale-", dir=options.folder) as folder:
            with DATABASES[name](Path(folder)) as database:
                results[name] = measure(database, queries, options)
        wrong += failures(name, results[name], options.fail_under)
    return results, wrong


def main() -> int:
    options = parse()
    try:
        results, wrong = compare(options)
    except ModuleNotFoundError as error:
        print(f"error: there is no Python package {error.name}. Install it, or leave its database out of --databases.",
              file=sys.stderr)
        return 2
    except (ScaleError, OSError, subprocess.SubprocessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(results, indent=1) if options.json else table(results))
    for sentence in wrong:
        print(f"different: {sentence}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
