"""A program ends with the process that runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stage_one import child_process

PACKAGE = Path(__file__).resolve().parents[1]
DEADLINE = 20.0

# A script that has the real program as a child, whose number it writes to a file.
SCRIPT = 'sleep 300 & echo $! >"$1.part"; mv "$1.part" "$1"; wait'


def run(arguments: list[str], folder: Path, **more: Path) -> int:
    environment = dict(os.environ)
    return child_process.run(
        arguments,
        environment=environment,
        folder=folder,
        output=folder / "output",
        messages=folder / "messages",
        **more,
    )


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(path: Path) -> int:
    end = time.monotonic() + DEADLINE
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not come"
        time.sleep(0.05)
    return int(path.read_text())


def assert_ends(process: int) -> None:
    end = time.monotonic() + DEADLINE
    while is_running(process):
        assert time.monotonic() < end, f"process {process} goes on"
        time.sleep(0.05)


def runner(folder: Path, parent_code: str = "") -> subprocess.Popen[bytes]:
    """A process that runs the script, perhaps from a process of its own."""
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom stage_one import child_process\n"
        f"{parent_code}\n"
        "f = Path(sys.argv[1])\n"
        "child_process.run(['sh', '-c', sys.argv[2], 'sh', str(f / 'pid')], environment=dict(os.environ), folder=f,\n"
        "                  output=f / 'output', messages=f / 'messages')\n"
    )
    return subprocess.Popen([sys.executable, "-c", code, str(folder), SCRIPT], cwd=PACKAGE)


def test_codes_output_and_messages(tmp_path: Path) -> None:
    (tmp_path / "input").write_text("words")
    code = run(["sh", "-c", "cat; pwd >&2; exit 7"], tmp_path, standard_input=tmp_path / "input")
    assert code == 7
    assert (tmp_path / "output").read_text() == "words"
    assert (tmp_path / "messages").read_text() == f"{tmp_path}\n"
    assert run(["sh", "-c", "kill -KILL $$"], tmp_path) == -signal.SIGKILL


def test_without_input_there_is_none(tmp_path: Path) -> None:
    assert run(["cat"], tmp_path) == 0
    assert (tmp_path / "output").read_text() == ""


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run([str(tmp_path / "none")], tmp_path)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_ends_with_its_parent_and_takes_its_children_along(tmp_path: Path, number: signal.Signals) -> None:
    with runner(tmp_path) as process:
        grandchild = wait_for(tmp_path / "pid")
        assert is_running(grandchild)
        process.send_signal(number)
    assert_ends(grandchild)


def test_ends_where_the_parent_of_its_parent_has_ended(tmp_path: Path) -> None:
    fork = "if os.fork():\n    import time\n    time.sleep(300)\n"
    with runner(tmp_path, fork) as process:
        grandchild = wait_for(tmp_path / "pid")
        process.kill()
    assert_ends(grandchild)
