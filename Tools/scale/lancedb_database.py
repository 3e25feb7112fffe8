"""LanceDB, a database in a folder and without a server, made by `python -m finetuner_cache export`."""

import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

from neighbor_lists import run

PYTHON_PACKAGE = Path(__file__).resolve().parent.parent / "python"
TABLE = "features"


class LanceDatabase:
    """The table `features` in a database inside `folder`."""

    name = "lancedb"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "lancedb"
        self.table: Any = None

    def __enter__(self) -> "LanceDatabase":
        return self

    def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.table = None

    def load(self, program: str, stores: Sequence[Path], head: str) -> dict[str, float]:
        """Exports the stores, adds the rows of the others to the table of the first, and makes the index; the seconds
        of each."""
        import lancedb

        started = time.perf_counter()
        self.export(stores[0], head, self.path)
        self.table = lancedb.connect(self.path).open_table(TABLE)
        for store in stores[1:]:
            with tempfile.TemporaryDirectory(dir=self.path.parent) as folder:
                part = Path(folder) / "part"
                self.export(store, head, part)
                self.table.add(lancedb.connect(part).open_table(TABLE).to_lance().scanner().to_reader())
        exported = time.perf_counter()
        self.table.create_index(metric="cosine", vector_column_name="vector", index_type="IVF_HNSW_SQ",
                                num_partitions=1, m=16, ef_construction=200)
        return {"export seconds": exported - started, "load seconds": time.perf_counter() - exported}

    @staticmethod
    def export(store: Path, head: str, output: Path) -> None:
        run([sys.executable, "-m", "finetuner_cache", "export", str(store.resolve()), "--to", "lancedb", "-o",
             str(output), *([] if head == "none" else ["--head", head])], PYTHON_PACKAGE)

    def version(self) -> str:
        return f"LanceDB {version('lancedb')}"

    def sizes(self) -> dict[str, float]:
        """Bytes of the rows and of the index."""
        index = sum(path.stat().st_size for path in self.path.rglob("_indices/**/*") if path.is_file())
        return {"row bytes": float(sum(p.stat().st_size for p in self.path.rglob("*") if p.is_file()) - index),
                "index bytes": float(index)}

    def search(self, paths: Sequence[str], k: int, effort: int | None
               ) -> tuple[list[list[str]], list[list[float]], list[float]]:
        """As PgvectorDatabase.search."""
        vectors = self.vectors(paths)
        found: list[list[str]] = []
        scores: list[list[float]] = []
        times: list[float] = []
        for path in paths:
            started = time.perf_counter()
            asked = self.table.search(vectors[path], vector_column_name="vector").metric("cosine").limit(k + 1)
            asked = asked.bypass_vector_index() if effort is None else asked.nprobes(1).ef(effort)
            rows = asked.select(["path", "_distance"]).to_list()
            times.append((time.perf_counter() - started) * 1e3)
            others = [row for row in rows if row["path"] != path][:k]
            found.append([row["path"] for row in others])
            scores.append([1 - row["_distance"] for row in others])
        return found, scores, times

    def vectors(self, paths: Sequence[str]) -> dict[str, Any]:
        wanted = set(paths)
        rows = self.table.to_lance().to_batches(columns=["path", "vector"])
        return {path.as_py(): vector.as_py() for batch in rows
                for path, vector in zip(batch["path"], batch["vector"]) if path.as_py() in wanted}
