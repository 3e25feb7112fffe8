"""Runs the container of a job on this machine: the manifest's command, with its environment and its volumes.

With bubblewrap the process is much like a pod's: it is process 1 of its own, user 10001, its root file system is
read-only, and the volumes are mounted where the manifest says. Without bubblewrap the paths of the volumes are replaced
in the environment by those of this machine.
"""
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from manifests import Manifests, Resource

#: Folders of the root that a pod has, or must have, of its own.
OWN_FOLDERS = {"proc", "dev", "tmp", "sys", "run"}


@dataclass(frozen=True)
class Ended:
    """How a container ended."""

    code: int
    log: str


@dataclass(frozen=True)
class PodRunner:
    """Runs pods of the manifests with folders of this machine as volumes."""

    manifests: Manifests
    #: The folder of each volume, by its name; volumes that are not here are empty folders of each pod's own.
    volumes: dict[str, Path]
    program: Path
    sandboxed: bool

    def run(
        self,
        job: str,
        pod: str,
        index: int | None = None,
        settings: dict[str, str] | None = None,
        meanwhile: Callable[[int], None] | None = None,
        instead: list[str] | None = None,
    ) -> Ended:
        """Runs the one container of `job` to its end; calls `meanwhile` with the id of its process.

        With `instead` it runs that in the place of the container's own command.
        """
        specification = self.manifests.job(job)["spec"]["template"]["spec"]
        (container,) = specification["containers"]
        with tempfile.TemporaryDirectory() as own:
            mounts = self._mounts(container, Path(own))
            environment = self._environment(container, pod, index) | (settings or {})
            command: list[str] = instead or container["command"] + container["args"]
            if self.sandboxed:
                user = specification["securityContext"]["runAsUser"]
                return self._run_sandboxed(command, environment, container, mounts, user, meanwhile)
            return self._run_mapped(command, environment, mounts, Path(own), meanwhile)

    def _mounts(self, container: Resource, own: Path) -> dict[str, Path]:
        """What is to be where, by the path in the container."""
        mounts = {}
        for mount in container["volumeMounts"]:
            folder = self.volumes.get(mount["name"])
            if folder is None:
                folder = own / str(mount["name"])
                folder.mkdir()
            mounts[str(mount["mountPath"])] = folder
        return mounts

    def _environment(self, container: Resource, pod: str, index: int | None) -> dict[str, str]:
        """The container's variables, resolved as Kubernetes does."""
        variables = dict(self.manifests.settings)
        if index is not None:
            variables["JOB_COMPLETION_INDEX"] = str(index)
        for variable in container["env"]:
            source = variable.get("valueFrom")
            if source is None:
                variables[variable["name"]] = str(variable["value"])
            elif source == {"fieldRef": {"fieldPath": "metadata.name"}}:
                variables[variable["name"]] = pod
            elif source == {"resourceFieldRef": {"resource": "limits.cpu"}}:
                variables[variable["name"]] = str(container["resources"]["limits"]["cpu"])
            else:
                raise ValueError(f"the variable {variable['name']} comes from {source}, which this test does not know")
        return variables

    def _run_sandboxed(
        self,
        command: list[str],
        environment: dict[str, str],
        container: Resource,
        mounts: dict[str, Path],
        user: int,
        meanwhile: Callable[[int], None] | None,
    ) -> Ended:
        read, write = os.pipe()
        arguments = ["bwrap", "--unshare-user", "--unshare-pid", "--as-pid-1", "--die-with-parent", "--clearenv"]
        arguments += ["--uid", str(user), "--gid", str(user), "--info-fd", str(write), "--tmpfs", "/"]
        for entry in sorted(Path("/").iterdir()):
            if entry.is_symlink():
                arguments += ["--symlink", str(entry.readlink()), str(entry)]
            elif entry.is_dir() and entry.name not in OWN_FOLDERS and str(entry) not in mounts:
                arguments += ["--ro-bind", str(entry), str(entry)]
        arguments += ["--proc", "/proc", "--dev", "/dev", "--ro-bind", str(self.program), "/program/finetuner-cache"]
        for path, folder in mounts.items():
            is_read_only = any(each["mountPath"] == path and each.get("readOnly") for each in container["volumeMounts"])
            arguments += ["--ro-bind" if is_read_only else "--bind", str(folder), path]
        for name, value in ({"PATH": "/program:/usr/bin:/bin"} | environment).items():
            arguments += ["--setenv", name, value]
        process = subprocess.Popen(
            [*arguments, "--remount-ro", "/", "--", *command],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, pass_fds=[write],
        )
        os.close(write)
        with os.fdopen(read) as information:
            first = json.load(information)["child-pid"]
        return _await(process, first, meanwhile)

    def _run_mapped(
        self,
        command: list[str],
        environment: dict[str, str],
        mounts: dict[str, Path],
        own: Path,
        meanwhile: Callable[[int], None] | None,
    ) -> Ended:
        programs = own / "program"
        programs.mkdir()
        (programs / "finetuner-cache").symlink_to(self.program)
        mapped = {"PATH": f"{programs}:/usr/bin:/bin"}
        for name, value in environment.items():
            for path, folder in mounts.items():
                if value == path or value.startswith(f"{path}/"):
                    value = f"{folder}{value[len(path):]}"
            mapped[name] = value
        process = subprocess.Popen(command, env=mapped, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return _await(process, process.pid, meanwhile)


def _await(process: subprocess.Popen[str], first: int, meanwhile: Callable[[int], None] | None) -> Ended:
    if meanwhile:
        meanwhile(first)
    log, _ = process.communicate()
    return Ended(process.returncode, log)


def can_be_sandboxed() -> bool:
    """Whether bubblewrap is there and may make user namespaces."""
    if not shutil.which("bwrap"):
        return False
    attempt = ["bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    return subprocess.run(attempt, capture_output=True).returncode == 0
