"""The neighbors that finetuner-cache finds, and how many of them another search found."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class ScaleError(Exception):
    """A bad input or a failed program, in one sentence that names it and the remedy."""


@dataclass(frozen=True)
class Query:
    """A stored picture that is searched for, and the paths of the nearest others with their cosines, nearest first."""

    path: str
    neighbors: Sequence[str]
    scores: Sequence[float]


def run(command: Sequence[str], folder: Path | None = None) -> str:
    """The standard output of a program. Raises ScaleError with its last message where it is missing or fails."""
    try:
        done = subprocess.run(list(command), cwd=folder, capture_output=True, text=True)
    except OSError as error:
        raise ScaleError(f"{command[0]} cannot be run: {error.strerror}. Give the program's path.") from None
    if done.returncode != 0:
        message = (done.stderr or done.stdout).strip()[-500:]
        raise ScaleError(f"{Path(command[0]).name} {command[1]} ended with {done.returncode}: {message}")
    return done.stdout


def exact_neighbors(program: str, store: Path, head: str, contents: Sequence[str], k: int) -> list[Query]:
    """The k nearest others of stored pictures, given by their ids, all vectors compared."""
    command = [program, "query", "--store", str(store), "--head", head, "--index", "exact", "--json", "-k", str(k + 1)]
    found: list[Query] = []
    for start in range(0, len(contents), 500):
        part = contents[start:start + 500]
        answer = json.loads(run([*command, *(word for content in part for word in ("--id", content))]))
        found += [parsed(query, k) for query in answer["queries"]]
    return found


def parsed(query: dict[str, object], k: int) -> Query:
    """A query of `query --json`, without the picture itself."""
    results = query["results"]
    assert isinstance(results, list)
    neighbors = results[0]["neighbors"]
    own = next((one["path"] for one in neighbors if one["id"] == query["id"]), None)
    if own is None:
        raise ScaleError(f"The picture {query['id']} is not among its own neighbors: other pictures have the same "
                         "features. Remove duplicates, which `finetuner-cache duplicates` lists.")
    others = [one for one in neighbors if one["path"] != own][:k]
    return Query(own, [one["path"] for one in others], [one["score"] for one in others])


def recall(queries: Sequence[Query], found: Sequence[Sequence[str]]) -> float:
    """The part of the exact neighbors that was found."""
    hits = sum(len(set(query.neighbors) & set(paths)) for query, paths in zip(queries, found, strict=True))
    return hits / sum(len(query.neighbors) for query in queries)


def agreement(queries: Sequence[Query], found: Sequence[Sequence[str]], scores: Sequence[Sequence[float]],
              tolerance: float) -> float:
    """The same for another exact search, where pictures may change places whose cosines differ by rounding alone: a
    path that is not among the neighbors counts where its cosine, as the other search has it, is no more than
    `tolerance` below the last one's."""
    hits = total = 0
    for query, paths, cosines in zip(queries, found, scores, strict=True):
        wanted, last = set(query.neighbors), query.scores[-1]
        hits += sum(path in wanted or cosine >= last - tolerance for path, cosine in zip(paths, cosines, strict=True))
        total += len(query.neighbors)
    return hits / total
