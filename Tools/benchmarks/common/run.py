"""Messages, the Python environment of a benchmark, its Swift side, and the machine's name."""

import os
import platform
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
REPOSITORY = BENCHMARKS.parent.parent


def fail(message):
    print(f"error: {message}", file=sys.stderr)
    sys.exit(2)


def say(message):
    print(f"== {message}", file=sys.stderr, flush=True)


def enter_environment(name, pinned, script):
    """Runs `script` again under a Python that has what it needs, unless this is that Python."""
    cache = os.environ.get("FINETUNER_CACHE_HOME") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "finetuner-cache")
    environment = Path(cache) / "benchmarks" / name
    stamp = environment / "installed"
    if Path(sys.prefix).resolve() == environment.resolve():
        return
    if not stamp.exists() or stamp.read_text().split() != pinned:
        say(f"Making a Python environment in {environment}")
        try:
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
            subprocess.run([environment / "bin" / "pip", "install", "--quiet", *pinned], check=True)
        except subprocess.CalledProcessError as error:
            fail(f"{error}. Look at the message above; Debian and Ubuntu need python3-venv, pip needs the network.")
        stamp.write_text(" ".join(pinned))
    python = environment / "bin" / "python"
    os.execv(python, [python, script, *sys.argv[1:]])


def build(product, package=BENCHMARKS / "swift"):
    """Builds `product`, by default our side of a benchmark, optimized; returns the program's path."""
    say(f"Building {product}")
    command = ["swift", "build", "-c", "release", "--package-path", str(package), "--product", product]
    try:
        subprocess.run(command, check=True, stdout=sys.stderr)
        path = subprocess.run([*command, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        fail("there is no 'swift' on the path. Run Tools/quickstart first.")
    except subprocess.CalledProcessError:
        fail(f"{product} does not build. Look at the message above.")
    return Path(path) / product


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
