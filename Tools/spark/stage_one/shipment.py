"""How the program and the weights come to the workers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from stage_one.arguments import Arguments
from stage_one.build_options import BuildOptions
from stage_one.cluster import Cluster
from stage_one.errors import InputError

DEFAULT_PROGRAM = "finetuner-cache"


@dataclass(frozen=True)
class Shipment:
    """The names by which tasks find the program, the file of --weights, and the weights of a named model."""

    program: str
    weights: str | None
    model_weights: str | None

    @classmethod
    def of(cls, arguments: Arguments, options: BuildOptions, cluster: Cluster) -> Shipment:
        """Sends the driver's files along where --ship asks for it. Raises `InputError` where one is missing here."""
        name = arguments.program or DEFAULT_PROGRAM
        if not arguments.ship:
            return cls(name, arguments.weights, None)
        program = shutil.which(name)
        if program is None:
            raise InputError(f"--program {name}", "is no program on the driver", "Name one, or leave --ship out.")
        sent = cluster.send(Path(program))
        if arguments.weights:
            return cls(sent, _send_weights(arguments.weights, cluster), None)
        return cls(sent, None, cluster.send(_model_weights(program, options.value("--model") or "")))


def _send_weights(weights: str, cluster: Cluster) -> str:
    if not os.path.isfile(weights):
        raise InputError(f"--weights {weights}", "is not on the driver", "Name a file, or leave --ship out.")
    # The build looks for how pictures are prepared beside the weights.
    preprocessing = f"{weights}.json"
    if os.path.isfile(preprocessing):
        cluster.send(Path(preprocessing))
    return cluster.send(Path(weights))


def _model_weights(program: str, model: str) -> Path:
    outcome = subprocess.run([program, "models", "--json"], capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        raise InputError(program, f"does not run: {outcome.stderr.strip()}", "Name another --program.")
    known = {entry["name"]: entry for entry in json.loads(outcome.stdout)["models"]}
    if model not in known:
        raise InputError(f"--model {model}", f"is none of {', '.join(known)}", "Name one of them, or give --weights.")
    home = os.environ.get("FINETUNER_CACHE_HOME") or os.path.expanduser("~/.cache/finetuner-cache")
    path = Path(home) / "weights" / str(known[model]["weights"])
    if not path.is_file():
        raise InputError(
            str(path),
            f"is not there, so that the weights of {model} cannot be sent along",
            f"Run `finetuner-cache layers {model}` once, which fetches them.",
        )
    return path
