"""What a run was begun with, by which a later run knows whether its shards fit."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stage_one.build_options import BuildOptions, digest
from stage_one.errors import InputError
from stage_one.output_folder import OutputFolder, write_atomically

SCHEMA = 1

NAMES = {
    "input": "the input",
    "listing_digest": "the content of the listing",
    "partitions": "--partitions",
    "division": "how the input is divided",
    "options": "the options after --",
    "variables": "the FTC_ variables",
    "file_digests": "the content of a file that an option names",
    "weights": "--weights",
    "version": "the version of finetuner-cache",
}


@dataclass(frozen=True)
class Manifest:
    """Everything that decides what is in a shard. Two runs whose manifests are equal have the same shards."""

    input: str
    listing_digest: str | None
    partitions: int
    division: str
    options: list[str]
    variables: Mapping[str, str]
    file_digests: Mapping[str, str]
    weights: str | None
    version: str

    @classmethod
    def of(
        cls, source: Path, partitions: int, division: str, options: BuildOptions, weights: str | None, version: str
    ) -> Manifest:
        """What a run on `source` would be begun with."""
        return cls(
            input=str(source),
            listing_digest=digest(source) if source.is_file() else None,
            partitions=partitions,
            division=division,
            options=options.identity,
            variables=options.identity_variables,
            file_digests=options.file_digests(),
            weights=_content_of(weights),
            version=version,
        )

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all of it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode("utf-8")).hexdigest()

    def differences(self, other: Manifest) -> list[str]:
        """What is different in another manifest, in words."""
        mine, its = asdict(self), asdict(other)
        return [
            name if key.endswith(("digest", "digests")) else f"{name}: {_shown(mine[key])}, now {_shown(its[key])}"
            for key, name in NAMES.items()
            if mine[key] != its[key]
        ]

    def require_same(self, other: Manifest, folder: OutputFolder) -> None:
        """Raises `InputError` where a run with another manifest would go on in this one's folder."""
        if differences := self.differences(other):
            raise InputError(
                str(folder.path),
                f"was begun with other arguments: {'; '.join(differences)}",
                "Give what it was begun with (or --resume alone), or name another --output.",
            )


@dataclass(frozen=True)
class BegunRun:
    """What `manifest.json` has: the manifest, and the command line, from which --resume goes on."""

    manifest: Manifest
    command: Mapping[str, Any]
    folder_state: str | None

    def write(self, folder: OutputFolder) -> None:
        """Begins a run."""
        content = {"schema": SCHEMA, "fingerprint": self.manifest.fingerprint, **asdict(self)}
        write_atomically(folder.manifest, json.dumps(content, indent=2, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, folder: OutputFolder) -> BegunRun | None:
        """The run that was begun in a folder; None where there is none."""
        try:
            content = json.loads(folder.manifest.read_text(encoding="utf-8"))
            run = cls(Manifest(**content["manifest"]), content["command"], content["folder_state"])
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError):
            raise InputError(
                str(folder.manifest), "is damaged, or of another version", "Name another --output."
            ) from None
        return run


def folder_state(source: Path) -> str | None:
    """Something that changes when pictures come to or leave a folder or one on its first level; None for a listing.

    Deeper levels are not looked at: on a large data set that would take as long as the build's own walk.
    """
    if not source.is_dir():
        return None
    with os.scandir(source) as entries:
        states = sorted((entry.name, entry.stat().st_mtime_ns) for entry in entries if entry.is_dir())
    return hashlib.sha256(repr((source.stat().st_mtime_ns, states)).encode("utf-8", "surrogatepass")).hexdigest()


def _content_of(weights: str | None) -> str | None:
    # A path that only the workers have is known by its name alone.
    return digest(Path(weights)) if weights and os.path.isfile(weights) else weights


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(value) or "none"
    if isinstance(value, dict):
        return " ".join(f"{name}={text}" for name, text in value.items()) or "none"
    return "none" if value is None else str(value)
