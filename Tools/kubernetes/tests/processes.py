"""What Linux says of processes."""
import signal
import time
from collections.abc import Callable
from pathlib import Path


def children(process: int) -> list[int]:
    """Those of a process that may be gone."""
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def is_extracting(process: int) -> bool:
    """Whether it is the program, and at its pictures: before the first one it takes SIGTERM into its own hands."""
    try:
        name = Path(f"/proc/{process}/comm").read_text().strip()
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False
    (caught,) = (int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt:"))
    return name == "finetuner-cache" and bool(caught >> (signal.SIGTERM - 1) & 1)


def await_that(condition: Callable[[], bool], otherwise: str, seconds: float = 60) -> None:
    """Tries the condition until it holds; raises `TimeoutError` with `otherwise` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{otherwise} within {seconds:.0f} s")
        time.sleep(0.01)
