"""The options of `finetuner-cache build` that every partition gets."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stage_one.errors import InputError

PREFIX = "FTC_"

REFUSED = {
    "--shard": "every partition gets its own. Leave it out and give --partitions.",
    "--store": "every partition gets its own. Leave it out and give --output.",
    "--json": "it is always given. Leave it out.",
    "--threads": "it has to agree with spark.task.cpus. Give --threads before the --.",
    "--weights": "it may have to go to the workers. Give --weights before the --.",
    "--retry-failed": "a shard is a new store, in which nothing has failed before. Give it to `finetuner-cache build` "
    "on the merged store.",
    "--help": "it builds nothing. Run `finetuner-cache build --help`.",
    "-h": "it builds nothing. Run `finetuner-cache build --help`.",
    "--version": "it builds nothing. Run `finetuner-cache --version`.",
}

# What changes how a build goes but not what it stores, with the number of values.
WITHOUT_EFFECT = {"--batch-size": 1, "--allow-skips": 0}
TAKES_FILE = ("--config", "--preprocessing")


@dataclass(frozen=True)
class BuildOptions:
    """Words for the command line, and the driver's environment variables that stand for options."""

    words: tuple[str, ...]
    variables: Mapping[str, str]

    @classmethod
    def parse(cls, words: Sequence[str], environment: Mapping[str, str]) -> BuildOptions:
        """Options that do not clash with what the partitions need; names of files become absolute."""
        for word in words:
            name = word.partition("=")[0]
            if name in REFUSED:
                raise InputError(f"{name} after --", "cannot be given", f"Here {REFUSED[name]}")
        variables = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
        for option in TAKES_FILE:
            for name in _variable_names(option):
                if name in variables:
                    variables[name] = _absolute(variables[name])
        return cls(tuple(_with_absolute_files(words)), variables)

    @property
    def identity(self) -> list[str]:
        """The words without those that change nothing in the store."""
        kept: list[str] = []
        skipping = 0
        for word in self.words:
            name, _, value = word.partition("=")
            if skipping:
                skipping -= 1
            elif name in WITHOUT_EFFECT:
                skipping = 0 if value else WITHOUT_EFFECT[name]
            else:
                kept.append(word)
        return kept

    @property
    def identity_variables(self) -> dict[str, str]:
        """The variables without those that change nothing in the store, or that a task's command line overrides."""
        idle = {name for option in (*WITHOUT_EFFECT, *REFUSED) for name in _variable_names(option)}
        return {name: value for name, value in sorted(self.variables.items()) if name not in idle}

    def value(self, option: str) -> str | None:
        """What an option with a value is given as: on the command line, in the environment, in the file of --config."""
        for index, word in enumerate(self.words):
            name, separator, value = word.partition("=")
            if name == option:
                return value if separator else next(iter(self.words[index + 1 :]), "")
        for name in _variable_names(option):
            if name in self.variables:
                return self.variables[name]
        return None if option == "--config" else self._configured(option)

    def has_flag(self, option: str) -> bool:
        """Whether a flag is given anywhere."""
        value = "true" if option in self.words else self.value(option)
        return (value or "").lower() in ("1", "true", "yes", "on")

    def file_digests(self) -> dict[str, str]:
        """The SHA-256 of every file that an option names and that is there."""
        values = [self.value(option) for option in TAKES_FILE]
        return {value: digest(Path(value)) for value in values if value and os.path.isfile(value)}

    def _configured(self, option: str) -> str | None:
        path = self.value("--config")
        if not path or not os.path.isfile(path):
            return None
        try:
            table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(path, f"is no TOML: {error}", "Correct it.") from None
        key = option.removeprefix("--")
        section = table.get("build")
        found = (section if isinstance(section, dict) else {}).get(key, table.get(key))
        return None if found is None else str(found)


def digest(path: Path) -> str:
    """The SHA-256 of a file. Raises `InputError` where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(str(path), f"cannot be read: {error.strerror}", "Check its name and your rights.") from None


def _variable_names(option: str) -> list[str]:
    name = option.lstrip("-").replace("-", "_").upper()
    return [f"{PREFIX}BUILD_{name}", f"{PREFIX}{name}"]


def _with_absolute_files(words: Sequence[str]) -> list[str]:
    result: list[str] = []
    for word in words:
        name, separator, value = word.partition("=")
        if separator and name in TAKES_FILE:
            result.append(f"{name}={_absolute(value)}")
        elif result and result[-1] in TAKES_FILE:
            result.append(_absolute(word))
        else:
            result.append(word)
    return result


def _absolute(value: str) -> str:
    # A preset has a name and no file.
    return os.path.abspath(value) if os.path.isfile(value) else value
