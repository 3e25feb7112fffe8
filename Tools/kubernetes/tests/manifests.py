"""The manifests as kustomize makes them of the folder, or as they are where there is no kustomize."""
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Resource = dict[str, Any]


@dataclass(frozen=True)
class Manifests:
    """What a cluster would be given."""

    resources: list[Resource]
    #: Whether kustomize made them. Otherwise the jobs say 1 where the settings say more.
    rendered: bool

    def job(self, name: str) -> Resource:
        return self._one("Job", name)

    @property
    def settings(self) -> dict[str, str]:
        """The data of the one ConfigMap."""
        data: dict[str, str] = self._one("ConfigMap", "finetuner-cache-settings")["data"]
        return data

    def _one(self, kind: str, name: str) -> Resource:
        found = [each for each in self.resources if each["kind"] == kind and each["metadata"]["name"].startswith(name)]
        if len(found) != 1:
            raise ValueError(f"the manifests have {len(found)} of the kind {kind} with the name {name}, not one")
        return found[0]


def kustomize_command() -> list[str] | None:
    """What makes manifests of a folder, if this machine has it."""
    if shutil.which("kubectl"):
        return ["kubectl", "kustomize"]
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    return None


def load(folder: Path) -> Manifests:
    command = kustomize_command()
    if command is None:
        return Manifests(_unrendered(folder), rendered=False)
    output = subprocess.run([*command, str(folder)], check=True, capture_output=True, text=True).stdout
    return Manifests(list(yaml.safe_load_all(output)), rendered=True)


def _unrendered(folder: Path) -> list[Resource]:
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    resources: list[Resource] = [yaml.safe_load((folder / name).read_text()) for name in kustomization["resources"]]
    for generator in kustomization["configMapGenerator"]:
        data = dict(literal.split("=", 1) for literal in generator["literals"])
        resources.append({"kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data})
    return resources


def copy_with_settings(folder: Path, copy: Path, settings: dict[str, str]) -> None:
    """Copies the folder and sets what a user would set in kustomization.yaml, each in its one place."""
    copy.mkdir()
    for path in folder.glob("*.yaml"):
        shutil.copy(path, copy)
    kustomization = copy / "kustomization.yaml"
    lines = kustomization.read_text().splitlines()
    for name, value in settings.items():
        places = [index for index, line in enumerate(lines) if line.lstrip().startswith(f"- {name}=")]
        if len(places) != 1:
            raise ValueError(f"kustomization.yaml sets {name} in {len(places)} places, not in one")
        lines[places[0]] = lines[places[0]].split("=")[0] + f"={value}"
    kustomization.write_text("\n".join(lines) + "\n")
