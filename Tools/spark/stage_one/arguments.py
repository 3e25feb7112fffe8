"""The command line of build_on_spark.py."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stage_one.build_options import BuildOptions
from stage_one.errors import InputError
from stage_one.listing_rows import EXTENSIONS
from stage_one.manifest import BegunRun
from stage_one.output_folder import OutputFolder
from stage_one.partitions import MOST_PARTITIONS

DESCRIPTION = """\
Runs `finetuner-cache build` over a data set on Apache Spark: each task builds a shard of its own, and the shards are
merged into OUTPUT/NAME.fcstore. Run it with spark-submit. The same command goes on where a run was stopped, and
computes only shards that are missing. Options for the build follow after --, such as
-- --model efficientnet-lite0 --dtype u8.
"""

EPILOGUE = """\
Exit codes: 0 done; 1 done, but with skipped pictures (0 with -- --allow-skips); 2 error; 130 interrupted.
"""


@dataclass(frozen=True)
class Arguments:
    """What was asked for. What --resume may leave out is None."""

    input: str | None
    output: str
    partitions: int | None
    threads: int | None
    program: str | None
    weights: str | None
    ship: bool
    scratch: str | None
    name: str
    resume: bool
    spark_log_level: str
    options: tuple[str, ...]

    @classmethod
    def parse(cls, words: Sequence[str]) -> Arguments:
        """From the words of a command line. Ends the process with 2 and a message where they are none."""
        before, after = _divided(words)
        values = _parser().parse_args(before)
        return cls(options=tuple(after), **vars(values))

    def completed(self, begun: BegunRun | None) -> Arguments:
        """With what --resume takes from the run that was begun. Raises `InputError` where something is missing."""
        if self.resume:
            if begun is None:
                remedy = "Leave --resume out to begin one."
                raise InputError(f"--output {self.output}", "has no run to go on with", remedy)
            return self._with(begun.command)
        if self.input is None:
            raise InputError("the input", "is missing", "Name a folder or a listing, or give --resume.")
        if self.partitions is None:
            raise InputError(
                "--partitions", "is missing", "Three or four for each task that can run at once are a good number."
            )
        return self

    @property
    def name_of_store(self) -> str:
        """The name of the merged store's folder."""
        return f"{self.name}.fcstore"

    @property
    def command(self) -> dict[str, Any]:
        """What --resume needs to know of this command line."""
        kept = {"input": self.source, "partitions": self.partitions, "options": list(self.options)}
        return {
            **kept,
            "threads": self.threads,
            "program": self.program,
            "weights": self.weights,
            "ship": self.ship,
            "scratch": self.scratch,
        }

    @property
    def source(self) -> str:
        """The real path of the input. Raises `InputError` where it is no folder and no listing."""
        path = os.path.realpath(self.input or "")
        if not os.path.exists(path):
            raise InputError(str(self.input), "is not there", "Name a folder or a listing that all workers have, too.")
        if os.path.isfile(path) and Path(path).suffix.lower() not in EXTENSIONS:
            raise InputError(
                str(self.input), "is no listing", f"Name a folder, or a file that ends in {', '.join(EXTENSIONS)}."
            )
        return path

    def _with(self, command: Mapping[str, Any]) -> Arguments:
        given = {key: value for key, value in asdict(self).items() if value not in (None, (), False)}
        known = {**command, "options": tuple(command["options"])}
        return Arguments(**{**asdict(self), **known, **given})


def build_options(arguments: Arguments, environment: Mapping[str, str]) -> BuildOptions:
    """The options for the build. Raises `InputError` where one clashes, or none says which network it is."""
    options = BuildOptions.parse(arguments.options, environment)
    if arguments.weights is None and not options.value("--model"):
        raise InputError(
            "the model",
            "is not named, and its default depends on the weights that a machine has",
            "Give -- --model NAME, or --weights PATH.",
        )
    return options


def output_folder(arguments: Arguments) -> OutputFolder:
    """The output folder, made where it is not there. Raises `InputError` where it is somebody else's."""
    folder = OutputFolder(Path(os.path.realpath(arguments.output)))
    try:
        if folder.path.exists() and not folder.lock.exists() and any(folder.path.iterdir()):
            raise InputError(str(folder.path), "has other files in it", "Name a new or an empty folder.")
        folder.is_new = not folder.path.exists()
        folder.path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(str(folder.path), f"cannot be written: {error.strerror}", "Name another --output.") from None
    return folder


def _divided(words: Sequence[str]) -> tuple[list[str], list[str]]:
    cut = words.index("--") if "--" in words else len(words)
    return list(words[:cut]), list(words[cut + 1 :])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_on_spark.py",
        description=DESCRIPTION,
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [options] INPUT --output OUTPUT --partitions P [-- BUILD OPTIONS]",
        allow_abbrev=False,
    )
    parser.add_argument("input", nargs="?", metavar="INPUT", help="a folder, or a .csv, .tsv or .jsonl listing")
    parser.add_argument("--output", required=True, help="the folder of the run, which all workers share")
    parser.add_argument("--partitions", type=_partitions, help=f"how many shards, up to {MOST_PARTITIONS}")
    parser.add_argument("--threads", type=_threads, help="cores of a task [default: spark.task.cpus]")
    parser.add_argument(
        "--program", help="the program: a path, or the name by which spark-submit sent it [default: finetuner-cache]"
    )
    parser.add_argument("--weights", help="a network of your own, as in `build --weights`: a path, or such a name")
    parser.add_argument(
        "--ship", action="store_true", help="send the driver's program and weights to the workers along with the job"
    )
    parser.add_argument("--scratch", help="build in this folder on the worker's local disk, and copy what is complete")
    parser.add_argument("--name", default="features", type=_name, help="of the merged store [default: features]")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run in OUTPUT, whose arguments need not be given again"
    )
    parser.add_argument(
        "--spark-log-level",
        default="OFF",
        choices=("OFF", "ERROR", "WARN", "INFO"),
        help="what Spark says [default: OFF]",
    )
    return parser


def _partitions(text: str) -> int:
    return _number(text, MOST_PARTITIONS)


def _threads(text: str) -> int:
    return _number(text, 1024)


def _number(text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to {most}")
    return int(text)


def _name(text: str) -> str:
    if not text or text.startswith(".") or "/" in text or text in ("parts", "attempts", "shards", "failed"):
        raise argparse.ArgumentTypeError(f"'{text}' is no name of a store")
    return text
